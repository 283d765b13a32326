//! The account of a sender that was killed.

use maud::{Markup, html};

use super::tale::{Account, Copied};

/// What the play came to; nothing where the sender lived.
pub(super) fn draw(account: &Account) -> Markup {
    let Some(crash) = account.crash else { return html! {} };
    let is_good = account.lost + account.different == 0;
    html! {
        section.ledger aria-labelledby="ledger" {
            h2 id="ledger" { "The ledger" }
            p {
                "The sender was a process of its own. It was killed with SIGKILL "
                (crash.killed) " times, while a mail was being answered; the next one went on from the database. "
                "Second tries were let through. The pages went on meanwhile."
            }
            dl {
                dt { "Sent" } dd { (account.sent) " are noted in the database" }
                @if account.unnoted > 0 {
                    dt { "Unnoted" }
                    dd { (account.unnoted) " arrived, their sender died before it noted that, and nobody wanted them any more at the second try" }
                }
                dt { "Arrived" } dd { (account.arrived) " are in the inbox" }
                @if account.parked > 0 {
                    dt { "Parked" }
                    dd { (account.parked) " were not sent; the database says why" }
                }
                dt { "Lost" } dd { strong { (account.lost) } }
                dt { "Copies" }
                dd {
                    strong { (account.copies.len()) } ", of at most " (crash.copies_max) ": one a kill and open connection. "
                    @if is_good { "Each has the Message-ID, the Date and all bytes of the first." }
                    @else { (account.different) " differ." }
                }
            }
            @if !account.copies.is_empty() {
                details {
                    summary { "The copies, one by one" }
                    ul { @for copy in &account.copies { li { (line(copy)) } } }
                }
            }
        }
    }
}

fn line(copy: &Copied) -> Markup {
    let Copied { what, to, first, mail, .. } = copy;
    html! {
        a href={ "/inbox/" (mail) } { "Mail " (mail) } " is "
        a href={ "/inbox/" (first) } { "mail " (first) } " once more: " (what) ", to " (to)
    }
}
