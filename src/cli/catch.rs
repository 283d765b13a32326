//! `fascicle catch`: the mail catcher by itself.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    process::ExitCode,
};

use anyhow::Context as _;
use clap::Args;
use tokio::net::TcpListener;

use super::{run::until_stopped, term};
use crate::{campaign, mail::Catcher, project, web};

#[derive(Args)]
pub(super) struct Arguments {
    /// Where it takes mail; where the project's relay is, if that is on this machine, else 127.0.0.1:1025
    #[arg(long, value_name = "ADDRESS")]
    smtp: Option<SocketAddr>,
    /// Where it shows mail
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8025")]
    web: SocketAddr,
}

pub(super) async fn run(folder: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let smtp = arguments.smtp.or_else(|| relay(folder)).unwrap_or(SMTP);
    let catcher =
        Catcher::listen(smtp).await.with_context(|| format!("listening for mail on {smtp}"))?;
    let listener = TcpListener::bind(arguments.web)
        .await
        .with_context(|| format!("serving pages on {}", arguments.web))?;
    term::say(&format!("mail in:  smtp://{}", catcher.address()));
    term::say(&format!("mailbox:  http://{}", listener.local_addr()?));
    web::serve(listener, web::mailbox(catcher), until_stopped()).await?;
    Ok(ExitCode::SUCCESS)
}

/// Where mail is taken when nobody says.
const SMTP: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1025);

/// Where the project in `folder` sends its mail, when that is this machine.
fn relay(folder: &Path) -> Option<SocketAddr> {
    let files = project::load(folder).ok()?;
    let (_, bytes) = files.find(project::MANIFEST)?;
    let text = std::str::from_utf8(bytes).ok()?;
    let site = campaign::read_site(&text.into()).0?;
    let is_here = site.relay.is_loopback();
    is_here.then(|| SocketAddr::new(SMTP.ip(), site.relay.port))
}
