//! Builds the few lines of C a room may have and turns each room's layout facts into assertions.
//!
//! A room takes part by having the files: `shim.c` (variadic entry points), `data.c` (data objects
//! that the linker has to see as plain C), `layout.tsv` with `layout.rs`, and what the command reads: `room.mk` and
//! `environment.tsv`.

#[path = "src/waltham/scanner/mod.rs"]
#[allow(dead_code, reason = "the build uses the part that makes Rust")]
mod scanner;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let source = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo")).join("src");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    println!("cargo::rerun-if-changed=src");

    let mut rooms: Vec<PathBuf> = fs::read_dir(&source)
        .expect("src is readable")
        .map(|entry| entry.expect("src is readable").path())
        .filter(|path| path.is_dir())
        .collect();
    rooms.sort();

    let mut c = cc::Build::new();
    c.warnings(true)
        .extra_warnings(true)
        .warnings_into_errors(true)
        .include(source.parent().unwrap().join("include"));
    for room in &rooms {
        for file in ["shim.c", "data.c"].map(|name| room.join(name)).iter().filter(|path| path.exists()) {
            c.file(file);
        }
        if room.join("layout.rs").exists() {
            let name = room.file_name().expect("a room has a name").to_string_lossy().into_owned();
            fs::write(out.join(format!("{name}_layout.rs")), layout_assertions(&room.join("layout.tsv")))
                .expect("OUT_DIR is writable");
        }
    }
    c.compile("relink_c");
    fs::write(out.join("libraries.rs"), libraries(&rooms)).expect("OUT_DIR is writable");
    let protocol = match scanner::core() {
        Ok(protocol) => scanner::rust::core(&protocol),
        Err(diagnostics) => panic!("{diagnostics:?}"),
    };
    fs::write(out.join("waltham_protocol.rs"), protocol).expect("OUT_DIR is writable");
}

/// What the command knows of each shared object and setting: from the rooms' own descriptions.
fn libraries(rooms: &[PathBuf]) -> String {
    let mut code = String::from("/// The shared objects.\npub static LIBRARIES: &[Library] = &[\n");
    // A room that is described and has nothing in it yet is none.
    for room in rooms.iter().filter(|room| room.join("mod.rs").exists()) {
        let Ok(text) = fs::read_to_string(room.join("room.mk")) else { continue };
        let value = |name: &str| -> String {
            let line = text.lines().find(|line| line.split_whitespace().next() == Some(name));
            line.and_then(|line| line.split_once(":="))
                .map(|(_, value)| value.trim().to_owned())
                .unwrap_or_default()
        };
        let name = room.file_name().expect("a room has a name").to_string_lossy();
        for object in value(&format!("{name}_OBJECTS")).split_whitespace() {
            let exports =
                fs::read_to_string(room.join(format!("{object}.exports"))).expect("an object has exports");
            let mut sonames = vec![value(&format!("{object}_SONAME"))];
            // Names with a version are those that programs ask for; the bare one is the linker's.
            let links = value(&format!("{object}_LINKS"));
            sonames.extend(links.split_whitespace().filter(|link| !link.ends_with(".so")).map(str::to_owned));
            let exports: Vec<&str> = exports.split_whitespace().collect();
            let _ = writeln!(
                code,
                "Library {{ name: {name:?}, object: {object:?}, file: {:?}, subdir: {:?}, sonames: &{sonames:?}, \
                 exports: &{exports:?} }},",
                value(&format!("{object}_FILE")),
                value(&format!("{object}_SUBDIR")),
            );
        }
    }
    code += "];\n\n/// The settings that the libraries read from the environment.\npub static SETTINGS: &[Setting] = &[\n";
    for room in rooms.iter().filter(|room| room.join("mod.rs").exists()) {
        let Ok(text) = fs::read_to_string(room.join("environment.tsv")) else { continue };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = line.split('\t').collect();
            let [name, value, meaning] = columns[..] else {
                panic!("{}: not three columns: {line}", room.display())
            };
            let _ = writeln!(code, "Setting {{ name: {name:?}, value: {value:?}, meaning: {meaning:?} }},");
        }
    }
    code + "];\n"
}

/// Compile-time assertions for the `struct` and `field` rows of a room's layout facts.
///
/// C names such as `struct wth_array` stand for the Rust type of the same last word.
fn layout_assertions(facts: &Path) -> String {
    let text = fs::read_to_string(facts).unwrap_or_else(|error| panic!("{}: {error}", facts.display()));
    let mut code = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let columns: Vec<&str> = line.split('\t').collect();
        match columns[..] {
            ["struct", name, size, align] => {
                let name = last_word(name);
                let _ = writeln!(
                    code,
                    "const _: () = assert!(::core::mem::size_of::<{name}>() == {size}, \"{name}\");"
                );
                let _ = writeln!(
                    code,
                    "const _: () = assert!(::core::mem::align_of::<{name}>() == {align}, \"{name}\");"
                );
            }
            // A member spelled `_` in C cannot be named in Rust; its struct's size is asserted above.
            ["field", path, _size, offset] if !path.ends_with("._") => {
                let (name, member) = path.split_once('.').unwrap_or_else(|| panic!("{path}: no member"));
                let name = last_word(name);
                let path: Vec<String> = member.split('.').map(|part| format!("r#{part}")).collect();
                let member = path.join(".");
                let _ = writeln!(
                    code,
                    "const _: () = assert!(::core::mem::offset_of!({name}, {member}) == {offset}, \"{name}.{}\");",
                    member.replace("r#", "")
                );
            }
            _ => {}
        }
    }
    code
}

fn last_word(name: &str) -> &str {
    name.rsplit(' ').next().unwrap_or(name)
}
