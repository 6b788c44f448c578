//! Runs the C test programs: each compiled once, run on ours and, where it is installed, on the
//! original, and their outputs compared.
//!
//! - `capi-tests/<room>/*.c` and `*.cpp` are the programs. Exit status 0 passes, 77 skips.
//! - `<program>.out` beside one is what it has to print.
//! - `RELINK_ORIGINAL_<ROOM>=<prefix>` names an original (its `lib/` holds the soname); without it the
//!   system's own copy is used where the linker knows one.
//! - `RELINK_RUNNER=<program>` runs them: an emulator of the machine that `RELINK_CC` compiles for.
//! - `RELINK_VALGRIND=1` runs the programs under valgrind instead, on ours only.
//! - `RELINK_TSAN=<runtime>` compiles them for ThreadSanitizer instead, with that static runtime, and runs them on
//!   libraries that were; `make tsan` sees to all of it.
//!
//! A program may say in a comment near its top how it wants to be treated, a line each:
//! `harness: libs …`, `harness: cflags …`, `harness: args …`, `harness: timeout <seconds>`,
//! `harness: object <name>` (link with that object of the room only), `harness: ours-only <why>`,
//! `harness: no-valgrind <why>`, `harness: no-tsan <why>`.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use support::{Object, Outcome, build, cc, cxx, objects, run, run_limited, source};

const SKIPPED: i32 = 77;

fn main() {
    let arguments = Arguments::from_args();
    let valgrind = env::var_os("RELINK_VALGRIND").is_some();
    let tsan = env::var_os("RELINK_TSAN").is_some();
    let emulated = env::var_os("RELINK_RUNNER").is_some();
    let mut trials = Vec::new();
    for (room, objects) in by_room() {
        let objects = Arc::new(objects);
        for file in programs(&room) {
            let program = Arc::new(Program::new(&room, file, objects.clone()));
            if valgrind {
                if program.directives.contains_key("no-valgrind") {
                    continue;
                }
                trials.push(trial(&program, "valgrind", Program::run_under_valgrind));
                continue;
            }
            if tsan {
                if !program.directives.contains_key("no-tsan") {
                    trials.push(trial(&program, "ThreadSanitizer", Program::run_under_tsan));
                }
                continue;
            }
            trials.push(trial(&program, "ours", Program::run_on_ours));
            if !emulated && program.original().is_some() && !program.directives.contains_key("ours-only") {
                trials.push(trial(&program, "same as the original", Program::compare_with_original));
            }
        }
    }
    assert!(!trials.is_empty(), "no C test programs found");
    libtest_mimic::run(&arguments, trials).exit();
}

fn by_room() -> BTreeMap<String, Vec<Object>> {
    let mut rooms = BTreeMap::<String, Vec<Object>>::new();
    for object in objects() {
        rooms.entry(object.room.clone()).or_default().push(object);
    }
    rooms
}

fn programs(room: &str) -> Vec<PathBuf> {
    let Ok(folder) = fs::read_dir(source().join("capi-tests").join(room)) else { return Vec::new() };
    let mut files: Vec<PathBuf> = folder
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "c" || extension == "cpp"))
        .collect();
    files.sort();
    files
}

fn trial(
    program: &Arc<Program>,
    on: &str,
    body: impl Fn(&Program) -> Result<(), Failed> + Send + 'static,
) -> Trial {
    let program = program.clone();
    Trial::test(format!("{} ({on})", program.name()), move || body(&program))
}

struct Program {
    room: String,
    file: PathBuf,
    objects: Arc<Vec<Object>>,
    directives: BTreeMap<String, String>,
    compiled: OnceLock<Result<PathBuf, String>>,
}

impl Program {
    fn new(room: &str, file: PathBuf, objects: Arc<Vec<Object>>) -> Self {
        let directives = directives(&fs::read_to_string(&file).expect("listed above"));
        Self { room: room.to_owned(), file, objects, directives, compiled: OnceLock::new() }
    }

    fn name(&self) -> String {
        format!("{}/{}", self.room, self.file.file_name().unwrap().to_string_lossy())
    }

