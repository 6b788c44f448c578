#![no_main]

#[path = "../bodies/waltham_stream.rs"]
#[allow(dead_code, reason = "one of two entry points")]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::server(data));
