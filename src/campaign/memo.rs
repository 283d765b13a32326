//! What was compiled for the reading before this one: from one save to the next
//! most mails stay as they are, and compiling is most of the work.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use super::{project::Reader, site};
use crate::{
    diagnostic::Diagnostics,
    model::hex,
    render::{Compiled, Layout, Passage, Tracing, Vocabulary, Words, compile},
};

/// Mails of the last reading, by a hash of all that they were made of.
#[derive(Debug, Default)]
pub struct Memo {
    before: HashMap<String, Entry>,
    now: HashMap<String, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    mail: Option<Compiled>,
    found: Diagnostics,
}

impl Memo {
    /// Begins a reading: what the last one did not use is forgotten.
    pub(super) fn turn(&mut self) {
        self.before = std::mem::take(&mut self.now);
    }

    fn find(&mut self, key: &str) -> Option<&Entry> {
        if let Some(entry) = self.before.remove(key) {
            self.now.insert(key.to_owned(), entry);
        }
        self.now.get(key)
    }
}

impl Reader<'_> {
    /// Compiles `words`, the whole text of `file`, in `layout`; or finds that
    /// this was done for the reading before. `kind` is what else decides about
    /// it besides the project's site and templates.
    pub(super) fn compiled(
        &mut self,
        (file, words): (&Passage, &Words),
        layout: &Layout,
        vocabulary: &Vocabulary,
        kind: &str,
    ) -> Option<Compiled> {
        let mut hash = Sha256::new();
        for part in [&self.base, kind, &file.file, &file.text] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let key = hex(&hash.finalize());
        if let Some(entry) = self.memo.find(&key) {
            self.diagnostics.append(entry.found.clone());
            return entry.mail.clone();
        }
        let mut found = Diagnostics::default();
        let mail = compile(layout, words, vocabulary, &mut found);
        let entry = Entry { mail: mail.clone(), found: found.clone() };
        self.memo.now.insert(key, entry);
        self.diagnostics.append(found);
        mail
    }

    /// The hash of what every mail of the project depends on.
    pub(super) fn hash_base(&mut self) {
        let mut hash = Sha256::new();
        hash.update([u8::from(self.tracing == Tracing::On)]);
        let is_shared = |path: &str| path == site::FILE || path.starts_with("templates/");
        for (path, bytes) in self.files.iter().filter(|(path, _)| is_shared(path)) {
            for part in [path.as_bytes(), bytes] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        self.base = hex(&hash.finalize());
    }
}
