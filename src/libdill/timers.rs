//! Deadlines that coroutines wait for: a pairing heap in the frames of the blocked calls.
//!
//! Most deadlines never come: what was waited for comes before them. So adding is cheap, and so is removing what was
//! added late.

use super::scheduler::{Clause, Scheduler};
use std::cell::Cell;
use std::ptr;

/// Waits for a point in time.
#[repr(C)]
pub struct TimerClause {
    clause: Clause,
    deadline: Cell<i64>,
    /// Orders those of the same deadline.
    order: Cell<u64>,
    child: Cell<*const TimerClause>,
    next: Cell<*const TimerClause>,
    /// The sibling before, or the parent of a first child; NULL for the root.
    previous: Cell<*const TimerClause>,
}

impl TimerClause {
    /// Waits for nothing yet.
    #[inline]
    pub const fn new() -> Self {
        Self {
            clause: Clause::new(cancel),
            deadline: Cell::new(0),
            order: Cell::new(0),
            child: Cell::new(ptr::null()),
            next: Cell::new(ptr::null()),
            previous: Cell::new(ptr::null()),
        }
    }

    /// The deadline.
    pub fn deadline(&self) -> i64 {
        self.deadline.get()
    }

    fn earlier_than(&self, other: &Self) -> bool {
        (self.deadline.get(), self.order.get()) < (other.deadline.get(), other.order.get())
    }
}

/// # Safety
/// As [`Clause`] demands: `clause` is that of an armed timer.
unsafe fn cancel(scheduler: &Scheduler, clause: *const Clause) {
    // SAFETY: the first member of a timer's clause; armed, so in the heap.
    unsafe { scheduler.timers.remove(clause.cast()) }
}

/// The deadlines of a scheduler.
#[derive(Debug)]
pub struct Timers {
    root: Cell<*const TimerClause>,
    added: Cell<u64>,
}

impl Timers {
    /// None.
    pub const fn new() -> Self {
        Self { root: Cell::new(ptr::null()), added: Cell::new(0) }
    }

    /// The next deadline; `None` when there is none.
    #[inline]
    pub fn next_deadline(&self) -> Option<i64> {
        // SAFETY: in the heap, so live.
        unsafe { self.root.get().as_ref() }.map(TimerClause::deadline)
    }

    /// The clause of the timer that is due first, if it is due at `now`.
    pub fn due(&self, now: i64) -> Option<*const Clause> {
        // SAFETY: in the heap, so live.
        let first = unsafe { self.root.get().as_ref() }?;
        (first.deadline.get() <= now).then_some(&raw const first.clause)
    }

    /// Adds a timer.
    ///
    /// # Safety
    /// `timer` is in no heap, and stays where it is until it is removed.
    pub unsafe fn add(&self, timer: *const TimerClause, deadline: i64) {
        // SAFETY: live, as promised.
        let node = unsafe { &*timer };
        node.deadline.set(deadline);
        node.order.set(self.added.replace(self.added.get() + 1));
        node.child.set(ptr::null());
        node.next.set(ptr::null());
        node.previous.set(ptr::null());
        // SAFETY: the root is in the heap, so live; the new one is, as promised.
        self.root.set(unsafe { meld(self.root.get(), timer) });
    }

    /// Removes a timer.
    ///
    /// # Safety
    /// `timer` is in this heap.
    pub unsafe fn remove(&self, timer: *const TimerClause) {
        // SAFETY: in the heap, so live; and so are its relatives.
        unsafe {
            let node = &*timer;
            let children = meld_siblings(node.child.get());
            let previous = node.previous.get();
            if previous.is_null() {
                self.root.set(children);
                return;
            }
            let next = node.next.get();
            if ptr::eq((*previous).child.get(), timer) {
                (*previous).child.set(next);
            } else {
                (*previous).next.set(next);
            }
            if !next.is_null() {
                (*next).previous.set(previous);
            }
            self.root.set(meld(self.root.get(), children));
        }
    }
}

