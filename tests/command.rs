//! The `relink` command, as its users call it.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use support::{build, cc, objects, run, scratch, source};

fn relink(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_relink")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A program that calls the functions, linked with our libraries and whatever `flags` say.
fn program(folder: &Path, name: &str, functions: &[&str], flags: &[&str]) -> PathBuf {
    let file = folder.join(name).with_extension("c");
    let calls: String = functions.iter().map(|function| format!("void {function}(void);\n")).collect();
    let body: String =
        functions.iter().map(|function| format!("    if (argc > 9) {function}();\n")).collect();
    fs::write(
        &file,
        format!("{calls}int main(int argc, char **argv)\n{{\n    (void)argv;\n{body}    return argc;\n}}\n"),
    )
    .unwrap();
    let path = folder.join(name);
    run(Command::new(cc())
        .arg("-o")
        .arg(&path)
        .arg(&file)
        .arg(format!("-L{}/lib", build().display()))
        .args(flags));
    path
}

#[test]
fn check_says_what_is_covered_and_what_is_not() {
    let work = scratch("command");
    let good = program(&work, "good", &["wslay_event_recv", "wslay_event_send"], &["-lwslay"]);
    let tag = program(&work, "tag", &["wth_connection_get_display", "wth_connection_read"], &["-lwaltham"]);
    // Linked against a library that has more than any wslay had.
    let other = work.join("libother.so");
    fs::write(work.join("other.c"), "void wslay_event_recv(void) {}\nvoid wslay_event_fly(void) {}\n")
        .unwrap();
    run(Command::new(cc())
        .args(["-shared", "-fPIC", "-Wl,-soname,libwslay.so.1", "-o"])
        .arg(&other)
        .arg(work.join("other.c")));
    let bad = program(&work, "bad", &["wslay_event_recv", "wslay_event_fly"], &[other.to_str().unwrap()]);
    let none = program(&work, "none", &[], &[]);
    let path = |path: &PathBuf| path.to_str().unwrap().to_owned();

    let output = relink(&["check", &path(&good), &path(&tag), &path(&none)]);
    let said = text(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("good: libwslay.so.1: covered by libwslay.so.1.1.1, 2 of 2 symbols\n"), "{said}");
    assert!(
        said.contains(
            "tag: libwaltham.so.0: covered by libwaltham.so.0.0.0, 2 of 2 symbols, generation tag\n"
        )
    );
    assert!(said.contains("none: uses none of the libraries\n"), "{said}");

    let output = relink(&["check", &path(&bad)]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("NOT covered, 1 of 2 symbols, missing wslay_event_fly"), "{said}");

    // A folder: only what uses a library is named, and other files are no error.
    fs::write(work.join("notes.txt"), "no program").unwrap();
    let output = relink(&["check", work.to_str().unwrap()]);
    let said = text(&output.stdout);
    assert!(
        said.contains("good:") && said.contains("bad:") && !said.contains("none:") && !said.contains("notes")
    );

    // A pattern that no shell has expanded.
    let output = relink(&["check", &format!("{}/[gb]*d", work.display())]);
    let said = text(&output.stdout);
    assert!(said.contains("good:") && said.contains("bad:") && !said.contains("tag:"), "{said}");

    let output = relink(&["check", "--json", &path(&bad)]);
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["libraries"][0]["missing"][0], "wslay_event_fly");
    assert_eq!(value["libraries"][0]["covered"], false);
}

/// `relink check`, with a second or so of patience and little memory.
fn check_strange(file: &Path) -> Output {
    let check = "ulimit -v 1000000; exec timeout 20 \"$0\" check \"$1\"";
    Command::new("sh").args(["-c", check, env!("CARGO_BIN_EXE_relink")]).arg(file).output().unwrap()
}

