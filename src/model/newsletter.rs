//! A newsletter: the same issue to many, on a schedule.
//!
//! Its files are read, checked and compiled like a drip's; nothing sends its
//! issues yet.

use super::{CampaignId, Filter, ListId, Name, Status};
use crate::time::{Cron, TimeZone, civil};

/// An issue's id: the name of its file, `2026-11-23-hello`.
pub type IssueId = Name;

/// A campaign on a schedule.
#[derive(Clone, Debug)]
pub struct Newsletter {
    /// The folder's name.
    pub id: CampaignId,
    /// The id it had before, when it was renamed.
    pub renamed_from: Option<CampaignId>,
    /// What people see.
    pub title: String,
    /// Whether it runs.
    pub status: Status,
    /// The name of its layout.
    pub layout: String,
    /// Who gets it.
    pub audience: Audience,
    /// When its issues leave; `None` where each issue says so itself.
    pub schedule: Option<Schedule>,
    /// The feed whose new entries become issues.
    pub feed: Option<String>,
    /// The issues, by their dates.
    pub issues: Vec<Issue>,
}

/// Who gets a newsletter.
#[derive(Clone, Debug)]
pub struct Audience {
    /// The list that everybody in it is on: whose consent covers the mail, and
    /// whose unsubscribe ends it.
    pub list: ListId,
    /// Everybody for whom this holds. It asks for `list`.
    pub when: Filter,
}

/// When a newsletter's issues leave.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Its firings.
    pub cron: Cron,
    /// By which clock: a fixed zone, or `None` for each subscriber's own.
    pub zone: Option<TimeZone>,
    /// What happens when it fires and no issue is ready.
    pub empty: Empty,
}

/// What happens when a schedule fires and no issue is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// Nothing.
    Skip,
    /// The owner is told.
    Remind,
}

/// One edition of a newsletter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The name of its file: identity.
    pub id: IssueId,
    /// The date in its name, which decides the order.
    pub date: civil::Date,
    /// Whether it may leave.
    pub state: IssueState,
    /// When it leaves, as civil time, instead of at a firing.
    pub send_at: Option<civil::DateTime>,
    /// The file with its words.
    pub file: String,
}

/// Whether an issue may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueState {
    /// Being written.
    Draft,
    /// Leaves at the next firing, or when it says.
    Ready,
}
