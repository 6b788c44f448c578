//! `relink check`: will this program run on our libraries?

use crate::elf::{self, Dynamic, Unreadable};
use crate::facts::{self, Library, library};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use relink::trace::Shown;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Options.
#[derive(Args)]
#[command(
    after_help = "Exit status: 0 when everything checked is covered or uses none of the libraries, 1 when a
symbol is missing or a file cannot be checked, 2 for wrong usage.

Examples:
  relink check ./server
  relink check --json /usr/sbin/*
  relink check /opt/legacy"
)]
pub struct Options {
    /// Programs, libraries, patterns of such, or folders in which every ELF file is checked.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Print JSON, an object for each file.
    #[arg(long)]
    json: bool,
    /// Also name files that use none of the libraries.
    #[arg(short, long)]
    all: bool,
}

/// What was found of one library in one file.
struct Use {
    /// What it gets here.
    library: &'static Library,
    /// The objects that need it: the file, or libraries of its.
    by: BTreeSet<String>,
    provided: BTreeSet<String>,
    missing: BTreeSet<String>,
    /// It is not needed, only named: the program may load it while it runs, and look for who knows what in it.
    named_only: bool,
}

impl Use {
    fn of(library: &'static Library) -> Self {
        Self {
            library,
            by: BTreeSet::new(),
            provided: BTreeSet::new(),
            missing: BTreeSet::new(),
            named_only: false,
        }
    }
}

/// Runs the command.
pub fn run(options: &Options) -> ExitCode {
    let mut good = true;
    let mut files = Vec::new();
    for path in options.paths.iter().flat_map(|path| matching(path)) {
        if path.is_dir() { below(&path, &mut files) } else { files.push((path, true)) }
    }
    // Draws on standard error, and only if that is a terminal.
    let progress = if options.json || files.len() <= 50 {
        ProgressBar::hidden()
    } else {
        ProgressBar::new(files.len() as u64)
    };
    progress.set_style(
        ProgressStyle::with_template("{bar:40} {pos}/{len} files, {eta} left").expect("a valid template"),
    );
    let search_path = SearchPath::new();
    let mut used = 0;
    for (path, named) in &files {
        progress.inc(1);
        let found = uses(path, &search_path);
        let none = found.as_ref().is_ok_and(BTreeMap::is_empty);
        used += usize::from(found.as_ref().is_ok_and(|found| !found.is_empty()));
        if let Ok(found) = &found {
            good &= found.values().all(|library| library.missing.is_empty());
        } else {
            // In a folder there is all kinds of files; a file that was named is asked about.
            good &= !named;
        }
        let silent = (none && !options.all && !named) || (found.is_err() && !named);
        if silent {
            continue;
        }
        let text = if options.json { format!("{}\n", as_json(path, &found)) } else { as_text(path, &found) };
        // Whoever reads may have seen enough.
        if progress.suspend(|| std::io::stdout().write_all(text.as_bytes())).is_err() {
            return ExitCode::FAILURE;
        }
    }
    progress.finish_and_clear();
    if !progress.is_hidden() {
        eprintln!("{} files checked, {used} use one of the libraries", files.len());
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The files that an argument means: the one of that name, or those that match it as a pattern.
fn matching(path: &Path) -> Vec<PathBuf> {
    if path.exists() {
        return vec![path.to_owned()];
    }
    let files: Vec<PathBuf> =
        path.to_str().and_then(|pattern| glob::glob(pattern).ok()).into_iter().flatten().flatten().collect();
    // Nothing matches: whoever opens it says so.
    if files.is_empty() { vec![path.to_owned()] } else { files }
}

/// Every ELF file below a folder. Links are not followed: what they lead to is somewhere itself.
fn below(folder: &Path, files: &mut Vec<(PathBuf, bool)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => below(&entry.path(), files),
            Ok(kind) if kind.is_file() && elf::is_elf(&entry.path()) => files.push((entry.path(), false)),
            _ => {}
        }
    }
}

/// The libraries that a file uses, itself or through others.
fn uses(path: &Path, search_path: &SearchPath) -> Result<BTreeMap<String, Use>, Unreadable> {
    let mut found = BTreeMap::new();
    let mut seen = HashSet::new();
    let mut waiting = vec![(path.to_owned(), elf::read(path)?)];
    let mut objects = Vec::new();
    while let Some((path, dynamic)) = waiting.pop() {
        for soname in &dynamic.needed {
            if library(soname).is_some() || !seen.insert(soname.clone()) {
                continue;
            }
            waiting.extend(search_path.find(soname, &dynamic.run_path));
        }
        objects.push((path, dynamic));
    }
    let defined: HashSet<&str> =
        objects.iter().flat_map(|(_, dynamic)| dynamic.exports.iter().map(String::as_str)).collect();
    for (path, dynamic) in &objects {
        note(&mut found, path, dynamic, &defined);
    }
    let sonames = facts::LIBRARIES.iter().flat_map(|library| library.sonames.iter().copied());
    for soname in elf::mentions(path, sonames) {
        let own = objects[0].1.soname.as_deref().is_some_and(|own| facts::same(own, soname));
        if !own && !found.keys().any(|needed| facts::same(needed, soname)) {
            let Some(library) = library(soname) else { continue };
            let by = BTreeSet::from([path.display().to_string()]);
            found.insert(soname.to_owned(), Use { by, named_only: true, ..Use::of(library) });
        }
    }
    Ok(found)
}

/// Notes what one object wants of the libraries it needs.
fn note(found: &mut BTreeMap<String, Use>, path: &Path, dynamic: &Dynamic, defined: &HashSet<&str>) {
    // Two of them may share a family of names, as LWMsg's do.
    let replaced: HashSet<&str> = dynamic
        .needed
        .iter()
        .filter_map(|soname| library(soname))
        .flat_map(|library| library.exports.iter().copied())
        .collect();
    for soname in &dynamic.needed {
        let Some(library) = library(soname) else { continue };
        let entry = found.entry(soname.clone()).or_insert_with(|| Use::of(library));
        entry.by.insert(path.display().to_string());
        // An import does not say whose it is: the first word of its name does.
        let families: HashSet<&str> = library.exports.iter().filter_map(|name| family(name)).collect();
        for name in &dynamic.imports {
            if library.exports.contains(&name.as_str()) {
                entry.provided.insert(name.clone());
            } else if family(name).is_some_and(|family| families.contains(family))
                && !defined.contains(name.as_str())
                && !replaced.contains(name.as_str())
            {
                entry.missing.insert(name.clone());
            }
        }
    }
}

fn family(symbol: &str) -> Option<&str> {
    symbol.split_once('_').map(|(family, _)| family).filter(|family| !family.is_empty())
}

/// Where the dynamic linker looks for libraries.
struct SearchPath {
    /// Before a file's own folders.
    preferred: Vec<PathBuf>,
    /// After them.
    system: Vec<PathBuf>,
}

impl SearchPath {
    fn new() -> Self {
        let preferred = std::env::var("LD_LIBRARY_PATH").unwrap_or_default();
        let configured = std::fs::read_dir("/etc/ld.so.conf.d")
            .into_iter()
            .flatten()
            .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path()).ok())
            .flat_map(|text| {
                let folders: Vec<PathBuf> =
                    text.lines().filter(|line| line.starts_with('/')).map(PathBuf::from).collect();
                folders
            });
        let triplet = format!("{}-linux-gnu", std::env::consts::ARCH);
        let multiarch = ["/lib", "/usr/lib"].map(|folder| Path::new(folder).join(&triplet));
        let others = ["/usr/local/lib", "/lib", "/usr/lib", "/lib64", "/usr/lib64"].map(PathBuf::from);
        Self {
            preferred: preferred.split(':').filter(|folder| !folder.is_empty()).map(PathBuf::from).collect(),
            system: configured.chain(multiarch).chain(others).collect(),
        }
    }

    /// A library that a file with this run path needs. Those for other processors are passed over, as the dynamic linker
    /// does: a system may have such folders too, and in any order.
    fn find(&self, soname: &str, run_path: &[PathBuf]) -> Option<(PathBuf, Dynamic)> {
        let folders = self.preferred.iter().chain(run_path).chain(&self.system);
        folders
            .map(|folder| folder.join(soname))
            .find_map(|path| elf::read(&path).ok().map(|file| (path, file)))
    }
}

/// Which generation of a library's interface a program belongs to.
struct Generation {
    name: &'static str,
    /// How that is known, if it is not certain.
    by: Option<&'static str>,
    /// What `relink run` has to be told for it.
    personality: Option<&'static str>,
}

fn generation(library: &Library, soname: &str, provided: &BTreeSet<String>) -> Option<Generation> {
    match library.name {
        "waltham" => Some(Generation { name: waltham(provided), by: None, personality: None }),
        // The names of all generations are the same. CMake made the full version the soname, and Tizen's packages
        // were made by it; those of distributions were not.
        "libwebsockets" => {
            let by = Some("by its soname");
            let released = facts::personalities().find(|object| object.object == "libwebsockets-1.22");
            Some(match released {
                Some(object) if soname == "libwebsockets.so.3" => {
                    Generation { name: "1.2 to 1.22", by, personality: Some(object.object) }
                }
                _ => Generation { name: "Tizen IVI 1.2", by, personality: None },
            })
        }
        _ => None,
    }
}

/// All of Waltham's generations run on the one library: this is for those who wonder.
fn waltham(provided: &BTreeSet<String>) -> &'static str {
    let uses = |name: &str| provided.contains(name);
    if provided.iter().any(|name| name.starts_with("wthp_ivi_")) {
        "IVI fork"
    } else if uses("wth_connection_get_display") {
        "tag"
    } else if uses("wth_connection_create_registry") || uses("wth_connection_set_registry_callback") {
        "master"
    } else {
        "any"
    }
}

impl std::fmt::Display for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, ", generation {}", self.name)?;
        if let Some(by) = self.by {
            write!(f, " {by}")?;
        }
        if let Some(personality) = self.personality {
            write!(f, ": relink run --personality {personality}")?;
        }
        Ok(())
    }
}

fn as_text(path: &Path, found: &Result<BTreeMap<String, Use>, Unreadable>) -> String {
    let path = path.display().to_string();
    match found {
        Err(error) => format!("{}: {error}\n", Shown(&path)),
        Ok(found) if found.is_empty() => format!("{}: uses none of the libraries\n", Shown(&path)),
        Ok(found) => found.iter().map(|(soname, library)| line(&path, soname, library)).collect(),
    }
}

fn line(path: &str, soname: &str, found: &Use) -> String {
    let through: Vec<String> =
        found.by.iter().filter(|by| *by != path).map(|by| Shown(by).to_string()).collect();
    let path = Shown(path);
    let through =
        if through.is_empty() { String::new() } else { format!(" (through {})", through.join(", ")) };
    let library = found.library;
    if found.named_only {
        return format!(
            "{path}: {soname}: only named: if it is loaded while the program runs, look at what is asked of it\n"
        );
    }
    let generation = generation(library, soname, &found.provided);
    let generation = generation.map(|generation| generation.to_string()).unwrap_or_default();
    let all = found.provided.len() + found.missing.len();
    if found.missing.is_empty() {
        format!(
            "{path}: {soname}: covered by {}, {all} of {all} symbols{generation}{through}\n",
            library.file
        )
    } else {
        let missing: Vec<String> = found.missing.iter().map(|name| Shown(name).to_string()).collect();
        format!(
            "{path}: {soname}: NOT covered, {} of {all} symbols, missing {}{through}\n",
            found.provided.len(),
            missing.join(", ")
        )
    }
}

fn as_json(path: &Path, found: &Result<BTreeMap<String, Use>, Unreadable>) -> Value {
    let path = path.display().to_string();
    match found {
        Err(error) => json!({ "path": path, "error": error.to_string() }),
        Ok(found) => {
            let libraries: Vec<Value> = found
                .iter()
                .map(|(soname, found)| {
                    let library = found.library;
                    let generation = generation(library, soname, &found.provided);
                    json!({
                        "soname": soname,
                        "replacement": library.file,
                        "named_only": found.named_only,
                        "covered": (!found.named_only).then_some(found.missing.is_empty()),
                        "provided": found.provided,
                        "missing": found.missing,
                        "generation": generation.as_ref().map(|generation| generation.name),
                        "personality": generation.as_ref().and_then(|generation| generation.personality),
                        "needed_by": found.by,
                    })
                })
                .collect();
            json!({ "path": path, "libraries": libraries })
        }
    }
}
