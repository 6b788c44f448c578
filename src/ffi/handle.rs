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
//! call is gone. One that runs below it looks whose the stack is at the mark now: the marked call's, or
//! some other function's that came there since. On another stack (threads, coroutines) the comparison
//! means nothing; then the distance is usually implausible, or the entry's own stack does not reach the
//! mark, and the count is believed. The worst outcome is a leak or a refused nested call, never a second
//! free.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::hint::black_box;
use std::mem::MaybeUninit;
use std::ptr;

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
    mark: Cell<Mark>,
}

/// Where the outermost call is on its stack.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mark {
    address: usize,
    /// The function in whose part of the stack that is.
    function: usize,
}

impl CallDepth {
    /// No call in progress.
    pub const fn new() -> Self {
        Self { depth: Cell::new(0), mark: Cell::new(Mark { address: 0, function: 0 }) }
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
    pub fn enter(&self, mark: Mark) {
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
        let abandoned = if here > mark.address {
            here - mark.address <= PLAUSIBLE_DISTANCE
        } else {
            mark.address - here <= PLAUSIBLE_DISTANCE && mark.is_overrun()
        };
        if abandoned {
            self.depth.set(0);
        }
    }
}

impl Mark {
    /// Whether the calling thread's stack has another function where the mark is.
    #[cold]
    fn is_overrun(self) -> bool {
        let mut search = Search { mark: self, inner: 0, overrun: false };
        // SAFETY: the function keeps to the unwinder's rules, and the search outlives the walk.
        unsafe { _Unwind_Backtrace(Search::visit, ptr::from_mut(&mut search).cast()) };
        search.overrun
    }
}

/// A walk up the stack, to the function that is at a mark.
struct Search {
    mark: Mark,
    /// Where the function that was visited last is, in the code.
    inner: usize,
    overrun: bool,
}

impl Search {
    /// Called with each function's state, from the innermost on: the low end of its part of the stack is the high end
    /// of the one before.
    extern "C" fn visit(state: *mut UnwindContext, search: *mut c_void) -> c_int {
        const GO_ON: c_int = 0;
        const STOP: c_int = 4;
        // SAFETY: the search of `is_overrun`, which nobody else uses meanwhile.
        let search = unsafe { &mut *search.cast::<Self>() };
        // SAFETY: the state is the unwinder's.
        let (low, code) = unsafe { (_Unwind_GetCFA(state), _Unwind_GetIP(state)) };
        if low <= search.mark.address {
            search.inner = code;
            return GO_ON;
        }
        // A function that never returns may have its last call at its very end.
        let inner = ptr::without_provenance_mut(search.inner.saturating_sub(1));
        // SAFETY: only looked up.
        search.overrun = unsafe { _Unwind_FindEnclosingFunction(inner) }.addr() != search.mark.function;
        STOP
    }
}

/// A function's state, of the unwinder's.
#[repr(C)]
struct UnwindContext {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn _Unwind_Backtrace(
        visit: extern "C" fn(*mut UnwindContext, *mut c_void) -> c_int,
        data: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetCFA(state: *mut UnwindContext) -> usize;
    fn _Unwind_GetIP(state: *mut UnwindContext) -> usize;
    fn _Unwind_FindEnclosingFunction(code: *mut c_void) -> *mut c_void;
}

/// Calls `body` with a mark on the stack that is well below the caller's frame and above everything
/// `body` and what it calls will use.
#[inline(never)]
pub fn with_mark<T, F: FnOnce(Mark) -> T>(body: F) -> T {
    let padding = MaybeUninit::<[u8; MARK_PADDING]>::uninit();
    let function: fn(F) -> T = with_mark::<T, F>;
    let value = body(Mark { address: black_box(&padding).as_ptr().addr(), function: function as usize });
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

    /// What a program does that retries, elsewhere, what it left by `longjmp`.
    #[test]
    fn a_call_left_without_return_is_forgotten_deeper_on_the_stack() {
        #[inline(never)]
        fn deeper(depth: &CallDepth) -> bool {
            let room = black_box([0u8; 64 * 1024]);
            let seen = depth.in_progress();
            black_box(&room);
            seen
        }
        let depth = CallDepth::new();
        with_mark(|mark| {
            depth.enter(mark);
            assert!(deeper(&depth), "it is in progress still");
        });
        assert!(!deeper(&depth));
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
        for distance in [-2 * PLAUSIBLE_DISTANCE.cast_signed(), 2 * PLAUSIBLE_DISTANCE.cast_signed()] {
            depth.enter(Mark { address: stack_address().wrapping_add_signed(distance), function: 0 });
            assert!(depth.in_progress());
            depth.leave();
        }
    }
}
