//! The campaign language: project files → ([`Project`], findings).
//!
//! Reading goes on after a mistake and finds all of them in one pass. A
//! project with errors is never applied, so whoever gets a [`Project`] without
//! errors has campaigns whose every name resolves and whose mails compile.

mod filter;
mod header;
mod letter;
mod manifest;
mod pages;
mod project;
mod samples;
mod site;
mod table;
mod words;

pub use filter::parse as parse_filter;
pub use letter::{Addressee, foresee};
pub use project::{Edition, Project, read};
pub use site::{canonical as canonical_site, load_only as read_site};
