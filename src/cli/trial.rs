//! One letter to its own author: the one message that leaves past the outbox.
//! Who sends it sits there and reads the relay's answer, so there is nothing to
//! plan and nothing to repeat.

use anyhow::ensure;

use crate::{
    config,
    mail::Connection,
    model::{EmailAddress, Site, Verdict},
    rehearsal::Letter,
    time::Timestamp,
};

/// A letter that was handed to the relay.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    /// Without angle brackets.
    pub(super) message_id: String,
    /// What the relay said.
    pub(super) verdict: Verdict,
}

/// Refuses `to` where `run` would write to nobody there.
pub(super) fn check_reach(site: &Site, to: &EmailAddress) -> anyhow::Result<()> {
    ensure!(
        site.reach().includes(to),
        "{to} gets no mail: production = false, and the address is not in `allow`; \
         write allow = [\"{to}\"] into fascicle.toml"
    );
    Ok(())
}

/// Sends `letter` to `to` through the project's relay, dated `now`, as a message
/// of its own: one attempt, whatever the relay says.
///
/// Returns an error when the project may not write to `to` yet, or a secret of
/// `[relay]` cannot be read.
pub(super) async fn send(
    site: &Site,
    letter: &Letter,
    to: &EmailAddress,
    now: Timestamp,
) -> anyhow::Result<Tried> {
    check_reach(site, to)?;
    let relay = config::relay_options(site)?;
    let letter = letter.to(site, to, now);
    let verdict = Connection::send_alone(&relay, &letter.outgoing).await;
    Ok(Tried { message_id: letter.message_id, verdict })
}
