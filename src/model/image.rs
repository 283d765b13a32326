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

/// Bytes of one image: what a phone loads on the way.
pub const IMAGE_BYTES_MAX: usize = 3 * 1024 * 1024;

/// The ending of a file with these first bytes; `None` when mail programs do
/// not show it.
pub fn image_ending(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("png"),
        [0xff, 0xd8, 0xff, ..] => Some("jpg"),
        [b'G', b'I', b'F', b'8', ..] => Some("gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("webp"),
        _ => None,
    }
}

impl ImageName {
    /// The name of an image by its bytes, whatever its file is called.
    ///
    /// Returns `None` when mail programs do not show it, or it is larger than
    /// [`IMAGE_BYTES_MAX`].
    pub fn of(bytes: &[u8]) -> Option<ImageName> {
        let ending = image_ending(bytes).filter(|_| bytes.len() <= IMAGE_BYTES_MAX)?;
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
        let name = ImageName::of(b"\x89PNG x").expect("an image");
        assert_eq!(name.media_type(), "image/png");
        assert_eq!(ImageName::parse(&name.0), Some(name.clone()));
        let address = name.address("https://a.example");
        let hash = sha256_hex(b"\x89PNG x");
        assert_eq!(address, format!("https://a.example/i/{hash}.png"));
        for other in ["x.svg", "x", "../x.png", "2d71.png"] {
            assert_eq!(ImageName::parse(other), None, "{other}");
        }
        assert_eq!(ImageName::of(b"<svg>"), None);
        assert_eq!(
            ImageName::of(&[b"GIF89a".as_slice(), &vec![0; IMAGE_BYTES_MAX]].concat()),
            None
        );
    }
}
