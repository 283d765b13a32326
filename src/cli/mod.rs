//! The command line: one file per command, and the only writer to the terminal.
//!
//! Data goes to standard output, everything else to standard error. Exit codes:
//! 0 done, 1 findings or failed, 2 used wrongly.

mod apply;
mod browser;
mod catch;
mod check;
mod demo;
mod enroll;
mod forecast;
mod form;
mod given;
mod help;
mod init;
mod letters;
mod new;
mod people;
mod preview;
mod render;
mod run;
mod schema;
mod scratch;
mod screenshot;
mod split;
mod status;
mod term;
mod test;
mod trial;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand, ValueEnum};

/// Turns an article into a series of emails that arrives over days, and delivers it.
#[derive(Parser)]
#[command(
    name = "fascicle",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = help::TOPICS
)]
struct Cli {
    /// The project's folder
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    project: PathBuf,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Plays an article, the project, or the founding one, with nothing installed: its own mail catcher, a temporary
    /// database, a clock that jumps
    Demo(demo::Arguments),
    /// The sender of `demo --crash`, which is killed
    #[command(hide = true)]
    DemoSender(demo::child::Arguments),
    /// Makes a new project that works at once
    Init(init::Arguments),
    /// Writes files to begin with: a campaign, a step, a newsletter, a layout
    #[command(subcommand)]
    New(new::Command),
    /// Makes a series of emails of an article: a web page, Markdown or pasted text
    Split(split::Arguments),
    /// Looks for mistakes in all files of the project
    Check(check::Arguments),
    /// Shows the whole series in the browser, and follows while you write
    Preview(preview::Arguments),
    /// Prints one message
    Render(render::Arguments),
    /// Draws pictures of mails, with a Chromium that is on this machine
    Screenshot(screenshot::Arguments),
    /// Sends one real mail, or a whole course one a minute, to yourself
    Test(test::Arguments),
    /// Prints what a person would get, and when; without a campaign, what leaves in the next 14 days
    Forecast(forecast::Arguments),
    /// Makes the project's files the ones that are sent
    Apply(apply::Arguments),
    /// Adds people, imports them, notes what they did
    #[command(subcommand)]
    People(people::Command),
    /// Prints a sign-up form for another site
    Form(form::Arguments),
    /// Takes people who are there already into a campaign
    Enroll(enroll::Arguments),
    /// Sends on schedule, and serves the pages for subscribers, until it is told to stop
    Run(run::Arguments),
    /// Says where everything stands
    Status(status::Arguments),
    /// Catches mail: SMTP in, a page to look at it
    Catch(catch::Arguments),
    /// Writes JSON Schemas of the project's files, for editors
    Schema(schema::Arguments),
    /// Explains a command, a code of `check` like E021, or the files' format
    Help(help::Arguments),
}

/// How a command writes its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs
    Json,
}

/// Runs the command that the process was called with.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            term::usage(&error);
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => {
            let result = runtime.block_on(dispatch(cli));
            // A look-up that hangs must not keep the process.
            runtime.shutdown_background();
            result
        }
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            term::error(&error);
            ExitCode::from(1)
        }
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<ExitCode> {
    let project = cli.project;
    match cli.command {
        Command::Demo(arguments) => demo::run(&project, arguments).await,
        Command::DemoSender(arguments) => demo::child::run(arguments).await,
        Command::Init(arguments) => init::run(&project, &arguments),
        Command::New(command) => new::run(&project, &command),
        Command::Split(arguments) => split::run(&project, &arguments).await,
        Command::Check(arguments) => check::run(&project, &arguments).await,
        Command::Preview(arguments) => preview::run(&project, &arguments).await,
        Command::Render(arguments) => render::run(&project, &arguments),
        Command::Screenshot(arguments) => screenshot::run(&project, &arguments).await,
        Command::Test(arguments) => test::run(&project, &arguments).await,
        Command::Forecast(arguments) => forecast::run(&project, &arguments).await,
        Command::Apply(arguments) => apply::run(&project, &arguments).await,
        Command::People(command) => people::run(&project, command).await,
        Command::Form(arguments) => form::run(&project, &arguments),
        Command::Enroll(arguments) => enroll::run(&project, &arguments).await,
        Command::Run(arguments) => run::run(&project, &arguments).await,
        Command::Status(arguments) => status::run(&project, &arguments).await,
        Command::Catch(arguments) => catch::run(&project, &arguments).await,
        Command::Schema(arguments) => schema::run(&project, &arguments),
        Command::Help(arguments) => help::run(&arguments),
    }
}
