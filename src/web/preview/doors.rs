//! What the studio asks of the house around it: to write words, to send a
//! test, to show what was caught, to say what is planned. Whoever serves the
//! studio hands these in; what is not there, the pages do not offer.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use crate::{
    library::Agenda,
    mail::Catcher,
    model::{EmailAddress, LineEdit, Site},
    rehearsal::Letter,
    time::Timestamp,
};

/// An answer that takes a while, or a sentence that says why there is none.
pub type Answer<T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send>>;

type Door<Q, A> = Arc<dyn Fn(Q) -> Answer<A> + Send + Sync>;

/// The doors of a studio.
#[derive(Clone, Default)]
pub struct Doors {
    /// Writes words into their file.
    pub save: Option<Door<LineEdit, ()>>,
    /// Sends a test; what comes back is what the other side said.
    pub test: Option<Door<TestMail, String>>,
    /// What was caught.
    pub inbox: Option<Catcher>,
    /// What leaves from an instant on, from the project's database; nothing
    /// where there is none.
    pub agenda: Option<Door<Timestamp, Option<Agenda>>>,
    /// Whether a play runs beside the studio, at `/play`.
    pub has_play: bool,
}

impl fmt::Debug for Doors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doors").finish_non_exhaustive()
    }
}

/// One letter to somebody who asked for it.
#[derive(Clone, Debug)]
pub struct TestMail {
    /// Who sends it, and through which relay.
    pub site: Site,
    /// The letter, as its pretend recipient gets it.
    pub letter: Letter,
    /// Whose it is.
    pub to: EmailAddress,
    /// Which way it goes.
    pub way: Way,
    /// When.
    pub at: Timestamp,
}

/// Which way a test goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Into the inbox of the studio.
    Inbox,
    /// Through the relay of the project.
    Relay,
}
