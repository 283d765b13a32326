//! Bytes → text, whatever they were written in.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// A page says its charset in its first bytes, or not at all (HTML 13.2.3.2).
const DECLARED_WITHIN: usize = 1024;

/// The text of `bytes`: a byte order mark decides, then what was said on the
/// way (`charset=` of a content type), then what the page says of itself, then
/// a guess. Bytes that mean nothing become U+FFFD.
pub(super) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[length..]).0;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let said = content_type.and_then(charset_of).or_else(|| declared(bytes));
    // Said to be UTF-8, and it is not: whoever said so is wrong.
    let encoding = said.filter(|encoding| *encoding != UTF_8).unwrap_or_else(|| guessed(bytes));
    encoding.decode_without_bom_handling(bytes).0
}

fn charset_of(content_type: &str) -> Option<&'static Encoding> {
    let lower = content_type.to_ascii_lowercase();
    let (_, rest) = lower.split_once("charset=")?;
    let end = |c: char| matches!(c, ';' | '"' | '\'' | ' ' | '>' | '/');
    let name = rest.trim_start_matches(['"', '\'']).split(end).next()?;
    Encoding::for_label(name.as_bytes())
}

fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(DECLARED_WITHIN)];
    charset_of(&String::from_utf8_lossy(head))
}

fn guessed(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], content_type: Option<&str>, expected: &str) {
        assert_eq!(decode(bytes, content_type), expected);
    }

    #[test]
    fn a_mark_then_what_was_said_then_a_guess() {
        check("é".as_bytes(), None, "é");
        check(b"\xef\xbb\xbfab", None, "ab");
        check(b"\xff\xfea\0b\0", None, "ab");
        check(b"caf\xe9", Some("text/html; charset=iso-8859-1"), "café");
        check(
            b"<meta charset='windows-1252'>caf\xe9 \x93x\x94",
            None,
            "<meta charset='windows-1252'>café “x”",
        );
        check(
            b"<meta charset=utf-8>Das ist schon sehr sch\xf6n f\xfcr alle",
            None,
            "<meta charset=utf-8>Das ist schon sehr schön für alle",
        );
    }
}
