//! Which function handles which message, and how long it takes.

use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::exchange::sync::lock;
use crate::lwmsg::types::*;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicI8, AtomicPtr, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A handler that took less is quick.
const QUICK: Duration = Duration::from_micros(100);
/// A handler that took more is slow.
const SLOW: Duration = Duration::from_micros(500);
/// Quick runs in a row after which a handler is trusted to be quick.
const TRUSTED: i8 = 4;
/// Quick runs that it takes to make up for a slow one.
const PENALTY: i8 = -32;

/// A handler.
pub type Handler = unsafe extern "C-unwind" fn(
    *mut LWMsgCall,
    *const LWMsgParams,
    *mut LWMsgParams,
    *mut c_void,
) -> LWMsgStatus;

/// A line of the table.
#[derive(Debug)]
pub struct Entry {
    function: Option<Handler>,
    kind: LWMsgDispatchType,
    /// Quick runs, up to [`TRUSTED`]; negative after a slow one.
    quickness: AtomicI8,
}

impl Entry {
    /// The handler. UNIMPLEMENTED for a line without one.
    pub fn function(&self) -> Result<Handler> {
        self.function.ok_or(Status::UNIMPLEMENTED)
    }

    /// Whether the program said that the handler never blocks.
    pub fn is_nonblock(&self) -> bool {
        self.kind == dispatch_type::NONBLOCK
    }

    /// Whether the thread that leads may run it: it was said to be quick, or has been lately. When it is not, for
    /// once, the deputy sees to it that nobody waits for it.
    pub fn is_quick(&self) -> bool {
        self.is_nonblock() || self.quickness.load(Ordering::Relaxed) >= TRUSTED
    }

    /// The handler ran for that long.
    pub fn ran(&self, time: Duration) {
        let quickness = self.quickness.load(Ordering::Relaxed);
        // Two threads may overwrite each other's count; it is a guess anyway.
        if time > SLOW {
            self.quickness.store(PENALTY, Ordering::Relaxed);
        } else if time < QUICK && quickness < TRUSTED {
            self.quickness.store(quickness + 1, Ordering::Relaxed);
        }
    }
}

type Table = Vec<Option<Arc<Entry>>>;

/// The table of a peer. Reading takes no lock: a changed table is a new one, and old ones stay until the end.
#[derive(Debug)]
pub struct Dispatch {
    table: AtomicPtr<Table>,
    old: Mutex<Vec<usize>>,
}

impl Default for Dispatch {
    fn default() -> Self {
        Self { table: AtomicPtr::new(ptr::null_mut()), old: Mutex::default() }
    }
}

impl Dispatch {
    fn table(&self) -> &[Option<Arc<Entry>>] {
        // SAFETY: NULL, or a table that is neither changed nor freed while the peer is alive.
        unsafe { self.table.load(Ordering::Acquire).as_ref() }.map_or(&[], Vec::as_slice)
    }

    /// Whether there is any handler.
    pub fn is_empty(&self) -> bool {
        self.table().is_empty()
    }

    /// The line of a message. MALFORMED for a number beyond all, UNSUPPORTED for one that has no line.
    #[inline]
    pub fn find(&self, tag: LWMsgTag) -> Result<&Arc<Entry>> {
        let index = usize::try_from(tag).map_err(|_| Status::MALFORMED)?;
        self.table().get(index).ok_or(Status::MALFORMED)?.as_ref().ok_or(Status::UNSUPPORTED)
    }

