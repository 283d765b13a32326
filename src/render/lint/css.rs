//! Reads style sheets as far as checks need it: rules with the at-rules around
//! them, declarations, selectors, each with its place. What cannot be read is
//! left out or called "perhaps", never guessed.

use std::ops::Range;

/// At-rules in at-rules beyond this are not read.
const DEPTH_MAX: usize = 8;

/// One rule of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::render) struct Rule {
    /// The at-rules around it, outermost first: `@media …`.
    pub(in crate::render) around: Vec<Range<usize>>,
    /// Before the `{`: the selectors.
    pub(in crate::render) selectors: Range<usize>,
    /// `name` and `value` of each declaration.
    pub(in crate::render) declarations: Vec<(Range<usize>, Range<usize>)>,
}

/// `css` with every comment as spaces, so that every place stays.
pub(in crate::render) fn without_comments(css: &str) -> String {
    let mut bytes = css.as_bytes().to_vec();
    let mut at = 0;
    while let Some(start) = css[at..].find("/*").map(|offset| at + offset) {
        let end = css[start + 2..].find("*/").map_or(css.len(), |offset| start + 2 + offset + 2);
        bytes[start..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        at = end;
    }
    String::from_utf8(bytes).expect("whole characters became spaces")
}

/// The rules of `css`, which has no comments.
pub(in crate::render) fn rules(css: &str) -> Vec<Rule> {
    let mut rules = Vec::new();
    read(css, 0..css.len(), &mut Vec::new(), &mut rules);
    rules
}

fn read(css: &str, span: Range<usize>, around: &mut Vec<Range<usize>>, rules: &mut Vec<Rule>) {
    let mut at = span.start;
    while at < span.end {
        let Some(stop) = css[at..span.end].find(['{', ';', '}']).map(|offset| at + offset) else {
            return;
        };
        let prelude = trimmed(css, at..stop);
        if css.as_bytes()[stop] != b'{' {
            at = stop + 1;
            continue;
        }
        let end = closing(css, stop, span.end);
        let inside = stop + 1..end;
        if css[prelude.clone()].starts_with('@') {
            let name: String = css[prelude.clone()]
                .chars()
                .skip(1)
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
                .collect();
            let holds_rules = matches!(name.as_str(), "media" | "supports" | "layer" | "container");
            if holds_rules {
                if around.len() < DEPTH_MAX {
                    around.push(prelude);
                    read(css, inside, around, rules);
                    around.pop();
                }
            } else {
                let declarations = declarations(css, inside);
                rules.push(Rule { around: around.clone(), selectors: prelude, declarations });
            }
        } else {
            let declarations = declarations(css, inside);
            rules.push(Rule { around: around.clone(), selectors: prelude, declarations });
        }
        at = (end + 1).min(span.end);
    }
}

/// Where the block that opens at `open` closes.
fn closing(css: &str, open: usize, end: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, byte) in css[open..end].bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return open + offset;
                }
            }
            _ => {}
        }
    }
    end
}

/// Name and value of each declaration in `span`.
pub(in crate::render) fn declarations(
    css: &str,
    span: Range<usize>,
) -> Vec<(Range<usize>, Range<usize>)> {
    let mut found = Vec::new();
    let mut at = span.start;
    while at < span.end {
        let end = end_of_value(css, at, span.end);
        if let Some(colon) = css[at..end].find(':').map(|offset| at + offset) {
            let (name, value) = (trimmed(css, at..colon), trimmed(css, colon + 1..end));
            if !name.is_empty() && !value.is_empty() {
                found.push((name, value));
            }
        }
        at = end + 1;
    }
    found
}

/// The next `;` outside of parentheses: addresses have some.
fn end_of_value(css: &str, from: usize, end: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, byte) in css[from..end].bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b';' if depth == 0 => return from + offset,
            _ => {}
        }
    }
    end
}

fn trimmed(css: &str, span: Range<usize>) -> Range<usize> {
    let text = &css[span.clone()];
    let start = span.start + (text.len() - text.trim_start().len());
    start..start.max(span.start + text.trim_end().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(css: &str, expected: &[&str]) {
        let clean = without_comments(css);
        let words = |rule: &Rule| {
            let around: Vec<&str> = rule.around.iter().map(|span| &clean[span.clone()]).collect();
            let declarations: Vec<String> = rule
                .declarations
                .iter()
                .map(|(name, value)| format!("{}={}", &clean[name.clone()], &clean[value.clone()]))
                .collect();
            format!(
                "{}|{}|{}",
                around.join(" "),
                &clean[rule.selectors.clone()],
                declarations.join(" ")
            )
        };
        assert_eq!(rules(&clean).iter().map(words).collect::<Vec<_>>(), expected, "{css}");
    }

    #[test]
    fn rules_are_read_with_what_is_around_them() {
        check("a { color : red ; }", &["|a|color=red"]);
        check("a,b{x:1;y:url(a;b)}c{}", &["|a,b|x=1 y=url(a;b)", "|c|"]);
        check(
            "@media (x) { a { b: c } d { e: f } } g { h: i }",
            &["@media (x)|a|b=c", "@media (x)|d|e=f", "|g|h=i"],
        );
        check("@import 'x'; /* a { b: c } */ d { e: f /* ; g: h */ }", &["|d|e=f"]);
        check(
            "@font-face { font-family: X; src: url(y) }",
            &["|@font-face|font-family=X src=url(y)"],
        );
    }

    #[test]
    fn what_is_broken_ends_somewhere() {
        check("a { b: c", &["|a|b=c"]);
        check("} } a { b: c } }", &["|a|b=c"]);
        check("/* a { b: c }", &[]);
        check(&"@media x {".repeat(50), &[]);
    }
}
