//! One folder of plain files: read whole, written so that a crash leaves the
//! old or the new of each file, and of a new folder all or nothing.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use super::{make_folder, write_output};

/// The largest file that is looked at.
const FILE_BYTES_MAX: u64 = 5 * 1024 * 1024;
/// More files are not looked at.
const FILES_MAX: usize = 2_000;

/// The text files that stand in `folder`, by name; nothing when there is none.
///
/// Returns an error when the folder or a file in it cannot be read, and when a
/// file that is called like text (`.md`, `.toml`, `.json`, with `.new` or `.old`
/// behind it) is none, is too large, or is a link: somebody's work that was not
/// seen would be written over. Other files are not listed.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub fn read_folder(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
        Err(error) => return Err(error),
    };
    for (count, entry) in entries.enumerate() {
        if count == FILES_MAX {
            return Err(io::Error::other(format!("there are more than {FILES_MAX} files")));
        }
        let entry = entry?;
        let metadata = fs::symlink_metadata(entry.path())?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let text = if metadata.is_symlink() {
            Err("is a link; put the file itself there")
        } else if metadata.len() > FILE_BYTES_MAX {
            Err("is over 5 MB")
        } else if metadata.is_file() {
            String::from_utf8(fs::read(entry.path())?)
                .map_err(|_| "is not UTF-8 text; save it as that, or move it")
        } else {
            continue;
        };
        match text {
            Ok(text) => drop(files.insert(name, text)),
            Err(what) if is_called_text(&name) => {
                return Err(io::Error::other(format!("{name} {what}")));
            }
            Err(_) => {}
        }
    }
    Ok(files)
}

fn is_called_text(name: &str) -> bool {
    name.split('.').skip(1).any(|part| matches!(part, "md" | "toml" | "json"))
}

/// Writes `files` into `folder`, in their order. A folder that is not there
/// yet comes with all of them or not at all; a file that says the same already
/// is left alone.
///
/// Returns an error when something cannot be written: then each file is the
/// old one or the new one, and none is half.
pub fn write_folder(folder: &Path, files: &[(String, Vec<u8>)]) -> io::Result<()> {
    if is_link(folder) {
        return Err(io::Error::other("this folder is a link; put the folder itself there"));
    }
    if fs::symlink_metadata(folder).is_ok() {
        return files.iter().try_for_each(|(name, bytes)| {
            let path = folder.join(name);
            if is_same(&path, bytes)? {
                return Ok(());
            }
            make_folder(path.parent().unwrap_or(folder))?;
            replace(&path, bytes)
        });
    }
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or("new");
    let parent = folder.parent().unwrap_or(Path::new("."));
    make_folder(if parent.as_os_str().is_empty() { Path::new(".") } else { parent })?;
    let made = parent.join(format!(".{name}.{}", std::process::id()));
    let wrote = fs::create_dir(&made)
        .and_then(|()| {
            files.iter().try_for_each(|(name, bytes)| {
                let path = made.join(name);
                make_folder(path.parent().unwrap_or(&made))?;
                write_output(&path, bytes)
            })
        })
        .and_then(|()| fs::rename(&made, folder));
    if wrote.is_err() {
        // What is half must not stay; if it cannot go, the first error says why.
        let _ = fs::remove_dir_all(&made);
    }
    wrote
}

/// Whether the file at `path` holds `bytes`.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
fn is_same(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.len() == bytes.len() as u64 => Ok(fs::read(path)? == bytes),
        Ok(_) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The file `name` in the folder of `file` or below it, up to `max` bytes.
///
/// Returns `None` when there is none, it is larger, or its path or a link
/// leads out of that folder: an article must not publish what lies elsewhere.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub fn read_beside(file: &Path, name: &str, max: u64) -> io::Result<Option<Vec<u8>>> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = fs::canonicalize(folder.unwrap_or(Path::new(".")))?;
    let path = match fs::canonicalize(folder.join(name)) {
        Ok(path) => path,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let metadata = fs::metadata(&path)?;
    let is_inside = path.starts_with(&folder) && metadata.is_file() && metadata.len() <= max;
    is_inside.then(|| fs::read(&path)).transpose()
}

/// Puts `bytes` in the place of a file, at once: whoever looks sees the old one
/// or the new one, with the permissions of the old one. A link is replaced and
/// not followed.
///
/// Returns an error when the file is there and may not be written.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let before = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file);
    if before.as_ref().is_some_and(|before| before.permissions().readonly()) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    let (part, mut file) = part(path)?;
    let wrote = file
        .write_all(bytes)
        .and_then(|()| before.map_or(Ok(()), |before| file.set_permissions(before.permissions())))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&part, path));
    if wrote.is_err() {
        let _ = fs::remove_file(&part);
    }
    wrote
}

/// A new file beside `path`, hidden, whose name nobody has.
fn part(path: &Path) -> io::Result<(PathBuf, fs::File)> {
    const TRIES_MAX: u32 = 1_000;
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for _ in 0..TRIES_MAX {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let part = path.with_file_name(format!(".{name}.{}-{number}.part", std::process::id()));
        match fs::OpenOptions::new().write(true).create_new(true).open(&part) {
            Ok(file) => return Ok((part, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("the folder is full of files that were not finished"))
}

/// Whether `path` is a link: what is written there lands elsewhere.
pub fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}
