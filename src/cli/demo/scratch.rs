//! A temporary folder that goes away with the demo.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// A temporary folder that goes away with the demo.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// A folder that nobody made before us.
    pub(super) fn new() -> anyhow::Result<Scratch> {
        const TRIES_MAX: u32 = 1_000;
        let base = std::env::temp_dir();
        for n in 0..TRIES_MAX {
            let path = base.join(format!("fascicle-demo-{}-{n}", std::process::id()));
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Scratch(path)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("making {}", path.display()));
                }
            }
        }
        bail!("{} is full of folders of demos", base.display())
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A folder that stays behind is no reason to fail.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
