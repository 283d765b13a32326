//! `fascicle run`: the service.

use std::{path::Path, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use clap::Args;
use ipnet::IpNet;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use super::{given, term};
use crate::{
    config,
    mail::Keys,
    model::{Site, Verdict},
    project,
    service::{Event, SenderOptions, Service, Stop},
    store::{Missing, Store},
    time::Clock,
    web,
};

/// How long the end of `run` waits for the database to be written back.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// The widest networks that somebody's own proxies fill: `10.0.0.0/8`, `fc00::/7`.
const WIDEST_PROXIES_V4: u8 = 8;
const WIDEST_PROXIES_V6: u8 = 7;

#[derive(Args)]
pub(super) struct Arguments {
    /// Where pages are served, instead of [web] listen
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
}

pub(super) async fn run(folder: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let site = given::site(folder)?;
    let store = given::store(folder, &site, Missing::Refuse).await?;
    store.become_sender().await?;
    let keys = Keys::new(store.instance_secret().await?);
    let options = sender_options(&site)?;
    let address = arguments.listen.as_deref().unwrap_or(&site.listen);
    let listener =
        TcpListener::bind(address).await.with_context(|| format!("serving pages on {address}"))?;
    refuse_bare_public(&site, &listener)?;
    tell_where_we_are(folder, &site, &store, &listener).await?;
    let clock = Clock::System;
    let service = Service::new(
        store.clone(),
        keys.clone(),
        clock.clone(),
        options,
        Arc::new(|event| log(&event)),
    );
    let stop = service.stop();
    tokio::spawn(ask_on_signals(stop.clone()));
    let pages = web::public(store.clone(), service.library(), keys, clock, &site.proxies);
    let serving = tokio::spawn(web::serve(listener, pages, async move { stop.asked(1).await }));
    let ran = service.run().await;
    // A page that is still being read does not keep the process for long.
    drop(service);
    let closing = async {
        let _ = serving.await;
        store.close().await;
    };
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, closing).await;
    ran?;
    term::say("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Addresses and links that act go over these pages: beyond this machine they
/// need TLS, which a proxy gives (REQ-118).
fn refuse_bare_public(site: &Site, listener: &TcpListener) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() && site.proxies.is_empty() {
        bail!(
            "{address} can be reached from other machines, and these pages have no TLS of their own; \
             put a proxy with TLS in front and name it: [web] proxies = [\"ADDRESS\"], or listen on 127.0.0.1"
        );
    }
    Ok(())
}

/// Says what makes the limits on sign-ups useless, in either direction.
fn warn_of_proxies(site: &Site) {
    if site.proxies.is_empty() && site.base_url.starts_with("https://") {
        term::say(
            "warning: base_url is https, so a proxy stands in front, and [web] proxies does not name it: \
             all visitors share one limit of 60 sign-ups an hour",
        );
    }
    let networks = site.proxies.iter().filter_map(|text| Some((text, text.parse::<IpNet>().ok()?)));
    for (text, network) in networks {
        let widest = if network.addr().is_ipv4() { WIDEST_PROXIES_V4 } else { WIDEST_PROXIES_V6 };
        if network.prefix_len() < widest {
            term::say(&format!(
                "warning: [web] proxies has {text}: anybody in there can claim any address, and the \
                 limits on sign-ups do not hold; name the proxies themselves"
            ));
        }
    }
}

fn sender_options(site: &Site) -> anyhow::Result<SenderOptions> {
    Ok(SenderOptions {
        relay: config::relay_options(site)?,
        connections: site.relay.connections,
        pace: site.relay.pace,
        reach: site.reach(),
    })
}

async fn tell_where_we_are(
    folder: &Path,
    site: &Site,
    store: &Store,
    listener: &TcpListener,
) -> anyhow::Result<()> {
    term::say(&format!("pages:  http://{}", listener.local_addr()?));
    for (list, _) in site.lists.iter().filter(|(_, list)| list.takes_sign_ups) {
        term::say(&format!("sign up: {}/join/{list}", site.base_url));
    }
    term::say(&format!("relay:  {}:{}", site.relay.host, site.relay.port));
    term::say(&format!("links:  {} (base_url; it must lead to these pages)", site.base_url));
    if site.is_production {
        term::say("production = true: mail goes out to everybody");
    } else {
        term::say("production = false: mail reaches only a relay on this machine and `allow`");
    }
    warn_of_proxies(site);
    let applied = match store.current_snapshot().await? {
        Some(snapshot) => store.snapshot_files(&snapshot).await?,
        None => None,
    };
    let edited = project::snapshot(&project::load(folder)?, None);
    match applied {
        None => term::say("nothing was applied yet; run `fascicle apply`"),
        Some(applied) if applied != edited => {
            term::say("the files were edited since the last apply; what was applied is sent");
        }
        Some(_) => {}
    }
    Ok(())
}

/// One line an event. Addresses are masked: a log is kept, and read by others.
fn log(event: &Event) {
    let line = match event {
        Event::Answered { campaign, step, to, verdict: Verdict::Accepted { .. }, .. } => {
            format!("{campaign}/{step} to {}: sent", term::masked(to))
        }
        Event::Answered { campaign, step, to, message_id, verdict, .. } => {
            format!("{campaign}/{step} to {}: {verdict} <{message_id}>", term::masked(to))
        }
        Event::Skipped { campaign, step, to, .. } => {
            format!("{campaign}/{step} to {}: skipped", term::masked(to))
        }
        Event::Exited { campaign, to, .. } => {
            format!("{campaign}: {} left, the exit holds", term::masked(to))
        }
        Event::Kept { campaign, step, reason } => format!("{campaign}/{step}: {reason}"),
        Event::Forgotten { reason } => {
            format!("a sign-up that brings no mail: {}", reason.as_str())
        }
        Event::Crowd { count } => format!(
            "unusually many sign-ups: {count} confirmations within an hour; the rest is spread over the next"
        ),
        Event::RelayTrouble { reply, until } => {
            format!("the relay takes nothing ({reply}); trying again at {until:.0}")
        }
        Event::StoreTrouble { what } => format!("trouble with what is stored: {what}"),
        Event::Recovered { count } => {
            format!("in flight when the last run ended, of unknown fate: {count}")
        }
    };
    term::say(&line);
}

/// Asks to stop at the first SIGTERM or SIGINT, and not to wait at the second.
pub(super) async fn ask_on_signals(stop: Stop) {
    loop {
        until_stopped().await;
        term::say("stopping; what is in flight may finish");
        stop.ask();
    }
}

/// Returns at SIGTERM or SIGINT.
pub(super) async fn until_stopped() {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