    fn words(&self, directive: &str) -> impl Iterator<Item = &str> {
        self.directives.get(directive).map_or("", String::as_str).split_whitespace()
    }

    fn limit(&self) -> Duration {
        let seconds = self.words("timeout").next().map_or(60, |text| text.parse().expect("seconds"));
        Duration::from_secs(seconds)
    }

    /// The objects it is linked with.
    fn linked(&self) -> Vec<&Object> {
        let only = self.words("object").next();
        self.objects
            .iter()
            .filter(|object| only.map_or(object.link_name().is_some(), |name| object.name == name))
            .collect()
    }

    /// Compiled once, for every run on either library.
    fn compiled(&self) -> Result<&Path, Failed> {
        self.compiled.get_or_init(|| self.compile()).as_deref().map_err(Failed::from)
    }

    fn compile(&self) -> Result<PathBuf, String> {
        let plus = self.file.extension().is_some_and(|extension| extension == "cpp");
        let folder = build().join("capi-tests").join(&self.room);
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let binary =
            folder.join(self.file.file_name().unwrap()).with_extension(if plus { "cpp.bin" } else { "bin" });
        let mut command = Command::new(if plus { cxx() } else { cc() });
        command.args(if plus { ["-std=c++17"] } else { ["-std=gnu11"] });
        command.args(["-g", "-O1", "-Wall", "-Wextra", "-Werror"]);
        command.args(self.words("cflags"));
        command
            .args(support::include_flags(&self.objects[0]))
            .arg("-I")
            .arg(source().join("capi-tests/support"));
        command.arg("-o").arg(&binary).arg(&self.file).arg(descriptor_check());
        for object in self.linked() {
            command.arg(object.path());
            command.arg(format!("-Wl,-rpath-link,{}", object.dir().display()));
        }
        command.args(self.words("libs"));
        if let Some(runtime) = env::var_os("RELINK_TSAN") {
            // The compiler's own runtime is not the one that the libraries were compiled for.
            command.args(["-fsanitize=thread", "-fno-sanitize-link-runtime", "-Wl,--whole-archive"]);
            command.arg(runtime).args(["-Wl,--no-whole-archive", "-rdynamic", "-lm", "-ldl", "-lpthread"]);
        }
        let outcome = run_limited(&mut command, Duration::from_secs(120));
        if outcome.status.success() {
            Ok(binary)
        } else {
            Err(format!("does not compile:\n{}", outcome.stderr))
        }
    }

    /// Where the original's soname is found; None when there is none to compare with.
    fn original(&self) -> Option<PathBuf> {
        let wanted = self.linked();
        let first = wanted.first()?;
        let variable = format!("RELINK_ORIGINAL_{}", self.room.to_uppercase());
        let candidates: Vec<PathBuf> = match env::var_os(variable) {
            Some(prefix) => vec![PathBuf::from(&prefix).join("lib"), PathBuf::from(prefix)],
            None => {
                let triplet = format!("{}-linux-gnu", env::consts::ARCH);
                vec![
                    Path::new("/usr/lib").join(triplet),
                    PathBuf::from("/usr/lib64"),
                    PathBuf::from("/usr/lib"),
                ]
            }
        };
        // Of an object in a private folder, the original is in one of the same name.
        candidates
            .into_iter()
            .map(|folder| folder.join(&first.subdir))
            .find(|folder| folder.join(&first.soname).exists())
    }

    fn library_path(&self) -> String {
        self.linked().iter().map(|object| object.dir().display().to_string()).collect::<Vec<_>>().join(":")
    }

    fn execute(&self, library_path: &str, wrapper: &[&str]) -> Result<Outcome, Failed> {
        let binary = self.compiled()?;
        let mut command = match wrapper {
            [] => Command::new(binary),
            [program, arguments @ ..] => {
                let mut command = Command::new(program);
                command.args(arguments).arg(binary);
                command
            }
        };
        command.args(self.words("args")).env("LD_LIBRARY_PATH", library_path).env("LC_ALL", "C.UTF-8");
        command.current_dir(self.file.parent().unwrap());
        Ok(run_limited(&mut command, self.limit() * if wrapper.is_empty() { 1 } else { 10 }))
    }

