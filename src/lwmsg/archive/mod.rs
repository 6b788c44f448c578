//! Archives: files of messages, perhaps with the types they had when they were written.

mod dump;

pub use dump::dump;

use super::assoc::{Assoc, Association};
use super::context::{Context, raise};
use super::data::DataContext;
use super::error::{Result, Status};
use super::program::Program;
use super::protocol::Protocol;
use super::schema;
use super::session::Session;
use super::types::*;
use crate::ffi::{cancel, errno};
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_int, c_void};
use std::ptr::{self, NonNull};
use std::sync::Arc;

const MAGIC: &[u8; 4] = b"LWMA";
const BIG_ENDIAN: u8 = 1;
const VERSION: [u8; 3] = [1, 1, 0];
const WITH_SCHEMA: u32 = 1;
/// Unused, once meant for a protocol's identity.
const RESERVED: [u8; 16] = [0; 16];

/// Values of `LWMsgArchiveDisposition`.
mod disposition {
    pub const READ: u32 = 1;
    pub const WRITE: u32 = 2;
    pub const SCHEMA: u32 = 4;
}

/// What `LWMsgArchive` points to: for one thread at a time.
#[derive(Debug)]
pub struct Archive {
    protocol: *mut LWMsgProtocol,
    context: Context,
    data: DataContext,
    file: RefCell<Option<CString>>,
    mode: Cell<libc::mode_t>,
    fd: Cell<c_int>,
    open: Cell<bool>,
    disposition: Cell<LWMsgArchiveDisposition>,
    update: Cell<bool>,
    /// The major version of what is read.
    version: Cell<u8>,
    /// The association that it is the backend of.
    assoc: Cell<*mut Assoc>,
}

impl Archive {
    /// An archive without a file, as the association it can be used as.
    ///
    /// # Safety
    /// The protocol and the context outlive it.
    pub unsafe fn create(context: Context, protocol: *mut LWMsgProtocol) -> *mut Self {
        let archive = NonNull::from(Box::leak(Box::new(Self::new(context, protocol))));
        // SAFETY: the box that was just taken apart, which the association keeps where it is; the rest as promised.
        unsafe {
            let assoc = Assoc::create(protocol, context, archive);
            archive.as_ref().assoc.set(assoc);
        }
        archive.as_ptr()
    }

    /// The association.
    pub fn assoc(&self) -> *mut Assoc {
        self.assoc.get()
    }

    fn new(context: Context, protocol: *mut LWMsgProtocol) -> Self {
        Self {
            protocol,
            context,
            data: DataContext::new(context),
            file: RefCell::new(None),
            mode: Cell::new(0),
            fd: Cell::new(-1),
            open: Cell::new(false),
            disposition: Cell::new(0),
            update: Cell::new(false),
            version: Cell::new(VERSION[0]),
            assoc: Cell::new(ptr::null_mut()),
        }
    }

    /// # Safety
    /// The pointer is a live archive, made by [`Self::create`].
    pub unsafe fn from_ptr<'a>(archive: *const LWMsgArchive) -> &'a Self {
        // SAFETY: as promised by the caller. Only shared references are ever made.
        unsafe { &*archive.cast::<Self>() }
    }

    fn protocol(&self) -> Result<&Protocol> {
        // SAFETY: the protocol outlives the archive, as `new` was promised.
        unsafe { Protocol::from_ptr(self.protocol) }.ok_or(Status::INVALID_STATE)
    }

    /// The file to be opened, created with these permissions if need be.
    pub fn set_file(&self, path: &CStr, mode: libc::mode_t) {
        self.close_descriptor();
        self.file.replace(Some(path.to_owned()));
        self.mode.set(mode);
    }

    /// A descriptor that is the archive's from now on.
    pub fn set_fd(&self, fd: c_int) -> Result<()> {
        if fd < 0 {
            return Err(raise!(self.context, Status::INVALID_PARAMETER, "Invalid file descriptor"));
        }
        self.close_descriptor();
        self.file.replace(None);
        self.fd.set(fd);
        Ok(())
    }

    /// The order of what will be written.
    pub fn set_order(&self, order: LWMsgByteOrder) {
        self.data.set_order(order);
    }

    /// Whether reading adds messages to the protocol that it does not know.
    pub fn set_update(&self, update: bool) {
        self.update.set(update);
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.open.get()
    }

