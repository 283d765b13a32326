//! The one reader of the environment, and of the secrets that `fascicle.toml`
//! refers to.

use std::io::Read as _;

use anyhow::{Context as _, bail};

use crate::{
    mail::{Credentials, RelayOptions, Security},
    model::{Relay, Site},
};

/// The largest file that holds a secret.
const SECRET_BYTES_MAX: usize = 64 * 1024;

/// How to reach the relay of `site`, its secrets read.
///
/// Returns an error that names the reference (never the secret) when one
/// cannot be read.
pub fn relay_options(site: &Site) -> anyhow::Result<RelayOptions> {
    let relay = &site.relay;
    let security = match relay.port {
        465 => Security::Tls,
        _ if relay.is_loopback() || relay.allows_plaintext => Security::Plain,
        _ => Security::StartTls,
    };
    if security == Security::Plain && relay.username.is_some() && !relay.is_loopback() {
        bail!(
            "[relay] plaintext = true and a login: a password never goes over a plain connection"
        );
    }
    Ok(RelayOptions {
        host: relay.host.clone(),
        port: relay.port,
        security,
        credentials: credentials(relay)?,
        hello: site.from.domain().to_owned(),
    })
}

fn credentials(relay: &Relay) -> anyhow::Result<Option<Credentials>> {
    let (Some(username), Some(password)) = (&relay.username, &relay.password) else {
        if relay.username.is_some() || relay.password.is_some() {
            bail!("[relay] has one of username and password; it needs both, or neither");
        }
        return Ok(None);
    };
    let username = secret(username).context("reading [relay] username")?;
    let password = secret(password).context("reading [relay] password")?;
    Ok(Some(Credentials { username, password }))
}

/// What `env:NAME` or `file:PATH` refers to.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
fn secret(reference: &str) -> anyhow::Result<String> {
    if let Some(name) = reference.strip_prefix("env:") {
        return std::env::var(name).with_context(|| format!("the environment has no {name}"));
    }
    if let Some(path) = reference.strip_prefix("file:") {
        let file = std::fs::File::open(path).with_context(|| format!("could not read {path}"))?;
        let mut bytes = Vec::new();
        file.take(SECRET_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > SECRET_BYTES_MAX {
            bail!("{path} is too large for a secret");
        }
        return Ok(String::from_utf8(bytes).context("it is not UTF-8")?.trim_end().to_owned());
    }
    bail!("a secret is `env:NAME` or `file:PATH`")
}
