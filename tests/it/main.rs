//! The integration tests: one binary, entered by the front doors.
//!
//! `world` starts the real program on a project of its own, `relay` is an SMTP
//! server that records and obeys, `tests/README.md` says how to add a case.

#![expect(clippy::disallowed_methods, reason = "tests read and write files of their own")]

mod broken;
mod cli;
mod crash;
mod demo;
mod door;
mod findings;
mod hostile;
mod house;
mod images;
mod json_schema;
mod language;
mod letters;
mod links;
mod mutated;
mod play;
mod preview;
mod reception;
mod relay;
mod relays;
mod schema;
mod screenshot;
mod serve;
mod split;
mod split_again;
mod split_hostile;
mod split_properties;
mod split_tricks;
mod store;
mod studio;
mod tidy;
mod trial;
mod world;
