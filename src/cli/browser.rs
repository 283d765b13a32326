//! Opens the browser.

use std::process::{Command, Stdio};

/// Opens the browser at `address`; where there is none, the printed address does.
pub(super) fn open(address: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let mut command = Command::new(program);
    command.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Ok(mut child) = command.spawn() {
        // Somebody has to hear how it ended, or it stays as a zombie.
        std::thread::spawn(move || child.wait());
    }
}
