//! What the originals have, ours have: symbol by symbol, and told in `docs/compatibility.md`.
//!
//! `src/<room>/symbols.tsv` holds the facts about the original.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use support::{Object, objects, source};

/// A symbol, macro or inline function of the original.
struct Symbol {
    name: String,
    kind: String,
    header: String,
    standing: String,
}

/// A library: its objects on the linker's path, and what the original has.
struct Library {
    room: String,
    objects: Vec<Object>,
    symbols: Vec<Symbol>,
}

impl Library {
    fn file(&self, name: &str) -> PathBuf {
        source().join("src").join(&self.room).join(name)
    }

    /// Objects for programs that use no other: those on the linker's path.
    fn ordinary(&self) -> impl Iterator<Item = &Object> {
        self.objects.iter().filter(|object| object.subdir.is_empty())
    }

    fn exports(&self) -> BTreeSet<String> {
        let own = |object: &Object| {
            let text = fs::read_to_string(self.file(&format!("{}.exports", object.name))).unwrap();
            text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        self.ordinary().flat_map(own).collect()
    }

    fn headers(&self) -> String {
        let headers = self.objects.iter().flat_map(|object| &object.headers).collect::<BTreeSet<_>>();
        headers
            .iter()
            .map(|header| fs::read_to_string(source().join("include").join(header)).unwrap())
            .collect()
    }

    /// The names of one kind and standing.
    fn named<'a>(&'a self, kinds: &'a [&str], standings: &'a [&str]) -> impl Iterator<Item = &'a str> {
        self.symbols
            .iter()
            .filter(|symbol| {
                kinds.contains(&symbol.kind.as_str()) && standings.contains(&symbol.standing.as_str())
            })
            .map(|symbol| symbol.name.as_str())
    }
}

fn libraries() -> Vec<Library> {
    let mut rooms = BTreeMap::<String, Vec<Object>>::new();
    for object in objects() {
        rooms.entry(object.room.clone()).or_default().push(object);
    }
    rooms
        .into_iter()
        .map(|(room, objects)| {
            let mut library = Library { room, objects, symbols: Vec::new() };
            let path = library.file("symbols.tsv");
            let text =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                let [name, kind, header, standing] = line.split('\t').collect::<Vec<_>>()[..] else {
                    panic!("{}: {line}", path.display());
                };
                let [name, kind, header, standing] = [name, kind, header, standing].map(str::to_owned);
                library.symbols.push(Symbol { name, kind, header, standing });
            }
            library
        })
        .collect()
}

#[test]
fn every_public_symbol_of_the_originals_is_exported() {
    for library in libraries() {
        let exports = library.exports();
        let missing: Vec<&str> = library
            .named(&["function", "data"], &["public", "extension"])
            .filter(|name| !exports.contains(*name))
            .collect();
        assert!(missing.is_empty(), "{}: {missing:?}", library.room);
    }
}

#[test]
fn every_macro_and_inline_function_of_the_originals_is_in_its_header() {
    for library in libraries() {
        for symbol in &library.symbols {
            if symbol.header == "-" || ["function", "data"].contains(&symbol.kind.as_str()) {
                continue;
            }
            let text = fs::read_to_string(source().join("include").join(&symbol.header)).unwrap();
            let words = |text: &str| {
                text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == symbol.name)
            };
            assert!(words(&text), "{}: {} is not in {}", library.room, symbol.name, symbol.header);
        }
    }
}

/// `RELINK_BLESS=1` writes it instead (`make headers`).
#[test]
fn fresh() {
    let text = page();
    let path = source().join("docs/compatibility.md");
    if std::env::var_os("RELINK_BLESS").is_some() {
        fs::write(&path, text).unwrap();
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "{}: stale; run `make headers`", support::shown(&path));
}

fn page() -> String {
    let libraries = libraries();
    let mut text = String::from(
        "# Compatibility\n\n\
         Made by `make headers` of the facts in `src/<library>/`, and compared with them by the tests, which also\n\
         compare the finished files with the facts. A cell *n of m* counts what we have of what the original has.\n\n\
         | library | shared objects | public functions | public data | private functions and data | macros, inline functions, types |\n\
         |---|---|---|---|---|---|\n",
    );
    for library in &libraries {
        let exports = library.exports();
        let headers = library.headers();
        let of = |kinds: &[&str], standings: &[&str]| {
            let names: Vec<&str> = library.named(kinds, standings).collect();
            let ours = names.iter().filter(|name| exports.contains(**name)).count();
            count(ours, names.len())
        };
        let expanded: Vec<&str> =
            library.named(&["macro", "inline", "typedef"], &["public", "extension"]).collect();
        let declared = expanded.iter().filter(|name| headers.contains(**name)).count();
        let objects: Vec<String> =
            library.ordinary().flat_map(asked_names).map(|name| format!("`{name}`")).collect();
        let _ = writeln!(
            text,
            "| [{}]({}.md) | {} | {} | {} | {} | {} |",
            library.room,
            library.room,
            objects.join(", "),
            of(&["function"], &["public", "extension"]),
            of(&["data"], &["public", "extension"]),
            of(&["function", "data"], &["private"]),
            count(declared, expanded.len()),
        );
    }
    text += "\nPrivate symbols are those that builds of the original export though no installed header declares them. \
             Those that a\nprogram can use are here; those that only the original's own files could use, and that \
             would collide with names of\nprograms, are not.\n";
    for library in &libraries {
        text += &section(library);
    }
    text
}

