//! `fascicle preview`: the local studio. Watches the files, reads them anew,
//! and hands each reading to the pages.

mod doors;

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context as _;
use clap::Args;
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
};

use super::{browser, run::until_stopped, term};
use crate::{
    campaign::{self, Memo},
    model::ProjectFiles,
    project::{self, Watch},
    time::{Clock, SignedDuration, Timestamp},
    web::{self, Reading},
};

/// Where the preview is when nobody else is there.
const PORT: u16 = 8500;

/// After how long a file that was just emptied is looked at again.
const WRITTEN: SignedDuration = SignedDuration::from_millis(60);

#[derive(Args)]
pub(super) struct Arguments {
    /// The port on this machine; 8500, or a free one, if not given
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Opens the browser
    #[arg(long)]
    open: bool,
}

pub(super) async fn run(folder: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let clock = Clock::System;
    // Before the first reading, so that nothing is missed between them.
    let mut watch = Watch::start(folder, clock.clone());
    let nothing = Reading::nothing(project::location(folder), clock.now());
    let mut files = project::load(folder)?;
    let memo = Arc::default();
    let reading = read(nothing, files.clone(), &memo).await;
    let listener = listen(arguments.port).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let (publish, readings) = watch::channel(Arc::new(reading));
    term::say(&format!("preview: {address}"));
    if arguments.open {
        browser::open(&address);
    }
    let watched = folder.to_owned();
    let ticking = clock.clone();
    let follow = async move {
        loop {
            watch.changed().await;
            let before = publish.borrow().clone();
            if let Some(reading) = look(&watched, &before, &mut files, (&ticking, &memo)).await {
                publish.send_replace(Arc::new(reading));
            }
        }
    };
    tokio::spawn(follow);
    let doors = doors::open(folder).await?;
    web::serve_live(listener, web::preview(readings, doors, clock), until_stopped()).await?;
    Ok(ExitCode::SUCCESS)
}

/// The reading after `before`, if the files differ from `files` now.
async fn look(
    folder: &Path,
    before: &Reading,
    files: &mut ProjectFiles,
    (clock, memo): (&Clock, &Arc<Mutex<Memo>>),
) -> Option<Reading> {
    let loaded = match load(folder.to_owned()).await {
        Ok(loaded) => Ok(loaded),
        // A file that went while the folder was read: it is quiet now.
        Err(_) => load(folder.to_owned()).await,
    };
    let loaded = match loaded {
        // Some editors empty a file and then fill it.
        Ok(loaded) if is_being_written(files, &loaded) => {
            let soon = clock.now().saturating_add(WRITTEN).unwrap_or(Timestamp::MAX);
            clock.wait_until(soon, &Notify::new()).await;
            load(folder.to_owned()).await
        }
        loaded => loaded,
    };
    match loaded {
        Ok(loaded) if loaded == *files && !before.is_troubled() => None,
        Ok(loaded) => {
            *files = loaded;
            let reading = read(before.clone(), files.clone(), memo).await;
            Some(reading)
        }
        Err(what) if before.is_troubled_by(&what) => None,
        Err(what) => Some(before.troubled(what)),
    }
}

/// Whether a file that had something in it is empty.
fn is_being_written(before: &ProjectFiles, now: &ProjectFiles) -> bool {
    let had = |path: &str| before.find(path).is_some_and(|(_, bytes)| !bytes.is_empty());
    now.iter().any(|(path, bytes)| bytes.is_empty() && had(path))
}

async fn load(folder: PathBuf) -> Result<ProjectFiles, String> {
    let loaded = tokio::task::spawn_blocking(move || project::load(&folder)).await;
    loaded.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

/// Reads `files`, off the reactor.
async fn read(before: Reading, files: ProjectFiles, memo: &Arc<Mutex<Memo>>) -> Reading {
    let fallback = before.clone();
    let memo = memo.clone();
    let task = move || {
        let mut memo = memo.lock().unwrap_or_else(PoisonError::into_inner);
        before.next(&files, campaign::read_traced(&files, &mut memo))
    };
    let read = tokio::task::spawn_blocking(task).await;
    // A parser that breaks down shows its last words, and the next save is read again.
    read.unwrap_or_else(|error| fallback.troubled(error.to_string()))
}

/// Listens on loopback only.
async fn listen(port: Option<u16>) -> anyhow::Result<TcpListener> {
    let here = Ipv4Addr::LOCALHOST;
    if let Some(port) = port {
        let listening = TcpListener::bind((here, port)).await;
        return listening.with_context(|| format!("showing the preview on port {port}"));
    }
    match TcpListener::bind((here, PORT)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind((here, 0)).await.context("showing the preview"),
    }
}