/// Whoever checks a program may have it from a stranger.
#[test]
fn check_is_not_overcome_by_a_strangers_file() {
    use object::{Object as _, ObjectSection as _};

    let work = scratch("command-strange");
    let library = |name: &str, soname: &str, function: &str| {
        let source = work.join(format!("{name}.c"));
        fs::write(&source, format!("void {function}(void) {{}}\n")).unwrap();
        let file = work.join(format!("lib{name}.so"));
        let soname = format!("-Wl,-soname,{soname}");
        run(Command::new(cc()).args(["-shared", "-fPIC", &soname, "-o"]).arg(&file).arg(source));
        file.to_str().unwrap().to_owned()
    };

    // Names that a terminal would obey, or take for a line of ours.
    let flying = library("flying", "libwslay.so.1", "wslay_event_fly");
    let plain = program(&work, "plain", &["wslay_event_fly"], &[&flying]);
    let mut bytes = fs::read(&plain).unwrap();
    let at = memchr::memmem::find(&bytes, b"wslay_event_fly").unwrap();
    bytes[at..at + 15].copy_from_slice(b"wslay_\x1b[2J\nfly!");
    let painted = work.join("painted");
    fs::write(&painted, &bytes).unwrap();
    let said = text(&check_strange(&painted).stdout);
    assert!(said.contains(r"missing wslay_\u{1b}[2J\nfly!"), "{said}");

    // A library that has no end.
    let endless =
        program(&work, "endless", &["endless_call"], &[&library("endless", "/dev/zero", "endless_call")]);
    let said = text(&check_strange(&endless).stdout);
    assert!(said.contains("endless: uses none of the libraries"), "{said}");
    let said = text(&check_strange(Path::new("/dev/zero")).stdout);
    assert!(said.contains("/dev/zero: not an ELF file"), "{said}");

    // Thousands of symbols of one very long name.
    let long = "x".repeat(1 << 20);
    let calls: String = (0..4000).map(|n| format!("void f{n}(void) {{}}\n")).collect();
    fs::write(work.join("many.c"), format!("void {long}(void) {{}}\n{calls}")).unwrap();
    let many = work.join("libmany.so");
    run(Command::new(cc()).args(["-shared", "-fPIC", "-o"]).arg(&many).arg(work.join("many.c")));
    let mut bytes = fs::read(&many).unwrap();
    let (place, (start, size)) = {
        let file = object::File::parse(&*bytes).unwrap();
        let names = file.section_by_name(".dynstr").unwrap();
        let place = memchr::memmem::find(names.data().unwrap(), long.as_bytes()).unwrap();
        (place, file.section_by_name(".dynsym").unwrap().file_range().unwrap())
    };
    for symbol in bytes[start as usize..(start + size) as usize].chunks_exact_mut(24).skip(1) {
        symbol[..4].copy_from_slice(&(place as u32).to_ne_bytes());
    }
    fs::write(&many, &bytes).unwrap();
    let said = text(&check_strange(&many).stdout);
    assert!(said.contains("broken ELF file: its names are longer than itself"), "{said}");
}

/// Debian's libh2o needs libwslay: a program that needs libh2o uses it too.
#[test]
fn check_follows_the_libraries_of_a_program() {
    let work = scratch("command-through");
    let middle = work.join("libmiddle.so");
    fs::write(
        work.join("middle.c"),
        "void wslay_event_send(void);\nvoid middle(void) { wslay_event_send(); }\n",
    )
    .unwrap();
    run(Command::new(cc())
        .args(["-shared", "-fPIC", "-o"])
        .arg(&middle)
        .arg(work.join("middle.c"))
        .arg(format!("-L{}/lib", build().display()))
        .arg("-lwslay"));
    let flags = [&format!("-L{}", work.display()), "-lmiddle", &format!("-Wl,-rpath,{}", work.display())];
    let library_path = format!("-Wl,-rpath-link,{}/lib", build().display());
    let outer = program(&work, "outer", &["middle"], &[flags[0], flags[1], flags[2], &library_path]);
    let output = relink(&["check", outer.to_str().unwrap()]);
    let said = text(&output.stdout);
    assert!(said.contains("libwslay.so.1: covered") && said.contains("(through "), "{said}");
}

/// A folder for another processor's libraries, as /lib32, may come first: the dynamic linker passes it over.
#[test]
fn check_passes_over_libraries_for_other_processors() {
    let work = scratch("command-processors");
    let helper = work.join("libhelper.so");
    fs::write(work.join("helper.c"), "void wslay_helper(void) {}\n").unwrap();
    run(Command::new(cc()).args(["-shared", "-fPIC", "-o"]).arg(&helper).arg(work.join("helper.c")));
    let folder = work.join("lib32");
    fs::create_dir_all(&folder).unwrap();
    let mut foreign = fs::read(&helper).unwrap();
    foreign[18] = 40;
    fs::write(folder.join("libhelper.so"), &foreign).unwrap();
    let here = format!("-L{}", work.display());
    let run_path = format!("-Wl,-rpath,{}:{}", folder.display(), work.display());
    let user = program(
        &work,
        "user",
        &["wslay_event_send", "wslay_helper"],
        &["-lwslay", &here, "-lhelper", &run_path],
    );
    let output = relink(&["check", user.to_str().unwrap()]);
    let said = text(&output.stdout);
    assert!(
        output.status.success() && said.contains("covered by libwslay.so.1.1.1, 1 of 1 symbols"),
        "{said}"
    );
}

