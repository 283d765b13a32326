//! The binary: see `fascicle::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    fascicle::cli::main()
}
