//! Tells when files of a project change.
//!
//! It does not say which: whoever is told loads the project anew. Editors
//! save by truncating and writing, or by renaming; a checkout replaces whole
//! folders. So a burst of events is one change, told when it is over; and a
//! folder that came is looked at once more, because files can be in it before
//! anybody watches it.

use std::{
    fs,
    path::{Component, Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use notify::{
    Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _,
    event::{AccessKind, AccessMode},
};
use tokio::sync::Notify;

use super::MANIFEST;
use crate::time::{Clock, SignedDuration};

/// A burst is over when nothing was heard for this long: an editor's truncate
/// and write are less than a millisecond apart.
const QUIET: SignedDuration = SignedDuration::from_millis(3);
/// A burst that does not end is told after this long all the same.
const BURST_MAX: SignedDuration = SignedDuration::from_millis(120);
/// After a change there is one more look, for what was written between a
/// folder's birth and the watch on it.
const ECHO: SignedDuration = SignedDuration::from_millis(250);
/// How often somebody looks where the system cannot tell (too many watches,
/// a folder that is gone).
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(1);

/// The folders of a project that are watched with all that is in them.
const FOLDERS: [&str; 2] = ["templates", "campaigns"];
/// The files beside them.
const FILES: [&str; 2] = [MANIFEST, "samples.toml"];

/// A watch on the files of one project.
#[derive(Debug)]
pub struct Watch {
    folder: PathBuf,
    watcher: Option<RecommendedWatcher>,
    heard: Arc<Heard>,
    clock: Clock,
    /// Whether the system tells of every change.
    hears_all: bool,
    echo_at: Option<crate::time::Timestamp>,
}

#[derive(Debug, Default)]
struct Heard {
    changed: Notify,
    /// One of the watched folders came, went or is another one now.
    moved: AtomicBool,
}

impl Watch {
    /// Watches the project in `folder`.
    ///
    /// Where the system cannot tell of changes, [`Watch::changed`] returns
    /// every second instead.
    pub fn start(folder: &Path, clock: Clock) -> Watch {
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let heard = Arc::new(Heard::default());
        let (root, ear) = (folder.clone(), heard.clone());
        let listen = move |event: notify::Result<Event>| hear(&ear, &root, event);
        let config = Config::default().with_follow_symlinks(false);
        let watcher = RecommendedWatcher::new(listen, config).ok();
        let mut watch = Watch { folder, watcher, heard, clock, hears_all: false, echo_at: None };
        watch.arm();
        watch
    }

    /// Returns when files may have changed and the burst is over.
    ///
    /// What changes after it returned makes it return again: no last state is
    /// lost. It may also return when nothing changed.
    pub async fn changed(&mut self) {
        if !self.hears_all {
            self.heard_before(self.after(LOOK_EVERY)).await;
            self.arm();
            return;
        }
        match self.echo_at.take() {
            Some(at) if !self.heard_before(at).await => return,
            Some(_) => {}
            None => self.heard.changed.notified().await,
        }
        let latest = self.after(BURST_MAX);
        while self.clock.now() < latest && self.heard_before(self.after(QUIET)).await {}
        if self.heard.moved.swap(false, Ordering::AcqRel) {
            self.arm();
        }
        self.echo_at = Some(self.after(ECHO));
    }

    /// Whether something was heard before `at`.
    async fn heard_before(&self, at: crate::time::Timestamp) -> bool {
        self.clock.wait_until(at, &self.heard.changed).await;
        self.clock.now() < at
    }

    fn after(&self, span: SignedDuration) -> crate::time::Timestamp {
        self.clock.now().saturating_add(span).unwrap_or(crate::time::Timestamp::MAX)
    }

    /// Watches what is there now; said twice it changes nothing.
    fn arm(&mut self) {
        let Some(watcher) = &mut self.watcher else { return };
        let mut all = watcher.watch(&self.folder, RecursiveMode::NonRecursive).is_ok();
        for part in FOLDERS {
            let path = self.folder.join(part);
            if fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir()) {
                all &= watcher.watch(&path, RecursiveMode::Recursive).is_ok();
            }
        }
        self.hears_all = all;
    }
}

fn hear(heard: &Heard, root: &Path, event: notify::Result<Event>) {
    let concern = event.map_or(Concern::Whole, |event| concern(root, &event));
    match concern {
        Concern::Nothing => return,
        Concern::File => {}
        Concern::Whole => heard.moved.store(true, Ordering::Release),
    }
    heard.changed.notify_one();
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Concern {
    /// Nothing of the project; or somebody (we, too) only read.
    Nothing,
    /// A file of the project.
    File,
    /// The project's folder, or one of those below it that are watched.
    Whole,
}

fn concern(root: &Path, event: &Event) -> Concern {
    let is_access = matches!(event.kind, EventKind::Access(_));
    if is_access && event.kind != EventKind::Access(AccessKind::Close(AccessMode::Write)) {
        return Concern::Nothing;
    }
    if event.need_rescan() || event.paths.is_empty() {
        return Concern::Whole;
    }
    let concerns = event.paths.iter().map(|path| concern_of(root, path));
    concerns.max().unwrap_or(Concern::Nothing)
}

fn concern_of(root: &Path, path: &Path) -> Concern {
    let Ok(inside) = path.strip_prefix(root) else { return Concern::Nothing };
    let names: Vec<_> = inside.components().map(Component::as_os_str).collect();
    let is_hidden = names.iter().any(|name| name.to_string_lossy().starts_with('.'));
    match names.as_slice() {
        [] => Concern::Whole,
        _ if is_hidden => Concern::Nothing,
        [name] if FOLDERS.iter().any(|folder| name == folder) => Concern::Whole,
        [name] if FILES.iter().any(|file| name == file) => Concern::File,
        [name, ..] if FOLDERS.iter().any(|folder| name == folder) => Concern::File,
        _ => Concern::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, DataChange, ModifyKind, RenameMode};

    use super::*;

    #[track_caller]
    fn check(kind: EventKind, path: &str, expected: Concern) {
        let event = Event::new(kind).add_path(Path::new("/p").join(path));
        assert_eq!(concern(Path::new("/p"), &event), expected, "{path}");
    }

    #[test]
    fn only_what_a_project_is_made_of_concerns_it() {
        let written = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        check(written, "fascicle.toml", Concern::File);
        check(written, "campaigns/a/1-b.md", Concern::File);
        check(written, "templates/partials/head.mjml", Concern::File);
        check(written, "fascicle.db-wal", Concern::Nothing);
        check(written, "target/debug/x", Concern::Nothing);
        check(written, "campaigns/a/.1-b.md.swp", Concern::Nothing);
        check(EventKind::Create(CreateKind::Folder), "campaigns", Concern::Whole);
        check(EventKind::Modify(ModifyKind::Name(RenameMode::From)), "", Concern::Whole);
        check(EventKind::Modify(ModifyKind::Name(RenameMode::To)), "samples.toml", Concern::File);
    }

    /// Else a look would cause the next one, for ever.
    #[test]
    fn reading_is_no_change() {
        let path = "campaigns/a/1-b.md";
        check(EventKind::Access(AccessKind::Open(AccessMode::Any)), path, Concern::Nothing);
        check(EventKind::Access(AccessKind::Close(AccessMode::Read)), path, Concern::Nothing);
        check(EventKind::Access(AccessKind::Close(AccessMode::Write)), path, Concern::File);
    }

    /// A change is told, and the look after it; nothing else is owed.
    async fn settled(watch: &mut Watch) {
        let told = async {
            watch.changed().await;
            while watch.echo_at.is_some() {
                watch.changed().await;
            }
        };
        let told = tokio::time::timeout(std::time::Duration::from_secs(60), told).await;
        told.expect("the change is told");
    }

    #[tokio::test]
    async fn folders_that_come_and_go_are_watched() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        let write = |name: &str, text: &str| {
            crate::project::write_output(&path(name), text.as_bytes()).expect("written");
        };
        let mut watch = Watch::start(folder.path(), Clock::System);
        assert!(watch.hears_all);
        fs::create_dir_all(path("campaigns/a")).expect("folders");
        settled(&mut watch).await;
        write("campaigns/a/1-b.md", "one");
        settled(&mut watch).await;
        write("campaigns/a/1-b.md", "two");
        settled(&mut watch).await;
        fs::rename(path("campaigns"), path("old")).expect("renamed");
        fs::create_dir_all(path("campaigns/c")).expect("folders");
        settled(&mut watch).await;
        write("campaigns/c/1-d.md", "three");
        settled(&mut watch).await;
        write("campaigns/c/.1-d.md.tmp", "four");
        fs::rename(path("campaigns/c/.1-d.md.tmp"), path("campaigns/c/1-d.md")).expect("renamed");
        settled(&mut watch).await;
        fs::remove_dir_all(path("campaigns")).expect("removed");
        settled(&mut watch).await;
        write("fascicle.toml", "");
        settled(&mut watch).await;
    }
}
