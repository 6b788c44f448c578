//! libdill's macros put code that switches stacks into programs: it has to survive what compilers do with it.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use support::{Object, build, cc, include_flags, objects, run, run_limited, scratch, source};

/// What `tests/launching.c` prints, however it was compiled.
const SAYS: &str = "\
registers 174 174 227 163 185 163 16.875 22.875 30
fibonacci 144
arguments 42 -1 c 0.500 local array structure 2.75 1099511627776 11 60129542144 9.5 10 -11 412316860416
frames bb dd ee bb dd ff
frames bb dd ee bb dd ff
own stacks 1 2.500 three 4.25, 5 6.500 seven 8.25
places 20
cancelled 0 1 2 3 4 5 6 7 8 9
choices 0:0 1:1 0:2 1:3 0:4 1:5 late
";

/// What distributions and careful programmers add to the levels.
const WAYS: [&str; 19] = [
    "-O0",
    "-O1",
    "-O2",
    "-O3",
    "-Os",
    "-Og -g",
    "-O2 -flto",
    "-O3 -flto -fwhole-program",
    "-O2 -fPIE -pie",
    "-O2 -fno-pie -no-pie",
    "-O0 -fno-pie -no-pie",
    "-O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE -pie -Wl,-z,now",
    "-O2 -fstack-protector-all -D_FORTIFY_SOURCE=3",
    "-O2 -fstack-clash-protection -fcf-protection=full",
    "-O3 -fomit-frame-pointer -march=x86-64-v3 -ffast-math",
    "-O2 -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer",
    "-O2 -std=gnu99",
    "-O2 -maccumulate-outgoing-args",
    "-O0 -maccumulate-outgoing-args",
];

fn libdill() -> Option<Object> {
    objects().into_iter().find(|object| object.name == "libdill")
}

/// Compiles a program in one way and links it with the library. False when the compiler does not know that way.
fn compiled(compiler: &str, way: &str, sources: &[PathBuf], program: &Path, library: &Object) -> bool {
    let known = |flag: &str| {
        let mut trial = Command::new(compiler);
        trial.args(["-Werror", flag, "-x", "c", "-c", "-o", "/dev/null", "/dev/null"]);
        run_limited(&mut trial, Duration::from_secs(60)).status.success()
    };
    if !way.split(' ').filter(|flag| !flag.starts_with("-Wl")).all(known) {
        return false;
    }
    let mut command = Command::new(compiler);
    command.args(["-Wall", "-Wextra", "-Werror"]);
    command.args(way.split(' ')).args(include_flags(library)).arg("-o").arg(program).args(sources);
    run(command.arg(library.path()).arg("-pthread"));
    true
}

fn on_ours(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("LD_LIBRARY_PATH", build().join("lib"));
    command
}

/// Programs of one compiler in every way it knows; panics with the list of those that went wrong.
fn every_way(compiler: &str, ways: &[&str]) {
    let Some(library) = libdill() else { return };
    let work =
        scratch(&format!("launching-{}-{}", compiler.rsplit('/').next().unwrap_or_default(), ways.len()));
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (number, way) in ways.iter().enumerate() {
        let program = work.join(format!("launching-{number}"));
        if !compiled(compiler, way, &[source().join("tests/launching.c")], &program, &library) {
            continue;
        }
        tried += 1;
        let outcome = run_limited(&mut on_ours(&program), Duration::from_secs(60));
        // The processor may not know the instructions that a way asks for.
        let unable = way.contains("-march") && !std::is_x86_feature_detected!("avx2");
        if !unable && (!outcome.status.success() || outcome.stdout != SAYS) {
            wrong.push(format!("{way}: {}\n{}{}", outcome.status, outcome.stdout, outcome.stderr));
        }
    }
    assert!(tried >= ways.len() / 2, "{compiler} knows only {tried} ways");
    assert!(wrong.is_empty(), "{compiler}:\n{}", wrong.join("\n"));
}

fn installed(compiler: &str) -> bool {
    Command::new(compiler).arg("--version").output().is_ok_and(|output| output.status.success())
}

#[test]
fn programs_run_however_the_compiler_optimises_and_hardens_them() {
    every_way(&cc(), &WAYS);
}

#[test]
fn programs_of_clang_run_too() {
    if installed("clang") {
        // Where a linker plugin for it is missing, LTO is no question of ours.
        let ways: Vec<&str> = WAYS.into_iter().filter(|way| !way.contains("-flto")).collect();
        every_way("clang", &ways);
    } else {
        eprintln!("skipped: clang is not installed");
    }
}

/// Stacks that AddressSanitizer does not know are no errors to it, and mistakes are.
#[test]
fn programs_built_with_sanitizers_run_and_are_checked() {
    let Some(library) = libdill() else { return };
    let ways = ["-O0 -g -fsanitize=address", "-O2 -g -fsanitize=address", "-O1 -fsanitize=undefined"];
    let compilers = [cc(), "clang".to_owned()];
    for compiler in compilers.iter().filter(|compiler| installed(compiler)) {
        every_way(compiler, &ways);
        let program = scratch("launching-mistake").join("launching");
        compiled(compiler, ways[1], &[source().join("tests/launching.c")], &program, &library);
        let outcome = run_limited(on_ours(&program).arg("overflow"), Duration::from_secs(60));
        assert!(
            !outcome.status.success() && outcome.stderr.contains("heap-buffer-overflow"),
            "{}",
            outcome.stderr
        );
    }
}

#[test]
fn programs_that_hold_the_library_themselves_run() {
    let Some(library) = libdill() else { return };
    let program = scratch("launching-static").join("launching");
    run(Command::new(cc())
        .args(["-O2"])
        .args(include_flags(&library))
        .arg("-o")
        .arg(&program)
        .arg(source().join("tests/launching.c"))
        .arg(library.dir().join(&library.archive))
        .args(["-lssl", "-lcrypto", "-lgcc_s", "-lpthread", "-ldl", "-lm"]));
    assert_eq!(run(Command::new(&program).env_remove("LD_LIBRARY_PATH")), SAYS);
}

/// The types of sockets are variables: a program has its own copy of them, unless it is position-independent.
#[test]
fn protocols_of_a_program_s_own_work_wherever_the_linker_puts_the_types() {
    let Some(library) = libdill() else { return };
    let work = scratch("launching-protocol");
    let sources = ["checked.c", "checked-demo.c"].map(|name| source().join("examples-c/libdill").join(name));
    let mut said = Vec::new();
    for (number, way) in ["-O2 -fno-pie -no-pie", "-O2 -fPIE -pie", "-O0 -fno-pie -no-pie"].iter().enumerate()
    {
        let program = work.join(format!("protocol-{number}"));
        assert!(compiled(&cc(), way, &sources, &program, &library), "{way}");
        said.push(run(&mut on_ours(&program)));
    }
    assert!(said[0].contains("\"three\" came back as \"three\"\n"), "{}", said[0]);
    assert!(said.iter().all(|text| *text == said[0]), "{said:#?}");
}
