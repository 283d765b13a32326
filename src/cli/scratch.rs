//! A temporary folder that goes away with the command that made it.

use std::{
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

/// A folder of our own.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// A folder that nobody made before us, for `purpose`.
    pub(super) fn new(purpose: &str) -> anyhow::Result<Scratch> {
        const TRIES_MAX: u32 = 1_000;
        let base = std::env::temp_dir();
        for n in 0..TRIES_MAX {
            let path = base.join(format!("fascicle-{purpose}-{}-{n}", std::process::id()));
            match std::fs::DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Scratch(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("making {}", path.display()));
                }
            }
        }
        bail!("{} is full of folders of fascicle", base.display())
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What another program had open may be written once more while it ends.
        const TRIES_MAX: usize = 10;
        for _ in 0..TRIES_MAX {
            // A folder that stays behind is no reason to fail.
            if std::fs::remove_dir_all(&self.0).is_ok() {
                return;
            }
        }
    }
}
