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
                plain.push_str(&linked(&callout(&container(&without_attributes(&without_tags(
                    &spoken,
                ))))));
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

/// Without `{{< figure … >}}`, `{{% notice %}}` and `{% include … %}`: what site
/// builders put there, nobody else can.
fn without_tags(line: &str) -> String {
    const PAIRS: [(&str, &str); 3] = [("{{<", ">}}"), ("{{%", "%}}"), ("{%", "%}")];
    let mut plain = line.to_owned();
    for (open, close) in PAIRS {
        while let Some(start) = plain.find(open) {
            let Some(length) = plain[start..].find(close) else { break };
            plain.replace_range(start..start + length + close.len(), "");
        }
    }
    if matches!(plain.trim(), "{:toc}" | "[TOC]" | "[[toc]]") {
        plain.clear();
    }
    plain
}

/// `:::tip Title` is its title; what it holds is prose like any other.
fn container(line: &str) -> String {
    let Some(rest) = line.trim_start().strip_prefix(":::") else { return line.to_owned() };
    let rest = rest.trim_start_matches(':').trim();
    let title = rest.split_once(' ').map_or("", |(_, title)| title.trim());
    let title = title.trim_matches(['[', ']', '"']);
    if title.is_empty() { String::new() } else { format!("**{title}**") }
}

/// Without `{#id .class}` and `{: .note}`, which site builders read.
fn without_attributes(line: &str) -> String {
    let end = line.trim_end();
    let Some(open) = end.rfind('{').filter(|_| end.ends_with('}')) else { return line.to_owned() };
    let inner = end[open + 1..end.len() - 1].trim().trim_start_matches(':').trim();
    let is_attribute = |word: &str| {
        word.starts_with(['#', '.']) && word[1..].starts_with(char::is_alphabetic)
            || word.split_once('=').is_some_and(|(key, _)| key.chars().all(char::is_alphanumeric))
    };
    let is_template = end[..open].ends_with('{');
    let is_all = !inner.is_empty() && inner.split_whitespace().all(is_attribute);
    if is_all && !is_template { end[..open].trim_end().to_owned() } else { line.to_owned() }
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
    fn marks_of_site_builders_go() {
        let check = |text: &str, expected: &str| assert_eq!(plain(text), expected, "{text}");
        check("## What it is {#what}\n", "## What it is\n");
        check("{: .note}\nwords {.lead}\n", "\nwords\n");
        check(":::tip Start small\nwords\n:::\n", "**Start small**\nwords\n\n");
        check("{{< figure src=\"a.png\" >}}\nwords{% include a %}\n{:toc}\n", "\nwords\n\n");
        check("a set {1, 2} and {{name}}\n", "a set {1, 2} and {{name}}\n");
    }

    #[test]
    fn marks_of_note_programs_go_and_lines_stay() {
        let text = "#a #b %% not yet %%\n%%\nsecret\n%%\nsee [[A note|this]]\n> [!tip]- Start small\n> words\n```\n%% code %%\n```\n";
        let expected = "\n\n\n\nsee this\n> **Start small**\n> words\n```\n%% code %%\n```\n";
        assert_eq!(plain(text), expected);
    }
}
