//! The book in `docs/`: every page is in it, no link leads nowhere, and what is said of settings is so.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use support::source;

fn pages() -> Vec<PathBuf> {
    let folder = fs::read_dir(source().join("docs")).unwrap();
    let mut pages: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    pages
}

/// The targets of a text's links and pictures, without those in code.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced || line.starts_with("    ") {
            continue;
        }
        // Every other piece is code.
        for piece in line.split('`').step_by(2) {
            let ends = piece.match_indices("](").map(|(at, _)| &piece[at + 2..]);
            found.extend(ends.filter_map(|rest| rest.split_once(')')).map(|(target, _)| target.to_owned()));
        }
    }
    // A link whose text is code is cut in two above.
    for (at, _) in text.match_indices("`](") {
        found.extend(text[at + 3..].split_once(')').map(|(target, _)| target.to_owned()));
    }
    found
}

/// What a heading's link is called.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn anchors(page: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(page).unwrap();
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| anchor(line.trim_start_matches('#')))
        .collect()
}

#[test]
fn no_link_leads_nowhere() {
    let top = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map(|name| source().join(name));
    let mut broken = Vec::new();
    for page in pages().into_iter().chain(top) {
        for link in links(&fs::read_to_string(&page).unwrap()) {
            if link.contains("://") {
                continue;
            }
            let (path, part) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            let found = target.exists() && (part.is_empty() || anchors(&target).contains(part));
            if !found {
                broken.push(format!("{}: {link}", support::shown(&page)));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_page_is_in_the_book_and_every_chapter_is_there() {
    let summary = fs::read_to_string(source().join("docs/SUMMARY.md")).unwrap();
    let chapters: BTreeSet<String> = links(&summary).into_iter().collect();
    for page in pages() {
        let name = page.file_name().unwrap().to_string_lossy().into_owned();
        assert!(name == "SUMMARY.md" || chapters.contains(&name), "docs/{name}: not in docs/SUMMARY.md");
    }
}

/// Each room's settings.
fn settings() -> Vec<(String, [String; 3])> {
    let mut rooms: Vec<PathBuf> =
        fs::read_dir(source().join("src")).unwrap().map(|entry| entry.unwrap().path()).collect();
    rooms.sort();
    // A room that is described and has nothing in it yet is none.
    rooms.retain(|room| room.join("mod.rs").exists());
    let mut found = Vec::new();
    for room in rooms {
        let Ok(text) = fs::read_to_string(room.join("environment.tsv")) else { continue };
        let name = room.file_name().unwrap().to_string_lossy().into_owned();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<String> = line.split('\t').map(str::to_owned).collect();
            found.push((name.clone(), columns.try_into().unwrap()));
        }
    }
    found
}

/// `RELINK_BLESS=1` writes it instead (`make headers`).
#[test]
fn fresh() {
    let mut text = String::from(
        "# Settings from the environment\n\n\
         Made by `make headers` of each library's `environment.tsv`. `relink run --set NAME=VALUE` sets one for a\n\
         program, and refuses names that are not here. A program that was given privileges which its caller does \
         not have\n(set-user-id, file capabilities) ignores those that open files, lift limits or weaken checks.\n\n\
         | variable | value | meaning | of |\n|---|---|---|---|\n",
    );
    for (room, [name, value, meaning]) in settings() {
        let of = if ["ffi", "trace", "net", "websocket"].contains(&room.as_str()) { "all" } else { &room };
        text += &format!("| `{name}` | {value} | {meaning} | {of} |\n");
    }
    let path = source().join("docs/environment.md");
    if std::env::var_os("RELINK_BLESS").is_some() {
        fs::write(&path, text).unwrap();
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "{}: stale; run `make headers`", support::shown(&path));
}

/// A setting that is read and not listed could not be set by `relink run`; one that is listed and not read does
/// nothing.
#[test]
fn settings_are_those_that_the_code_reads() {
    let mut read = BTreeSet::new();
    let mut folders = vec![source().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("src/bin") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                for literal in fs::read_to_string(&path).unwrap().split('"').skip(1).step_by(2) {
                    let name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
                    if literal.starts_with("RELINK_") && literal.len() > 7 && literal.chars().all(name) {
                        read.insert(literal.to_owned());
                    }
                }
            }
        }
    }
    // Macros of a header, and what other programs call their settings.
    read.retain(|name| !name.starts_with("RELINK_WALTHAM_"));
    let listed: BTreeSet<String> = settings()
        .into_iter()
        .map(|(_, [name, ..])| name)
        .filter(|name| name.starts_with("RELINK_"))
        .collect();
    assert_eq!(read, listed);
}
