//! The C headers: generated, fresh, complete each on its own, and of the right layout.
//!
//! `src/<room>/headers.list` names the room's headers, one a line: the path as programs include it, the
//! cbindgen settings, and the Rust files it is made from. A `-` for the settings marks a header
//! written by hand or by a generator of the room's own. Files behind a word `unless:NAME` make a part that is hidden when
//! the program defines NAME; behind two such words, when it defines either.

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use support::{cc, cxx, rooms, run, scratch, source};

struct Header {
    path: PathBuf,
    config: PathBuf,
    sources: Vec<PathBuf>,
    parts: Vec<Part>,
}

/// A part of a header that programs can switch off.
#[derive(Default)]
struct Part {
    switches: Vec<String>,
    sources: Vec<PathBuf>,
}

fn generated_headers() -> Vec<Header> {
    let mut headers = Vec::new();
    let mut lists: Vec<PathBuf> = fs::read_dir(source().join("src"))
        .unwrap()
        .map(|entry| entry.unwrap().path().join("headers.list"))
        .filter(|list| list.exists())
        .collect();
    lists.sort();
    for list in lists {
        let room = list.parent().unwrap();
        for line in fs::read_to_string(&list).unwrap().lines() {
            let mut words = line.split_whitespace();
            let (Some(path), Some(config)) = (words.next(), words.next()) else { continue };
            if path.starts_with('#') || config == "-" {
                continue;
            }
            let (mut sources, mut parts) = (Vec::new(), Vec::<Part>::new());
            for word in words {
                match (word.strip_prefix("unless:"), parts.last_mut()) {
                    (Some(switch), Some(part)) if part.sources.is_empty() => {
                        part.switches.push(switch.to_owned())
                    }
                    (Some(switch), _) => {
                        parts.push(Part { switches: vec![switch.to_owned()], ..Part::default() })
                    }
                    (None, Some(part)) => part.sources.push(room.join(word)),
                    (None, None) => sources.push(room.join(word)),
                }
            }
            headers.push(Header {
                path: source().join("include").join(path),
                config: room.join(config),
                sources,
                parts,
            });
        }
    }
    headers
}

fn generate(header: &Header) -> String {
    let mut config = cbindgen::Config::from_file(&header.config).unwrap_or_else(|error| panic!("{error}"));
    // C text that programs expand (macros, inline functions) lies beside the settings.
    let beside = |suffix: &str| fs::read_to_string(header.config.with_extension(suffix)).ok();
    if let Some(text) = beside("preamble.h") {
        config.after_includes = Some(text);
    }
    let mut trailer: String = header.parts.iter().map(|part| generate_part(part, &config)).collect();
    trailer += &beside("trailer.h").unwrap_or_default();
    let mut lines = bindings(config, &header.sources);
    // Within the include guard.
    let guard = lines.rfind("#endif").unwrap_or(lines.len());
    lines.insert_str(guard, &trailer);
    // cbindgen marks the ends of its conditions and of `extern "C"` with a comment that C90 does not know: gcc looks at
    // those of other languages' parts as well.
    let lines = lines.lines().map(|line| match line.split_once("//") {
        Some((end, mark)) if end.starts_with("#endif") || end.trim_end() == "}" => {
            format!("{} /* {} */\n", end.trim_end(), mark.trim())
        }
        _ => format!("{line}\n"),
    });
    lines.collect()
}

fn bindings(config: cbindgen::Config, sources: &[PathBuf]) -> String {
    let mut builder = cbindgen::Builder::new().with_config(config);
    for file in sources {
        builder = builder.with_src(file);
    }
    let mut text = Vec::new();
    builder.generate().unwrap_or_else(|error| panic!("{sources:?}: {error}")).write(&mut text);
    String::from_utf8(text).unwrap()
}

fn generate_part(part: &Part, whole: &cbindgen::Config) -> String {
    let config = cbindgen::Config {
        header: None,
        include_guard: None,
        includes: Vec::new(),
        sys_includes: Vec::new(),
        after_includes: None,
        trailer: None,
        ..whole.clone()
    };
    let conditions: Vec<String> = part.switches.iter().map(|switch| format!("!defined {switch}")).collect();
    format!("#if {}\n\n{}\n#endif\n\n", conditions.join(" && "), bindings(config, &part.sources).trim())
}

