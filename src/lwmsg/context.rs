//! Contexts: whose memory, whose log. A record with a parent that is asked for what the record lacks.

use super::error::{Result, Status};
use super::types::*;
use crate::ffi::errno;
use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::fmt::Arguments;
use std::io::Write as _;
use std::ptr;

/// What `LWMsgContext` points to.
///
/// Contexts are changed only while nobody else uses them, as the original's: children, protocols and peers read
/// them from any thread.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    /// Where memory comes from, when `alloc` is set.
    pub memory: Memory,
    /// Answers for keys.
    pub data: (LWMsgContextDataFunction, *mut c_void),
    /// Takes lines.
    pub log: (LWMsgLogFunction, *mut c_void),
    /// Asked for what is not here.
    pub parent: Context,
}

impl Record {
    /// A record that has nothing and asks `parent`.
    pub fn child_of(parent: Context) -> Self {
        Self {
            memory: Memory { alloc: None, free: None, realloc: None, data: ptr::null_mut() },
            data: (None, ptr::null_mut()),
            log: (None, ptr::null_mut()),
            parent,
        }
    }
}

/// The memory functions that count for a context, looked up once.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Allocates zeroed memory.
    pub alloc: LWMsgAllocFunction,
    /// Frees.
    pub free: LWMsgFreeFunction,
    /// Changes the size.
    pub realloc: LWMsgReallocFunction,
    /// Passed to the three.
    pub data: *mut c_void,
}

impl Memory {
    /// The C heap.
    pub const DEFAULT: Self = Self {
        alloc: Some(default_alloc),
        free: Some(default_free),
        realloc: Some(default_realloc),
        data: ptr::null_mut(),
    };

    /// Whether this is the C heap, whose blocks need no function call of ours.
    #[inline]
    pub fn is_default(&self) -> bool {
        self.alloc.is_some_and(|alloc| {
            ptr::fn_addr_eq(alloc, default_alloc as unsafe extern "C-unwind" fn(_, _, _) -> _)
        })
    }

    /// A zeroed block. May call the program.
    pub fn alloc(&self, size: usize) -> Result<*mut c_void> {
        let mut block = ptr::null_mut();
        let status = match (self.alloc, self.realloc) {
            // SAFETY: the functions have the types they were set with; `block` is a local.
            (Some(alloc), _) => unsafe { alloc(size, &raw mut block, self.data) },
            // SAFETY: as above.
            (None, Some(realloc)) => unsafe { realloc(ptr::null_mut(), 0, size, &raw mut block, self.data) },
            (None, None) => return Err(Status::UNSUPPORTED),
        };
        Status(status).result()?;
        if block.is_null() { Err(Status::MEMORY) } else { Ok(block) }
    }

    /// Frees a block. May call the program.
    ///
    /// # Safety
    /// The block comes from these functions and is not used again; NULL is passed on.
    pub unsafe fn free(&self, block: *mut c_void) {
        if let Some(free) = self.free {
            // SAFETY: as promised by the caller; the function has the type it was set with.
            unsafe { free(block, self.data) }
        }
    }

    /// Moves a block to one of another size. On failure the old one stays. May call the program.
    ///
    /// # Safety
    /// The block is NULL with `old_size` 0, or comes from these functions with that size.
    pub unsafe fn realloc(
        &self,
        block: *mut c_void,
        old_size: usize,
        new_size: usize,
    ) -> Result<*mut c_void> {
        let mut moved = ptr::null_mut();
        if let Some(realloc) = self.realloc {
            // SAFETY: as promised by the caller; the function has the type it was set with.
            let status = unsafe { realloc(block, old_size, new_size, &raw mut moved, self.data) };
            Status(status).result()?;
            return if moved.is_null() { Err(Status::MEMORY) } else { Ok(moved) };
        }
        if self.alloc.is_none() || self.free.is_none() {
            return Err(Status::UNSUPPORTED);
        }
        moved = self.alloc(new_size)?;
        if !block.is_null() {
            // SAFETY: both blocks have at least that many bytes and are distinct; the old one is not used again.
            unsafe {
                ptr::copy_nonoverlapping(block.cast::<u8>(), moved.cast(), old_size.min(new_size));
                self.free(block);
            }
        }
        Ok(moved)
    }
}

