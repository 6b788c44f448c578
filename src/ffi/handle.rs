//! Life of an object that C holds by pointer while user callbacks run on it.
//!
//! A program may free a handle from inside a callback that the handle itself is running. The
//! memory must then stay valid until the outermost call on it has returned. [`CallDepth`] counts
//! the calls in progress; the room's `free` function asks it whether to free now or to leave that
//! to the last call.
//!
//! Calls can also end without returning: `longjmp` or an abandoned coroutine stack skips every
//! destructor. The count would stay raised for ever, so the outermost call leaves a mark: an address
//! on its own stack. Stacks grow down, so an entry that runs *above* the mark proves that the marked
//! call is gone. On another stack (threads, coroutines) the comparison means nothing; then the
//! distance is usually implausible and the count is believed. The worst outcome is a leak or a
//! refused nested call, never a second free.

use std::cell::Cell;
use std::hint::black_box;
use std::mem::MaybeUninit;

/// Beyond this distance in bytes two addresses are taken to be on different stacks.
const PLAUSIBLE_DISTANCE: usize = 4 << 20;

/// Padding between an entry's frame and the mark it leaves, in bytes.
///
/// The usual program calls `setjmp`, the library, and `free` from one function, so two library
/// entries begin at nearly the same address and a local of one may lie below a local of the other.
/// The mark has to be lower than anything such a sibling entry can show.
const MARK_PADDING: usize = 1024;

/// Number of calls in progress on one half (receive, send, …) of an object.
#[derive(Debug, Default)]
pub struct CallDepth {
    depth: Cell<u32>,
    mark: Cell<usize>,
}

impl CallDepth {
    /// No call in progress.
    pub const fn new() -> Self {
        Self { depth: Cell::new(0), mark: Cell::new(0) }
    }

    /// Whether a call is in progress, after forgetting calls that were left by `longjmp`.
    #[inline]
    pub fn in_progress(&self) -> bool {
        if self.depth.get() == 0 {
            return false;
        }
        self.forget_abandoned(stack_address());
        self.depth.get() != 0
    }

    /// Whether a call is counted, be it one that was left by `longjmp`.
    #[inline]
    pub fn is_counted(&self) -> bool {
        self.depth.get() != 0
    }

    /// Counts a call that begins now.
    ///
    /// The body of the call has to run in a function called from the caller, at or below `mark`;
    /// [`with_mark`] arranges that.
    #[inline]
    pub fn enter(&self, mark: usize) {
        let depth = self.depth.get();
        if depth == 0 {
            self.mark.set(mark);
        }
        self.depth.set(depth.saturating_add(1));
    }

    /// Counts a call that ends now. Harmless when the count had been reset meanwhile.
    #[inline]
    pub fn leave(&self) {
        self.depth.set(self.depth.get().saturating_sub(1));
    }

    fn forget_abandoned(&self, here: usize) {
        let mark = self.mark.get();
        if here > mark && here - mark <= PLAUSIBLE_DISTANCE {
            self.depth.set(0);
        }
    }
}

/// Calls `body` with an address on the stack that is well below the caller's frame and above
/// everything `body` and what it calls will use.
#[inline(never)]
pub fn with_mark<T>(body: impl FnOnce(usize) -> T) -> T {
    let padding = MaybeUninit::<[u8; MARK_PADDING]>::uninit();
    let mark = black_box(&padding).as_ptr() as usize;
    let value = body(mark);
    // Keeps the padding alive, and the call above from becoming a tail call.
    black_box(&padding);
    value
}

#[inline(always)]
fn stack_address() -> usize {
    let local = 0u8;
    black_box(&raw const local) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_calls_are_seen_and_end() {
        let depth = CallDepth::new();
        assert!(!depth.in_progress());
        with_mark(|mark| {
            depth.enter(mark);
            with_mark(|_| assert!(depth.in_progress()));
            depth.leave();
        });
        assert!(!depth.in_progress());
    }

    #[test]
    fn a_call_left_without_return_is_forgotten_by_its_caller() {
        let depth = CallDepth::new();
        // `leave` is never called: what longjmp does to a call.
        with_mark(|mark| depth.enter(mark));
        assert!(!depth.in_progress());
    }

    #[test]
    fn leaving_after_a_reset_does_not_underflow() {
        let depth = CallDepth::new();
        depth.leave();
        assert!(!depth.in_progress());
    }

    #[test]
    fn an_address_on_a_distant_stack_is_believed() {
        let depth = CallDepth::new();
        depth.enter(stack_address() - 2 * PLAUSIBLE_DISTANCE);
        assert!(depth.in_progress());
    }
}
