//! The concurrency of calls, by itself: who completes what, exactly once, and who is woken.
//!
//! Nothing in here knows sockets, messages or the program. Each part is small enough for `tests/lwmsg_model.rs` to
//! try every interleaving of it with loom, which compiles these same files against its own [`sync`]. So everything
//! that threads share in here comes from there. No lock of these is ever held while the program's code runs.

pub mod callee;
pub mod caller;
pub mod gate;
pub mod lead;
pub mod nap;
pub mod outbox;
pub mod role;
pub mod sync;