/// Makes one heap of two; either may be NULL.
///
/// # Safety
/// Both are roots of live heaps.
unsafe fn meld(first: *const TimerClause, second: *const TimerClause) -> *const TimerClause {
    if first.is_null() {
        return second;
    }
    if second.is_null() {
        return first;
    }
    // SAFETY: live, as promised; and so is a child.
    unsafe {
        let (parent, child) =
            if (*second).earlier_than(&*first) { (&*second, &*first) } else { (&*first, &*second) };
        let eldest = parent.child.get();
        child.next.set(eldest);
        child.previous.set(parent);
        if !eldest.is_null() {
            (*eldest).previous.set(child);
        }
        parent.child.set(child);
        parent
    }
}

/// Makes one heap of siblings: in pairs first, which is what keeps the heap shallow. May be NULL.
///
/// # Safety
/// `first` and its siblings are live heaps whose parent is leaving.
unsafe fn meld_siblings(first: *const TimerClause) -> *const TimerClause {
    let mut pairs: *const TimerClause = ptr::null();
    let mut rest = first;
    // SAFETY: live, as promised; what is cut loose is a root.
    unsafe {
        while !rest.is_null() {
            let one = rest;
            let two = (*one).next.get();
            rest = if two.is_null() { two } else { (*two).next.get() };
            let root = meld(cut_loose(one), cut_loose(two));
            (*root).next.set(pairs);
            pairs = root;
        }
        let mut root = ptr::null();
        while !pairs.is_null() {
            let next = (*pairs).next.get();
            root = meld(root, cut_loose(pairs));
            pairs = next;
        }
        root
    }
}

/// # Safety
/// `node` is NULL or live.
unsafe fn cut_loose(node: *const TimerClause) -> *const TimerClause {
    // SAFETY: as promised.
    if let Some(node) = unsafe { node.as_ref() } {
        node.next.set(ptr::null());
        node.previous.set(ptr::null());
    }
    node
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers without a pattern, the same each time.
    fn scatter(seed: &mut u64) -> u64 {
        *seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        *seed >> 33
    }

    #[test]
    fn timers_fire_by_deadline_and_ties_in_the_order_they_were_added() {
        let timers = Timers::new();
        let clauses: Vec<TimerClause> = (0..1000).map(|_| TimerClause::new()).collect();
        let mut seed = 7;
        let mut expected = Vec::new();
        for (index, clause) in clauses.iter().enumerate() {
            let deadline = (scatter(&mut seed) % 50) as i64;
            // SAFETY: new, and alive to the end of the test.
            unsafe { timers.add(clause, deadline) };
            expected.push((deadline, index));
        }
        // A third of them never comes.
        let mut index = 0;
        expected.retain(|_| {
            index += 1;
            if scatter(&mut seed).is_multiple_of(3) {
                // SAFETY: in the heap.
                unsafe { timers.remove(&raw const clauses[index - 1]) };
                return false;
            }
            true
        });
        expected.sort();
        let mut fired = Vec::new();
        while let Some(clause) = timers.due(i64::MAX) {
            let timer: *const TimerClause = clause.cast();
            // SAFETY: one of the above.
            fired.push(
                (unsafe { &*timer }.deadline(), unsafe { timer.offset_from(clauses.as_ptr()) } as usize)
            );
            // SAFETY: in the heap.
            unsafe { timers.remove(timer) };
        }
        assert_eq!(fired, expected);
    }

    #[test]
    fn a_timer_is_due_at_its_deadline_and_not_before() {
        let timers = Timers::new();
        let clause = TimerClause::new();
        // SAFETY: new, and alive to the end of the test.
        unsafe { timers.add(&clause, 10) };
        assert_eq!(timers.next_deadline(), Some(10));
        assert!(timers.due(9).is_none());
        assert!(timers.due(10).is_some());
    }
}
