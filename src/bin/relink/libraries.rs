//! Where our libraries are, and a program on them.

use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// How to start a program on our libraries.
#[derive(Args)]
pub struct Program {
    /// The folder of the libraries; by default the one that was installed with this command.
    #[arg(long, value_name = "FOLDER")]
    libraries: Option<PathBuf>,
    /// The program and its arguments.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "PROGRAM")]
    command: Vec<OsString>,
}

impl Program {
    /// The command to run: the program with our libraries before all others.
    ///
    /// # Errors
    /// What to tell the user, with the exit status that says so.
    pub fn command(&self) -> Result<Command, (String, ExitCode)> {
        let folder = self.libraries.clone().or_else(installed).filter(|folder| folder.is_dir());
        let folder = folder.ok_or_else(|| {
            let words = "the libraries are not beside this command; --libraries names their folder";
            (words.to_owned(), ExitCode::from(126))
        })?;
        let [program, arguments @ ..] = &self.command[..] else {
            return Err(("no program".to_owned(), ExitCode::from(2)));
        };
        let mut path = folder.into_os_string();
        if let Some(before) = std::env::var_os("LD_LIBRARY_PATH").filter(|before| !before.is_empty()) {
            path.push(":");
            path.push(before);
        }
        let mut command = Command::new(program);
        command.args(arguments).env("LD_LIBRARY_PATH", path);
        Ok(command)
    }
}

/// What shells say for a program that is not there, and for one that cannot be run.
pub fn not_started(error: &std::io::Error) -> ExitCode {
    ExitCode::from(if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 })
}

/// The folder that holds nothing but our libraries, below that of all libraries: in front of a program's search path
/// it moves nothing else.
fn installed() -> Option<PathBuf> {
    let command = std::env::current_exe().ok()?.canonicalize().ok()?;
    let prefix = command.parent()?.parent()?;
    let multiarch = format!("lib/{}-linux-gnu", std::env::consts::ARCH);
    let folders = ["lib", &multiarch, "lib64"].map(|folder| prefix.join(folder).join("relink"));
    folders.into_iter().find(|folder| folder.is_dir())
}