/// The names that compiled programs ask for.
fn asked_names(object: &Object) -> BTreeSet<String> {
    let links = object.links.iter().filter(|link| !link.ends_with(".so"));
    links.chain([&object.soname]).cloned().collect()
}

fn count(ours: usize, all: usize) -> String {
    if all == 0 { "-".to_owned() } else { format!("{ours} of {all}") }
}

fn layouts(library: &Library) -> Option<String> {
    let text = fs::read_to_string(library.file("layout.tsv")).ok()?;
    let rows = |kinds: &[&str]| {
        text.lines().filter(|line| kinds.contains(&line.split('\t').next().unwrap_or_default())).count()
    };
    Some(format!(
        "structs {}, members {}, types {}, values {}",
        rows(&["struct"]),
        rows(&["field"]),
        rows(&["type"]),
        rows(&["value", "string"])
    ))
}

fn section(library: &Library) -> String {
    let mut text = format!("\n## {}\n\n", library.room);
    let exports = library.exports();
    let known: BTreeSet<&str> = library.symbols.iter().map(|symbol| symbol.name.as_str()).collect();
    let list = |names: Vec<&str>| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let all = ["function", "data"];
    for (title, names) in [
        (
            "Of a fork, or of sources later than the release, and there as well",
            library.named(&all, &["extension"]).collect::<Vec<_>>(),
        ),
        (
            "Private ones that are exported",
            library.named(&all, &["private"]).filter(|name| exports.contains(*name)).collect(),
        ),
        (
            "Private ones that are not",
            library.named(&all, &["private"]).filter(|name| !exports.contains(*name)).collect(),
        ),
        (
            "Declared by the original, exported by none of its builds, and exported here",
            library.named(&all, &["declared"]).filter(|name| exports.contains(*name)).collect(),
        ),
        (
            "Of later releases or our own",
            exports.iter().map(String::as_str).filter(|name| !known.contains(name)).collect(),
        ),
    ] {
        if !names.is_empty() {
            let _ = writeln!(text, "- {title}: {}.", list(names));
        }
    }
    for object in library.objects.iter().filter(|object| !object.subdir.is_empty()) {
        let names: Vec<String> = asked_names(object).into_iter().collect();
        let _ = writeln!(
            text,
            "- Another generation of the interface with the same names, for `relink run --personality {}`: {}, in `{}/`.",
            object.name,
            list(names.iter().map(String::as_str).collect()),
            object.subdir
        );
    }
    if let Some(layouts) = layouts(library) {
        let _ =
            writeln!(text, "- Layouts, measured on the original and asserted in Rust and in C: {layouts}.");
    }
    let (compared, alone) = programs(library);
    let _ = writeln!(
        text,
        "- C test programs: {} for the original as well, with the same output{}.",
        compared,
        if alone == 0 {
            String::new()
        } else {
            format!("; {alone} for what the original does not do or does not survive, each saying which")
        }
    );
    if let Some(line) = autobahn(&library.room) {
        let _ = writeln!(text, "- [Autobahn](autobahn-{}.md): {line}.", library.room);
    }
    text + &conversations(&library.room)
}

/// What `interop/run test --record` saw.
fn conversations(room: &str) -> String {
    let text = fs::read_to_string(source().join("interop/results.tsv")).unwrap_or_default();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
        .filter(|row: &Vec<&str>| row[0] == room)
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let mut table = String::from("\n| program | with | messages |\n|---|---|---|\n");
    for row in rows {
        let _ = writeln!(table, "| {} | {} | {} |", row[1], row[2], row[3]);
    }
    table
}

/// How many C programs are compared with the original, and how many run on ours only.
fn programs(library: &Library) -> (usize, usize) {
    let folder = source().join("capi-tests").join(&library.room);
    let mut found = (0, 0);
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if !path.extension().is_some_and(|extension| extension == "c" || extension == "cpp") {
            continue;
        }
        let alone = fs::read_to_string(&path)
            .unwrap()
            .lines()
            .take(60)
            .any(|line| line.contains("harness: ours-only"));
        if alone { found.1 += 1 } else { found.0 += 1 }
    }
    found
}

/// The last line of the suite's results, in words.
fn autobahn(room: &str) -> Option<String> {
    let text = fs::read_to_string(source().join("docs").join(format!("autobahn-{room}.md"))).ok()?;
    let programs = text.lines().find(|line| line.starts_with("| family |"))?;
    let results = text.lines().find(|line| line.starts_with("| all |"))?;
    let cells = |line: &str| {
        let cells = line.trim_matches('|').split('|').skip(1);
        cells.map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()
    };
    let pairs = cells(programs).into_iter().zip(cells(results));
    Some(pairs.map(|(program, result)| format!("{program} {result}")).collect::<Vec<_>>().join("; "))
}
