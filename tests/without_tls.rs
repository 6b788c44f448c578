//! A machine without libssl: what does not need it works, and what needs it fails as it does for any other reason.

mod support;

use std::process::Command;
use support::{Object, cc, include_flags, objects, run, scratch, source};

/// Compiles a program for a library, and runs it where there is a libssl and where there is none. `None` where the library
/// needs it as any other: there the loader has the say.
fn with_and_without(name: &str, program: &str) -> Option<(String, String)> {
    let library: Object = objects().into_iter().find(|object| object.name == name)?;
    if library.optional.is_empty() {
        assert!(library.needed.iter().any(|soname| soname.starts_with("libssl")));
        return None;
    }
    let folder = scratch(&format!("without-tls-{name}"));
    let binary = folder.join("program");
    let mut compile = Command::new(cc());
    compile.args(["-Wall", "-Wextra", "-Werror", "-O1"]).args(include_flags(&library));
    compile.arg("-o").arg(&binary).arg(source().join("tests").join(program)).arg(library.path());
    run(&mut compile);

    let run_on = |path: String| run(Command::new(&binary).env("LD_LIBRARY_PATH", path));
    let libraries = library.dir().display().to_string();
    let with = run_on(libraries.clone());
    // The loader's own folders cannot be taken out of its path; what is no library, before them, ends the search.
    for soname in ["libssl.so.3", "libcrypto.so.3"] {
        std::fs::write(folder.join(soname), "").unwrap();
    }
    Some((with, run_on(format!("{}:{libraries}", folder.display()))))
}

#[test]
fn without_libssl_a_client_speaks_ws_and_refuses_wss() {
    let Some((with, without)) = with_and_without("libwebsockets", "without_tls_libwebsockets.c") else {
        return;
    };
    assert!(with.contains("VERIFY_CERTS 1\n"), "{with}");
    assert!(with.contains("\nws:// connects, established 1, received 1\n"), "{with}");
    assert!(with.contains("\nwss:// is tried\n"), "{with}");
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

#[test]
fn without_libssl_coroutines_and_sockets_work_and_tls_is_not_supported() {
    let Some((with, without)) = with_and_without("libdill", "without_tls_libdill.c") else { return };
    assert_eq!(
        with,
        "without TLS hello\n\
         a client -1, ETIMEDOUT, and the socket is closed\n\
         a server -1, EFAULT, and the socket is closed\n"
    );
    assert_eq!(
        without,
        "without TLS hello\n\
         a client -1, ENOTSUP, and the socket is closed\n\
         a server -1, ENOTSUP, and the socket is closed\n"
    );
}
