//! A machine without libssl: what does not need it works, and what needs it fails as it does for any other reason.

mod support;

use std::process::Command;
use support::{cc, include_flags, objects, run, scratch, source};

#[test]
fn without_libssl_a_client_speaks_ws_and_refuses_wss() {
    let Some(library) = objects().into_iter().find(|object| object.name == "libwebsockets") else { return };
    if library.optional.is_empty() {
        // Where it is needed as any other library, the loader has the say.
        assert!(library.needed.iter().any(|soname| soname.starts_with("libssl")));
        return;
    }
    let folder = scratch("without-tls");
    let program = folder.join("program");
    let mut compile = Command::new(cc());
    compile.args(["-Wall", "-Wextra", "-Werror", "-O1"]).args(include_flags(&library));
    compile.arg("-o").arg(&program).arg(source().join("tests/without_tls.c")).arg(library.path());
    run(&mut compile);

    let run_on = |path: String| run(Command::new(&program).env("LD_LIBRARY_PATH", path));
    let libraries = library.dir().display().to_string();
    let with = run_on(libraries.clone());
    assert!(with.contains("VERIFY_CERTS 1\n"), "{with}");
    assert!(with.contains("\nws:// connects, established 1, received 1\n"), "{with}");
    assert!(with.contains("\nwss:// is tried\n"), "{with}");

    // The loader's own folders cannot be taken out of its path; what is no library, before them, ends the search.
    for soname in ["libssl.so.3", "libcrypto.so.3"] {
        std::fs::write(folder.join(soname), "").unwrap();
    }
    let without = run_on(format!("{}:{libraries}", folder.display()));
    assert_eq!(
        without,
        "contexts, LOAD_EXTRA_CLIENT_VERIFY_CERTS 0\n\
         ws:// connects, established 1, received 1\n\
         error: SSL_new failed: there is no libssl\n\
         wss:// NULL\n\
         error: problem creating ssl context: there is no libssl\n\
         a server with TLS NULL\n"
    );
}
