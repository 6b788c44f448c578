//! `relink run`: a program on our libraries, and nothing else changed.

use clap::Args;
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// Options.
#[derive(Args)]
#[command(
    after_help = "The program replaces this command: its exit status, signals, descriptors and process id are its
own. Programs that raise their privileges ignore LD_LIBRARY_PATH; install the libraries for those.

Example:
  relink run -- ./server --port 80"
)]
pub struct Options {
    /// The folder of the libraries; by default the one that was installed with this command.
    #[arg(long, value_name = "FOLDER")]
    libraries: Option<PathBuf>,
    /// The program and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "PROGRAM")]
    command: Vec<OsString>,
}

/// Runs the command. Returns only when that was not possible.
pub fn run(options: &Options) -> ExitCode {
    let folder = options.libraries.clone().or_else(installed_libraries);
    let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
        eprintln!("relink run: the libraries are not beside this command; --libraries names their folder");
        return ExitCode::from(126);
    };
    let mut path = folder.into_os_string();
    if let Some(before) = std::env::var_os("LD_LIBRARY_PATH").filter(|before| !before.is_empty()) {
        path.push(":");
        path.push(before);
    }
    let [program, arguments @ ..] = &options.command[..] else { return ExitCode::from(2) };
    let error = Command::new(program).args(arguments).env("LD_LIBRARY_PATH", path).exec();
    eprintln!("relink run: {}: {error}", program.display());
    // What shells say for a program that is not there, and for one that cannot be run.
    ExitCode::from(if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 })
}

/// `../lib` of this command's own folder.
fn installed_libraries() -> Option<PathBuf> {
    let command = std::env::current_exe().ok()?.canonicalize().ok()?;
    let prefix = command.parent()?.parent()?;
    Some(prefix.join("lib"))
}