    /// Adds lines.
    ///
    /// # Safety
    /// The table ends with `LWMSG_DISPATCH_END`, and its functions are handlers.
    pub unsafe fn add(&self, mut line: *const LWMsgDispatchSpec) -> Result<()> {
        let mut old = lock(&self.old);
        let mut table = self.table().to_vec();
        loop {
            // SAFETY: before the end of the table, as promised by the caller.
            let spec = unsafe { line.read() };
            if spec.r#type == dispatch_type::END {
                break;
            }
            let index = usize::try_from(spec.tag).map_err(|_| Status::INVALID_PARAMETER)?;
            if index >= table.len() {
                table.try_reserve(index + 1 - table.len())?;
                table.resize(index + 1, None);
            }
            // SAFETY: NULL, or a handler as promised by the caller: `LWMSG_DISPATCH_BLOCK` casts it to this.
            let function = unsafe { std::mem::transmute::<*mut c_void, Option<Handler>>(spec.data) };
            table[index] = Some(Arc::new(Entry { function, kind: spec.r#type, quickness: AtomicI8::new(0) }));
            // SAFETY: not the last line.
            line = unsafe { line.add(1) };
        }
        let before = self.table.swap(Box::into_raw(Box::new(table)), Ordering::AcqRel);
        old.push(before.expose_provenance());
        Ok(())
    }

    /// Frees all tables. Nobody reads any more.
    pub fn free(&mut self) {
        let last = self.table.swap(ptr::null_mut(), Ordering::AcqRel);
        let old = std::mem::take(&mut *lock(&self.old));
        for table in old.into_iter().map(ptr::with_exposed_provenance_mut::<Table>).chain([last]) {
            if !table.is_null() {
                // SAFETY: made by `Box`, and each is in the list once.
                drop(unsafe { Box::from_raw(table) });
            }
        }
    }
}

/// The trace functions of a peer, read without a lock.
#[derive(Debug, Default)]
pub struct Hooks {
    current: AtomicPtr<Trace>,
    old: Mutex<Vec<usize>>,
}

/// A pair of trace functions.
#[derive(Clone, Copy, Debug)]
pub struct Trace {
    begin: LWMsgPeerTraceFunction,
    end: LWMsgPeerTraceFunction,
    data: *mut c_void,
}

impl Hooks {
    /// Sets them.
    pub fn set(&self, begin: LWMsgPeerTraceFunction, end: LWMsgPeerTraceFunction, data: *mut c_void) {
        let fresh = Box::into_raw(Box::new(Trace { begin, end, data }));
        let mut old = lock(&self.old);
        old.push(self.current.swap(fresh, Ordering::AcqRel).expose_provenance());
    }

    /// The functions, when there are any.
    #[inline]
    pub fn get(&self) -> Option<Trace> {
        // SAFETY: NULL, or functions that are not freed while the peer is alive.
        unsafe { self.current.load(Ordering::Acquire).as_ref() }.copied()
    }

    /// Frees them. Nobody reads any more.
    pub fn free(&mut self) {
        let last = self.current.swap(ptr::null_mut(), Ordering::AcqRel);
        let old = std::mem::take(&mut *lock(&self.old));
        for trace in old.into_iter().map(ptr::with_exposed_provenance_mut::<Trace>).chain([last]) {
            if !trace.is_null() {
                // SAFETY: made by `Box`, and each is in the list once.
                drop(unsafe { Box::from_raw(trace) });
            }
        }
    }
}

impl Trace {
    /// Calls the function for the beginning.
    ///
    /// # Safety
    /// Call and parameters are live.
    pub unsafe fn begin(&self, call: *mut LWMsgCall, params: *const LWMsgParams) {
        if let Some(begin) = self.begin {
            // SAFETY: the function has the type it was set with; the rest as promised.
            unsafe { begin(call, params, Status::SUCCESS.0, self.data) }
        }
    }

    /// Calls the function for the end.
    ///
    /// # Safety
    /// Call and parameters are live.
    pub unsafe fn end(&self, call: *mut LWMsgCall, params: *const LWMsgParams, status: Status) {
        if let Some(end) = self.end {
            // SAFETY: the function has the type it was set with; the rest as promised.
            unsafe { end(call, params, status.0, self.data) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    unsafe extern "C-unwind" fn handler(
        _call: *mut LWMsgCall,
        _in: *const LWMsgParams,
        _out: *mut LWMsgParams,
        _data: *mut c_void,
    ) -> LWMsgStatus {
        0
    }

    fn line(r#type: LWMsgDispatchType, tag: LWMsgTag, data: *mut c_void) -> LWMsgDispatchSpec {
        LWMsgDispatchSpec { r#type, tag, data }
    }

    #[test]
    fn later_lines_replace_earlier_ones_and_gaps_are_told_from_the_end() {
        let mut dispatch = Dispatch::default();
        let function = handler as *mut c_void;
        let first = [line(2, 3, function), line(2, 1, ptr::null_mut()), line(0, -1, ptr::null_mut())];
        let second = [line(3, 3, function), line(0, -1, ptr::null_mut())];
        // SAFETY: both tables end.
        unsafe {
            dispatch.add(first.as_ptr()).unwrap();
            assert!(!dispatch.find(3).unwrap().is_nonblock());
            dispatch.add(second.as_ptr()).unwrap();
        }
        assert!(dispatch.find(3).unwrap().is_nonblock());
        assert_eq!(dispatch.find(1).unwrap().function().err(), Some(Status::UNIMPLEMENTED));
        assert_eq!(dispatch.find(2).err(), Some(Status::UNSUPPORTED));
        assert_eq!(dispatch.find(4).err(), Some(Status::MALFORMED));
        assert_eq!(dispatch.find(-1).err(), Some(Status::MALFORMED));
        dispatch.free();
    }

    #[test]
    fn a_handler_is_trusted_after_quick_runs_and_a_slow_one_costs_trust() {
        let entry =
            Entry { function: Some(handler), kind: dispatch_type::BLOCK, quickness: AtomicI8::new(0) };
        for _ in 0..4 {
            assert!(!entry.is_quick());
            entry.ran(Duration::from_micros(3));
        }
        assert!(entry.is_quick());
        entry.ran(Duration::from_millis(3));
        for _ in 0..36 {
            assert!(!entry.is_quick());
            entry.ran(Duration::from_micros(3));
        }
        assert!(entry.is_quick());
    }
}
