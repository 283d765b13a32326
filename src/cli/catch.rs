//! `fascicle catch`: the mail catcher by itself.

use std::{net::SocketAddr, process::ExitCode};

use anyhow::Context as _;
use clap::Args;
use tokio::net::TcpListener;

use super::{run::until_stopped, term};
use crate::{mail::Catcher, web};

#[derive(Args)]
pub(super) struct Arguments {
    /// Where it takes mail
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:1025")]
    smtp: SocketAddr,
    /// Where it shows mail
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8025")]
    web: SocketAddr,
}

pub(super) async fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let catcher = Catcher::listen(arguments.smtp)
        .await
        .with_context(|| format!("listening for mail on {}", arguments.smtp))?;
    let listener = TcpListener::bind(arguments.web)
        .await
        .with_context(|| format!("serving pages on {}", arguments.web))?;
    term::say(&format!("mail in:  smtp://{}", catcher.address()));
    term::say(&format!("mailbox:  http://{}", listener.local_addr()?));
    web::serve(listener, web::mailbox(catcher), until_stopped()).await?;
    Ok(ExitCode::SUCCESS)
}
