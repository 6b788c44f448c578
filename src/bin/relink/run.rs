//! `relink run`: a program on our libraries, and nothing else changed.

use crate::libraries::{self, Program};
use clap::Args;
use std::os::unix::process::CommandExt as _;
use std::process::ExitCode;

/// Options.
#[derive(Args)]
#[command(
    after_help = "The program replaces this command: its exit status, signals, descriptors and process id are its
own. Programs that raise their privileges ignore LD_LIBRARY_PATH; install the libraries for those.

Example:
  relink run -- ./server --port 80",
    mut_arg("command", |arg| arg.required(true))
)]
pub struct Options {
    #[command(flatten)]
    program: Program,
}

/// Runs the command. Returns only when that was not possible.
pub fn run(options: &Options) -> ExitCode {
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
