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

/// Width and height in pixels, by the first bytes of an image.
///
/// Returns `None` when they do not say.
pub fn image_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let little =
        |at: usize| Some(u32::from(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])));
    let big = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    match image_ending(bytes)? {
        // The header chunk comes first: RFC 2083, 4.1.1.
        "png" => Some((big(16)?, big(20)?)),
        "gif" => Some((little(6)?, little(8)?)),
        "jpg" => jpeg_size(bytes),
        _ => match bytes.get(12..16)? {
            // RFC 9649: lossy, lossless, extended.
            b"VP8 " => Some((little(26)? & 0x3fff, little(28)? & 0x3fff)),
            b"VP8L" => {
                let bits = u32::from_le_bytes(bytes.get(21..25)?.try_into().ok()?);
                Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
            }
            b"VP8X" => {
                let three = |at: usize| Some(little(at)? | u32::from(*bytes.get(at + 2)?) << 16);
                Some((three(24)? + 1, three(27)? + 1))
            }
            _ => None,
        },
    }
}

/// Segments of a JPEG that are looked through for its frame.
const SEGMENTS_MAX: usize = 1_000;

/// Walks the segments of a JPEG to its frame header (ITU T.81, B.2.2).
fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let big = |at: usize| Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
    let mut at = 2;
    for _ in 0..SEGMENTS_MAX {
        let [0xff, marker] = *bytes.get(at..at + 2)? else { return None };
        match marker {
            // A fill byte, and markers without a length.
            0xff => at += 1,
            0x01 | 0xd0..=0xd7 => at += 2,
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                return Some((u32::from(big(at + 7)?), u32::from(big(at + 5)?)));
            }
            _ => at += 2 + usize::from(big(at + 2)?),
        }
    }
    None
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
    fn the_first_bytes_say_how_large_an_image_is() {
        let png = [b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice(), &[0, 0, 4, 176, 0, 0, 2, 88]];
        assert_eq!(image_size(&png.concat()), Some((1200, 600)));
        assert_eq!(image_size(b"GIF89a\x2c\x01\xc8\0"), Some((300, 200)));
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc2\0\x11\x08\x01\x2c\x02\x58\x03";
        assert_eq!(image_size(jpeg), Some((600, 300)));
        let webp = |rest: &[u8]| [b"RIFF\0\0\0\0WEBP".as_slice(), rest].concat();
        let lossy = webp(b"VP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x58\x02\x2c\x01");
        assert_eq!(image_size(&lossy), Some((600, 300)));
        // One less each, in 14 bits.
        let bits: u32 = 599 + (299 << 14);
        let lossless = webp(&[b"VP8L\0\0\0\0\x2f".as_slice(), &bits.to_le_bytes()].concat());
        assert_eq!(image_size(&lossless), Some((600, 300)));
        let extended = webp(b"VP8X\x0a\0\0\0\0\0\0\0\x57\x02\0\x2b\x01\0");
        assert_eq!(image_size(&extended), Some((600, 300)));
    }

    #[test]
    fn an_image_that_was_cut_off_has_no_size() {
        for bytes in [b"\x89PNG x".as_slice(), b"GIF89a", b"\xff\xd8\xff\xe0\xff", b"<svg>", b""] {
            assert_eq!(image_size(bytes), None, "{bytes:?}");
        }
        let endless = [b"\xff\xd8\xff".as_slice(), &vec![0xff; 5_000]].concat();
        assert_eq!(image_size(&endless), None);
    }

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