/// A log function that is there.
type LogFunction = unsafe extern "C-unwind" fn(
    LWMsgLogLevel,
    *const c_char,
    *const c_char,
    *const c_char,
    c_uint,
    *mut c_void,
) -> LWMsgBool;

/// A context as functions take it: NULL is allowed, and means the C heap and no log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Context(*const Record);

// SAFETY: contexts are read-only while they are shared, as `Record` says.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

impl Context {
    /// No context.
    pub const NONE: Self = Self(ptr::null());

    /// # Safety
    /// The pointer is NULL or a context that outlives every use of the result.
    pub const unsafe fn from_ptr(context: *const LWMsgContext) -> Self {
        Self(context.cast())
    }

    /// # Safety
    /// The record outlives every use of the result, and does not move.
    pub const unsafe fn from_record(record: *const Record) -> Self {
        Self(record)
    }

    /// As C knows it.
    pub const fn as_ptr(self) -> *const LWMsgContext {
        self.0.cast()
    }

    /// The context and its ancestors.
    fn line(self) -> impl Iterator<Item = Record> {
        let mut next = self.0;
        std::iter::from_fn(move || {
            // SAFETY: NULL, or a live record, as whoever made the `Context` promised.
            let record = *unsafe { next.as_ref() }?;
            next = record.parent.0;
            Some(record)
        })
    }

    /// The memory functions: those of the nearest context that can allocate.
    pub fn memory(self) -> Memory {
        self.line()
            .map(|record| record.memory)
            .find(|memory| memory.alloc.is_some())
            .unwrap_or(Memory::DEFAULT)
    }

    /// A zeroed block. May call the program.
    pub fn alloc(self, size: usize) -> Result<*mut c_void> {
        self.memory().alloc(size)
    }

    /// Frees a block. May call the program.
    ///
    /// # Safety
    /// As [`Memory::free`].
    pub unsafe fn free(self, block: *mut c_void) {
        // SAFETY: as promised by the caller.
        unsafe { self.memory().free(block) }
    }

    /// A copy of `text` with a NUL in memory of the context. May call the program.
    pub fn copy_text(self, text: &[u8]) -> Result<*mut c_char> {
        let block = self.alloc(text.len() + 1)?.cast::<u8>();
        // SAFETY: the block has one byte more than the text, and is new.
        unsafe {
            ptr::copy_nonoverlapping(text.as_ptr(), block, text.len());
            block.add(text.len()).write(0);
        }
        Ok(block.cast())
    }

    /// What a data function says for a key; NULL when nobody answers. May call the program.
    pub fn data(self, key: &CStr) -> Result<*mut c_void> {
        let mut value = ptr::null_mut();
        for record in self.line() {
            let (Some(function), data) = record.data else { continue };
            // SAFETY: the function has the type it was set with.
            match Status(unsafe { function(key.as_ptr(), &raw mut value, data) }) {
                Status::NOT_FOUND => {}
                status => return status.result().map(|()| value),
            }
        }
        Ok(value)
    }

    fn log_function(self) -> Option<(LogFunction, *mut c_void)> {
        self.line().find_map(|record| Some((record.log.0?, record.log.1)))
    }

    /// Whether a line of that level would be written: asked before expensive text is made. May call the program.
    pub fn would_log(self, level: LWMsgLogLevel) -> bool {
        let Some((function, data)) = self.log_function() else { return false };
        let _keep = errno::Preserved::new();
        // SAFETY: the function has the type it was set with, and knows the question by the NULL message.
        unsafe { function(level, ptr::null(), ptr::null(), ptr::null(), 0, data) != LWMSG_FALSE }
    }

    /// Whether anybody listens at all.
    pub fn has_log(self) -> bool {
        self.log_function().is_some()
    }

    /// Writes a line. May call the program. Leaves `errno` alone.
    pub fn log_line(self, level: LWMsgLogLevel, message: &CStr, place: Place) {
        // SAFETY: the three texts are terminated.
        unsafe {
            self.log_raw(level, message.as_ptr(), place.function.as_ptr(), place.file.as_ptr(), place.line)
        }
    }

