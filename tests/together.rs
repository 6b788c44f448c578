//! Programs that use several of the libraries at once.

mod support;

use std::fs;
use std::process::Command;
use support::{Object, build, cc, objects, program_using_symbols, run, scratch, source};

/// Those on the linker's path: the others are for programs that would otherwise use one of these.
fn ordinary_objects() -> Vec<Object> {
    objects().into_iter().filter(|object| object.subdir.is_empty()).collect()
}

#[test]
fn one_program_is_linked_with_all_of_them_shared_and_static() {
    let work = scratch("together");
    let objects = ordinary_objects();
    let file = work.join("all.c");
    let symbols: Vec<String> = objects.iter().flat_map(Object::exports).collect();
    fs::write(&file, program_using_symbols(&symbols)).unwrap();
    let shared = work.join("shared");
    // Each of them is first once.
    for first in 0..objects.len() {
        let mut order: Vec<_> = objects.iter().map(Object::path).collect();
        order.rotate_left(first);
        run(Command::new(cc()).arg("-o").arg(&shared).arg(&file).args(order));
        run(Command::new(&shared).env("LD_LIBRARY_PATH", build().join("lib")));
    }
    let statically = work.join("static");
    let archives = objects.iter().filter(|object| !object.archive.is_empty());
    // Of what the shared objects need, an archive of ours is there already.
    let own = |soname: &&String| objects.iter().any(|object| object.soname == **soname);
    let needed = objects.iter().flat_map(|object| &object.needed).filter(|soname| !own(soname));
    // An archive has no way to do without them.
    let optional = objects.iter().flat_map(|object| &object.optional).map(|name| format!("-l{name}"));
    run(Command::new(cc())
        .arg("-o")
        .arg(&statically)
        .arg(&file)
        .args(archives.map(|object| object.dir().join(&object.archive)))
        .args(needed.filter_map(|soname| link_flag(soname)))
        .args(optional)
        .args(["-lgcc_s", "-lpthread", "-ldl", "-lm"]));
    run(Command::new(&statically).env_remove("LD_LIBRARY_PATH"));
}

/// `-lssl` for `libssl.so.3`; none for the loader.
fn link_flag(soname: &str) -> Option<String> {
    let (name, _) = soname.strip_prefix("lib")?.split_once(".so")?;
    Some(format!("-l{name}"))
}

#[test]
fn one_process_loads_all_of_them_in_every_order_and_lets_them_go() {
    let work = scratch("together-loaded");
    let program = work.join("together");
    run(Command::new(cc())
        .args(["-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", "-O2", "-o"])
        .arg(&program)
        .arg(source().join("tests/together.c"))
        .arg("-ldl"));
    let objects = ordinary_objects();
    let symbols = objects.iter().map(|object| object.exports().remove(0));
    let said = run(Command::new(&program)
        .arg(objects.len().to_string())
        .args(objects.iter().map(Object::path))
        .args(symbols)
        .env("LD_LIBRARY_PATH", build().join("lib")));
    let orders: usize = (1..=objects.len()).product();
    assert_eq!(said, format!("{orders} orders\n"));
}

#[test]
fn one_poll_loop_serves_three_of_them() {
    let work = scratch("together-loop");
    let program = work.join("one_loop");
    let used = ["wslay", "waltham", "libwebsockets"];
    let objects: Vec<Object> =
        ordinary_objects().into_iter().filter(|object| used.contains(&object.room.as_str())).collect();
    assert_eq!(objects.len(), used.len());
    run(Command::new(cc())
        .args(["-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", "-O2", "-o"])
        .arg(&program)
        .arg(source().join("tests/one_loop.c"))
        .args(objects.iter().flat_map(support::include_flags))
        .args(objects.iter().map(Object::path)));
    let said = run(Command::new(&program).arg("500").env("LD_LIBRARY_PATH", build().join("lib")));
    assert_eq!(said, "500 rounds\n");
}
