//! A campaign's `images/`: what its words may show, and what is served for it.

use std::{collections::BTreeMap, sync::Arc};

use crate::model::{ImageName, ProjectFiles, Site};

/// The images of the campaign in `folder`, which ends in `/`: how its words
/// call each, and where it is served; `None` for what mail programs do not show.
pub(super) fn of_campaign(
    files: &ProjectFiles,
    folder: &str,
    site: &Site,
) -> BTreeMap<String, Option<String>> {
    let inside = format!("{folder}images/");
    let named = files.below(&inside).filter_map(|(path, bytes)| {
        let address = ImageName::of(bytes).map(|name| name.address(&site.base_url));
        Some((path.strip_prefix(folder)?.to_owned(), address))
    });
    named.collect()
}

/// Every image of every campaign, by the name under which it is served.
pub(super) fn of_project(files: &ProjectFiles) -> BTreeMap<ImageName, Arc<[u8]>> {
    let inside = |path: &str| {
        let rest = path.strip_prefix("campaigns/").and_then(|path| path.split_once('/'));
        rest.is_some_and(|(_, rest)| rest.starts_with("images/"))
    };
    let images = files.below("campaigns/").filter(|(path, _)| inside(path));
    images.filter_map(|(_, bytes)| Some((ImageName::of(bytes)?, bytes.clone()))).collect()
}
