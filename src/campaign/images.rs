//! A campaign's `images/`: what its words may show, and what is served for it.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    model::{ImageName, ProjectFiles, Site, image_size},
    render::Picture,
};

/// The images of the campaign in `folder`, which ends in `/`, as its words call
/// each; `None` for what mail programs do not show.
pub(super) fn of_campaign(
    files: &ProjectFiles,
    folder: &str,
    site: &Site,
) -> BTreeMap<String, Option<Picture>> {
    let inside = format!("{folder}images/");
    let named = files.below(&inside).filter_map(|(path, bytes)| {
        let picture = ImageName::of(bytes).map(|name| Picture {
            address: name.address(&site.base_url),
            bytes: bytes.len(),
            size: image_size(bytes),
        });
        Some((path.strip_prefix(folder)?.to_owned(), picture))
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
