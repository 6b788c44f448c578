//! `relink scan`: C from the XML of a Waltham protocol.

use clap::{Args, ValueEnum};
use relink::waltham::scanner::c::{self, HeaderOptions, Side};
use relink::waltham::scanner::model::{Diagnostic, FIRST_EXTERNAL_OPCODE, Protocol, parse};
use relink::waltham::scanner::{CORE_STRUCTS, core};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Options, those of the original generator among them.
#[derive(Args)]
#[command(after_help = "Examples:
  relink scan -i chat.xml -m client -t header -o chat-client.h
  relink scan -i chat.xml -m server -t header -o chat-server.h
  relink scan -i chat.xml -t code -o chat-protocol.c

A program includes one of the headers (or both), compiles the code once, and calls
relink_waltham_register(&chat_protocol) before its first connection. pkg-config: relink-waltham.")]
pub struct Options {
    /// A file to put before the output as it is; may be repeated.
    #[arg(short, long, value_name = "FILE")]
    preamble: Vec<PathBuf>,
    /// A protocol; may be repeated, opcodes go on from file to file.
    #[arg(short, long, value_name = "FILE", required = true)]
    input: Vec<PathBuf>,
    /// Where to write; - is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// The side that the output is for.
    #[arg(short, long, value_enum, default_value_t = Mode::Client)]
    mode: Mode,
    /// What to make.
    #[arg(short = 't', long = "type", value_enum, default_value_t = Output::Marshaller)]
    kind: Output,
    /// The opcode of the first message. Protocols that are used on one connection must not overlap.
    #[arg(long, value_name = "OPCODE", default_value_t = FIRST_EXTERNAL_OPCODE,
          value_parser = clap::value_parser!(u16).range(i64::from(FIRST_EXTERNAL_OPCODE)..))]
    opcode_base: u16,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Mode {
    /// Sends requests, handles events.
    Client,
    /// Sends events, handles requests.
    Server,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Output {
    /// The C header of one side.
    Header,
    /// The functions that send one side's messages.
    Marshaller,
    /// The description of the protocol, with what calls handlers; the same for both sides.
    Demarshaller,
    /// Everything that is not a header, for both sides, in one file.
    Code,
}

/// Runs the command.
pub fn run(options: &Options) -> ExitCode {
    match generate(options).and_then(|text| write(&options.output, &text)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaints) => {
            for complaint in complaints {
                eprintln!("{complaint}");
            }
            ExitCode::FAILURE
        }
    }
}

fn read(path: &Path) -> Result<String, Vec<String>> {
    fs::read_to_string(path).map_err(|error| vec![format!("{}: error: {error}", path.display())])
}

fn write(path: &Path, text: &str) -> Result<(), Vec<String>> {
    let written = if path == Path::new("-") {
        std::io::stdout().lock().write_all(text.as_bytes())
    } else {
        fs::write(path, text)
    };
    written.map_err(|error| vec![format!("{}: error: {error}", path.display())])
}

fn lines(complaints: Vec<Diagnostic>) -> Vec<String> {
    complaints.iter().map(ToString::to_string).collect()
}

fn generate(options: &Options) -> Result<String, Vec<String>> {
    let mut output = String::new();
    for path in &options.preamble {
        output += &read(path)?;
    }
    let core = core().map_err(lines)?;
    let mut known: Vec<&str> = core.interfaces.iter().map(|interface| interface.name.as_str()).collect();
    known.extend(CORE_STRUCTS);
    let files = options
        .input
        .iter()
        .map(|path| Ok((path.display().to_string(), read(path)?)))
        .collect::<Result<Vec<_>, Vec<String>>>()?;
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let protocol = parse(&files, options.opcode_base, &known).map_err(lines)?;
    let description = format!("{}_protocol", protocol.name);
    let side = match options.mode {
        Mode::Client => Side::Client,
        Mode::Server => Side::Server,
    };
    output += &match options.kind {
        Output::Header => header(&protocol, side, &known, &description),
        Output::Marshaller => c::senders(&protocol, side, &description),
        Output::Demarshaller => c::description(&protocol, &known, &description),
        Output::Code => {
            c::description(&protocol, &known, &description)
                + &c::senders(&protocol, Side::Client, &description)
                + &c::senders(&protocol, Side::Server, &description)
        }
    };
    Ok(output)
}

fn header(protocol: &Protocol, side: Side, known: &[&str], description: &str) -> String {
    let used: Vec<&str> = protocol.references().filter(|name| known.contains(name)).collect();
    let name = if side == Side::Client { "CLIENT" } else { "SERVER" };
    let guard = format!("{}_{name}_H", protocol.name.to_uppercase());
    let options = HeaderOptions {
        side,
        guard: &guard,
        structs: &used,
        optional_setters: &[],
        description: Some(description),
    };
    c::header(protocol, &options)
}