/// `RELINK_BLESS=1` writes them instead (`make headers`).
#[test]
fn fresh() {
    let headers = generated_headers();
    assert!(!headers.is_empty());
    for header in headers {
        let text = generate(&header);
        if std::env::var_os("RELINK_BLESS").is_some() {
            fs::create_dir_all(header.path.parent().unwrap()).unwrap();
            fs::write(&header.path, text).unwrap();
            continue;
        }
        let found = fs::read_to_string(&header.path).unwrap_or_default();
        assert!(found == text, "{}: stale; run `make headers`", support::shown(&header.path));
    }
}

/// What programs compile with, and may add `-Werror` to: compiler options.
///
/// A room can promise further dialects, older ones as a rule: those are taken at their word.
fn dialects(room: &str) -> Vec<Vec<String>> {
    let mut dialects: Vec<Vec<String>> =
        ["c99", "gnu11", "c++17"].map(|name| vec![format!("-std={name}")]).to_vec();
    let own = support::objects().into_iter().find(|object| object.room == room);
    let own = own.into_iter().flat_map(|object| object.dialects);
    dialects.extend(own.map(|name| vec![format!("-std={name}"), "-pedantic".to_owned()]));
    dialects
}

#[test]
fn each_header_compiles_alone_without_a_warning() {
    let work = scratch("headers");
    for room in rooms() {
        let described = support::objects().into_iter().find(|object| object.room == room).unwrap();
        for (header, dialect) in
            described.headers.iter().flat_map(|header| dialects(&room).into_iter().map(move |d| (header, d)))
        {
            let plus = dialect[0].contains("++");
            let file = work.join(if plus { "alone.cpp" } else { "alone.c" });
            // Twice, for the include guard; never empty, for the pedantic.
            fs::write(
                &file,
                format!("#include <{header}>\n#include <{header}>\nextern int relink_check_alone;\n"),
            )
            .unwrap();
            run(Command::new(if plus { cxx() } else { cc() })
                .args(["-Wall", "-Wextra", "-Werror", "-fsyntax-only"])
                .args(&dialect)
                .args(support::include_flags(&described))
                .arg(&file));
        }
    }
}

#[test]
fn layouts_are_the_measured_ones() {
    let work = scratch("layout");
    for room in rooms() {
        let facts = source().join("src").join(&room).join("layout.tsv");
        let text = fs::read_to_string(&facts).unwrap_or_else(|error| panic!("{}: {error}", facts.display()));
        let file = work.join(format!("{room}.c"));
        fs::write(&file, layout_program(&text)).unwrap();
        let described = support::objects().into_iter().find(|object| object.room == room).unwrap();
        run(Command::new(cc())
            .args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"])
            .args(support::include_flags(&described))
            .arg(&file));
    }
}

/// A C program that does not compile unless every row of the facts holds.
fn layout_program(facts: &str) -> String {
    let mut code = String::from("#include <stddef.h>\n#include <string.h>\n");
    let mut strings = String::new();
    let mut asserted = 0;
    let mut claim = |code: &mut String, condition: &str, what: &str| {
        let what = what.replace(['\t', '"'], " ");
        let _ = writeln!(code, "_Static_assert({condition}, \"{what}\");");
        asserted += 1;
    };
    for line in facts.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let columns: Vec<&str> = line.split('\t').collect();
        match columns[..] {
            ["header", path] => {
                let _ = writeln!(code, "#include <{path}>");
            }
            ["struct" | "cstruct", name, size, align] => {
                claim(&mut code, &format!("sizeof({name}) == {size}"), line);
                claim(&mut code, &format!("_Alignof({name}) == {align}"), line);
            }
            ["field" | "cfield", path, size, offset] => {
                let (name, member) = path.split_once('.').unwrap_or_else(|| panic!("{path}: no member"));
                claim(&mut code, &format!("sizeof((({name} *)0)->{member}) == {size}"), line);
                claim(&mut code, &format!("offsetof({name}, {member}) == {offset}"), line);
            }
            ["type", name, size] => claim(&mut code, &format!("sizeof({name}) == {size}"), line),
            ["value", name, value] => claim(&mut code, &format!("({name}) == ({value})"), line),
            ["string", name, text] => {
                let _ =
                    writeln!(strings, "_Static_assert(sizeof({name}) == sizeof(\"{text}\"), \"{name}\");");
                let _ = writeln!(
                    strings,
                    "_Static_assert(__builtin_strcmp({name}, \"{text}\") == 0, \"{name}\");"
                );
            }
            _ => panic!("{line}: not a row of layout facts"),
        }
    }
    assert!(asserted > 0, "no facts");
    code + &strings
}
