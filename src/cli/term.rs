//! The only place that writes to the terminal.

use std::io::{self, IsTerminal as _, Write as _};

use crate::diagnostic::{Diagnostics, Form, Severity, report};

/// Text without what a terminal would obey: replies of relays, rows of files
/// and names of folders are strangers' words.
fn clean(text: &str) -> String {
    let keep = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().map(|c| if keep(c) { c } else { '\u{fffd}' }).collect()
}

/// Writes `text` to standard output, with a line end if it has none.
///
/// Returns an error when nobody reads any more (a closed pipe), so that a
/// long command ends.
pub(super) fn data(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(clean(text).as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()
}

/// Writes bytes to standard output as they are.
pub(super) fn bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Says something to the person at the terminal.
pub(super) fn say(text: &str) {
    // Nobody listens: nothing to do about that.
    let _ = writeln!(anstream::stderr(), "{}", clean(text));
}

/// Whether a person sits at the terminal.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Says what went wrong, once.
pub(super) fn error(error: &anyhow::Error) {
    if error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    {
        return;
    }
    say(&format!("error: {error:#}"));
}

/// Prints clap's own words: help to standard output, misuse to standard error.
pub(super) fn usage(error: &clap::Error) {
    let _ = error.print();
}

/// Prints what clap says about a command, to standard output.
pub(super) fn help(command: &mut clap::Command) -> io::Result<()> {
    command.print_long_help()
}

/// Shows findings on standard error, and counts them.
pub(super) fn findings(diagnostics: &Diagnostics) {
    if diagnostics.is_empty() {
        return;
    }
    let text = report(diagnostics, Form::Colored);
    let _ = write!(anstream::stderr(), "{text}");
    say(&summary(diagnostics));
    let codes: Vec<&str> = diagnostics.codes().into_iter().collect();
    match codes[..] {
        [code] => say(&format!("`fascicle help {code}` explains it")),
        [code, ..] => {
            say(&format!("`fascicle help CODE` explains each, like `fascicle help {code}`"));
        }
        [] => {}
    }
}

/// `2 errors, 1 warning`.
pub(super) fn summary(diagnostics: &Diagnostics) -> String {
    let count = |severity, word: &str| {
        let count = diagnostics.count(severity);
        format!("{count} {word}{}", if count == 1 { "" } else { "s" })
    };
    format!("{}, {}", count(Severity::Error, "error"), count(Severity::Warning, "warning"))
}

/// An address for a log: enough to recognise, not enough to write to.
pub(super) fn masked(address: &crate::model::EmailAddress) -> String {
    let first = |text: &str| text.chars().next().map_or(String::new(), String::from);
    format!("{}***@{}***", first(address.local()), first(address.domain()))
}
