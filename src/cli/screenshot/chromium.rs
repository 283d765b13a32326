//! A Chromium that is there already, without a window: one process a page, each
//! with a profile of its own that goes away with it.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use tokio::{process::Command, sync::Semaphore, time::timeout};

use crate::{cli::scratch::Scratch, model::image_size, project};

/// What it is called, in the order in which it is looked for.
const NAMES: [&str; 6] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    // Where it is on a Mac.
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// How long one page may take: real time, as a network deadline is. A slow
/// machine needs two seconds.
const PAGE_TIMEOUT: Duration = Duration::from_secs(30);
/// Browsers that run at once: each takes some hundred megabytes.
const BROWSERS_MAX: usize = 2;
/// What a page becomes is some numbers.
const DOM_BYTES_MAX: u64 = 64 * 1024;
/// The largest picture.
const PICTURE_BYTES_MAX: u64 = 100 * 1024 * 1024;

/// It looks for nothing, keeps nothing, and reaches nobody.
const FLAGS: [&str; 13] = [
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-proxy-server",
];

/// A browser, and room for its profiles.
pub(super) struct Browser {
    program: PathBuf,
    scratch: Scratch,
    /// Profiles so far.
    count: AtomicU32,
    permits: Semaphore,
    timeout: Duration,
}

impl Browser {
    /// The browser at `wanted`, or the first one that this machine has.
    ///
    /// Returns an error that says what to install when there is none.
    pub(super) async fn find(wanted: Option<&Path>) -> anyhow::Result<Browser> {
        if let Some(path) = wanted {
            // It is started from another folder than this one.
            let is_name = path.components().count() == 1;
            let path = if is_name { path.to_owned() } else { std::path::absolute(path)? };
            ensure!(starts(&path).await, "{} does not start", path.display());
            return Browser::at(path, PAGE_TIMEOUT);
        }
        for name in NAMES {
            if starts(Path::new(name)).await {
                return Browser::at(PathBuf::from(name), PAGE_TIMEOUT);
            }
        }
        bail!(
            "pictures are drawn by Chromium, Chrome or Edge, and none is here: install one \
             (`apt install chromium`, `brew install --cask google-chrome`), or say where it is \
             with --browser PATH"
        )
    }

    fn at(program: PathBuf, timeout: Duration) -> anyhow::Result<Browser> {
        Ok(Browser {
            program,
            scratch: Scratch::new("pictures")?,
            count: AtomicU32::new(0),
            permits: Semaphore::new(BROWSERS_MAX),
            timeout,
        })
    }

    /// What `page` becomes when its scripts have run.
    pub(super) async fn dom(&self, page: &str) -> anyhow::Result<String> {
        let folder = self.show(page, &["--dump-dom".to_owned()]).await?;
        let dom = folder.join(SAID);
        let dom = project::read_at_most(&dom.to_string_lossy(), DOM_BYTES_MAX)?;
        Ok(String::from_utf8_lossy(&dom.unwrap_or_default()).into_owned())
    }

    /// The upper left corner of `page` as a PNG of this size.
    pub(super) async fn picture(
        &self,
        page: &str,
        (width, height): (u32, u32),
    ) -> anyhow::Result<Vec<u8>> {
        let window = format!("--window-size={width},{height}");
        let folder = self.show(page, &[window, format!("--screenshot={PICTURE}")]).await?;
        let picture = folder.join(PICTURE);
        let picture = project::read_at_most(&picture.to_string_lossy(), PICTURE_BYTES_MAX)
            .ok()
            .flatten()
            .filter(|bytes| image_size(bytes) == Some((width, height)));
        picture.with_context(|| format!("{} left no picture of this size", self.program.display()))
    }

    /// Shows `page` in a folder of its own, to its end; returns the folder.
    async fn show(&self, page: &str, wishes: &[String]) -> anyhow::Result<PathBuf> {
        let _permit = self.permits.acquire().await?;
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let folder = self.scratch.path().join(number.to_string());
        project::make_folder(&folder)?;
        project::write_output(&folder.join(PAGE), page.as_bytes())?;
        let mut profile = std::ffi::OsString::from("--user-data-dir=");
        profile.push(folder.join("profile"));
        let mut command = Command::new(&self.program);
        command.args(FLAGS).arg(profile).args(wishes);
        // Its own walls do not stand where it runs as root.
        if fs::metadata(&folder)?.uid() == 0 {
            command.arg("--no-sandbox");
        }
        command.arg(format!("file://{}", folder.join(PAGE).display()));
        command.current_dir(&folder).kill_on_drop(true);
        // Not a pipe: what it leaves behind could hold that open.
        command.stdin(Stdio::null()).stdout(fs::File::create(folder.join(SAID))?);
        command.stderr(Stdio::null());
        let program = self.program.display();
        let mut child = command.spawn().with_context(|| format!("starting {program}"))?;
        let Ok(ended) = timeout(self.timeout, child.wait()).await else {
            child.kill().await?;
            bail!("{program} did not draw the page within {:?}", self.timeout)
        };
        let status = ended?;
        ensure!(status.success(), "{program} ended with {status}");
        Ok(folder)
    }
}

/// The page, what was said about it, its picture.
const PAGE: &str = "page.html";
const SAID: &str = "said.txt";
const PICTURE: &str = "picture.png";

/// Whether there is a program called `name`, and a browser.
async fn starts(name: &Path) -> bool {
    let mut command = Command::new(name);
    command.arg("--version").kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else { return false };
    matches!(timeout(PAGE_TIMEOUT, child.wait()).await, Ok(Ok(status)) if status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program of `tests/data/browsers` in the place of a browser.
    fn pretend(name: &str, timeout: Duration) -> Browser {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/browsers");
        Browser::at(folder.join(name), timeout).expect("a folder")
    }

    #[tokio::test]
    async fn a_browser_that_hangs_is_ended() {
        let browser = pretend("hangs", Duration::from_millis(200));
        let what = browser.dom("x").await.expect_err("it does not come back");
        assert!(what.to_string().ends_with("did not draw the page within 200ms"), "{what:#}");
        let folder = browser.scratch.path().to_owned();
        assert!(folder.join("0").exists());
        drop(browser);
        assert!(!folder.exists(), "what it wrote goes with it");
    }

    #[tokio::test]
    async fn a_browser_without_a_picture_is_no_success() {
        let what = pretend("draws-nothing", PAGE_TIMEOUT)
            .picture("x", (10, 10))
            .await
            .expect_err("nothing");
        assert!(what.to_string().ends_with("left no picture of this size"), "{what:#}");
        let what = pretend("fails", PAGE_TIMEOUT).dom("x").await.expect_err("it failed");
        assert!(what.to_string().ends_with("ended with exit status: 3"), "{what:#}");
    }
}
