//! What a relay said about one attempt.

use std::fmt;

/// How far a conversation with a relay had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// TCP, TLS, greeting, EHLO.
    Connect,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA.
    Data,
    /// The message and its final dot.
    Dot,
}

impl Stage {
    /// The word for it in the store and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Connect => "connect",
            Stage::Auth => "auth",
            Stage::Mail => "mail",
            Stage::Rcpt => "rcpt",
            Stage::Data => "data",
            Stage::Dot => "dot",
        }
    }
}

/// What a relay said about one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 250 to the final dot: the message is the relay's.
    Accepted {
        /// Its words, with the queue id.
        reply: String,
    },
    /// Not this message now: 4xx about it. Try later.
    Deferred {
        /// Where.
        stage: Stage,
        /// Its words.
        reply: String,
    },
    /// Never this message: 5xx about it.
    Refused {
        /// Where.
        stage: Stage,
        /// Its words.
        reply: String,
        /// The address does not exist: never write to it again.
        is_hard: bool,
    },
    /// The relay takes nothing now, or the connection died before the final
    /// dot left. Not the message's fault, and safe to try again.
    NotHandedOver {
        /// Where.
        stage: Stage,
        /// What happened.
        reply: String,
    },
    /// The final dot left and no answer came (RFC 1047).
    Unknown {
        /// What happened.
        reply: String,
    },
}

impl Verdict {
    /// The word for it in the store and in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Verdict::Accepted { .. } => "accepted",
            Verdict::Deferred { .. } => "deferred",
            Verdict::Refused { .. } => "refused",
            Verdict::NotHandedOver { .. } => "not handed over",
            Verdict::Unknown { .. } => "unknown",
        }
    }

    /// The relay's words, or what happened instead.
    pub fn reply(&self) -> &str {
        match self {
            Verdict::Accepted { reply }
            | Verdict::Deferred { reply, .. }
            | Verdict::Refused { reply, .. }
            | Verdict::NotHandedOver { reply, .. }
            | Verdict::Unknown { reply } => reply,
        }
    }

    /// How far the conversation came.
    pub fn stage(&self) -> Stage {
        match self {
            Verdict::Accepted { .. } | Verdict::Unknown { .. } => Stage::Dot,
            Verdict::Deferred { stage, .. }
            | Verdict::Refused { stage, .. }
            | Verdict::NotHandedOver { stage, .. } => *stage,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.as_str(), self.stage().as_str(), self.reply())
    }
}
