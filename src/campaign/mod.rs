//! The campaign language: project files → ([`Project`], findings).
//!
//! Reading goes on after a mistake and finds all of them in one pass. A
//! project with errors is never applied, so whoever gets a [`Project`] without
//! errors has campaigns whose every name resolves and whose mails compile.

mod drips;
mod filter;
mod header;
mod images;
mod issues;
mod layouts;
mod letter;
mod links;
mod manifest;
mod memo;
mod mend;
mod newsletter;
mod outline;
mod pages;
mod project;
mod samples;
mod site;
mod table;
mod tryout;
mod words;

pub use drips::Edition;
pub use filter::read as read_filter;
pub use issues::NewsletterEdition;
pub use letter::{Addressee, foresee};
pub use links::Links;
pub use memo::Memo;
pub use project::{Project, read, read_traced};
pub use site::{canonical as canonical_site, load_only as read_site};
