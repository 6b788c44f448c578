#![no_main]

#[path = "../bodies/libdill_sockets.rs"]
#[allow(dead_code, reason = "one file for several targets")]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::socks(data));
