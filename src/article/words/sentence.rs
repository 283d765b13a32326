//! Sentences: where they end, and where only an abbreviation does.

/// The sentences of a text, by their ends; an abbreviation ends none.
pub(in super::super) fn split_sentences(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    for line in text.lines() {
        let mut from = 0;
        for (at, c) in line.char_indices() {
            let after = &line[at + c.len_utf8()..];
            let ends = match c {
                '。' | '！' | '？' => true,
                '.' | '!' | '?' | '…' | '؟' => {
                    let rest = after.trim_start_matches(['"', '”', '’', ')', '»', ']']);
                    let next = rest.trim_start().chars().next();
                    rest.starts_with(' ')
                        && next.is_some_and(|next| !next.is_lowercase())
                        && !is_short(&line[from..at + c.len_utf8()])
                }
                _ => false,
            };
            if ends {
                let end = at + c.len_utf8() + after.len()
                    - after.trim_start_matches(['"', '”', '’', ')', '»', '」', '』']).len();
                if end > from {
                    sentences.push(line[from..end].trim().to_owned());
                    from = end;
                }
            }
        }
        let rest = line[from.min(line.len())..].trim();
        if !rest.is_empty() {
            sentences.push(rest.to_owned());
        }
    }
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// Whether a text ends in an abbreviation or an initial.
fn is_short(text: &str) -> bool {
    const SHORT: [&str; 22] = [
        "dr.", "mr.", "mrs.", "ms.", "prof.", "st.", "vs.", "e.g.", "i.e.", "etc.", "no.", "fig.",
        "approx.", "z.", "b.", "bzw.", "ca.", "nr.", "art.", "jr.", "sr.", "al.",
    ];
    let word = text.rsplit(' ').next().unwrap_or_default().to_lowercase();
    SHORT.contains(&word.as_str()) || word.ends_with('.') && word.chars().count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_they_do() {
        let check = |text: &str, expected: &[&str]| assert_eq!(split_sentences(text), expected);
        check("One. Two? Three", &["One.", "Two?", "Three"]);
        check(
            "Dr. Who came at 3.5 p.m. to J. R. Smith.",
            &["Dr. Who came at 3.5 p.m. to J. R. Smith."],
        );
        check("He said “Go.” Then he went.", &["He said “Go.”", "Then he went."]);
        check("一つ。二つ。", &["一つ。", "二つ。"]);
    }
}