    /// Writes a line whose place the program names. May call the program. Leaves `errno` alone.
    ///
    /// # Safety
    /// The texts are NULL or terminated.
    pub unsafe fn log_raw(
        self,
        level: LWMsgLogLevel,
        message: *const c_char,
        function: *const c_char,
        file: *const c_char,
        line: c_uint,
    ) {
        let Some((write, data)) = self.log_function() else { return };
        let _keep = errno::Preserved::new();
        // SAFETY: the function has the type it was set with; the texts are as promised.
        unsafe { write(level, message, function, file, line, data) };
    }

    /// Writes a formatted line, cut at the first NUL. May call the program. Leaves `errno` alone.
    pub fn log(self, level: LWMsgLogLevel, text: Arguments<'_>, place: Place) {
        if !self.has_log() {
            return;
        }
        // The text lies on this stack, so that a log function may leave by longjmp without a leak.
        let mut line = [0u8; 1024];
        let mut rest = &mut line[..1023];
        // Cutting is all that can go wrong.
        let _ = rest.write_fmt(text);
        let message = CStr::from_bytes_until_nul(&line).unwrap_or_default();
        self.log_line(level, message, place);
    }

    /// Logs an error as `NAME: text` and returns it.
    pub fn raise(self, status: Status, text: Arguments<'_>, place: Place) -> Status {
        self.log(log_level::ERROR, format_args!("{status}: {text}"), place);
        status
    }
}

/// Where a line comes from.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// A function, or the part of the library.
    pub function: &'static CStr,
    /// A file of ours.
    pub file: &'static CStr,
    /// And its line.
    pub line: c_uint,
}

/// The place a line of the log comes from.
macro_rules! place {
    () => {
        $crate::lwmsg::context::Place {
            function: $crate::lwmsg::context::c_text(concat!(module_path!(), "\0")),
            file: $crate::lwmsg::context::c_text(concat!(file!(), "\0")),
            line: line!(),
        }
    };
}
pub(crate) use place;

/// Logs an error with a formatted text and gives its status.
macro_rules! raise {
    ($context:expr, $status:expr, $($text:tt)+) => {
        $context.raise($status, format_args!($($text)+), $crate::lwmsg::context::place!())
    };
}
pub(crate) use raise;

/// A text that ends with its only NUL.
pub const fn c_text(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(text) => text,
        Err(_) => c"",
    }
}

unsafe extern "C-unwind" fn default_alloc(
    size: usize,
    out: *mut *mut c_void,
    _data: *mut c_void,
) -> LWMsgStatus {
    let block = if size > 4096 {
        // SAFETY: any size may be asked for.
        unsafe { libc::calloc(size, 1) }
    } else {
        // The C library has small blocks at hand for malloc only.
        // SAFETY: as above; the block has that size.
        unsafe {
            let block = libc::malloc(size.max(1));
            if !block.is_null() {
                ptr::write_bytes(block.cast::<u8>(), 0, size.max(1));
            }
            block
        }
    };
    if block.is_null() {
        return Status::MEMORY.0;
    }
    // SAFETY: the caller offers a place for the result.
    unsafe { out.write(block) };
    Status::SUCCESS.0
}

unsafe extern "C-unwind" fn default_free(object: *mut c_void, _data: *mut c_void) {
    // SAFETY: NULL or a block of the C heap, as the caller promises.
    unsafe { libc::free(object) }
}

unsafe extern "C-unwind" fn default_realloc(
    object: *mut c_void,
    old_size: usize,
    new_size: usize,
    new_object: *mut *mut c_void,
    _data: *mut c_void,
) -> LWMsgStatus {
    // SAFETY: NULL or a block of the C heap, as the caller promises.
    let block = unsafe { libc::realloc(object, new_size.max(1)) };
    if block.is_null() {
        return Status::MEMORY.0;
    }
    // SAFETY: what is behind the old size is new, and the caller offers a place for the result.
    unsafe {
        if new_size > old_size {
            ptr::write_bytes(block.cast::<u8>().add(old_size), 0, new_size - old_size);
        }
        new_object.write(block);
    }
    Status::SUCCESS.0
}

/// Sets `FD_CLOEXEC`.
pub fn set_close_on_exec(fd: c_int) -> Result<()> {
    // SAFETY: fcntl checks the descriptor.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFD) };
    // SAFETY: as above.
    if flags < 0 || unsafe { libc::fcntl(fd, libc::F_SETFD, flags | libc::FD_CLOEXEC) } < 0 {
        return Err(Status::from_errno(errno::get()));
    }
    Ok(())
}
