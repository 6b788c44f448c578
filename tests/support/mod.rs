//! What the checks share: the build tree's manifest, and commands with a time limit.

// Each test program uses its own part of this.
#![allow(dead_code)]

use std::env;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The source tree.
pub fn source() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The build tree that `make` filled.
pub fn build() -> PathBuf {
    let path = env::var_os("RELINK_BUILD").map_or_else(|| source().join("build"), PathBuf::from);
    assert!(
        path.join("manifest.tsv").exists(),
        "{}: no finished libraries there; run these checks by `make check`",
        path.display()
    );
    path
}

/// A folder of its own below the build tree, empty.
pub fn scratch(name: &str) -> PathBuf {
    let path = build().join("check").join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    path
}

/// One finished shared object, as `mk/objects.mk` describes it.
#[derive(Clone, Debug)]
pub struct Object {
    pub room: String,
    pub name: String,
    pub file: String,
    pub soname: String,
    pub links: Vec<String>,
    pub subdir: String,
    pub needed: Vec<String>,
    pub pkgconfig: Vec<String>,
    pub cmake: String,
    pub archive: String,
    pub headers: Vec<String>,
    pub dialects: Vec<String>,
    pub includes: Vec<String>,
    pub above: String,
    pub optional: Vec<String>,
    pub brings: Vec<String>,
}

impl Object {
    pub fn dir(&self) -> PathBuf {
        build().join("lib").join(&self.subdir)
    }

    pub fn path(&self) -> PathBuf {
        self.dir().join(&self.file)
    }

    /// The symbols it promises, sorted.
    pub fn exports(&self) -> Vec<String> {
        let mut names = self.listed();
        // Those of objects above it are there under names of ours.
        for object in objects().iter().filter(|object| object.above == self.name) {
            names.extend(object.listed().iter().map(|name| format!("relink_{name}")));
        }
        names.sort();
        names
    }

    fn listed(&self) -> Vec<String> {
        let path = source().join("src").join(&self.room).join(format!("{}.exports", self.name));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        text.split_whitespace().map(str::to_owned).collect()
    }

    /// What the linker is told to find it: `wslay` for `libwslay.so`. Empty for objects that are not
    /// on the linker's path.
    pub fn link_name(&self) -> Option<&str> {
        self.links
            .iter()
            .chain([&self.soname, &self.file])
            .find_map(|name| name.strip_prefix("lib")?.strip_suffix(".so"))
            .filter(|_| self.subdir.is_empty())
    }
}

/// Every object of every room.
pub fn objects() -> Vec<Object> {
    let path = build().join("manifest.tsv");
    let text = fs::read_to_string(&path).expect("checked by build()");
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
            let [
                room,
                name,
                file,
                soname,
                links,
                subdir,
                needed,
                pkgconfig,
                cmake,
                archive,
                headers,
                dialects,
                includes,
                above,
                optional,
                brings,
            ] = columns[..]
            else {
                panic!("{}: {line}: {} columns", path.display(), columns.len());
            };
            Object {
                room: room.to_owned(),
                name: name.to_owned(),
                file: file.to_owned(),
                soname: soname.to_owned(),
                links: words(links),
                subdir: subdir.to_owned(),
                needed: words(needed),
                pkgconfig: words(pkgconfig),
                cmake: cmake.to_owned(),
                archive: archive.to_owned(),
                headers: words(headers),
                dialects: words(dialects),
                includes: words(includes),
                above: above.to_owned(),
                optional: words(optional),
                brings: words(brings),
            }
        })
        .collect()
}

/// The rooms that have objects, each once, in the order of the build.
pub fn rooms() -> Vec<String> {
    let mut rooms: Vec<String> = objects().into_iter().map(|object| object.room).collect();
    rooms.dedup();
    rooms
}

/// Where programs of a room look for headers: the folder of all, and those that its pkg-config names.
pub fn include_flags(object: &Object) -> Vec<String> {
    let root = source().join("include");
    let folders = object.includes.iter().map(|folder| root.join(folder));
    folders.chain([root.clone()]).map(|folder| format!("-I{}", folder.display())).collect()
}

/// The C compiler.
pub fn cc() -> String {
    env::var("RELINK_CC").unwrap_or_else(|_| "cc".to_owned())
}

/// The C++ compiler.
pub fn cxx() -> String {
    env::var("RELINK_CXX").unwrap_or_else(|_| "c++".to_owned())
}

/// How a command ended and what it printed.
pub struct Outcome {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a command to its end, or kills it after `limit` and panics.
pub fn run_limited(command: &mut Command, limit: Duration) -> Outcome {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let drain = |mut pipe: Box<dyn Read + Send>| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = pipe.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let stdout = drain(Box::new(child.stdout.take().expect("piped")));
    let stderr = drain(Box::new(child.stderr.take().expect("piped")));
    let begin = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("our own child") {
            break status;
        }
        if begin.elapsed() > limit {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{command:?}: still running after {limit:?}");
        }
        thread::sleep(Duration::from_millis(5));
    };
    let text = |thread: thread::JoinHandle<String>| thread.join().expect("reads only");
    Outcome { status, stdout: text(stdout), stderr: text(stderr) }
}

/// Runs a command that has to succeed, and returns what it printed.
pub fn run(command: &mut Command) -> String {
    let outcome = run_limited(command, Duration::from_secs(300));
    assert!(
        outcome.status.success(),
        "{command:?}: {}\n{}{}",
        outcome.status,
        outcome.stdout,
        outcome.stderr
    );
    outcome.stdout
}

/// The value of `make` variables that would leak from an outer `make` into one we start.
pub fn make() -> Command {
    let mut command = Command::new("make");
    command.current_dir(source());
    for name in ["MAKEFLAGS", "MAKELEVEL", "MFLAGS", "DESTDIR", "PREFIX", "LIBDIR", "INCLUDEDIR"] {
        command.env_remove(name);
    }
    command
}

/// A path relative to the source tree, for messages.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(source()).unwrap_or(path).display().to_string()
}

/// A program that links only if it finds these symbols, and runs only if they are somewhere.
pub fn program_using_symbols(names: &[String]) -> String {
    let declarations: String =
        names.iter().map(|name| format!("extern char relink_use_{name} __asm__(\"{name}\");\n")).collect();
    let uses: String = names.iter().map(|name| format!("&relink_use_{name},")).collect();
    format!(
        "{declarations}static void *const uses[] = {{{uses}}};\n\
         int main(void) {{ unsigned i; for (i = 0; i < sizeof uses / sizeof *uses; i++) \
         if (!*(void *const volatile *)&uses[i]) return 1; return 0; }}\n"
    )
}