    /// Opens it, to read or to write, and reads or writes what is before the messages.
    pub fn open(&self, how: LWMsgArchiveDisposition) -> Result<()> {
        if self.open.get() {
            return Err(raise!(self.context, Status::INVALID_STATE, "Archive is already open"));
        }
        self.disposition.set(how);
        let reading = match how & (disposition::READ | disposition::WRITE) {
            disposition::READ => true,
            disposition::WRITE => false,
            _ => return Err(Status::INVALID_PARAMETER),
        };
        if self.fd.get() < 0 {
            self.open_file(reading)?;
        } else if !reading {
            self.forget_rest();
        }
        self.open.set(true);
        let begun = if reading { self.read_header() } else { self.write_header() };
        if begun.is_err() {
            self.close_descriptor();
        }
        begun
    }

    fn open_file(&self, reading: bool) -> Result<()> {
        let file = self.file.borrow();
        let Some(path) = file.as_ref() else {
            return Err(raise!(self.context, Status::INVALID_STATE, "No fd or filename specified"));
        };
        let flags = if reading { libc::O_RDONLY } else { libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC };
        // SAFETY: a terminated path.
        let fd = unsafe { libc::open(path.as_ptr(), flags | libc::O_CLOEXEC, self.mode.get()) };
        if fd < 0 {
            return Err(self.system_error());
        }
        self.fd.set(fd);
        Ok(())
    }

    /// What a longer file had behind the place where writing begins is no archive's.
    fn forget_rest(&self) {
        // SAFETY: calls on a descriptor; pipes and sockets have no place and no rest.
        unsafe {
            let place = libc::lseek(self.fd.get(), 0, libc::SEEK_CUR);
            if place >= 0 {
                libc::ftruncate(self.fd.get(), place);
            }
        }
    }

    fn close_descriptor(&self) {
        if self.fd.get() >= 0 {
            // SAFETY: the archive's own descriptor.
            unsafe { libc::close(self.fd.get()) };
        }
        self.fd.set(-1);
        self.open.set(false);
    }

    /// Closes it, after everything written has reached the disk. Closing twice is no error.
    pub fn close(&self) -> Result<()> {
        if !self.open.get() {
            return Ok(());
        }
        let mut result = Ok(());
        if self.disposition.get() & disposition::WRITE != 0 {
            // SAFETY: the archive's own descriptor.
            let failed = unsafe { libc::fsync(self.fd.get()) } < 0;
            // Pipes and sockets cannot be synchronised.
            if failed && errno::get() != libc::EINVAL {
                result = Err(self.system_error());
            }
        }
        self.close_descriptor();
        result
    }

    #[cold]
    fn system_error(&self) -> Status {
        let error = errno::get();
        raise!(self.context, Status::from_errno(error), "{}", std::io::Error::from_raw_os_error(error))
    }

    /// Writes a message.
    ///
    /// # Safety
    /// The message's data is what the protocol says for its tag.
    pub unsafe fn write(&self, message: &LWMsgMessage) -> Result<()> {
        if self.disposition.get() & disposition::WRITE == 0 {
            return Err(raise!(self.context, Status::INVALID_STATE, "Archive not open for writing"));
        }
        let mut bytes = Vec::new();
        self.put(&mut bytes, message.status.to_ne_bytes());
        self.put(&mut bytes, (message.flags as u16).to_ne_bytes());
        self.put(&mut bytes, message.cookie.to_ne_bytes());
        self.put(&mut bytes, message.tag.to_ne_bytes());
        let program = self.payload(message.tag)?;
        let mut payload = Vec::new();
        if let Some(program) = program {
            // SAFETY: as promised by the caller.
            unsafe { self.data.marshal_vec(&program, message.data, &mut payload) }?;
        }
        let length = u32::try_from(payload.len()).map_err(|_| Status::OVERFLOW)?;
        self.put(&mut bytes, length.to_ne_bytes());
        bytes.extend_from_slice(&payload);
        self.write_bytes(&bytes)
    }

