//! What the studio may do to a project, and beside it: write words, send a
//! test, catch mail, look into the database.

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
};

use anyhow::{Context as _, bail};
use tokio::sync::Mutex;

use crate::{
    cli::{given, trial},
    library::{Agenda, Library},
    mail::{Catcher, Connection, RelayOptions, Security},
    model::{LineEdit, Verdict},
    project,
    time::Timestamp,
    web::{Answer, Doors, TestMail, Way},
};

/// The doors of the studio of the project in `folder`, with an inbox of its own.
pub(super) async fn open(folder: &Path) -> anyhow::Result<Doors> {
    let catcher = Catcher::listen((Ipv4Addr::LOCALHOST, 0).into()).await;
    let catcher = catcher.context("starting the inbox")?;
    let words = folder.to_owned();
    let turn = Arc::new(std::sync::Mutex::new(()));
    let save = move |edit: LineEdit| -> Answer<()> {
        let (folder, turn) = (words.clone(), turn.clone());
        let task = move || {
            // One after the other: each goes by what the one before has written.
            let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            project::edit_words(&folder, &edit)
        };
        let written = tokio::task::spawn_blocking(task);
        Box::pin(async move { written.await.map_err(|error| error.to_string())? })
    };
    let place = folder.to_owned();
    let kept = Arc::new(Mutex::new(None));
    let agenda = move |now| -> Answer<Option<Agenda>> {
        let (folder, kept) = (place.clone(), kept.clone());
        Box::pin(
            async move { agenda(&folder, &kept, now).await.map_err(|error| format!("{error:#}")) },
        )
    };
    let inbox = catcher.clone();
    let test = move |mail: TestMail| -> Answer<String> {
        // A page that goes away does not break a mail off between dot and answer.
        let sending = tokio::spawn(send(inbox.clone(), mail));
        Box::pin(async move {
            let sent = sending.await.map_err(|error| error.to_string())?;
            sent.map_err(|error| format!("{error:#}"))
        })
    };
    Ok(Doors {
        save: Some(Arc::new(save)),
        test: Some(Arc::new(test)),
        inbox: Some(catcher),
        agenda: Some(Arc::new(agenda)),
        ..Doors::default()
    })
}

/// Sends a test, and says what the other side said.
async fn send(inbox: Catcher, mail: TestMail) -> anyhow::Result<String> {
    let (verdict, host) = match mail.way {
        Way::Relay => {
            let tried = trial::send(&mail.site, &mail.letter, &mail.to, mail.at).await?;
            (tried.verdict, mail.site.relay.host.clone())
        }
        Way::Inbox => {
            let relay = RelayOptions {
                host: inbox.address().ip().to_string(),
                port: inbox.address().port(),
                security: Security::Plain,
                credentials: None,
                hello: mail.site.from.domain().to_owned(),
            };
            let letter = mail.letter.to(&mail.site, &mail.to, mail.at);
            (Connection::send_alone(&relay, &letter.outgoing).await, "the inbox here".to_owned())
        }
    };
    if !matches!(verdict, Verdict::Accepted { .. }) {
        bail!("{host}: {verdict}");
    }
    Ok(verdict.to_string())
}

/// A database that was opened only to look, and where it is.
type Kept = Mutex<Option<(PathBuf, Library)>>;

/// What leaves from `now` on, where the project has a database. It stays open:
/// a page may ask at every save.
async fn agenda(folder: &Path, kept: &Kept, now: Timestamp) -> anyhow::Result<Option<Agenda>> {
    let site = given::site(folder)?;
    let path = given::store_path(folder, &site);
    let mut kept = kept.lock().await;
    if kept.as_ref().is_none_or(|(known, _)| *known != path) || !path.exists() {
        *kept = None;
        let Some(store) = given::visit_store(&path).await? else { return Ok(None) };
        *kept = Some((path, Library::new(store)));
    }
    let Some((_, library)) = &*kept else { return Ok(None) };
    library.agenda(now).await.map(Some)
}