/// What it will look for there, nobody knows; that it may, is said.
#[test]
fn check_tells_of_libraries_that_are_only_named() {
    let work = scratch("command-named");
    let file = work.join("loads.c");
    fs::write(&file, "#include <dlfcn.h>\nint main(void) { return !dlopen(\"libwslay.so.1\", RTLD_NOW); }\n")
        .unwrap();
    let program = work.join("loads");
    run(Command::new(cc()).arg("-o").arg(&program).arg(&file).arg("-ldl"));
    let output = relink(&["check", program.to_str().unwrap()]);
    let said = text(&output.stdout);
    assert!(output.status.success() && said.contains("loads: libwslay.so.1: only named"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    // A library's own name in its own file says nothing.
    let own = build().join("lib/libwslay.so.1");
    let said = text(&relink(&["check", own.to_str().unwrap()]).stdout);
    assert!(said.ends_with("libwslay.so.1: uses none of the libraries\n"), "{said}");
}

#[test]
fn check_says_why_a_file_cannot_be_checked() {
    let work = scratch("command-errors");
    let shell = work.join("script");
    fs::write(&shell, "#!/bin/sh\n").unwrap();
    let statically = program(&work, "static", &[], &["-static"]);
    let anywhere = program(&work, "static-pie", &[], &["-static-pie"]);
    let foreign = work.join("foreign");
    let mut header = fs::read(&statically).unwrap();
    header[18] = 40;
    fs::write(&foreign, &header).unwrap();
    let cut = work.join("cut");
    fs::write(&cut, &header[..20]).unwrap();
    for (path, why) in [
        (&shell, "not an ELF file"),
        (&statically, "statically linked"),
        (&anywhere, "statically linked"),
        (&foreign, "for another architecture"),
        (&cut, "broken ELF file"),
        (&work.join("nothing"), "No such file"),
    ] {
        let output = relink(&["check", path.to_str().unwrap()]);
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(why), "{said}");
    }
    assert_eq!(relink(&["check"]).status.code(), Some(2));
}

#[test]
fn run_puts_our_libraries_in_front_and_changes_nothing_else() {
    let work = scratch("command-run");
    let good = program(&work, "good", &["wslay_event_recv"], &["-lwslay"]);
    let libraries = build().join("lib");
    let libraries = ["run", "--libraries", libraries.to_str().unwrap(), "--"];
    let call = |rest: &[&str]| relink(&[&libraries[..], rest].concat());
    // The program returns its number of arguments.
    assert_eq!(call(&[good.to_str().unwrap(), "a", "-b", "--"]).status.code(), Some(4));
    let output = call(&["sh", "-c", "echo $LD_LIBRARY_PATH; exit 3"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stdout).starts_with(build().join("lib").to_str().unwrap()));
    assert_eq!(call(&["/nowhere/at/all"]).status.code(), Some(127));
    // It is the program: the process that was started, with all its descriptors.
    let command = env!("CARGO_BIN_EXE_relink");
    let line =
        format!("exec 7>told; echo $$ >&7; exec {command} {} sh -c 'echo $$ >&7'", libraries.join(" "));
    run(Command::new("sh").args(["-c", &line]).current_dir(&work));
    let told = fs::read_to_string(work.join("told")).unwrap();
    let ids: Vec<&str> = told.lines().collect();
    assert!(ids.len() == 2 && ids[0] == ids[1], "{told}");
    use std::os::unix::process::ExitStatusExt as _;
    assert_eq!(call(&["sh", "-c", "kill -TERM $$"]).status.signal(), Some(15));
}

/// Limits and switches that are misspelt would be none.
#[test]
fn run_sets_what_the_libraries_know_and_nothing_else() {
    let libraries = build().join("lib");
    let libraries = ["run", "--libraries", libraries.to_str().unwrap()];
    let call = |rest: &[&str]| relink(&[&libraries[..], rest].concat());
    let output = call(&["--set", "RELINK_LOG=warn", "--", "sh", "-c", "echo $RELINK_LOG"]);
    assert_eq!(text(&output.stdout), "warn\n");
    for (wrong, words) in [
        (["--set", "RELINK_LOGS=warn"], "RELINK_LOGS: no setting"),
        (["--set", "RELINK_LOG"], "RELINK_LOG: not NAME=VALUE"),
        (["--personality", "nobody"], "no personality nobody"),
    ] {
        let output = call(&[&wrong[..], &["--", "true"]].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(words), "{}", text(&output.stderr));
    }
    let listed = text(&relink(&["run", "--settings"]).stdout);
    assert!(listed.contains("RELINK_TRACE=") && listed.contains("Personalities:"), "{listed}");
}

/// A private folder's object is in front of the one of the same name.
#[test]
fn run_takes_the_generation_that_it_is_told() {
    let work = scratch("command-personality");
    for object in objects().iter().filter(|object| !object.subdir.is_empty()) {
        let usual =
            program(&work, &object.name, &[object.exports()[0].as_str()], &[object.path().to_str().unwrap()]);
        let folder = build().join("lib");
        let mut arguments =
            vec!["run", "--libraries", folder.to_str().unwrap(), "--personality", &object.name];
        arguments.extend(["--", "ldd", usual.to_str().unwrap()]);
        let said = text(&relink(&arguments).stdout);
        let first = format!("{} => {}/", object.soname, object.dir().display());
        assert!(said.contains(&first), "{said}");
    }
}

/// The program of `tests/traced.c`.
fn traced(work: &Path) -> PathBuf {
    let path = work.join("traced");
    run(Command::new(cc())
        .args(["-Wall", "-Wextra", "-Werror", "-o"])
        .arg(&path)
        .arg(source().join("tests/traced.c"))
        .arg(format!("-I{}", source().join("include").display()))
        .arg(format!("-L{}/lib", build().display()))
        .arg("-lwslay"));
    path
}

/// What the program of `tests/traced.c` says, without times and numbers of processes.
const TRACED: [&str; 5] = [
    "wslay #1 -> text, 5 bytes \"hello\"",
    "wslay #1 -> text, 13 bytes \"still \\\"here\\\"\\n\"",
    "wslay #1 -> text, 5 bytes \"child\"",
    "wslay #1 <- close, 5 bytes 1001 \"bye\"",
    "wslay #1 -> close, 5 bytes 1001 \"bye\"",
];

fn messages(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.split_once("] ")).map(|(_, message)| message).collect()
}

