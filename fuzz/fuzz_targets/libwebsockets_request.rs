#![no_main]

#[path = "../bodies/libwebsockets.rs"]
#[allow(dead_code, reason = "one of three entry points")]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::request(data));
