//! What became of a link that was asked for.

use serde::{Deserialize, Serialize};

/// What the far end of a link says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum LinkAnswer {
    /// The page is there.
    Good,
    /// It is there, and has moved for good.
    Moved {
        /// Where it is now.
        to: String,
    },
    /// 404 or 410: there is no such page.
    Gone {
        /// What the server said.
        status: u16,
    },
    /// The server itself is in trouble.
    Failing {
        /// What the server said.
        status: u16,
    },
    /// A server that does not tell programs: 403, 429 and the like.
    Unclear {
        /// What the server said.
        status: u16,
    },
    /// The host's TLS is not in order.
    Untrusted {
        /// In which way.
        what: String,
    },
    /// There is no such host.
    NoHost,
    /// A network that only this machine sees.
    NotPublic,
    /// The host is there, and says nothing, or breaks off.
    Silent,
    /// It sends on and on.
    Endless,
}

impl LinkAnswer {
    /// The word for it in summaries.
    pub fn as_str(&self) -> &'static str {
        match self {
            LinkAnswer::Good => "good",
            LinkAnswer::Moved { .. } => "moved",
            LinkAnswer::Gone { .. } => "gone",
            LinkAnswer::Failing { .. } => "failing",
            LinkAnswer::Unclear { .. } => "unclear",
            LinkAnswer::Untrusted { .. } => "untrusted",
            LinkAnswer::NoHost => "without a host",
            LinkAnswer::NotPublic => "not public",
            LinkAnswer::Silent => "silent",
            LinkAnswer::Endless => "endless",
        }
    }

    /// Whether it is likely to be the same tomorrow. What is wrong may be
    /// mended at any moment.
    pub fn lasts(&self) -> bool {
        matches!(self, LinkAnswer::Good | LinkAnswer::Moved { .. } | LinkAnswer::Unclear { .. })
    }
}
