//! An article, whatever it came as → blocks with their places → a series.
//!
//! Two halves that meet in [`Article`]: *reading* understands a web page,
//! Markdown or pasted text and says what it left out; *cutting* makes emails
//! of the blocks. Everything here is a pure function of the bytes given: no
//! clock, no network, no order of a hash map.

mod block;
mod canonical;
mod charset;
mod chrome;
mod escape;
mod folder;
mod form;
mod images;
mod keep;
mod markdown;
mod notes;
mod page;
mod paste;
mod read;
mod references;
mod series;
mod words;

pub use block::{
    Article, Block, BlockKind, Format, Gap, LeftOut, Origin, Reason, Reference, ReferenceKey,
};
pub use folder::{
    Change, Fate, MANIFEST, MEMORY, Made, Memory, Plan, SOURCE, Setting, campaign_name, canonical,
    files, plan,
};
pub use images::{Saved, images, name};
pub use keep::says;
pub use read::{ARTICLE_BYTES_MAX, Given, Refusal, read};
pub use series::{Claim, Email, Remark, Series, Wishes, series};