/// Forks, closed descriptors and descriptors of the same number do not disturb a trace.
#[test]
fn trace_tells_every_message_and_changes_nothing_else() {
    let work = scratch("command-trace");
    let program = traced(&work);
    let libraries = build().join("lib");
    let file = |name: &str| work.join(name).display().to_string();
    let call = |rest: &[&str]| {
        let first = ["trace", "--libraries", libraries.to_str().unwrap()];
        relink(&[&first[..], rest].concat())
    };
    let program = program.to_str().unwrap();

    let output = call(&["--", program, "7"]);
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(messages(&text(&output.stderr)), TRACED, "{}", text(&output.stderr));

    let (json, page, lines) = (file("trace.json"), file("trace.html"), file("trace.txt"));
    let output = call(&["--json", &json, "--page", &page, "--text", &lines, "--", program, "kill"]);
    use std::os::unix::process::ExitStatusExt as _;
    assert_eq!(output.status.signal(), Some(15));
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    let records: Vec<serde_json::Value> =
        fs::read_to_string(&json).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), TRACED.len());
    assert_eq!(records[3]["message"], "close");
    assert_eq!(records[3]["direction"], "received");
    assert_eq!(records[0]["program"], "traced");
    assert_ne!(records[2]["pid"], records[0]["pid"]);
    assert_eq!(messages(&fs::read_to_string(&lines).unwrap()), TRACED);
    assert!(fs::read_to_string(&page).unwrap().contains("1001 \\\"bye\\\""));

    for file in [&json, &page, &lines] {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{file}");
    }

    let again = file("again.html");
    let output = relink(&["trace", "--read", &json, "--page", &again]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(fs::read(&again).unwrap(), fs::read(&page).unwrap());

    assert_eq!(call(&["--", "/nowhere/at/all"]).status.code(), Some(127));
    assert_eq!(relink(&["trace"]).status.code(), Some(2));
}