    fn run_on_ours(&self) -> Result<(), Failed> {
        let runner = env::var("RELINK_RUNNER").ok();
        let outcome = self.execute(&self.library_path(), runner.as_deref().as_slice())?;
        if passed(&outcome)? {
            let expected = self.file.with_extension("out");
            if let Ok(text) = fs::read_to_string(&expected) {
                same("the recorded output", &text, "ours", &outcome.stdout)?;
            }
        }
        Ok(())
    }

    fn compare_with_original(&self) -> Result<(), Failed> {
        let folder = self.original().expect("asked before the trial was made");
        let theirs = self.execute(&folder.display().to_string(), &[])?;
        let ours = self.execute(&self.library_path(), &[])?;
        same("the original", &theirs.stdout, "ours", &ours.stdout)?;
        if theirs.status != ours.status {
            let text = format!(
                "the original ended with {}, ours with {}\n{}",
                theirs.status, ours.status, theirs.stderr
            );
            return Err(text.into());
        }
        Ok(())
    }

    fn run_under_valgrind(&self) -> Result<(), Failed> {
        let known = source().join("capi-tests/support/valgrind.supp");
        let wrapper = [
            "valgrind",
            &format!("--suppressions={}", known.display()),
            "--quiet",
            "--error-exitcode=97",
            "--leak-check=full",
            // Not "possible": hash tables are held by a pointer into their middle.
            "--errors-for-leak-kinds=definite,indirect",
            "--child-silent-after-fork=yes",
            // Or a thread that waits for another by looking keeps it from running, for minutes.
            "--fair-sched=try",
            "--num-callers=30",
        ];
        passed(&self.execute(&self.library_path(), &wrapper)?).map(|_| ())
    }

    fn run_under_tsan(&self) -> Result<(), Failed> {
        // Its shadow memory wants the usual addresses. Races end the program with a status of their own.
        passed(&self.execute(&self.library_path(), &["setarch", "--addr-no-randomize"])?).map(|_| ())
    }
}

/// The descriptor-leak check as an object file, compiled once for C and C++ programs alike.
fn descriptor_check() -> PathBuf {
    static OBJECT: OnceLock<PathBuf> = OnceLock::new();
    OBJECT
        .get_or_init(|| {
            let object = build().join("capi-tests/descriptors.o");
            run(Command::new(cc())
                .args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-c", "-o"])
                .arg(&object)
                .arg(source().join("capi-tests/support/descriptors.c")));
            object
        })
        .clone()
}

fn directives(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .take(60)
        .filter_map(|line| line.split_once("harness: "))
        .map(|(_, rest)| {
            let rest = rest.trim_end().trim_end_matches("*/").trim_end();
            let (name, value) = rest.split_once(' ').unwrap_or((rest, ""));
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

/// Whether the program ran through (and not skipped itself).
fn passed(outcome: &Outcome) -> Result<bool, Failed> {
    match outcome.status.code() {
        Some(0) => Ok(true),
        Some(SKIPPED) => {
            eprintln!("skipped: {}", outcome.stdout.trim_end());
            Ok(false)
        }
        _ => Err(format!("{}\n{}{}", outcome.status, outcome.stdout, outcome.stderr).into()),
    }
}

fn same(first: &str, left: &str, second: &str, right: &str) -> Result<(), Failed> {
    if left == right {
        return Ok(());
    }
    let difference = left
        .lines()
        .map(Some)
        .chain(std::iter::repeat(None))
        .zip(right.lines().map(Some).chain(std::iter::repeat(None)))
        .enumerate()
        .take(left.lines().count().max(right.lines().count()))
        .find(|(_, (left, right))| left != right);
    let Some((line, (left, right))) = difference else {
        return Err("outputs differ only in their last line's end".into());
    };
    let (left, right) = (left.unwrap_or("(nothing)"), right.unwrap_or("(nothing)"));
    Err(format!("line {}: {first} prints\n  {left}\n{second} prints\n  {right}", line + 1).into())
}
