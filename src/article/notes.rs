//! Marks that note-taking programs add to Markdown, which no reader should see:
//! comments, callouts, tags, links between notes. Lines stay where they are.

/// `text` as plain Markdown, line for line.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut in_comment = false;
    let mut fence: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        let start = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| start.starts_with(mark));
        if let Some(mark) = mark.filter(|_| !in_comment)
            && fence.is_none_or(|open| open == mark)
        {
            fence = if fence.is_some() { None } else { Some(mark) };
        } else if fence.is_none() {
            let end = if line.ends_with('\n') { "\n" } else { "" };
            let spoken = without_comments(line.trim_end_matches('\n'), &mut in_comment);
            if !is_tags(&spoken) {
                plain.push_str(&linked(&callout(&spoken)));
            }
            plain.push_str(end);
            continue;
        }
        plain.push_str(line);
    }
    plain
}

/// Without `%% … %%`, which may run over several lines.
fn without_comments(line: &str, in_comment: &mut bool) -> String {
    if !line.contains("%%") {
        return if *in_comment { String::new() } else { line.to_owned() };
    }
    let mut spoken = String::new();
    for (index, part) in line.split("%%").enumerate() {
        if index > 0 {
            *in_comment = !*in_comment;
        }
        if !*in_comment {
            spoken.push_str(part);
        }
    }
    spoken
}

/// A line of nothing but `#tag`s.
fn is_tags(line: &str) -> bool {
    let mut words = line.split_whitespace().peekable();
    let is_tag =
        |word: &str| word.strip_prefix('#').is_some_and(|tag| tag.starts_with(char::is_alphabetic));
    words.peek().is_some() && words.all(is_tag)
}

/// `> [!tip]- Title` is a quotation that begins with its title.
fn callout(line: &str) -> String {
    let Some((marks, rest)) = line.split_once("[!") else { return line.to_owned() };
    let is_quote = marks.contains('>') && marks.chars().all(|c| matches!(c, '>' | ' '));
    match rest.split_once(']').filter(|_| is_quote) {
        Some((_, title)) => match title.trim_start_matches(['-', '+']).trim() {
            "" => marks.trim_end().to_owned(),
            title => format!("{marks}**{title}**\n").trim_end().to_owned(),
        },
        None => line.to_owned(),
    }
}

/// `[[Note|words]]` is its words.
fn linked(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("[[") {
        let Some((inner, behind)) =
            after.split_once("]]").filter(|(inner, _)| !inner.contains('['))
        else {
            break;
        };
        plain.push_str(before);
        plain.push_str(inner.rsplit('|').next().unwrap_or(inner));
        rest = behind;
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_note_programs_go_and_lines_stay() {
        let text = "#a #b %% not yet %%\n%%\nsecret\n%%\nsee [[A note|this]]\n> [!tip]- Start small\n> words\n```\n%% code %%\n```\n";
        let expected = "\n\n\n\nsee this\n> **Start small**\n> words\n```\n%% code %%\n```\n";
        assert_eq!(plain(text), expected);
    }
}
