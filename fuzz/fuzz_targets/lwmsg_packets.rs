#![no_main]

#[path = "../bodies/lwmsg_memory.rs"]
mod lwmsg_memory;
#[path = "../bodies/lwmsg_packets.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::body(data));
