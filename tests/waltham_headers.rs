//! Waltham's client and server headers, and the test of all messages, are what the scanner makes of the protocol.

mod support;

use relink::waltham::scanner::c::{HeaderOptions, Side, header};
use relink::waltham::scanner::check::program;
use relink::waltham::scanner::{CORE_STRUCTS, core};
use std::fs;
use support::source;

fn options(side: Side) -> HeaderOptions<'static> {
    let (guard, optional): (_, &[_]) = match side {
        Side::Client => ("WALTHAM_CLIENT_H", &["wthp_farstream_remote", "wthp_ivi_surface"]),
        Side::Server => ("WALTHAM_SERVER_H", &["wthp_farstream_remote", "dummy"]),
    };
    HeaderOptions { side, guard, structs: &CORE_STRUCTS, optional_setters: optional, description: None }
}

/// `RELINK_BLESS=1` writes them instead (`make headers`).
#[test]
fn fresh() {
    let protocol = core().unwrap();
    for (path, text) in [
        ("include/waltham/waltham-client.h", header(&protocol, &options(Side::Client))),
        ("include/waltham/waltham-server.h", header(&protocol, &options(Side::Server))),
        ("capi-tests/waltham/messages.c", program(&protocol)),
    ] {
        let path = source().join(path);
        if std::env::var_os("RELINK_BLESS").is_some() {
            fs::write(&path, text).unwrap();
            continue;
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "{}: stale; run `make headers`", support::shown(&path));
    }
}

#[test]
fn the_core_has_its_78_messages_and_their_numbers() {
    let protocol = core().unwrap();
    let messages: Vec<_> = protocol.interfaces.iter().flat_map(|interface| &interface.messages).collect();
    assert!(messages.iter().enumerate().all(|(i, message)| usize::from(message.opcode) == i + 1));
    assert_eq!(messages.len(), 78);
    let named = |interface: &str, name: &str| {
        let interface = protocol.interfaces.iter().find(|own| own.name == interface).unwrap();
        interface.messages.iter().find(|message| message.name == name).unwrap().opcode
    };
    assert_eq!(named("wthp_blob_factory", "create_buffer"), 14);
    assert_eq!(named("wthp_keyboard", "enter"), 48);
    assert_eq!(named("wthp_farstream_remote", "error"), 74);
    assert_eq!(named("wthp_ivi_application", "surface_create"), 77);
}
