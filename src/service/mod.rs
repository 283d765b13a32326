//! The loops that move mail: planner and sender, and the service around them.
//!
//! Each loop has a `run_once`, one pass with one `now`. The live service
//! repeats them until it is told to stop; the demo plays the same passes on a
//! clock that jumps ([`Service::play`]).

mod event;
mod lane;
mod library;
mod planner;
mod service;

pub use event::Event;
pub use lane::SenderOptions;
pub use library::Library;
pub use service::{Service, Stop};
