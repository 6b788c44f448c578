//! libdill: what its header and its data are to programs of every kind. `launching.rs` has what compilers do to coroutines.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use support::{build, cc, cxx, run, run_limited, scratch, source};

/// Compilers that are installed: clang is an optional one.
fn compilers() -> Vec<String> {
    let clang = Command::new("clang").arg("--version").output().is_ok_and(|output| output.status.success());
    [cc()].into_iter().chain(clang.then(|| "clang".to_owned())).collect()
}

fn compile(compiler: &str, way: &[&str], program: &Path, sources: &[&Path]) {
    run(Command::new(compiler)
        .args(way)
        .arg("-w")
        .arg("-I")
        .arg(source().join("include"))
        .arg("-I")
        .arg(source().join("capi-tests/support"))
        .arg("-o")
        .arg(program)
        .args(sources)
        .arg(build().join("lib/libdill.so"))
        .arg("-lpthread"));
}

fn runs(program: &Path) -> String {
    let outcome = run_limited(
        Command::new(program).env("LD_LIBRARY_PATH", build().join("lib")),
        Duration::from_secs(60),
    );
    assert!(
        outcome.status.success(),
        "{}: {}\n{}{}",
        program.display(),
        outcome.status,
        outcome.stdout,
        outcome.stderr
    );
    outcome.stdout
}

/// A program that is not position-independent has a copy of the library's data; a shared object refers to the same.
#[test]
fn data_symbols_have_one_address_in_every_kind_of_program() {
    let work = scratch("libdill-data");
    let object = work.join("libpart.so");
    let folder = source().join("tests");
    run(Command::new(cc())
        .args(["-shared", "-fPIC", "-DPART", "-o"])
        .arg(&object)
        .arg("-I")
        .arg(source().join("include"))
        .arg(folder.join("libdill_data.c"))
        .arg(build().join("lib/libdill.so")));
    for (name, way) in [("pie", &["-fPIE", "-pie"]), ("fixed", &["-fno-pie", "-no-pie"])] {
        let program = work.join(name);
        compile(&cc(), way, &program, &[&folder.join("libdill_data.c"), &object]);
        let copied = run(Command::new("readelf").args(["-rW"]).arg(&program));
        // Others may have one, too: that is the compiler's affair.
        let fixed = name == "fixed" && cfg!(target_arch = "x86_64");
        assert!(copied.contains("R_X86_64_COPY") || !fixed);
        let path = format!("{}:{}", build().join("lib").display(), work.display());
        run(Command::new(&program).env("LD_LIBRARY_PATH", path));
    }
}

#[test]
fn switches_leave_out_names_sockets_and_tls() {
    let work = scratch("libdill-switches");
    let header = |switches: &[&str], compiler: String, dialect: &str| {
        let file = work.join(if dialect.contains("++") { "switches.cpp" } else { "switches.c" });
        fs::write(&file, "#include <libdillimpl.h>\nint names(void);\nint names(void) { return 0; }\n")
            .unwrap();
        run(Command::new(compiler)
            .args([dialect, "-E", "-dD", "-P"])
            .args(switches.iter().map(|switch| format!("-D{switch}")))
            .arg("-I")
            .arg(source().join("include"))
            .arg(&file))
    };
    for (compiler, dialect) in [(cc(), "-std=gnu11"), (cxx(), "-std=c++17")] {
        let whole = header(&[], compiler.clone(), dialect);
        for name in ["#define hclose dill_hclose", "#define tcp_connect dill_tcp_connect", "dill_tls_done"] {
            assert!(whole.contains(name), "{name}");
        }
        let long = header(&["DILL_DISABLE_RAW_NAMES"], compiler.clone(), dialect);
        assert!(!long.contains("#define hclose") && !long.contains("#define ipaddr "));
        assert!(long.contains("dill_hclose") && long.contains("dill_tls_done"));
        let core = header(&["DILL_DISABLE_SOCKETS"], compiler.clone(), dialect);
        for name in ["tcp_", "bsend", "dill_bsock_vfs", "dill_tls", "dill_iolist"] {
            assert!(!core.contains(name), "{name}");
        }
        assert!(core.contains("#define hmake dill_hmake"));
        let plain = header(&["DILL_DISABLE_TLS"], compiler, dialect);
        assert!(!plain.contains("tls_done") && plain.contains("dill_tcp_done"));
    }
}

/// The macros in programs that are strict about the language, and in C++.
#[test]
fn macros_compile_without_a_warning_in_each_dialect() {
    let work = scratch("libdill-dialects");
    let program = "#include <libdillimpl.h>\n\
         static coroutine void worker(int number) { (void)number; yield(); }\n\
         int main(void) {\n    static char memory[65536];\n    int b = bundle(), h = go(worker(1)), rc = bundle_go(b, worker(2));\n\
         \x20   int m = go_mem(worker(3), memory, sizeof memory / 2);\n\
         \x20   rc |= bundle_go_mem(b, worker(4), memory + sizeof memory / 2, sizeof memory / 2);\n\
         \x20   rc |= bundle_wait(b, -1);\n    return rc | hclose(h) | hclose(m) | hclose(b);\n}\n";
    let strict: &[&[&str]] = &[
        &["-std=c99", "-D_POSIX_C_SOURCE=200809L"],
        &["-std=c11", "-D_POSIX_C_SOURCE=200809L"],
        &["-std=gnu99", "-Wpedantic"],
        &["-std=gnu17", "-Wpedantic"],
        &["-std=c++11"],
        &["-std=c++20"],
    ];
    for compiler in compilers() {
        for (number, dialect) in strict.iter().enumerate() {
            let plus = dialect[0].contains("++");
            let file = work.join(if plus { "strict.cpp" } else { "strict.c" });
            fs::write(&file, program).unwrap();
            let binary = work.join(format!("strict-{compiler}-{number}"));
            let compiler = match (plus, compiler.as_str()) {
                (true, "clang") => "clang++".to_owned(),
                (true, _) => cxx(),
                (false, name) => name.to_owned(),
            };
            for level in ["-O0", "-O2"] {
                run(Command::new(&compiler)
                    .args(*dialect)
                    .args([level, "-Wall", "-Wextra", "-Werror", "-I"])
                    .arg(source().join("include"))
                    .arg("-o")
                    .arg(&binary)
                    .arg(&file)
                    .arg(build().join("lib/libdill.so")));
                runs(&binary);
            }
        }
    }
}
