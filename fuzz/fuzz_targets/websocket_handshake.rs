#![no_main]

#[path = "../bodies/websocket_handshake.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::body(data));
