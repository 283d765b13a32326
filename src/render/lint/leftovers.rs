//! Placeholders of other programs, which nobody fills here: `{first_name}`,
//! `*|FNAME|*`, `%%name%%`.

use std::ops::Range;

use crate::{
    diagnostic::Diagnostics,
    render::{Vocabulary, Words, mustache},
};

/// What other programs put around a name.
const AROUND: [(&str, &str); 7] =
    [("*|", "|*"), ("%%", "%%"), ("%", "%"), ("${", "}"), ("{", "}"), ("[[", "]]"), ("[", "]")];

/// Names that other programs have, and hardly anybody else writes.
const NAMES: [&str; 8] = [
    "fname",
    "lname",
    "firstname",
    "first_name",
    "first name",
    "lastname",
    "last_name",
    "last name",
];

/// Longest name in a placeholder.
const NAME_MAX: usize = 40;

pub(super) fn check(words: &Words, vocabulary: &Vocabulary, found: &mut Diagnostics) {
    for passage in [&words.subject, &words.preheader, &words.body] {
        for (span, name) in placeholders(&passage.text, vocabulary) {
            let placeholder = &passage.text[span.clone()];
            let known = vocabulary.knows(&name);
            let hint = if known {
                format!("write `{{{{{name}}}}}`")
            } else {
                "write the name of a field in double braces, as in `{{first_name}}`".to_owned()
            };
            found.unfilled(
                passage.place(span.clone()),
                format!("nobody fills `{placeholder}`"),
                &hint,
            );
        }
    }
}

fn placeholders(text: &str, vocabulary: &Vocabulary) -> Vec<(Range<usize>, String)> {
    let (expressions, _) = mustache::scan(text);
    let mut expressions = expressions.iter().map(|mustache| mustache.span.clone()).peekable();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(['*', '%', '$', '{', '[']).map(|offset| at + offset) {
        while expressions.next_if(|span| span.end <= start).is_some() {}
        if let Some(span) = expressions.peek().filter(|span| span.contains(&start)) {
            at = span.end;
            continue;
        }
        match placeholder(text, start, vocabulary) {
            Some((span, name)) => {
                at = span.end;
                found.push((span, name));
            }
            None => at = start + 1,
        }
    }
    found
}

/// The placeholder that begins at `start`, and its name.
fn placeholder(
    text: &str,
    start: usize,
    vocabulary: &Vocabulary,
) -> Option<(Range<usize>, String)> {
    let rest = &text[start..];
    let (open, close) = AROUND.iter().find(|(open, _)| rest.starts_with(open))?;
    let inner = &rest[open.len()..];
    let mut limit = inner.len().min(NAME_MAX);
    while !inner.is_char_boundary(limit) {
        limit -= 1;
    }
    let length = inner[..limit].find(close)?;
    let name = inner[..length].trim().to_lowercase();
    let end = start + open.len() + length + close.len();
    // Code is not meant for anybody, nor is the label of a link a placeholder.
    let is_quoted = text[..start].ends_with('`');
    let is_link = *open == "[" && text[end..].starts_with(['(', '[', ':']);
    let is_attribute = *open == "{" && text[..start].ends_with(')');
    let is_known = NAMES.contains(&name.as_str()) || vocabulary.knows(&name) || *open == "*|";
    (is_known && !is_quoted && !is_link && !is_attribute).then_some((start..end, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let vocabulary = Vocabulary::of_page(&["city"], [].into_iter());
        let found = placeholders(text, &vocabulary);
        let found: Vec<&str> = found.iter().map(|(span, _)| &text[span.clone()]).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn placeholders_of_others_are_found() {
        check("Hi {first_name}, *|FNAME|*", &["{first_name}", "*|FNAME|*"]);
        check("Hi %%City%% and [First Name]!", &["%%City%%", "[First Name]"]);
        check("Hi ${fname}, [[lname]]", &["${fname}", "[[lname]]"]);
        check("*|ANYTHING|*", &["*|ANYTHING|*"]);
    }

    #[test]
    fn what_only_looks_like_one_stays() {
        for text in [
            "Hi {{first_name}}, {{default city \"{name}\"}}",
            "[name](https://a.example) [email]: x",
            "`{first_name}` is code",
            "100% of names, 5% more",
            "{width=480} a {b} {name} [email] [2] *a* **b** $5",
            "[Look](link:shop){.button}",
        ] {
            check(text, &[]);
        }
    }
}
