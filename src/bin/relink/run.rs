//! `relink run`: a program on our libraries, and nothing else changed.

use crate::libraries::{self, Program};
use clap::Args;
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::ExitCode;

/// Options.
#[derive(Args)]
#[command(
    after_help = "The program replaces this command: its exit status, signals, descriptors and process id are its
own. Programs that raise their privileges ignore LD_LIBRARY_PATH; install the libraries for those.

Examples:
  relink run -- ./server --port 80
  relink run --set RELINK_LOG=warn -- ./server
  relink run --settings",
    mut_arg("command", |arg| arg.required_unless_present("settings"))
)]
pub struct Options {
    /// List the personalities and settings there are.
    #[arg(long)]
    settings: bool,
    #[command(flatten)]
    program: Program,
}

/// Runs the command. Returns only when it did not become the program.
pub fn run(options: &Options) -> ExitCode {
    if options.settings {
        // A reader who has seen enough is no failure of ours to report.
        let written = io::stdout().write_all(libraries::settings().as_bytes());
        return if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let mut command = match options.program.command() {
        Ok(command) => command,
        Err((words, status)) => {
            eprintln!("relink run: {words}");
            return status;
        }
    };
    let error = command.exec();
    eprintln!("relink run: {}: {error}", command.get_program().display());
    libraries::not_started(&error)
}