#[test]
fn trace_passes_signals_on() {
    use std::os::unix::process::ExitStatusExt as _;
    let work = scratch("command-trace-signals");
    let program = traced(&work);
    let lines = work.join("trace.txt");
    let mut child = Command::new(env!("CARGO_BIN_EXE_relink"))
        .args(["trace", "--libraries"])
        .arg(build().join("lib"))
        .arg("--text")
        .arg(&lines)
        .arg("--")
        .args([program.as_os_str(), "wait".as_ref()])
        .spawn()
        .unwrap();
    // It waits when it has said everything.
    std::thread::sleep(std::time::Duration::from_secs(1));
    run(Command::new("kill").args(["-TERM", &child.id().to_string()]));
    assert_eq!(child.wait().unwrap().signal(), Some(libc::SIGTERM));
    assert_eq!(messages(&fs::read_to_string(&lines).unwrap()), TRACED);
}

/// Without the command: the environment says it all, and nonsense there harms nobody.
#[test]
fn the_environment_turns_traces_on() {
    let work = scratch("command-trace-environment");
    let program = traced(&work);
    let lines = work.join("trace.txt");
    let call = |value: &std::ffi::OsStr| {
        Command::new(&program)
            .arg("5")
            .env("LD_LIBRARY_PATH", build().join("lib"))
            .env("RELINK_TRACE", value)
            .output()
            .unwrap()
    };
    for _ in 0..2 {
        assert_eq!(call(lines.as_os_str()).status.code(), Some(5));
    }
    let appended = fs::read_to_string(&lines).unwrap();
    assert_eq!(messages(&appended), [TRACED, TRACED].concat());
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(fs::metadata(&lines).unwrap().permissions().mode() & 0o777, 0o600);

    let output = call("-".as_ref());
    assert_eq!(messages(&text(&output.stderr)), TRACED);
    let output = call("/nowhere/at/all".as_ref());
    assert_eq!(output.status.code(), Some(5));
    assert_eq!(
        text(&output.stderr),
        "relink: tracing ends: /nowhere/at/all: No such file or directory (os error 2)\n"
    );
}

