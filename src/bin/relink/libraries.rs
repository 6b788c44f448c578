//! Where our libraries are, and a program on them.

use crate::facts;
use clap::Args;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// How to start a program on our libraries.
#[derive(Args)]
pub struct Program {
    /// The folder of the libraries; by default the one that was installed with this command.
    #[arg(long, value_name = "FOLDER")]
    libraries: Option<PathBuf>,
    /// Another generation of a library's interface, as relink check names it, before the usual one.
    #[arg(long, value_name = "NAME")]
    personality: Vec<String>,
    /// A limit or switch of the libraries; relink run --settings lists them.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
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
        // The program may go elsewhere, and start others there.
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        let [program, arguments @ ..] = &self.command[..] else {
            return Err(("no program".to_owned(), ExitCode::from(2)));
        };
        let mut folders = Vec::new();
        for name in &self.personality {
            folders.push(private_folder(name, &folder)?);
        }
        folders.push(folder);
        let before = std::env::var_os("LD_LIBRARY_PATH").filter(|before| !before.is_empty());
        folders.extend(before.map(PathBuf::from));
        let path: Vec<OsString> = folders.into_iter().map(OsString::from).collect();
        let mut command = Command::new(program);
        command.args(arguments).env("LD_LIBRARY_PATH", path.join(":".as_ref()));
        for setting in &self.set {
            let (name, value) = known_setting(setting)?;
            command.env(name, value);
        }
        Ok(command)
    }
}

/// Where the object of a personality is: below the folder of all libraries, or beside the one of ours alone.
fn private_folder(name: &str, libraries: &Path) -> Result<PathBuf, (String, ExitCode)> {
    let Some(object) = facts::personalities().find(|object| object.object == name) else {
        let names: Vec<&str> = facts::personalities().map(|object| object.object).collect();
        let words = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Err((format!("no personality {name}; there is {words}"), ExitCode::from(2)));
    };
    let places = [Some(libraries), libraries.parent()].into_iter().flatten();
    places.map(|place| place.join(object.subdir)).find(|folder| folder.is_dir()).ok_or_else(|| {
        (format!("{}: not beside {}", object.subdir, libraries.display()), ExitCode::from(126))
    })
}

/// A setting's name and value: a misspelt limit would be none.
fn known_setting(text: &str) -> Result<(&str, &str), (String, ExitCode)> {
    let wrong = |words: String| (words, ExitCode::from(2));
    let (name, value) = text.split_once('=').ok_or_else(|| wrong(format!("{text}: not NAME=VALUE")))?;
    let known = facts::SETTINGS.iter().find(|setting| setting.name == name);
    let known =
        known.ok_or_else(|| wrong(format!("{name}: no setting; relink run --settings lists them")))?;
    Ok((known.name, value))
}

/// What `--settings` lists.
pub fn settings() -> String {
    let mut text = String::from("Personalities:\n");
    if facts::personalities().next().is_none() {
        text += "  none\n";
    }
    for object in facts::personalities() {
        text += &format!("  {}: {} of another generation\n", object.object, object.sonames.join(", "));
    }
    text += "\nSettings:\n";
    for setting in facts::SETTINGS {
        // The same words are a page of the book, with its links.
        let meaning = setting.meaning.split_once(": [").map_or(setting.meaning, |(words, _)| words);
        text += &format!("  {}={}\n      {meaning}\n", setting.name, setting.value);
    }
    text
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
