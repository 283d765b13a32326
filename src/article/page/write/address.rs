//! Addresses of links and images, made whole.

use url::Url;

/// `href` as a whole address. Returns `None` for what no mail can link to.
pub(super) fn absolute(href: &str, base: Option<&str>) -> Option<String> {
    let href = href.trim();
    let url = match Url::parse(href) {
        Ok(url) => url,
        Err(_) if href.starts_with("//") => Url::parse(&format!("https:{href}")).ok()?,
        Err(_) => Url::parse(base?).ok()?.join(href).ok()?,
    };
    if !matches!(url.scheme(), "http" | "https" | "mailto" | "tel") {
        return None;
    }
    // Signs that would end an address in Markdown.
    let text = String::from(url);
    Some(text.replace('(', "%28").replace(')', "%29").replace('<', "%3C").replace('>', "%3E"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_whole_and_safe() {
        let check = |href: &str, expected: Option<&str>| {
            let base = Some("https://example.com/a/b?c");
            assert_eq!(absolute(href, base).as_deref(), expected, "{href}");
        };
        check("../x y", Some("https://example.com/x%20y"));
        check("//cdn.example/i(1).png", Some("https://cdn.example/i%281%29.png"));
        check("?d", Some("https://example.com/a/b?d"));
        check("javascript:alert(1)", None);
        check("data:text/html,x", None);
        check("mailto:a@example.com", Some("mailto:a@example.com"));
        assert_eq!(absolute("/x", None), None);
    }
}
