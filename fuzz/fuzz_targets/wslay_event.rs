#![no_main]

#[path = "../bodies/wslay_event.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::body(data));
