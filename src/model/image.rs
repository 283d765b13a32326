//! Images of a campaign: named by their content, served below `base_url`.

use super::sha256_hex;

/// The path below `base_url` where images are.
pub const IMAGE_PATH: &str = "/i/";

/// Endings of files that mail programs show, and their media types. No SVG:
/// it is a document that can hold a script.
const KINDS: [(&str, &str); 5] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
];

/// The name under which an image is served: the SHA-256 of its content and
/// the ending of its file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageName(String);

impl ImageName {
    /// The name of the file at `path`, which holds `bytes`.
    ///
    /// Returns `None` when its ending is not that of an image for mail.
    pub fn of(path: &str, bytes: &[u8]) -> Option<ImageName> {
        let (_, ending) = path.rsplit_once('.')?;
        let ending = ending.to_ascii_lowercase();
        let (ending, _) = KINDS.iter().find(|(known, _)| *known == ending)?;
        Some(ImageName(format!("{}.{ending}", sha256_hex(bytes))))
    }

    /// Parses what stands behind [`IMAGE_PATH`].
    pub fn parse(text: &str) -> Option<ImageName> {
        let (hash, ending) = text.split_once('.')?;
        let is_hash =
            hash.len() == 64 && hash.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        let is_known = KINDS.iter().any(|(known, _)| *known == ending);
        (is_hash && is_known).then(|| ImageName(text.to_owned()))
    }

    /// The SHA-256 of the content.
    pub fn hash(&self) -> &str {
        &self.0[..64]
    }

    /// The media type.
    pub fn media_type(&self) -> &'static str {
        let ending = &self.0[65..];
        KINDS.iter().find(|(known, _)| *known == ending).map_or("image/png", |(_, kind)| kind)
    }

    /// Where it is served.
    pub fn address(&self, base_url: &str) -> String {
        format!("{base_url}{IMAGE_PATH}{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_is_in_it() {
        let name = ImageName::of("images/A.PNG", b"x").expect("an image");
        assert_eq!(name.media_type(), "image/png");
        assert_eq!(ImageName::parse(&name.0), Some(name.clone()));
        assert!(
            name.address("https://a.example").starts_with("https://a.example/i/2d711642b726b044")
        );
        for other in ["x.svg", "x", "../x.png", "2d71.png"] {
            assert_eq!(ImageName::parse(other), None, "{other}");
        }
        assert_eq!(ImageName::of("images/a.svg", b"x"), None);
    }
}