#[test]
fn scan_makes_c_that_compiles_and_complains_with_places() {
    let work = scratch("command-scan");
    let xml = source().join("examples-c/waltham/chat.xml");
    let xml = xml.to_str().unwrap();
    for (arguments, name) in [
        (["-m", "client", "-t", "header"], "client.h"),
        (["-m", "server", "-t", "header"], "server.h"),
        (["-m", "client", "-t", "marshaller"], "client.c"),
        (["-m", "server", "-t", "marshaller"], "server.c"),
        (["-m", "server", "-t", "demarshaller"], "description.c"),
        (["-m", "client", "-t", "code"], "code.c"),
    ] {
        let path = work.join(name);
        let output = relink(&[&["scan", "-i", xml, "-o", path.to_str().unwrap()], &arguments[..]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        for (compiler, language, dialect) in [(cc(), "c", "c99"), (support::cxx(), "c++", "c++98")] {
            run(Command::new(compiler)
                .args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only", "-x", language])
                .arg(format!("-std={dialect}"))
                .args(["-Wno-pragma-once-outside-header", "-Wno-long-long", "-Wno-variadic-macros"])
                .arg(format!("-I{}/waltham", source().join("include").display()))
                .arg(format!("-I{}", source().join("include").display()))
                .arg(&path));
        }
    }
    let bad = work.join("bad.xml");
    fs::write(
        &bad,
        "<protocol name='p'>\n <interface name='a'>\n  <request name='r'/>\n  <request name='r'/>\n",
    )
    .unwrap();
    let output = relink(&["scan", "-i", bad.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("bad.xml:5:1: error: "), "{}", text(&output.stderr));
    fs::write(
        &bad,
        "<protocol name='p'>\n <interface name='a'>\n  <request name='r'/>\n  <request name='r'/>\n </interface>\n</protocol>",
    )
    .unwrap();
    let output = relink(&["scan", "-i", bad.to_str().unwrap()]);
    assert!(
        text(&output.stderr).contains("bad.xml:4:3: error: its function would be `a_r`"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(relink(&["scan", "-i", xml, "--opcode-base", "5"]).status.code(), Some(2));
}

/// Loaded into a shell and asked as it is when somebody presses the tabulator key.
#[test]
fn bash_completes_subcommands_and_options() {
    let work = scratch("command-completions");
    let script = work.join("relink.bash");
    fs::write(&script, relink(&["completions", "bash"]).stdout).unwrap();
    let complete = |words: &[&str]| {
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let question = format!(
            "source {}; COMP_WORDS=({}); COMP_CWORD={}; _relink relink '{}' '{}'; echo \"${{COMPREPLY[@]}}\"",
            script.display(),
            quoted.join(" "),
            words.len() - 1,
            words[words.len() - 1],
            words[words.len() - 2],
        );
        run(Command::new("bash").args(["--norc", "-c", &question]))
    };
    assert_eq!(complete(&["relink", "ch"]).trim(), "check");
    assert!(complete(&["relink", "check", "--"]).contains("--json"));
    for (shell, says) in [("zsh", "#compdef relink"), ("fish", "complete -c relink")] {
        let output = relink(&["completions", shell]);
        assert!(output.status.success() && text(&output.stdout).contains(says), "{shell}");
    }
}

#[test]
fn every_subcommand_has_a_manual_page_that_names_its_options() {
    let folder = scratch("command-man");
    assert!(relink(&["man", folder.to_str().unwrap()]).status.success());
    let help = text(&relink(&["help"]).stdout);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names: Vec<&str> = listed
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.contains(&"check") && names.contains(&"run"), "{help}");
    for name in names {
        let page = fs::read_to_string(folder.join(format!("relink-{name}.1"))).unwrap();
        assert!(page.starts_with(&format!(".TH RELINK-{} 1", name.to_uppercase())), "{page}");
        for option in text(&relink(&[name, "--help"]).stdout).split_whitespace() {
            let Some(option) = option.strip_prefix("--") else { continue };
            let Some(word) = option.split(|c: char| !c.is_ascii_lowercase()).next() else { continue };
            assert!(page.contains(word), "relink-{name}.1: nothing about --{option}");
        }
        let main = fs::read_to_string(folder.join("relink.1")).unwrap();
        assert!(main.contains(&format!("relink\\-{name}(1)")), "relink.1: no {name}");
    }
    assert!(fs::read_to_string(folder.join("relink-check.1")).unwrap().contains(".SH EXAMPLES\n"));
}

/// An archive with its schema, as the original wrote it: one message, a number and a string.
const ARCHIVE: &str = "\
    4c574d410001010001000000000000000000000000000000000000007e00000001000100010000000400000000020000\
    00020003000000020000000004000000020000000000000000000000000000000000ff010000006e0500000007000000\
    00060000000200000000070000000101000000000000000000000000000000000100000000ffffff00000000ff010000\
    0073ff0100000053ff010000003102000000040007000100090000002a00ff020000004869";

fn archive() -> Vec<u8> {
    (0..ARCHIVE.len()).step_by(2).map(|at| u8::from_str_radix(&ARCHIVE[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn lwma_shows_what_is_in_an_archive_of_the_original() {
    let work = scratch("lwma");
    let file = work.join("one.lwma");
    let archive = archive();
    fs::write(&file, &archive).unwrap();
    let wanted = "------\nSchema\n------\n\n1 (1): \n    struct S\n    {\n        int16 n;\n        uint8* <string> s;\n    }\
        \n\n--------\nMessages\n--------\n\n[0] 1: \n    {\n        n = 42\n        s = \"Hi\"\n    }\n\n";
    let alias = work.join("lwma");
    let _ = fs::remove_file(&alias);
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_relink"), &alias).unwrap();
    assert_eq!(run(Command::new(&alias).arg("dump").arg(&file)), wanted);
    let output = relink(&["archive", "dump", file.to_str().unwrap()]);
    assert!(output.status.success());
    assert_eq!(text(&output.stdout), wanted);

    // What can be read is shown, and then why the rest cannot.
    fs::write(&file, &archive[..archive.len() - 1]).unwrap();
    let output = relink(&["archive", "dump", file.to_str().unwrap()]);
    assert!(!output.status.success());
    assert!(text(&output.stdout).contains("struct S"));
    assert!(text(&output.stderr).contains("LWMSG_STATUS_MALFORMED"), "{}", text(&output.stderr));
    let output = relink(&["archive", "dump", work.join("none").to_str().unwrap()]);
    assert!(text(&output.stderr).contains("LWMSG_STATUS_FILE_NOT_FOUND"));
}
