//! What the studio may do to a project, and beside it: write words, send a
//! test, catch mail, look into the database.

use std::{net::Ipv4Addr, path::Path, sync::Arc};

use anyhow::{Context as _, bail};

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
    let save = move |edit: LineEdit| -> Answer<()> {
        let folder = words.clone();
        let task = move || project::edit_words(&folder, &edit);
        let written = tokio::task::spawn_blocking(task);
        Box::pin(async move { written.await.map_err(|error| error.to_string())? })
    };
    let place = folder.to_owned();
    let agenda = move |until| -> Answer<Option<Agenda>> {
        let folder = place.clone();
        Box::pin(async move { agenda(&folder, until).await.map_err(|error| format!("{error:#}")) })
    };
    let inbox = catcher.clone();
    let test = move |mail: TestMail| -> Answer<String> {
        let inbox = inbox.clone();
        Box::pin(async move { send(&inbox, &mail).await.map_err(|error| format!("{error:#}")) })
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
async fn send(inbox: &Catcher, mail: &TestMail) -> anyhow::Result<String> {
    let verdict = match mail.way {
        Way::Relay => trial::send(&mail.site, &mail.letter, &mail.to, mail.at).await?.verdict,
        Way::Inbox => {
            let relay = RelayOptions {
                host: inbox.address().ip().to_string(),
                port: inbox.address().port(),
                security: Security::Plain,
                credentials: None,
                hello: mail.site.from.domain().to_owned(),
            };
            let letter = mail.letter.to(&mail.site, &mail.to, mail.at);
            Connection::send_alone(&relay, &letter.outgoing).await
        }
    };
    if !matches!(verdict, Verdict::Accepted { .. }) {
        bail!("{}: {verdict}", mail.site.relay.host);
    }
    Ok(verdict.to_string())
}

/// What leaves until `until`, where the project has a database.
async fn agenda(folder: &Path, until: Timestamp) -> anyhow::Result<Option<Agenda>> {
    let site = given::site(folder)?;
    let Some(store) = given::store_if_any(folder, &site).await? else { return Ok(None) };
    let agenda = Library::new(store.clone()).agenda(until).await;
    store.close().await;
    agenda.map(Some)
}
