//! `relink archive`: what is in an LWMsg archive.

use clap::{Args, Subcommand};
use relink::lwmsg::archive::dump;
use std::ffi::CString;
use std::io::{self, BufWriter, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// What to do.
#[derive(Args)]
#[command(after_help = "Examples:
  relink archive dump requests.lwma
  lwma dump requests.lwma              the same, under the name it always had")]
pub struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Print the types of an archive that was written with its schema, and its messages.
    Dump {
        /// The archive.
        file: PathBuf,
    },
}

/// Runs the command.
pub fn run(options: &Options) -> ExitCode {
    let Action::Dump { file } = &options.action;
    let Ok(path) = CString::new(file.as_os_str().as_bytes()) else { return ExitCode::FAILURE };
    let mut out = BufWriter::new(io::stdout().lock());
    // What could be read is printed, whatever follows.
    let dumped = dump(&path, &mut out);
    let flushed = out.flush();
    match dumped {
        Ok(()) if flushed.is_ok() => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(status) => {
            eprintln!("{}: {status}", file.display());
            ExitCode::FAILURE
        }
    }
}