    /// Reads a message; EOF behind the last one.
    ///
    /// # Safety
    /// Custom classes and verify functions of the protocol are what they claim to be.
    pub unsafe fn read(&self, message: &mut LWMsgMessage) -> Result<()> {
        let length = if self.version.get() == 0 {
            let header: [u8; 16] = self.read_array(true)?;
            message.flags = 0;
            message.status = self.u32_at(&header, 0);
            message.cookie = self.u32_at(&header, 4) as u16;
            message.tag = self.u32_at(&header, 8) as i16;
            self.u32_at(&header, 12)
        } else {
            let header: [u8; 14] = self.read_array(true)?;
            message.status = self.u32_at(&header, 0);
            message.flags = self.u16_at(&header, 4).into();
            message.cookie = self.u16_at(&header, 6);
            message.tag = self.u16_at(&header, 8) as i16;
            self.u32_at(&header, 10)
        };
        let bytes = self.read_bytes(length)?;
        let program = self.payload(message.tag)?;
        message.data = match program {
            // SAFETY: as promised by the caller.
            Some(program) => unsafe { self.data.unmarshal_slice(&program, &bytes) }.map_err(|status| {
                // The message's own length says that there is no more.
                if status == Status::EOF { Status::MALFORMED } else { status }
            })?,
            None => ptr::null_mut(),
        };
        Ok(())
    }

    /// Frees the payload of a message that was read, and resets it. NOT_FOUND for an unknown tag.
    ///
    /// # Safety
    /// The message came from here, or has such a payload in memory of the context.
    pub unsafe fn destroy(&self, message: &mut LWMsgMessage) -> Result<()> {
        if message.tag >= 0 {
            // SAFETY: as promised by the caller.
            unsafe { self.free(message.tag, message.data) }?;
        }
        (message.tag, message.data) = (LWMSG_TAG_INVALID, ptr::null_mut());
        Ok(())
    }

    /// # Safety
    /// As [`Self::destroy`].
    unsafe fn free(&self, tag: LWMsgTag, data: *mut c_void) -> Result<()> {
        match self.payload(tag)? {
            // SAFETY: as promised by the caller.
            Some(program) => unsafe { self.data.free_graph(&program, data) },
            None => Ok(()),
        }
    }

    fn payload(&self, tag: LWMsgTag) -> Result<Option<Arc<Program>>> {
        Ok(self.protocol()?.message(tag)?.program()?.cloned())
    }

    fn is_big(&self) -> bool {
        self.data.order() != LWMSG_LITTLE_ENDIAN
    }

    /// Appends an integer of the machine's order.
    fn put<const N: usize>(&self, out: &mut Vec<u8>, mut bytes: [u8; N]) {
        if self.is_big() != cfg!(target_endian = "big") {
            bytes.reverse();
        }
        out.extend_from_slice(&bytes);
    }

