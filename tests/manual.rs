//! Manual pages of section 3: one for every function a program can call, without a complaint of those who read them.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use support::{build, objects, rooms, run, run_limited, scratch, source};

fn pages(name: &str) -> PathBuf {
    let folder = scratch(name).join("man3");
    run(Command::new(env!("CARGO_BIN_EXE_relink"))
        .arg("man")
        .arg("--functions-of")
        .arg(build().join("manifest.tsv"))
        .arg("--source")
        .arg(source())
        .arg(&folder));
    folder
}

fn names(folder: &Path) -> BTreeSet<String> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    files.map(|file| file.strip_suffix(".3").unwrap().to_owned()).collect()
}

/// What the headers declare: an object may export more, for programs compiled long ago.
#[test]
fn every_function_that_programs_can_call_has_a_page() {
    let found = names(&pages("manual-complete"));
    let mut missing = Vec::new();
    for object in objects() {
        let header = |name: &String| fs::read_to_string(source().join("include").join(name)).unwrap();
        let declared: String = object.headers.iter().map(header).collect();
        let exports = object.exports().into_iter().filter(|symbol| declared.contains(&format!("{symbol}(")));
        missing.extend(exports.filter(|symbol| !found.contains(symbol)));
        assert!(found.contains(&object.room), "{} has no overview", object.room);
    }
    assert!(missing.is_empty(), "without a page: {missing:?}");
}

#[test]
fn every_page_says_what_it_is_about_and_how_to_link() {
    let folder = pages("manual-parts");
    let overviews = rooms();
    for name in names(&folder) {
        let text = fs::read_to_string(folder.join(format!("{name}.3"))).unwrap();
        for part in [".SH NAME\n", ".SH LIBRARY\n", ".SH SYNOPSIS\n", ".B #include <", ".SH SEE ALSO\n"] {
            assert!(text.contains(part), "{name}.3: without {part:?}");
        }
        let tells = [".SH DESCRIPTION\n", ".SH RETURN VALUE\n"].iter().any(|part| text.contains(part));
        assert!(tells || overviews.contains(&name), "{name}.3: tells nothing");
        let lines = text.lines().skip_while(|line| *line != ".SH NAME").skip(1);
        let words: Vec<&str> = lines.take_while(|line| !line.starts_with(".SH")).collect();
        let words = words.join(" ");
        let (subjects, about) = words.split_once(" \\- ").unwrap_or_else(|| panic!("{name}.3: no NAME"));
        assert!(subjects.split(", ").any(|subject| subject == name), "{name}.3: about {subjects}");
        assert!(!about.trim().is_empty(), "{name}.3: about nothing");
    }
}

/// What a page refers to is there, in one of the sections that we install or the system has.
#[test]
fn references_lead_to_pages() {
    let folder = pages("manual-references");
    let found = names(&folder);
    for name in &found {
        let text = fs::read_to_string(folder.join(format!("{name}.3"))).unwrap();
        let (_, list) = text.split_once(".SH SEE ALSO\n").unwrap();
        for line in list.lines() {
            let mut words =
                line.strip_prefix(".BR ").unwrap_or_else(|| panic!("{name}.3: {line}")).split(' ');
            let (page, section) = (words.next().unwrap(), words.next().unwrap());
            assert!(
                page == "relink" || (section.starts_with("(3)") && found.contains(page)),
                "{name}.3: {line}"
            );
        }
    }
}

#[test]
fn pages_are_correct_for_both_formatters() {
    let folder = pages("manual-lint");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| !file.is_symlink());
    files.sort();
    let limit = Duration::from_secs(300);
    let lint = run_limited(Command::new("mandoc").args(["-T", "lint", "-W", "style"]).args(&files), limit);
    // Without a date, two builds of the same source make the same page.
    let complaints: Vec<&str> = lint
        .stdout
        .lines()
        .chain(lint.stderr.lines())
        .filter(|line| !line.contains("missing date"))
        .collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    for part in files.chunks(50) {
        let mut command = Command::new("man");
        command
            .args(["--warnings", "--no-hyphenation", "-E", "UTF-8", "-l"])
            .args(part)
            .env("MANWIDTH", "100");
        let shown = run_limited(command.env("LC_ALL", "C.UTF-8"), limit);
        assert!(shown.status.success() && shown.stderr.is_empty(), "{}", shown.stderr);
    }
}

/// Before a function can be called its header has to compile, as the page has it.
#[test]
fn prototypes_in_pages_are_declarations_of_the_headers() {
    let text = fs::read_to_string(pages("manual-synopsis").join("wslay_event_queue_close.3")).unwrap();
    let wanted = ".B \"int wslay_event_queue_close(wslay_event_context_ptr ctx,\"\n.B \"                            uint16_t status_code,\"\n";
    assert!(text.contains(wanted), "{text}");
}
