//! Libraries that an original needed: programs use them without naming them, and those that do not use them do without.

mod support;

use std::process::Command;
use support::{cc, objects, run, scratch};

#[test]
fn what_an_original_brought_is_found_through_ours() {
    for object in objects().iter().filter(|object| !object.brings.is_empty()) {
        let folder = scratch(&format!("brought-{}", object.name));
        let [brought] = &object.brings[..] else { panic!("{}: {:?}", object.name, object.brings) };
        let library = |name: &str, source: &str| {
            let source_file = folder.join(format!("{name}.c"));
            std::fs::write(&source_file, source).unwrap();
            let mut compile = Command::new(cc());
            compile.args(["-shared", "-fPIC", "-O1", "-Wl,-z,lazy", "-Wl,--no-as-needed", "-o"]);
            compile.arg(folder.join(name)).arg(format!("-Wl,-soname,{name}")).arg(source_file);
            compile
        };
        run(&mut library(brought, "int brought(void) { return 42; }\n"));
        // A library of the original's family: it names only the original, and gets both.
        run(library(
            "libfamily.so",
            "int brought(void);\nint family(int asks) { return asks ? brought() : 7; }\n",
        )
        .arg(object.path()));
        let program = folder.join("program");
        let source_file = folder.join("program.c");
        std::fs::write(
            &source_file,
            "#include <stdio.h>\nint family(int);\nint main(int count, char **arguments)\n\
             { (void)arguments; printf(\"%d\\n\", family(count > 1)); return 0; }\n",
        )
        .unwrap();
        run(Command::new(cc())
            .args(["-O1", "-Wl,--unresolved-symbols=ignore-in-shared-libs", "-o"])
            .arg(&program)
            .arg(source_file)
            .arg(folder.join("libfamily.so")));
        let path = format!("{}:{}", folder.display(), object.dir().display());
        assert_eq!(run(Command::new(&program).arg("asks").env("LD_LIBRARY_PATH", &path)), "42\n");
        std::fs::remove_file(folder.join(brought)).unwrap();
        assert_eq!(run(Command::new(&program).env("LD_LIBRARY_PATH", &path)), "7\n");
    }
}
