//! A project's files as values: path → bytes.

use std::{collections::BTreeMap, sync::Arc};

/// The files of a project, from a folder or from a snapshot in the store.
///
/// Paths are relative, with `/`, and never leave the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectFiles(BTreeMap<Arc<str>, Arc<[u8]>>);

impl ProjectFiles {
    /// Adds or replaces a file.
    pub fn insert(&mut self, path: impl Into<Arc<str>>, bytes: impl Into<Arc<[u8]>>) {
        self.0.insert(path.into(), bytes.into());
    }

    /// The bytes of one file.
    pub fn find(&self, path: &str) -> Option<(&Arc<str>, &Arc<[u8]>)> {
        self.0.get_key_value(path)
    }

    /// All files in order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<[u8]>)> {
        self.0.iter()
    }

    /// The files below `folder`, which ends in `/`.
    pub fn below(&self, folder: &str) -> impl Iterator<Item = (&Arc<str>, &Arc<[u8]>)> {
        self.0.iter().filter(move |(path, _)| path.starts_with(folder))
    }
}
