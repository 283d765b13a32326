//! Words that somebody changed in the preview go back into their file.

use std::{
    fs,
    path::{Component, Path},
};

use super::folder::replace;
use crate::model::LineEdit;

/// The largest file of words.
const FILE_BYTES_MAX: u64 = 5 * 1024 * 1024;

/// Writes `edit` into a file of words of the project in `folder`. The file is
/// replaced as a whole, so that nobody sees half of it.
///
/// Returns a sentence when it is not a file of words, cannot be read or
/// written, or its lines were changed meanwhile; then nothing was written.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub fn edit_words(folder: &Path, edit: &LineEdit) -> Result<(), String> {
    let relative = Path::new(&edit.file);
    let is_plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
    let is_words = relative.extension().is_some_and(|extension| extension == "md");
    if !is_plain || !is_words || !relative.starts_with("campaigns") {
        return Err(format!("{} is not a file of words", edit.file));
    }
    let mut path = folder.to_owned();
    for part in relative.components() {
        path.push(part);
        // Loading leaves links out; writing must not follow one out of the project.
        let metadata = fs::symlink_metadata(&path);
        let metadata = metadata.map_err(|error| format!("{}: {error}", edit.file))?;
        if metadata.is_symlink() || metadata.is_file() && metadata.len() > FILE_BYTES_MAX {
            return Err(format!("{} is a link, or too large", edit.file));
        }
    }
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", edit.file))?;
    let whole = edit.apply(&text).ok_or_else(|| {
        format!("{} was changed meanwhile; look at it again, then write", edit.file)
    })?;
    replace(&path, whole.as_bytes()).map_err(|error| format!("{}: {error}", edit.file))
}
