//! An article, whatever it came as → blocks with their places → a series.
//!
//! Two halves that meet in [`Article`]: *reading* understands a web page,
//! Markdown or pasted text and says what it left out; *cutting* makes emails
//! of the blocks. Everything here is a pure function of the bytes given: no
//! clock, no network, no order of a hash map.

mod again;
mod atoms;
mod block;
mod boundaries;
mod charset;
mod chrome;
mod claims;
mod cohesion;
mod cut;
mod folder;
mod form;
mod lines;
mod markdown;
mod naming;
mod page;
mod paste;
mod read;
mod references;
mod series;
mod shape;
mod words;

pub use again::{Change, Fate, MEMORY, Memory, Plan, plan};
pub use block::{
    Article, Block, BlockKind, Format, Gap, LeftOut, Origin, Reason, Reference, ReferenceKey,
};
pub use claims::Claim;
pub use folder::{MANIFEST, Made, SOURCE, Setting, campaign_name, canonical, files};
pub use read::{ARTICLE_BYTES_MAX, Given, Refusal, read};
pub use series::{Email, Remark, Series, Wishes, series};
