//! What goes over a program's connections, told from inside: `RELINK_TRACE`.
//!
//! `RELINK_TRACE=[text:|json:]DESTINATION`, where DESTINATION is a file, appended to, or `-` for standard
//! error; lines of text unless it says `json:`. Read once, at the first message. Without it a message costs
//! one predictable branch: rooms ask [`on`] and say the rest in a cold function.
//!
//! A message is one line, written by one `write`, so that processes may share a file. Lines hold the
//! beginning of what was sent: a trace is as confidential as the connection.

mod event;
mod preview;
mod sink;

pub use event::{Connection, Direction, Event, Phase, Record};
pub use preview::{Preview, Shown};

use std::sync::atomic::{AtomicU8, Ordering};

const OFF: u8 = 0;
const ON: u8 = 1;
/// The environment has not been looked at.
const UNREAD: u8 = 2;

static STATE: AtomicU8 = AtomicU8::new(UNREAD);

/// Whether messages are told.
///
/// Never with `--cfg relink_untraced`, by which `benches/trace-cost` measures what asking costs.
#[inline(always)]
pub fn on() -> bool {
    !cfg!(relink_untraced) && STATE.load(Ordering::Relaxed) != OFF && is_on()
}

#[cold]
#[inline(never)]
fn is_on() -> bool {
    if STATE.load(Ordering::Relaxed) == UNREAD {
        let state = if sink::configure() { ON } else { OFF };
        // Another thread may have found the destination unusable meanwhile.
        let _ = STATE.compare_exchange(UNREAD, state, Ordering::Relaxed, Ordering::Relaxed);
    }
    STATE.load(Ordering::Relaxed) == ON
}

/// Ends tracing for this process: its destination is gone.
fn give_up() {
    STATE.store(OFF, Ordering::Relaxed);
}
