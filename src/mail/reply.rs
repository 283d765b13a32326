//! What a relay's reply means, by stage, code and enhanced code.
//!
//! The first digit decides between "later" and "never"; the stage decides
//! whose matter it is. Before RCPT a refusal is about the sender and never the
//! subscriber's fault. Only a narrow set of codes says that an address does
//! not exist; a policy answer (`5.7.x`) may change when the owner mends
//! something, so it waits.

use crate::model::{Stage, Verdict};

/// Enhanced codes that say that an address does not exist (RFC 3463, RFC 7505).
const NO_SUCH_ADDRESS: [&str; 5] = ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"];

/// Words beside a plain 550, 551, 553 or a 5.2.1 that say the same.
const NO_SUCH_WORDS: [&str; 8] = [
    "user unknown",
    "unknown user",
    "no such user",
    "does not exist",
    "no mailbox here",
    "unknown recipient",
    "recipient unknown",
    "account has been disabled",
];

/// The verdict on a reply with `code` (400 to 599) and `text` at `stage`.
pub(super) fn verdict(stage: Stage, code: u16, text: &str) -> Verdict {
    let reply = format!("{code} {text}");
    // 421 closes the connection, whatever was asked (RFC 5321 3.8).
    if code == 421 || matches!(stage, Stage::Connect | Stage::Auth | Stage::Mail) {
        return Verdict::NotHandedOver { stage, reply };
    }
    if code < 500 {
        return Verdict::Deferred { stage, reply };
    }
    let enhanced = enhanced_code(text);
    if stage == Stage::Rcpt && enhanced.is_some_and(|enhanced| enhanced.starts_with("5.7.")) {
        return Verdict::Deferred { stage, reply };
    }
    Verdict::Refused {
        stage,
        is_hard: stage == Stage::Rcpt && is_hard(code, enhanced, text),
        reply,
    }
}

fn is_hard(code: u16, enhanced: Option<&str>, text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let says_so = NO_SUCH_WORDS.iter().any(|words| lower.contains(words));
    match enhanced {
        Some(enhanced) if NO_SUCH_ADDRESS.contains(&enhanced) => true,
        Some("5.2.1" | "5.0.0") => says_so,
        Some(_) => false,
        None => matches!(code, 550 | 551 | 553) && says_so,
    }
}

/// `5.1.1` at the beginning of `text`, if there is one (RFC 2034).
fn enhanced_code(text: &str) -> Option<&str> {
    let word = text.split([' ', '-']).next()?;
    let parts: Vec<&str> = word.split('.').collect();
    let is_number =
        |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|c| c.is_ascii_digit());
    let fits = parts.len() == 3 && parts.iter().all(is_number);
    // In a clash with the basic code ("450 5.1.1") the basic code decides.
    (fits && matches!(parts[0], "4" | "5")).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stage: Stage, code: u16, text: &str, expected: &str) {
        let verdict = verdict(stage, code, text);
        let word = match verdict {
            Verdict::Refused { is_hard: true, .. } => "hard",
            Verdict::Refused { .. }
            | Verdict::Accepted { .. }
            | Verdict::Deferred { .. }
            | Verdict::NotHandedOver { .. }
            | Verdict::Unknown { .. } => verdict.as_str(),
        };
        assert_eq!(word, expected, "{code} {text}");
    }

    #[test]
    fn replies_are_read_by_stage_and_code() {
        use Stage::{Auth, Connect, Data, Dot, Mail, Rcpt};
        check(Connect, 554, "no service", "not handed over");
        check(Auth, 535, "5.7.8 bad credentials", "not handed over");
        check(Mail, 550, "5.7.1 sender not allowed", "not handed over");
        check(Mail, 451, "try later", "not handed over");
        check(Rcpt, 421, "4.7.0 too busy", "not handed over");
        check(Rcpt, 450, "4.7.1 greylisted", "deferred");
        check(Rcpt, 450, "5.1.1 confused", "deferred");
        check(Rcpt, 452, "4.2.2 mailbox full", "deferred");
        check(Rcpt, 550, "5.1.1 no", "hard");
        check(Rcpt, 550, "5.1.10 null MX", "hard");
        check(Rcpt, 550, "No such user here", "hard");
        check(Rcpt, 550, "5.2.1 The account has been disabled", "hard");
        check(Rcpt, 550, "5.2.1 not now", "refused");
        check(Rcpt, 552, "5.2.2 mailbox full", "refused");
        check(Rcpt, 550, "mailbox unavailable", "refused");
        check(Rcpt, 550, "5.7.1 relaying denied", "deferred");
        check(Rcpt, 554, "5.7.1 user unknown to policy", "deferred");
        check(Data, 554, "5.5.1 no valid recipients", "refused");
        check(Dot, 554, "5.7.1 spam", "refused");
        check(Dot, 550, "5.1.1 user unknown", "refused");
        check(Dot, 451, "4.3.0 try later", "deferred");
    }
}
