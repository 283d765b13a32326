//! What becomes of a sign-up, and how long its confirmation can be used.
//!
//! A form is a machine that sends mail to strangers, by order of strangers.
//! These are its limits.

use crate::{
    model::{Applicant, ListStanding, Provider},
    time::{SignedDuration, Timestamp},
};

/// How long the link of a confirmation opens (REQ-104).
pub const LINK_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long a sign-up that was never confirmed is kept (REQ-104).
pub const SIGN_UP_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Between two confirmations to one mailbox (REQ-101).
const MAILBOX_PAUSE: SignedDuration = SignedDuration::from_hours(24);
/// Confirmations to one mailbox until it confirms something (REQ-101), within
/// [`SIGN_UP_LIFE`]: what is forgotten is not counted any more.
const MAILBOX_MAX: usize = 3;
/// Confirmations to one large provider in an hour: more is a list that
/// somebody else works through, or the day of a great success; both can wait.
const LARGE_HOURLY_MAX: u32 = 500;
/// Confirmations to any other domain in an hour: often it is one server, and
/// one person who reads whatever comes to any address there.
const DOMAIN_HOURLY_MAX: u32 = 50;
/// Confirmations in an hour.
pub const HOURLY_MAX: u32 = 2_000;
/// Hours that a confirmation may wait for its turn. Who is further back is not
/// asked at all: they may sign up once more when the crowd has gone.
const HOURS_MAX: u32 = 24;

/// What becomes of a sign-up. The page that took it says the same in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A confirmation is sent.
    Ask {
        /// When.
        due_at: Timestamp,
    },
    /// Nothing is sent, and nothing of it is kept.
    Forget(ForgetReason),
}

/// Why a sign-up is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForgetReason {
    /// The address has the list already.
    Subscribed,
    /// It bounced, complained or was erased: only the owner lets it in again.
    Suppressed,
    /// It was asked about this list less than a day ago.
    AskedToday,
    /// It was asked three times and never answered.
    AskedEnough,
    /// More than a day's worth of confirmations waits already.
    Crowded,
}

impl ForgetReason {
    /// The words for it in a log.
    pub fn as_str(self) -> &'static str {
        match self {
            ForgetReason::Subscribed => "the address has the list already",
            ForgetReason::Suppressed => "the address is suppressed",
            ForgetReason::AskedToday => "the address was asked less than a day ago",
            ForgetReason::AskedEnough => "the address was asked three times and did not answer",
            ForgetReason::Crowded => "more confirmations wait than may leave in a day",
        }
    }
}

