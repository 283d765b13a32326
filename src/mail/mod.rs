//! Everything that touches the wire format of mail: keys and links, MIME,
//! relays, the catcher.
//!
//! lettre's connection is used only in [`relay`](self), over our own stream,
//! one task per connection, never through its pool and never canceled half
//! way: a cancelled pooled send makes the next message lie (measured).

mod catcher;
mod compose;
mod keys;
mod relay;
mod reply;
mod wire;

pub use catcher::{Catcher, Caught, Observer, Part, Sight};
pub use compose::{Headers, compose};
pub use keys::{Keys, Purpose, Token};
pub use relay::{Connection, Credentials, RelayOptions, Security};
