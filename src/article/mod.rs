//! An article, whatever it came as → blocks with their places → a series.
//!
//! Two halves that meet in [`Article`]: *reading* understands a web page,
//! Markdown or pasted text and says what it left out; *cutting* makes emails
//! of the blocks. Everything here is a pure function of the bytes given: no
//! clock, no network, no order of a hash map.

mod block;

pub use block::{
    Article, Block, BlockKind, Format, Gap, LeftOut, Origin, Reason, Reference, ReferenceKey,
};