/// Decides about a sign-up at `now`.
pub fn answer_sign_up(applicant: &Applicant, now: Timestamp) -> Answer {
    if applicant.is_suppressed {
        return Answer::Forget(ForgetReason::Suppressed);
    }
    if applicant.standing == ListStanding::Inside {
        return Answer::Forget(ForgetReason::Subscribed);
    }
    let after = |at: Timestamp, span| at.saturating_add(span).unwrap_or(Timestamp::MAX);
    if applicant.last_for_list.is_some_and(|at| after(at, MAILBOX_PAUSE) > now) {
        return Answer::Forget(ForgetReason::AskedToday);
    }
    if applicant.confirmations.len() >= MAILBOX_MAX {
        return Answer::Forget(ForgetReason::AskedEnough);
    }
    // Asked about another list today: about this one tomorrow.
    let earliest = applicant.confirmations.last().map(|last| after(*last, MAILBOX_PAUSE));
    // What is over a ceiling moves on by whole hours.
    let to_domain_max = match applicant.provider {
        Provider::Large => LARGE_HOURLY_MAX,
        Provider::Other => DOMAIN_HOURLY_MAX,
    };
    let hours = (applicant.to_domain / to_domain_max).max(applicant.to_all / HOURLY_MAX);
    if hours >= HOURS_MAX {
        return Answer::Forget(ForgetReason::Crowded);
    }
    let due_at = after(now, SignedDuration::from_hours(i64::from(hours)));
    Answer::Ask { due_at: earliest.map_or(due_at, |earliest| earliest.max(due_at)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SignUpId;

    const NOW: Timestamp = Timestamp::constant(1_774_638_000, 0);

    fn stranger() -> Applicant {
        Applicant {
            id: SignUpId(1),
            standing: ListStanding::Outside,
            is_suppressed: false,
            confirmations: Vec::new(),
            last_for_list: None,
            provider: Provider::Large,
            domain: "example.org".to_owned(),
            to_domain: 0,
            to_all: 0,
        }
    }

    fn hours_ago(hours: i64) -> Timestamp {
        NOW - SignedDuration::from_hours(hours)
    }

    fn ask_in(hours: i64) -> Answer {
        Answer::Ask { due_at: NOW + SignedDuration::from_hours(hours) }
    }

    #[test]
    fn a_stranger_is_asked_at_once() {
        assert_eq!(answer_sign_up(&stranger(), NOW), ask_in(0));
        let left = Applicant { standing: ListStanding::Left, ..stranger() };
        assert_eq!(answer_sign_up(&left, NOW), ask_in(0));
    }

    #[test]
    fn who_is_in_or_blocked_is_not_asked() {
        let inside = Applicant { standing: ListStanding::Inside, ..stranger() };
        assert_eq!(answer_sign_up(&inside, NOW), Answer::Forget(ForgetReason::Subscribed));
        let blocked = Applicant { is_suppressed: true, ..stranger() };
        assert_eq!(answer_sign_up(&blocked, NOW), Answer::Forget(ForgetReason::Suppressed));
    }

    #[test]
    fn a_mailbox_is_asked_once_a_day_and_three_times_in_all() {
        let asked = |hours: &[i64], same_list: bool| {
            let confirmations: Vec<Timestamp> = hours.iter().map(|h| hours_ago(*h)).collect();
            let last_for_list = confirmations.last().copied().filter(|_| same_list);
            answer_sign_up(&Applicant { confirmations, last_for_list, ..stranger() }, NOW)
        };
        assert_eq!(asked(&[23], true), Answer::Forget(ForgetReason::AskedToday));
        assert_eq!(asked(&[24], true), ask_in(0));
        // Another list, or another spelling of the mailbox: a day later.
        assert_eq!(asked(&[23], false), ask_in(1));
        assert_eq!(asked(&[-24], false), ask_in(48), "one waits already");
        assert_eq!(asked(&[100, 50, 25], true), Answer::Forget(ForgetReason::AskedEnough));
        assert_eq!(asked(&[100, 50, 25], false), Answer::Forget(ForgetReason::AskedEnough));
    }

    #[test]
    fn a_crowd_is_spread_over_hours() {
        let crowd =
            |to_domain, to_all| answer_sign_up(&Applicant { to_domain, to_all, ..stranger() }, NOW);
        assert_eq!(crowd(499, 1_999), ask_in(0));
        assert_eq!(crowd(500, 500), ask_in(1));
        assert_eq!(crowd(1_700, 1_700), ask_in(3));
        assert_eq!(crowd(3, 4_000), ask_in(2));
        assert_eq!(crowd(3, 47_999), ask_in(23));
        // Nothing heaps up at the end of the day.
        assert_eq!(crowd(3, 48_000), Answer::Forget(ForgetReason::Crowded));
        assert_eq!(crowd(12_000, 12_000), Answer::Forget(ForgetReason::Crowded));
    }

    #[test]
    fn a_small_domain_is_asked_less() {
        let to = |to_domain| {
            let provider = Provider::Other;
            answer_sign_up(&Applicant { provider, to_domain, ..stranger() }, NOW)
        };
        assert_eq!(to(49), ask_in(0));
        assert_eq!(to(50), ask_in(1));
        assert_eq!(to(1_200), Answer::Forget(ForgetReason::Crowded));
    }
}