    fn u32_at(&self, bytes: &[u8], at: usize) -> u32 {
        let bytes = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        if self.is_big() { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    fn u16_at(&self, bytes: &[u8], at: usize) -> u16 {
        let bytes = [bytes[at], bytes[at + 1]];
        if self.is_big() { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    fn write_header(&self) -> Result<()> {
        let with_schema = self.disposition.get() & disposition::SCHEMA != 0;
        let mut bytes = MAGIC.to_vec();
        bytes.push(if self.is_big() { BIG_ENDIAN } else { 0 });
        bytes.extend_from_slice(&VERSION);
        self.put(&mut bytes, (if with_schema { WITH_SCHEMA } else { 0 }).to_ne_bytes());
        bytes.extend_from_slice(&RESERVED);
        if with_schema {
            let schema = self.schema()?;
            let length = u32::try_from(schema.len()).map_err(|_| Status::OVERFLOW)?;
            self.put(&mut bytes, length.to_ne_bytes());
            bytes.extend_from_slice(&schema);
        }
        self.write_bytes(&bytes)
    }

    /// The protocol's description, marshalled.
    fn schema(&self) -> Result<Vec<u8>> {
        let protocol = self.protocol()?;
        let rep = schema::describe_protocol(protocol)?;
        let mut bytes = Vec::new();
        // SAFETY: our own table, and the description that has just been made.
        unsafe {
            let marshalled = self
                .data
                .program(schema::protocol_spec())
                .and_then(|program| self.data.marshal_vec(&program, rep.cast(), &mut bytes));
            schema::free_protocol(protocol.context(), rep);
            marshalled?;
        }
        Ok(bytes)
    }

    fn read_header(&self) -> Result<()> {
        let header: [u8; 28] = self.read_array(true)?;
        let [major, minor] = [header[5], header[6]];
        if header[..4] != *MAGIC || major > VERSION[0] || minor > VERSION[1] {
            return Err(Status::MALFORMED);
        }
        self.version.set(major);
        let big = header[4] & BIG_ENDIAN != 0;
        self.data.set_order(if big { LWMSG_BIG_ENDIAN } else { LWMSG_LITTLE_ENDIAN });
        if self.u32_at(&header, 8) & WITH_SCHEMA == 0 {
            return Ok(());
        }
        let length: [u8; 4] = self.read_array(false)?;
        let schema = self.read_bytes(self.u32_at(&length, 0))?;
        if self.disposition.get() & disposition::SCHEMA == 0 {
            return Ok(());
        }
        self.check_schema(&schema)
    }

    /// Compares the description of what is in the file with the protocol, or teaches it.
    fn check_schema(&self, bytes: &[u8]) -> Result<()> {
        let malformed = |status| if status == Status::EOF { Status::MALFORMED } else { status };
        // SAFETY: our own table, which has no functions of the program's; the protocol outlives the archive, and is
        // used by nobody else while it learns.
        unsafe {
            let program = self.data.program(schema::protocol_spec())?;
            let rep = self.data.unmarshal_slice(&program, bytes).map_err(malformed)?;
            let protocol = self.protocol.cast::<Protocol>().as_mut().ok_or(Status::INVALID_STATE);
            let checked = protocol.and_then(|protocol| protocol.check(&*rep.cast(), self.update.get()));
            schema::free_protocol(self.context, rep.cast());
            checked
        }
    }

    fn write_bytes(&self, bytes: &[u8]) -> Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            // SAFETY: so many bytes are readable.
            let written =
                cancel::waiting(|| unsafe { cancel::write(self.fd.get(), rest.as_ptr().cast(), rest.len()) });
            match usize::try_from(written) {
                Ok(written) => rest = &rest[written..],
                Err(_) => self.wait_after_error(libc::POLLOUT)?,
            }
        }
        Ok(())
    }

    /// Reads into all of `out` or to the end of the file, and tells how much.
    fn fill(&self, out: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < out.len() {
            let rest = &mut out[filled..];
            // SAFETY: so many bytes are writable.
            let read = cancel::waiting(|| unsafe {
                cancel::read(self.fd.get(), rest.as_mut_ptr().cast(), rest.len())
            });
            match usize::try_from(read) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(_) => self.wait_after_error(libc::POLLIN)?,
            }
        }
        Ok(filled)
    }

    /// Waits for a descriptor that does not block; any other error is one.
    fn wait_after_error(&self, events: i16) -> Result<()> {
        match errno::get() {
            libc::EINTR => Ok(()),
            libc::EAGAIN => {
                let mut poll = libc::pollfd { fd: self.fd.get(), events, revents: 0 };
                // SAFETY: one entry.
                cancel::waiting(|| unsafe { cancel::poll(&raw mut poll, 1, -1) });
                Ok(())
            }
            _ => Err(self.system_error()),
        }
    }

    /// So many bytes, or MALFORMED; EOF when there are none and that is `allowed`.
    fn read_array<const N: usize>(&self, allowed: bool) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        match self.fill(&mut bytes)? {
            0 if allowed => Err(Status::EOF),
            filled if filled == N => Ok(bytes),
            _ => Err(Status::MALFORMED),
        }
    }

    /// So many bytes, or MALFORMED. Memory grows as they arrive.
    fn read_bytes(&self, length: u32) -> Result<Vec<u8>> {
        let length = length as usize;
        let mut bytes = Vec::new();
        while bytes.len() < length {
            let begin = bytes.len();
            let part = (length - begin).min(begin.max(1 << 16));
            bytes.try_reserve(part)?;
            bytes.resize(begin + part, 0);
            if self.fill(&mut bytes[begin..])? < part {
                return Err(Status::MALFORMED);
            }
        }
        Ok(bytes)
    }
}

/// Sending is writing and receiving is reading; there is nobody at the other end.
impl Association for Archive {
    unsafe fn send(&self, message: *mut LWMsgMessage) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe { self.write(&*message) }
    }

    unsafe fn receive(&self, message: *mut LWMsgMessage) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe { self.read(&mut *message) }
    }

    unsafe fn finish(&self) -> Result<*mut LWMsgMessage> {
        Ok(ptr::null_mut())
    }

    fn close(&self) -> Result<()> {
        Archive::close(self)
    }

    fn connect(&self, _session: Option<Arc<Session>>) -> Result<()> {
        self.open(disposition::WRITE)
    }

    fn state(&self) -> LWMsgAssocState {
        if self.is_open() { assoc_state::IDLE } else { assoc_state::NOT_ESTABLISHED }
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        self.close_descriptor();
    }
}
