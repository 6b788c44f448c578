//! Installed files are where packagers expect them, and programs build against them: through
//! pkg-config, shared and static, and through CMake; and nothing is left after uninstall.

mod support;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Object, build, cc, make, objects, program_using_symbols, rooms, run, scratch, source};

/// `make <goal>` into `prefix`, with the libraries that are already built.
fn make_goal(goal: &str, prefix: &Path, destdir: Option<&Path>) {
    make_goal_with(make(), goal, prefix, destdir, &[]);
}

fn make_goal_with(
    mut command: Command,
    goal: &str,
    prefix: &Path,
    destdir: Option<&Path>,
    variables: &[&str],
) {
    command.arg("--silent").arg(goal).arg(format!("PREFIX={}", prefix.display())).args(variables);
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
    for name in [
        "bin/relink",
        "bin/relink-waltham-scanner",
        "bin/lwma",
        "share/man/man1/relink.1",
        "share/man/man1/relink-check.1",
        "share/man/man1/relink-waltham-scanner.1",
        "share/man/man1/lwma.1",
        "share/bash-completion/completions/relink",
        "share/zsh/site-functions/_relink",
        "share/fish/vendor_completions.d/relink.fish",
    ] {
        assert!(found.contains(&Path::new("usr").join(name)), "{name} is not installed");
    }
    for room in rooms() {
        let page = format!("share/man/man3/{room}.3");
        assert!(found.contains(&Path::new("usr").join(&page)), "{page} is not installed");
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

/// Distributions have library folders of their own, for several architectures in one system.
#[test]
fn libdir_is_honoured_and_nothing_is_left_elsewhere() {
    let root = scratch("libdir");
    let libdir = ["LIBDIR=/usr/lib/some-linux-gnu"];
    make_goal_with(make(), "install", Path::new("/usr"), Some(&root), &libdir);
    let found = files_below(&root);
    let elsewhere = found
        .iter()
        .filter(|path| path.starts_with("usr/lib") && !path.starts_with("usr/lib/some-linux-gnu"))
        .collect::<Vec<_>>();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
    for object in objects() {
        for module in &object.pkgconfig {
            let path = root.join("usr/lib/some-linux-gnu/pkgconfig").join(format!("{module}.pc"));
            let text =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let right = "libdir=${prefix}/lib/some-linux-gnu\n";
            assert!(text.contains(right) || !text.contains("libdir="), "{module}: {text}");
        }
    }
    make_goal_with(make(), "uninstall", Path::new("/usr"), Some(&root), &libdir);
    assert_eq!(files_below(&root), BTreeSet::new());
}

/// `relink run` puts that folder before everything else: it must not bring other libraries along.
#[test]
fn the_folder_of_our_libraries_alone_holds_the_names_that_programs_ask_for() {
    let root = scratch("own-folder");
    make_goal("install", Path::new("/usr"), Some(&root));
    let folder = root.join("usr/lib/relink");
    let mut wanted = BTreeSet::new();
    for object in objects().iter().filter(|object| object.subdir.is_empty()) {
        let names = object.links.iter().filter(|name| !name.ends_with(".so")).chain([&object.soname]);
        for name in names {
            let file = folder.join(name).canonicalize().unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(file.file_name(), Some(OsStr::new(&object.file)));
            wanted.insert(PathBuf::from(name));
        }
    }
    let found: BTreeSet<PathBuf> =
        files_below(&folder).into_iter().filter(|path| path.components().count() == 1).collect();
    assert_eq!(found, wanted);
}

/// `make deb` itself takes the tools of a distribution; this takes none.
#[test]
fn every_installed_file_has_a_debian_package_and_every_package_a_file() {
    let root = scratch("debian");
    make_goal_with(make(), "install", Path::new("/usr"), Some(&root), &["LIBDIR=/usr/lib/some-linux-gnu"]);
    let generate = source().join("debian/generate");
    make_goal(&format!("{}/packages.tsv", build().display()), Path::new("/usr"), None);
    run(Command::new(&generate).arg("check").arg(build()).arg(&root));
    let control = run(Command::new(&generate).arg("control").arg(build()));
    for object in objects().iter().filter(|object| object.subdir.is_empty()) {
        // As Debian's rules for the names of libraries have it: libwslay.so.1 is in libwslay1.
        let (name, version) = object.soname.split_once(".so.").unwrap();
        let original = format!("{}{version}", name.replace('_', "-"));
        let wanted = format!("Replaces: {original}");
        let found =
            control.lines().any(|line| line.starts_with("Replaces: ") && line[9..].contains(&original));
        assert!(found, "nothing with {wanted}:\n{control}");
    }
}

#[test]
fn installed_files_are_for_everyone_to_read_and_for_the_owner_to_change() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;
    let root = scratch("permissions");
    let mut command = make();
    // What the one who installs keeps to himself otherwise.
    // SAFETY: umask may be called between fork and exec, and has no other effect there.
    unsafe {
        command.pre_exec(|| {
            libc::umask(0o077);
            Ok(())
        });
    }
    make_goal_with(command, "install", Path::new("/usr"), Some(&root), &[]);
    for path in files_below(&root) {
        let metadata = fs::symlink_metadata(root.join(&path)).unwrap();
        if metadata.is_symlink() {
            let target = fs::read_link(root.join(&path)).unwrap();
            assert!(target.is_relative(), "{}: leads to {}", path.display(), target.display());
            assert!(root.join(&path).exists(), "{}: leads nowhere", path.display());
            continue;
        }
        let runs = path.starts_with("usr/bin") || path.to_string_lossy().contains(".so");
        let wanted = if runs { 0o755 } else { 0o644 };
        assert_eq!(metadata.permissions().mode() & 0o7777, wanted, "{}", path.display());
    }
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
        let archives: Vec<String> = objects()
            .into_iter()
            .map(|object| object.archive)
            .filter(|archive| !archive.is_empty())
            .collect();
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
    for object in objects().iter().filter(|object| !object.pkgconfig.is_empty()) {
        let project = work.join(&object.name);
        fs::create_dir_all(&project).unwrap();
        fs::write(project.join("main.c"), program_using(object)).unwrap();
        let mut text = format!(
            "cmake_minimum_required(VERSION 3.10)\nproject(check C)\nadd_executable(asked main.c)\n\
             find_package(PkgConfig REQUIRED)\npkg_check_modules(OBJECT REQUIRED IMPORTED_TARGET {})\n\
             target_link_libraries(asked PkgConfig::OBJECT)\n",
            object.pkgconfig.join(" ")
        );
        let mut programs = vec!["asked"];
        if !object.cmake.is_empty() {
            text += &format!(
                "find_package({0} REQUIRED)\nadd_executable(named main.c)\ntarget_link_libraries(named {0})\n\
                 add_executable(alias main.c)\ntarget_link_libraries(alias {0}_shared)\n",
                object.cmake
            );
            programs.extend(["named", "alias"]);
        }
        fs::write(project.join("CMakeLists.txt"), text).unwrap();
        let tree = project.join("tree");
        run(Command::new("cmake")
            .arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()))
            .arg("-S")
            .arg(&project)
            .arg("-B")
            .arg(&tree));
        run(Command::new("cmake").arg("--build").arg(&tree));
        for name in programs {
            run(&mut Command::new(tree.join(name)));
        }
    }
}
