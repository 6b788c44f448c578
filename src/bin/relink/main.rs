//! The `relink` command.
//!
//! Under the name `relink-waltham-scanner` it is its subcommand `scan`, for build systems that look for a
//! scanner of that name; under the name `lwma`, LWMsg's own, it is its subcommand `archive`.

mod archive;
mod check;
mod elf;
mod facts;
mod generate;
mod libraries;
mod manual;
mod run;
mod scan;
mod trace;

use clap::{CommandFactory as _, Parser, Subcommand};
use std::path::Path;
use std::process::ExitCode;

/// Tools for programs on relink's libraries.
#[derive(Parser)]
#[command(
    name = "relink",
    version,
    after_help = "Examples:
  relink check ./server                is every function it uses there?
  relink check /opt/legacy             and every program in a folder
  relink run -- ./server --port 80     run it on these libraries, unchanged
  relink trace -- ./server             and see every message of its connections
  relink scan -i chat.xml -t code      C for a Waltham protocol of one's own
  relink archive dump requests.lwma    what is in an archive of LWMsg's"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Tell whether programs will run on relink's libraries.
    Check(check::Options),
    /// Run a program on relink's libraries.
    Run(run::Options),
    /// Run a program on relink's libraries and show its messages.
    Trace(trace::Options),
    /// Make C of the XML of a Waltham protocol.
    Scan(scan::Options),
    /// Show what is in an archive of LWMsg messages.
    Archive(archive::Options),
    /// Print what makes a shell complete this command's arguments.
    Completions(generate::Completions),
    /// Write the manual pages of this command and its subcommands, or of the libraries.
    #[command(hide = true)]
    Man(generate::Man),
}

/// The scanner under its own name.
#[derive(Parser)]
#[command(name = "relink-waltham-scanner", version)]
struct Scanner {
    #[command(flatten)]
    options: scan::Options,
}

/// The archive tool under its own name.
#[derive(Parser)]
#[command(name = "lwma", version)]
struct Lwma {
    #[command(flatten)]
    options: archive::Options,
}

fn main() -> ExitCode {
    let name = std::env::args_os().next().unwrap_or_default();
    let is = |other: &str| Path::new(&name).file_name().is_some_and(|name| name == other);
    if is("relink-waltham-scanner") {
        return scan::run(&Scanner::parse().options);
    }
    if is("lwma") {
        return archive::run(&Lwma::parse().options);
    }
    match Cli::parse().command {
        Command::Check(options) => check::run(&options),
        Command::Run(options) => run::run(&options),
        Command::Trace(options) => trace::run(&options),
        Command::Scan(options) => scan::run(&options),
        Command::Archive(options) => archive::run(&options),
        Command::Completions(options) => generate::completions(&options, Cli::command()),
        Command::Man(options) => generate::man(&options, Cli::command()),
    }
}
