//! Text → Markdown that reads as the same text.

/// `text` with a backslash before what Markdown would take for a mark.
pub(super) fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '`' | '<' | '[' | ']' | '~') {
            escaped.push('\\');
        }
        if c == '&' { escaped.push_str("&amp;") } else { escaped.push(c) }
    }
    escaped
}

/// A line, whose text is escaped already, that begins like a mark and is none.
pub(super) fn start(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let after = &line[digits..];
    if digits > 0 && digits < 10 && after.starts_with(['.', ')']) {
        return format!("{}\\{after}", &line[..digits]);
    }
    if line.starts_with(['#', '>', '+', '-', '=', '|']) {
        format!("\\{line}")
    } else {
        line.to_owned()
    }
}
