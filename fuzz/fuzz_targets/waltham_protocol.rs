#![no_main]

#[path = "../bodies/waltham_protocol.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::body(data));
