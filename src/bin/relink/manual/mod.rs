//! Manual pages of section 3, made of the C headers: what is documented there once is read in three places, the
//! header, the page and, for generated headers, rustdoc.

mod header;
mod page;
mod text;

use header::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

/// A library as its pages name it: the room, its headers and how programs are linked with it.
pub struct Library {
    /// The room's name, and that of the overview page.
    pub name: String,
    /// Its shared objects that programs are linked with.
    pub objects: Vec<Object>,
    /// What the headers' first comments say.
    pub introduction: Vec<String>,
    /// Headers as programs include them.
    pub headers: Vec<String>,
    /// What the headers declare, in their order.
    pub entries: Vec<Entry>,
}

/// A shared object as its pkg-config module describes it.
pub struct Object {
    /// The module's name.
    pub module: String,
    /// What it is, in a few words.
    pub title: String,
    /// Names for the compiler's `-l`.
    pub links: Vec<String>,
    /// The functions that are in it.
    pub exports: BTreeSet<String>,
}

/// Writes the pages of every library in `manifest` to `folder`. Rooms and headers are those of the tree `source`.
///
/// # Errors
/// What could not be read or written, and why.
pub fn write(manifest: &Path, source: &Path, folder: &Path) -> Result<(), String> {
    create(folder)?;
    for library in libraries(&read(manifest)?, source)? {
        for (name, text) in page::pages(&library) {
            replace(&folder.join(format!("{name}.3")), |path| fs::write(path, text))?;
        }
        for (name, target) in page::links(&library) {
            let target = format!("{target}.3");
            replace(&folder.join(format!("{name}.3")), |path| std::os::unix::fs::symlink(target, path))?;
        }
    }
    Ok(())
}

fn create(folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

/// Never writes through a link that an earlier version, or the original, left there.
fn replace(path: &Path, make: impl FnOnce(&Path) -> io::Result<()>) -> Result<(), String> {
    let gone = match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    gone.and_then(|()| make(path)).map_err(|error| format!("{}: {error}", path.display()))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The libraries of a build tree's manifest, which names its columns in its first line.
fn libraries(manifest: &str, source: &Path) -> Result<Vec<Library>, String> {
    let mut lines = manifest.lines();
    let head: Vec<&str> =
        lines.next().unwrap_or_default().trim_start_matches('#').split_whitespace().collect();
    let mut libraries: Vec<Library> = Vec::new();
    for line in lines {
        let row: BTreeMap<&str, &str> = head.iter().copied().zip(line.split('\t').map(str::trim)).collect();
        let words = |column: &str| row.get(column).copied().unwrap_or_default().split_whitespace();
        let room = words("room").next().unwrap_or_default();
        if !libraries.iter().any(|library| library.name == room) {
            let headers: Vec<&str> = words("headers").collect();
            let searched: Vec<&str> = words("includes").collect();
            libraries.push(library(room, &headers, &searched, source)?);
        }
        let library = libraries.iter_mut().find(|library| library.name == room).expect("there by now");
        // The first module is that of the original.
        let Some(module) = words("pc").next() else { continue };
        let folder = source.join("src").join(room);
        let text = read(&folder.join(format!("{module}.pc.in")))?;
        let object = words("object").next().unwrap_or_default();
        let exports = read(&folder.join(format!("{object}.exports")))?;
        library.objects.push(Object {
            module: module.to_owned(),
            title: described(&text),
            links: linked(&text),
            exports: exports.split_whitespace().map(str::to_owned).collect(),
        });
    }
    for library in &mut libraries {
        let objects = &library.objects;
        let is_there = |name: &String| objects.iter().any(|object| object.exports.contains(name));
        // A header may declare what is only described by it.
        library.entries.retain(|entry| !entry.is_prototype || entry.names.iter().all(is_there));
    }
    Ok(libraries)
}

/// The `-l` options of a pkg-config module's own line.
fn linked(module: &str) -> Vec<String> {
    let line = module.lines().find_map(|line| line.strip_prefix("Libs:")).unwrap_or_default();
    line.split_whitespace().filter_map(|word| word.strip_prefix("-l")).map(str::to_owned).collect()
}

fn described(module: &str) -> String {
    let line = module.lines().find_map(|line| line.strip_prefix("Description:")).unwrap_or_default();
    line.trim().trim_end_matches('.').to_owned()
}

fn library(room: &str, headers: &[&str], searched: &[&str], source: &Path) -> Result<Library, String> {
    let mut library = Library {
        name: room.to_owned(),
        objects: Vec::new(),
        introduction: Vec::new(),
        headers: Vec::new(),
        entries: Vec::new(),
    };
    for header in headers {
        // As programs write it: from one of the folders that pkg-config names.
        let included = searched.iter().find_map(|folder| header.strip_prefix(folder)?.strip_prefix('/'));
        let included = included.unwrap_or(header).to_owned();
        let text = read(&source.join("include").join(header))?;
        let (introduction, entries) = header::parse(&text, &included);
        library.introduction.push(introduction);
        library.headers.push(included);
        for entry in entries {
            header::add(&mut library.entries, entry);
        }
    }
    Ok(library)
}
