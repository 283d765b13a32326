//! The pages that a browser is shown: mails in frames of the wanted widths.
//!
//! A browser lays out a page at least 500 px wide, however narrow its window;
//! a frame is as narrow as it is told to be. No script of a mail runs in it, and
//! nothing is asked for: what is not inside the mail is not in the picture.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// Says how tall what stands in each frame is, and nothing else.
const SCRIPT: &str = include_str!("heights.js");

/// A mail as wide as it is drawn.
#[derive(Debug)]
pub(super) struct Frame {
    /// In CSS pixels.
    pub(super) width: u32,
    /// The mail, dressed and with its images.
    pub(super) mail: String,
}

/// A page that becomes the heights of `frames` when it has loaded.
pub(super) fn measuring(frames: &[Frame]) -> String {
    let mut page = head();
    for frame in frames {
        // A mail that fills its window must not find a tall one.
        put(&mut page, frame, 1);
    }
    let _ = write!(page, "<script>{SCRIPT}</script>");
    page
}

/// The heights that the page said when it had become them, one of each of `count` frames.
///
/// Returns `None` when it did not.
pub(super) fn heights(dom: &str, count: usize) -> Option<Vec<u32>> {
    let (_, rest) = dom.split_once("heights:")?;
    let (heights, _) = rest.split_once(';')?;
    let heights: Vec<u32> =
        heights.split(',').map(|height| height.parse().ok()).collect::<Option<_>>()?;
    (heights.len() == count).then_some(heights)
}

/// A page that shows `frame` and nothing besides, at its corner.
pub(super) fn picture(frame: &Frame, height: u32) -> String {
    let mut page = head();
    put(&mut page, frame, height);
    page
}

fn head() -> String {
    let hash = STANDARD.encode(Sha256::digest(SCRIPT));
    format!(
        "<!DOCTYPE html><meta charset=\"utf-8\"><title>fascicle</title>\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; \
         style-src 'unsafe-inline'; script-src 'sha256-{hash}'; form-action 'none'\">\
         <style>html,body{{margin:0;overflow:hidden}}iframe{{display:block;border:0}}</style>"
    )
}

/// Ours may look into the frame; nothing in it runs.
fn put(page: &mut String, frame: &Frame, height: u32) {
    let mail = frame.mail.replace('&', "&amp;").replace('"', "&quot;");
    let _ = write!(
        page,
        "<iframe sandbox=\"allow-same-origin\" scrolling=\"no\" style=\"width:{}px;height:{height}px\" \
         srcdoc=\"{mail}\"></iframe>",
        frame.width
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_are_one_of_each_frame() {
        let dom = "<html><head></head><body>heights:1795,20;</body></html>";
        assert_eq!(heights(dom, 2), Some(vec![1795, 20]));
        for (dom, count) in [(dom, 1), ("heights:;", 1), ("heights:1", 1), ("", 0)] {
            assert_eq!(heights(dom, count), None, "{dom}");
        }
    }

    #[test]
    fn a_mail_does_not_get_out_of_its_frame() {
        let mail = "\"></iframe><script>alert(1)</script>&quot;".to_owned();
        let page = picture(&Frame { width: 360, mail }, 10);
        let expected = "srcdoc=\"&quot;></iframe><script>alert(1)</script>&amp;quot;\"></iframe>";
        assert!(page.ends_with(expected), "{page}");
    }
}
