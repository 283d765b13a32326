//! Images: what is said instead of them, how long they load, whether they fit.

use std::collections::BTreeMap;

use url::Url;

use super::{Image, Mail, Mark, Shown, links};
use crate::diagnostic::Diagnostics;

/// An image over this makes people on the way wait, and this is too much.
const BYTES_GOOD: usize = 200_000;
const BYTES_POOR: usize = 1_000_000;
/// All images of a mail together.
const BYTES_TOGETHER: usize = 1_000_000;

/// The column where a layout says nothing: MJML's own width.
const COLUMN: u32 = 600;

/// Endings of files, for alternatives that are a file's name.
const ENDINGS: [&str; 6] = [".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"];

pub(super) fn check(marks: &[Mark], mail: &Mail<'_>, found: &mut Diagnostics) {
    let column = column(&mail.layout.expanded);
    let mut loaded: BTreeMap<&str, usize> = BTreeMap::new();
    for mark in marks {
        let Mark::Image(image) = mark else { continue };
        check_alt(image, found);
        check_width(image, column, mail, found);
        if Url::parse(&image.source).is_ok_and(|url| links::is_plain(&url)) {
            let what = "this image comes over a connection that is not encrypted".to_owned();
            let hint = "write https://, or put the file into the campaign's `images/`";
            found.suspicious_link(image.place.clone(), what, hint);
        }
        let Some(picture) = mail.vocabulary.picture(&image.source) else { continue };
        if loaded.insert(&image.source, picture.bytes).is_none() {
            check_bytes(image, picture.bytes, found);
        }
        let together: usize = loaded.values().sum();
        // Told once, where it becomes too much, if no single one is.
        if together > BYTES_TOGETHER && together - picture.bytes <= BYTES_TOGETHER {
            let largest = loaded.values().max().copied().unwrap_or(0);
            if largest <= BYTES_POOR {
                let what = format!("the images of this mail have {} kB together", together / 1000);
                found.heavy_image(image.place.clone(), what);
            }
        }
    }
}

fn check_alt(image: &Image, found: &mut Diagnostics) {
    let place = || image.place.clone();
    let Some(alt) = &image.alt else {
        found.image_without_words(place(), "this image says nothing to those who do not see it");
        return;
    };
    let alt = alt.trim().to_ascii_lowercase();
    let name = image.source.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let stem = name.rsplit_once('.').map_or("", |(stem, _)| stem);
    let is_name = ENDINGS.iter().any(|ending| alt.ends_with(ending))
        || !alt.is_empty() && alt == stem && alt.contains(['_', '-', '0', '1', '2', '3']);
    if is_name {
        let what = "the words of this image are the name of its file";
        found.image_without_words(place(), what);
    }
}

fn check_bytes(image: &Image, bytes: usize, found: &mut Diagnostics) {
    let kilobytes = bytes / 1000;
    if bytes > BYTES_POOR {
        let what = format!("this image has {kilobytes} kB: on the way many will not see it");
        found.heavy_image(image.place.clone(), what);
    } else if bytes > BYTES_GOOD {
        found.heavy_image(image.place.clone(), format!("this image has {kilobytes} kB"));
    }
}

fn check_width(image: &Image, column: u32, mail: &Mail<'_>, found: &mut Diagnostics) {
    let place = || image.place.clone();
    let picture = mail.vocabulary.picture(&image.source);
    let own = picture.and_then(|picture| picture.size).map(|(width, _)| width);
    match (image.shown, own) {
        (Shown::Alone { given: Some(given) }, _) if given > column => {
            let what = format!("{given} pixels are more than the {column} of the column");
            found.wide_image(place(), what, &format!("write {column} or less"));
        }
        (Shown::InText, Some(own)) if own > column => {
            let what = format!(
                "this image stands in a line of text, where it is {own} pixels wide; the column has {column}"
            );
            found.wide_image(place(), what, "put it into a paragraph of its own: there it fits");
        }
        (Shown::Alone { .. } | Shown::InText, Some(own)) if own > 2 * column => {
            let what = format!("this image is {own} pixels wide; the column has {column}");
            let hint = format!("save it {} pixels wide: that is sharp on every screen", 2 * column);
            found.wide_image(place(), what, &hint);
        }
        (Shown::Alone { .. } | Shown::InText, _) => {}
    }
}

/// The width of the mail, as `mj-body` has it.
fn column(layout: &str) -> u32 {
    let body = layout.split_once("<mj-body").map_or("", |(_, rest)| rest);
    let tag = body.split('>').next().unwrap_or_default();
    let width = tag.split_once(" width=").map(|(_, rest)| rest.trim_start_matches(['"', '\'']));
    let digits = width.map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
    digits.flatten().and_then(|digits| digits.parse().ok()).unwrap_or(COLUMN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Place;

    #[test]
    fn the_column_is_that_of_the_body() {
        assert_eq!(column("<mjml><mj-body width=\"640px\">"), 640);
        assert_eq!(column("<mjml><mj-body css-class='x' width='500'>"), 500);
        assert_eq!(column("<mjml><mj-body><mj-image width=\"100px\">"), COLUMN);
    }

    #[track_caller]
    fn check(alt: Option<&str>, source: &str, expected: usize) {
        let image = Image {
            source: source.to_owned(),
            alt: alt.map(str::to_owned),
            shown: Shown::InText,
            place: Place::top(&"a.md".into()),
        };
        let mut found = Diagnostics::default();
        check_alt(&image, &mut found);
        assert_eq!(found.findings().len(), expected, "{alt:?} {source}");
    }

    #[test]
    fn an_image_has_words_of_its_own() {
        check(Some("A hand on a back"), "images/hand.png", 0);
        check(Some("Logo"), "images/logo.png", 0);
        // A layout says with empty words that it is decoration.
        check(Some(""), "images/line.png", 0);
        check(None, "images/hand.png", 1);
        check(Some("hand.png"), "images/hand.png", 1);
        check(Some("IMG_1234"), "images/IMG_1234.jpg", 1);
    }
}
