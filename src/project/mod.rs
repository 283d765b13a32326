//! A project's files on disk: the only place that reads them.

mod edit;
mod example;
mod fetch;
mod folder;
mod guard;
mod probe;
mod watch;

use std::{
    fmt, fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

pub use edit::edit_words;
pub use example::example;
pub use fetch::{Fetched, fetch};
pub use folder::{is_link, read_beside, read_folder, write_folder};
pub use probe::{PROBED_MAX, probe};
pub use watch::Watch;

use crate::{campaign::canonical_site, model::ProjectFiles};

/// The file that makes a folder a project.
pub const MANIFEST: &str = "fascicle.toml";

/// The most files of a project.
const FILES_MAX: usize = 10_000;
/// The most bytes of a project.
const BYTES_MAX: u64 = 200 * 1024 * 1024;
/// Folders in folders beyond this are not looked into.
const DEPTH_MAX: usize = 8;

/// A project that could not be loaded.
#[derive(Debug)]
pub struct Error {
    path: PathBuf,
    what: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not read {}: {}", self.path.display(), self.what)
    }
}

impl std::error::Error for Error {}

/// Loads the files of the project in `folder`: `fascicle.toml`,
/// `samples.toml`, and what is below `templates/` and `campaigns/`.
///
/// Hidden files are left out, and so are links: a project is a folder, and
/// nothing outside it can come in. Returns an error when `folder` is not a
/// project, a file cannot be read, or there is too much of it.
pub fn load(folder: &Path) -> Result<ProjectFiles, Error> {
    if !folder.join(MANIFEST).is_file() {
        let what = "there is no fascicle.toml; name a project's folder with --project".to_owned();
        return Err(Error { path: folder.to_owned(), what });
    }
    let mut loader = Loader { root: folder, files: ProjectFiles::default(), count: 0, bytes: 0 };
    let kind = |path: &Path| fs::symlink_metadata(path).map(|metadata| metadata.file_type());
    for file in [MANIFEST, "samples.toml"] {
        if kind(&folder.join(file)).is_ok_and(|kind| kind.is_file()) {
            loader.file(&folder.join(file))?;
        }
    }
    for part in ["templates", "campaigns"] {
        if kind(&folder.join(part)).is_ok_and(|kind| kind.is_dir()) {
            loader.folder(&folder.join(part), 0)?;
        }
    }
    Ok(loader.files)
}

/// Where the project in `folder` is, as a person would look for it.
pub fn location(folder: &Path) -> String {
    let whole = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    whole.display().to_string()
}

/// The files of a project as `apply` keeps them: what its mail is made of,
/// without pretend people, what only this machine needs, and what only editors
/// read.
pub fn snapshot(files: &ProjectFiles, base_url: Option<&str>) -> ProjectFiles {
    let mut kept = ProjectFiles::default();
    for (path, bytes) in files.iter() {
        if &**path == MANIFEST {
            let text = String::from_utf8_lossy(bytes);
            kept.insert(path.clone(), canonical_site(&text, base_url).into_bytes());
        } else if path.starts_with("templates/") || path.starts_with("campaigns/") {
            kept.insert(path.clone(), bytes.clone());
        }
    }
    kept
}

/// Writes `files` into `folder`, which may be there, but none of the files.
///
/// Returns an error that names the first file that is there already; then
/// nothing was written.
pub fn write_new(folder: &Path, files: &ProjectFiles) -> io::Result<()> {
    for (path, _) in files.iter() {
        if fs::symlink_metadata(folder.join(&**path)).is_ok() {
            let what =
                format!("{} is there already; nothing was written", folder.join(&**path).display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, what));
        }
    }
    for (path, bytes) in files.iter() {
        let path = folder.join(&**path);
        if let Some(parent) = path.parent() {
            make_folder(parent)?;
        }
        write_output(&path, bytes)?;
    }
    Ok(())
}

/// Reads a file that a command was given by name, `-` for standard input.
pub fn read_input(path: &str) -> io::Result<Vec<u8>> {
    let bytes = read_at_most(path, BYTES_MAX)?;
    bytes.ok_or_else(|| io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 200 MB"))
}

/// The same, up to `max` bytes; `None` when there are more.
pub fn read_at_most(path: &str, max: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    if path == "-" {
        io::stdin().take(max + 1).read_to_end(&mut bytes)?;
    } else {
        fs::File::open(path)?.take(max + 1).read_to_end(&mut bytes)?;
    }
    Ok((bytes.len() as u64 <= max).then_some(bytes))
}

/// Takes a file away whose content lies elsewhere now.
pub fn remove_file(path: &Path) -> io::Result<()> {
    fs::remove_file(path)
}

/// Makes a folder that a command was asked to write into.
pub fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Writes a file that a command was asked for: all of it, or the one that was
/// there stays.
pub fn write_output(path: &Path, bytes: &[u8]) -> io::Result<()> {
    folder::replace(path, bytes)
}

struct Loader<'a> {
    root: &'a Path,
    files: ProjectFiles,
    count: usize,
    bytes: u64,
}

impl Loader<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) -> Result<(), Error> {
        let failed = |error: io::Error| Error { path: folder.to_owned(), what: error.to_string() };
        if depth > DEPTH_MAX {
            return Ok(());
        }
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                self.folder(&entry.path(), depth + 1)?;
            } else if kind.is_file() {
                self.file(&entry.path())?;
            }
        }
        Ok(())
    }

    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    fn file(&mut self, path: &Path) -> Result<(), Error> {
        let failed = |what: String| Error { path: path.to_owned(), what };
        let size = fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
        self.count += 1;
        self.bytes += size;
        if self.count > FILES_MAX || self.bytes > BYTES_MAX {
            return Err(failed("the project has more than 10,000 files or 200 MB".to_owned()));
        }
        let bytes = fs::read(path).map_err(|error| failed(error.to_string()))?;
        let relative = path.strip_prefix(self.root).unwrap_or(path);
        let Some(relative) = relative.to_str() else {
            return Err(failed("its name is not UTF-8".to_owned()));
        };
        self.files.insert(relative.replace('\\', "/"), bytes);
        Ok(())
    }
}
