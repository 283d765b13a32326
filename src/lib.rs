//! fascicle turns an article into a series of emails that arrives over days,
//! and delivers it.
//!
//! The rooms, what each may use, and the walk of one message are in
//! `src/ARCHITECTURE.md`.

pub mod article;
pub mod campaign;
pub mod cli;
pub mod config;
pub mod diagnostic;
pub mod engine;
pub mod library;
pub mod mail;
pub mod model;
pub mod project;
pub mod rehearsal;
pub mod render;
pub mod service;
pub mod store;
pub mod time;
pub mod web;
