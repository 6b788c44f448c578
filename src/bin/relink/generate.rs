//! What is made of the description of the command line: shell completions and manual pages.

use crate::manual;
use clap::{Args, Command};
use clap_mangen::roff::{Roff, roman};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Options of `relink completions`.
#[derive(Args)]
#[command(after_help = "Packages install these files. Without a package:
  relink completions bash > ~/.local/share/bash-completion/completions/relink
  relink completions zsh > ~/.zfunc/_relink        (with ~/.zfunc in fpath)
  relink completions fish > ~/.config/fish/completions/relink.fish")]
pub struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

/// Options of `relink man`.
#[derive(Args)]
pub struct Man {
    /// Where to write them.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Those of the functions of the libraries in this manifest of a build tree instead.
    #[arg(long, value_name = "FILE")]
    functions_of: Option<PathBuf>,
    /// The source tree that the build tree belongs to.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    source: PathBuf,
}

/// Runs `relink completions`.
pub fn completions(options: &Completions, mut command: Command) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command, "relink", &mut script);
    // A reader who has seen enough is no failure of ours to report.
    if io::stdout().write_all(&script).is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs `relink man`.
pub fn man(options: &Man, command: Command) -> ExitCode {
    if let Some(manifest) = &options.functions_of {
        return match manual::write(manifest, &options.source, &options.folder) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("relink man: {error}");
                ExitCode::FAILURE
            }
        };
    }
    match fs::create_dir_all(&options.folder).and_then(|()| pages(&options.folder, command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("relink man: {}: {error}", options.folder.display());
            ExitCode::FAILURE
        }
    }
}

/// A page for the command and each of its visible subcommands.
fn pages(folder: &Path, command: Command) -> io::Result<()> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let name = command.get_name().to_owned();
    let subcommands: Vec<Command> =
        command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()).cloned().collect();
    let names: Vec<String> =
        subcommands.iter().map(|subcommand| format!("{name}-{}", subcommand.get_name())).collect();
    for (subcommand, page_name) in subcommands.into_iter().zip(&names) {
        fs::write(
            folder.join(format!("{page_name}.1")),
            page(subcommand, page_name, std::slice::from_ref(&name))?,
        )?;
    }
    fs::write(folder.join(format!("{name}.1")), page(command, &name, &names)?)
}

fn page(mut command: Command, name: &str, see_also: &[String]) -> io::Result<Vec<u8>> {
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let usage = command.render_usage().to_string();
    let has_subcommands = command.get_subcommands().any(|subcommand| !subcommand.is_hide_set());
    // Without a date: two builds of the same source make the same page.
    let title = format!(".TH {} 1 \"\" \"relink {}\"", name.to_uppercase(), env!("CARGO_PKG_VERSION"));
    let man = clap_mangen::Man::new(command.display_name(name));
    let mut page = Vec::new();
    writeln!(page, "{title}")?;
    man.render_name_section(&mut page)?;
    synopsis(&usage).to_writer(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if has_subcommands {
        man.render_subcommands_section(&mut page)?;
    }
    sections(&after, see_also).to_writer(&mut page)?;
    Ok(page)
}

/// The line that errors show too: it tells what options take.
fn synopsis(usage: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    roff.text([roman(usage.trim_start_matches("Usage:").trim())]);
    roff
}

/// The text after a command's options: a paragraph that begins with a title and a colon is a section of its
/// own, shown as it is where the title stands on a line alone; others are notes.
fn sections(text: &str, see_also: &[String]) -> Roff {
    let mut roff = Roff::new();
    let mut notes = Vec::new();
    for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
        let (first, rest) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
        if let Some(title) = first.strip_suffix(':').filter(|title| title.split(' ').count() < 3) {
            roff.control("SH", [title.to_uppercase().as_str()]);
            roff.control("nf", []);
            for line in rest.lines() {
                roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
            }
            roff.control("fi", []);
        } else if let Some(status) = paragraph.strip_prefix("Exit status: ") {
            roff.control("SH", ["EXIT STATUS"]);
            roff.text([roman(status)]);
        } else {
            notes.push(paragraph);
        }
    }
    for (index, note) in notes.iter().enumerate() {
        if index == 0 {
            roff.control("SH", ["NOTES"]);
        } else {
            roff.control("PP", []);
        }
        roff.text([roman(*note)]);
    }
    roff.control("SH", ["SEE ALSO"]);
    let pages: Vec<String> = see_also.iter().map(|name| format!("{name}(1)")).collect();
    roff.text([roman(pages.join(", "))]);
    roff
}
