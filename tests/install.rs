//! Installed files are where packagers expect them, and programs build against them: through
//! pkg-config, shared and static, and through CMake; and nothing is left after uninstall.

mod support;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Object, build, cc, make, objects, program_using_symbols, run, scratch};

/// `make <goal>` into `prefix`, with the libraries that are already built.
fn make_goal(goal: &str, prefix: &Path, destdir: Option<&Path>) {
    let mut command = make();
    command.arg("--silent").arg(goal).arg(format!("PREFIX={}", prefix.display()));
    command.arg(format!("BUILD={}", build().display()));
    // The profile only matters to the compiler, which has nothing to do any more.
    if let Ok(profile) = std::env::var("RELINK_PROFILE") {
        command.arg(format!("PROFILE={profile}"));
    }
    if let Some(destdir) = destdir {
        command.arg(format!("DESTDIR={}", destdir.display()));
    }
    run(&mut command);
}

fn files_below(root: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_owned());
            }
        }
    }
    found
}

/// A program that needs every symbol an object promises, and its headers to be found.
fn program_using(object: &Object) -> String {
    let mut code = String::new();
    for header in &object.headers {
        // As programs write it: from one of the folders that pkg-config names.
        let searched =
            object.includes.iter().find_map(|folder| header.strip_prefix(folder)?.strip_prefix('/'));
        let header = searched.unwrap_or(header);
        code += &format!("#if !__has_include(<{header}>)\n#error \"{header} is not installed\"\n#endif\n");
    }
    code + &program_using_symbols(&object.exports())
}

fn pkg_config(prefix: &Path, arguments: &[&str], modules: &[String]) -> Vec<String> {
    let output = run(Command::new("pkg-config")
        .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"))
        .env("PKG_CONFIG_ALLOW_SYSTEM_LIBS", "1")
        .args(arguments)
        .args(modules));
    output.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn destdir_holds_everything_and_uninstall_leaves_nothing() {
    let root = scratch("destdir");
    make_goal("install", Path::new("/usr"), Some(&root));
    let found = files_below(&root);
    assert!(found.iter().all(|path| path.starts_with("usr")), "{found:?}");
    for object in objects() {
        let lib = Path::new("usr/lib").join(&object.subdir);
        for name in object.links.iter().chain([&object.file, &object.soname]) {
            assert!(found.contains(&lib.join(name)), "{name} is not installed");
        }
        for header in &object.headers {
            assert!(found.contains(&Path::new("usr/include").join(header)), "{header} is not installed");
        }
    }
    for name in ["relink", "relink-waltham-scanner"] {
        assert!(found.contains(&Path::new("usr/bin").join(name)), "{name} is not installed");
    }
    for path in &found {
        if path.extension() == Some(OsStr::new("pc")) {
            let text = fs::read_to_string(root.join(path)).unwrap();
            assert!(!text.contains(&*root.to_string_lossy()), "{}: names DESTDIR", path.display());
            assert!(!text.contains('@'), "{}: not filled in", path.display());
        }
    }
    make_goal("uninstall", Path::new("/usr"), Some(&root));
    assert_eq!(files_below(&root), BTreeSet::new());
}

#[test]
fn programs_link_through_pkg_config_shared_and_static() {
    let work = scratch("pkgconfig");
    let prefix = work.join("prefix");
    make_goal("install", &prefix, None);
    for object in objects().iter().filter(|object| !object.pkgconfig.is_empty()) {
        let file = work.join(format!("{}.c", object.name));
        fs::write(&file, program_using(object)).unwrap();

        let shared = work.join(format!("{}-shared", object.name));
        run(Command::new(cc()).arg("-o").arg(&shared).arg(&file).args(pkg_config(
            &prefix,
            &["--cflags", "--libs"],
            &object.pkgconfig,
        )));
        run(Command::new(&shared).env("LD_LIBRARY_PATH", prefix.join("lib")));

        if object.archive.is_empty() {
            continue;
        }
        let statically = work.join(format!("{}-static", object.name));
        // The archives of all objects: one may stand on another.
        let archives: Vec<String> = objects().into_iter().map(|object| object.archive).collect();
        let flags: Vec<String> = pkg_config(&prefix, &["--static", "--cflags", "--libs"], &object.pkgconfig)
            .into_iter()
            .map(|flag| {
                let archive = flag.strip_prefix("-l").map(|name| format!("lib{name}.a")).unwrap_or_default();
                if archives.contains(&archive) { format!("-l:{archive}") } else { flag }
            })
            .collect();
        run(Command::new(cc()).arg("-o").arg(&statically).arg(&file).args(flags));
        run(Command::new(&statically).env_remove("LD_LIBRARY_PATH"));
    }
}

#[test]
fn programs_link_through_cmake() {
    let work = scratch("cmake");
    let prefix = work.join("prefix");
    make_goal("install", &prefix, None);
    for object in objects().iter().filter(|object| !object.cmake.is_empty()) {
        let project = work.join(&object.cmake);
        fs::create_dir_all(&project).unwrap();
        fs::write(project.join("main.c"), program_using(object)).unwrap();
        let text = format!(
            "cmake_minimum_required(VERSION 3.10)\nproject(check C)\nfind_package({0} REQUIRED)\n\
             add_executable(check main.c)\ntarget_link_libraries(check {0})\n\
             add_executable(alias main.c)\ntarget_link_libraries(alias {0}_shared)\n",
            object.cmake
        );
        fs::write(project.join("CMakeLists.txt"), text).unwrap();
        let tree = project.join("tree");
        run(Command::new("cmake")
            .arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()))
            .arg("-S")
            .arg(&project)
            .arg("-B")
            .arg(&tree));
        run(Command::new("cmake").arg("--build").arg(&tree));
        for name in ["check", "alias"] {
            run(&mut Command::new(tree.join(name)));
        }
    }
}
