//! Links that were asked for and did not answer as they should: W14x, said only
//! by `check --links`.

use super::super::{Diagnostics, Place};

impl Diagnostics {
    /// W140: a page that is not there.
    pub fn link_gone(&mut self, place: Place, host: &str, status: u16) {
        let message = format!("this link leads nowhere: {host} answers {status}");
        self.emit("W140", place, message, "look where the page is now, or take the link out");
    }

    /// W141: a server in trouble.
    pub fn link_failing(&mut self, place: Place, host: &str, status: u16) {
        let message = format!("{host} is in trouble: it answers {status}");
        let hint = "look at it in a browser; if it stays so, ask whoever runs it";
        self.emit("W141", place, message, hint);
    }

    /// W142: TLS that browsers refuse.
    pub fn link_untrusted(&mut self, place: Place, host: &str, what: &str) {
        let message = format!("the TLS of {host} is not in order: {what}");
        let hint = "browsers warn of it instead of showing the page: tell whoever runs it";
        self.emit("W142", place, message, hint);
    }

    /// W143: a name that nobody has.
    pub fn link_without_host(&mut self, place: Place, host: &str) {
        let message = format!("no host is found by the name {host}");
        let hint = "look for a slip in it; where there is no network, no name is found";
        self.emit("W143", place, message, hint);
    }

    /// W144: a page that has another address now.
    pub fn link_moved(&mut self, place: Place, to: &str) {
        let message = "this page has moved for good".to_owned();
        self.emit("W144", place, message, format!("write `{to}`"));
    }

    /// W145: a page that only this network has.
    pub fn link_not_public(&mut self, place: Place, host: &str) {
        let message = format!("{host} is not on the public internet: readers do not reach it");
        self.emit("W145", place, message, "link to where everybody can read it");
    }

    /// W146: a server without a word.
    pub fn link_silent(&mut self, place: Place, host: &str) {
        let message = format!("{host} does not answer");
        let hint = "look at it in a browser; what is slow now may be down tomorrow";
        self.emit("W146", place, message, hint);
    }

    /// W147: redirects without an end.
    pub fn link_endless(&mut self, place: Place) {
        let message = "this link sends on and on".to_owned();
        self.emit("W147", place, message, "follow it in a browser, and link to where it ends");
    }
}
