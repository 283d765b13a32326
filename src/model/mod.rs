//! The nouns: what a campaign, a subscriber, a message is. Pure values.
//!
//! Parsing files into them is `campaign`'s job, deciding about them `engine`'s,
//! keeping them `store`'s.

mod address;
mod campaign;
mod edit;
mod enrollment;
mod files;
mod filter;
mod hash;
mod id;
mod image;
mod link;
mod message;
mod newsletter;
mod sign_up;
mod site;
mod subscriber;
mod verdict;

pub use address::{EmailAddress, InvalidAddress, Provider};
pub use campaign::{Again, Campaign, Enroll, OnUnknown, SendRules, Status, Step, Trigger};
pub use edit::{LineEdit, lines_of};
pub use enrollment::{DueEnrollment, Enrollment, Progress, StopReason};
pub use files::ProjectFiles;
pub use filter::{Atom, Click, Facts, Filter};
pub use hash::{hex, sha256_hex};
pub use id::{
    CampaignId, EnrollmentId, ListId, MessageId, Mint, Name, SignUpId, StepId, SubscriberId,
    SubscriptionId, Version,
};
pub use image::{IMAGE_BYTES_MAX, IMAGE_PATH, ImageName, image_ending, image_size};
pub use link::LinkAnswer;
pub use message::{
    Envelope, Errand, Frozen, Message, MessageKey, MessageKind, MessageState, NewMessage, Next,
    Outgoing, Rendered, Standing,
};
pub use newsletter::{Audience, Empty, Issue, IssueId, IssueState, Newsletter, Schedule};
pub use sign_up::{Applicant, AskedSignUp, DueSignUp, ListStanding, SignUp};
pub use site::{Field, List, Reach, Relay, Sample, Site};
pub use subscriber::{NewSubscription, Person};
pub use verdict::{Stage, Verdict};
