//! `relink trace`: what a program says over its connections, and what it is told.

mod child;
mod follow;
mod page;

use crate::libraries::{self, Program};
use clap::Args;
use follow::Follower;
use relink::trace::Record;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Options.
#[derive(Args)]
#[command(
    after_help = "Without --json, --text or --page, lines of text go to standard error. Each process of the program is
traced, with its children, as long as it uses the libraries. The exit status is the program's, and signals
sent to this command are passed on.

Without this command the environment does the same: RELINK_TRACE=FILE appends lines of text to a file,
RELINK_TRACE=json:FILE lines of JSON, and RELINK_TRACE=- writes to standard error.

A trace holds the beginning of each message: it is as confidential as the connection.

Examples:
  relink trace -- ./server --port 80
  relink trace --page trace.html -- ./client
  relink trace --read recorded.json --page trace.html",
    group = clap::ArgGroup::new("source").required(true).args(["read", "command"])
)]
pub struct Options {
    /// Write lines of text to the file; - is standard error.
    #[arg(long, value_name = "FILE")]
    text: Option<PathBuf>,
    /// Write lines of JSON to the file, an object a message.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write one self-contained page: sequence diagram, messages, latencies.
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
    /// Instead of running a program, read what RELINK_TRACE=json:FILE recorded.
    #[arg(long, value_name = "FILE", conflicts_with = "libraries")]
    read: Option<PathBuf>,
    #[command(flatten)]
    program: Program,
}

/// A new file, or an emptied one. One that is new is for its owner only: it is as confidential as the connections.
fn create(path: &Path) -> Result<File, String> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Where the messages go.
struct Outputs {
    text: Option<Box<dyn Write>>,
    json: Option<Box<dyn Write>>,
    page: Option<(PathBuf, page::Page)>,
}

impl Outputs {
    fn open(options: &Options) -> Result<Self, String> {
        let open = |path: &Option<PathBuf>| -> Result<Option<Box<dyn Write>>, String> {
            let Some(path) = path else { return Ok(None) };
            if path == Path::new("-") {
                return Ok(Some(Box::new(io::stderr())));
            }
            Ok(Some(Box::new(BufWriter::new(create(path)?))))
        };
        let mut outputs = Self {
            text: open(&options.text)?,
            json: open(&options.json)?,
            page: options.page.clone().map(|path| (path, page::Page::new())),
        };
        if let Some((path, _)) = &outputs.page {
            // Before the program has run for an hour.
            create(path)?;
        }
        if outputs.text.is_none() && outputs.json.is_none() && outputs.page.is_none() {
            outputs.text = Some(Box::new(io::stderr()));
        }
        Ok(outputs)
    }

    /// Passes a line on. What is no message of a trace is left out.
    fn line(&mut self, line: &str) -> io::Result<()> {
        let Ok(record) = serde_json::from_str::<Record<'_>>(line) else { return Ok(()) };
        if let Some(text) = &mut self.text {
            writeln!(text, "{record}")?;
        }
        if let Some(json) = &mut self.json {
            writeln!(json, "{line}")?;
        }
        if let Some((_, page)) = &mut self.page {
            page.add(record);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), String> {
        for output in [&mut self.text, &mut self.json].into_iter().flatten() {
            output.flush().map_err(|error| error.to_string())?;
        }
        if let Some((path, page)) = self.page {
            let written = create(&path)?.write_all(page.html().as_bytes());
            written.map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(())
    }
}

/// Runs the command.
pub fn run(options: &Options) -> ExitCode {
    let outcome = match &options.read {
        Some(path) => read(options, path).map(|()| ExitCode::SUCCESS),
        None => record(options),
    };
    outcome.unwrap_or_else(|words| {
        eprintln!("relink trace: {words}");
        ExitCode::from(1)
    })
}

fn read(options: &Options, path: &Path) -> Result<(), String> {
    let said = |error: io::Error| format!("{}: {error}", path.display());
    let file = File::open(path).map_err(said)?;
    let mut outputs = Outputs::open(options)?;
    for line in BufReader::new(file).lines() {
        outputs.line(&line.map_err(said)?).map_err(|error| error.to_string())?;
    }
    outputs.finish()
}

fn record(options: &Options) -> Result<ExitCode, String> {
    let mut command = match options.program.command() {
        Ok(command) => command,
        Err((words, status)) => {
            eprintln!("relink trace: {words}");
            return Ok(status);
        }
    };
    let mut outputs = Outputs::open(options)?;
    let mut follower = Follower::new().map_err(|error| format!("temporary file: {error}"))?;
    command.env("RELINK_TRACE", follower.destination());
    let child = match child::Child::start(&mut command) {
        Ok(child) => child,
        Err(error) => {
            eprintln!("relink trace: {}: {error}", command.get_program().display());
            return Ok(libraries::not_started(&error));
        }
    };
    let ended = child.wait(|| follower.each_line(|line| outputs.line(line)));
    let ended = ended.map_err(|error| error.to_string())?;
    follower.each_line(|line| outputs.line(line)).map_err(|error| error.to_string())?;
    outputs.finish()?;
    Ok(ended.pass_on())
}
