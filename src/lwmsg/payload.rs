//! Payloads of messages, between the program's structures and packets: what associations and peers share.

use super::context::{Context, place};
use super::data::{DataContext, Transport, WireHandle};
use super::error::{Result, Status};
use super::protocol::Protocol;
use super::session::Session;
use super::types::*;
use super::wire::{Envelope, MAX_DESCRIPTORS, Message, Outbound};
use crate::net::descriptors;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::{CStr, c_int, c_void};
use std::os::fd::{AsFd, AsRawFd, IntoRawFd, OwnedFd};
use std::ptr::NonNull;

/// Whose data it is: what a payload cannot be read or written without.
#[derive(Clone, Copy, Debug)]
pub struct Codec<'a> {
    /// The messages.
    pub protocol: &'a Protocol,
    /// Memory and log.
    pub context: Context,
    /// Handles; `None` where there is no session.
    pub session: Option<&'a Session>,
}

/// Lends handles and descriptors to one operation.
struct Carrier<'a> {
    session: Option<&'a Session>,
    leaving: RefCell<Vec<OwnedFd>>,
    arrived: RefCell<Option<&'a mut VecDeque<OwnedFd>>>,
}

/// The handles of a session, for data that no association carries.
pub fn lent(session: &Session) -> impl Transport {
    Carrier { session: Some(session), leaving: RefCell::default(), arrived: RefCell::new(None) }
}

impl Transport for Carrier<'_> {
    fn handle_to_wire(&self, handle: *mut LWMsgHandle) -> Result<WireHandle<'_>> {
        let session = self.session.ok_or(Status::INVALID_HANDLE)?;
        let (type_name, location, id) = session.handles().to_wire(handle)?;
        // SAFETY: the names of registered handles are constants, or live as long as the handle.
        Ok(WireHandle { type_name: unsafe { CStr::from_ptr(type_name) }, location, id })
    }

    fn handle_from_wire(
        &self,
        type_name: &CStr,
        location: LWMsgHandleType,
        id: u32,
    ) -> Result<*mut LWMsgHandle> {
        self.session.ok_or(Status::INVALID_HANDLE)?.handles().from_wire(type_name, location, id)
    }

    fn release_handle(&self, handle: *mut LWMsgHandle) {
        if let Some(session) = self.session {
            // SAFETY: the cleanup function has the type it was registered with.
            unsafe { session.handles().release(handle).run() }
        }
    }

    fn put_fd(&self, fd: c_int) -> Result<()> {
        let mut leaving = self.leaving.borrow_mut();
        if leaving.len() >= MAX_DESCRIPTORS {
            return Err(Status::MALFORMED);
        }
        let copy = descriptors::duplicate(fd, true).map_err(|error| match error.raw_os_error() {
            Some(libc::EBADF) => Status::MALFORMED,
            _ => error.into(),
        })?;
        leaving.push(copy);
        Ok(())
    }

    fn take_fd(&self) -> Result<c_int> {
        let mut arrived = self.arrived.borrow_mut();
        let fd = arrived.as_mut().and_then(|arrived| arrived.pop_front()).ok_or(Status::MALFORMED)?;
        if fd.as_raw_fd() > 0 {
            descriptors::inheritable(fd.as_fd())?;
            return Ok(fd.into_raw_fd());
        }
        // 0 means no descriptor in a message.
        Ok(descriptors::duplicate(fd.as_raw_fd(), false)?.into_raw_fd())
    }
}

/// Whether a failure concerns the message alone, so that its receiver is told and everything goes on.
pub fn is_about_payload(status: Status) -> bool {
    matches!(status, Status::MALFORMED | Status::INVALID_HANDLE | Status::OVERFLOW | Status::UNDERFLOW)
}

impl<'a> Codec<'a> {
    fn carrier(&self) -> Carrier<'a> {
        Carrier { session: self.session, leaving: RefCell::default(), arrived: RefCell::new(None) }
    }

    /// Runs `operation` with a data context that the carrier is lent to.
    fn with<T>(&self, carrier: &Carrier<'a>, operation: impl FnOnce(&DataContext) -> T) -> T {
        let data = DataContext::new(self.context);
        let transport: NonNull<dyn Transport + '_> = NonNull::from(carrier);
        // SAFETY: only the lifetime changes: the data context, which keeps the pointer, is dropped before this
        // function returns, while the carrier is borrowed.
        unsafe {
            let transport = std::mem::transmute::<
                NonNull<dyn Transport + '_>,
                NonNull<dyn Transport + 'static>,
            >(transport);
            data.set_transport(Some(transport));
        }
        operation(&data)
    }

    /// A message to be sent. MALFORMED for a tag that the protocol does not have; the data's own status when it
    /// cannot be written. Calls the program.
    ///
    /// # Safety
    /// `data` is what the protocol says for the tag.
    pub unsafe fn encode(&self, envelope: Envelope, data: *mut c_void) -> Result<Outbound> {
        let mut bytes = Outbound::buffer();
        if envelope.tag == LWMSG_TAG_INVALID {
            return Ok(Outbound::message(envelope, bytes, Vec::new()));
        }
        let message = self.protocol.message(envelope.tag).map_err(|_| Status::MALFORMED)?;
        let Some(program) = message.program()? else {
            return Ok(Outbound::message(envelope, bytes, Vec::new()));
        };
        let carrier = self.carrier();
        // SAFETY: as promised by the caller.
        self.with(&carrier, |context| unsafe { context.marshal_vec(program, data, &mut bytes) })?;
        Ok(Outbound::message(envelope, bytes, carrier.leaving.into_inner()))
    }

    /// A message that arrived. MALFORMED for a tag that the protocol does not have. A payload that cannot be read
    /// gives a synthetic message that says why. Calls the program.
    pub fn decode(&self, message: Message<'a>) -> Result<LWMsgMessage> {
        let Envelope { flags, status, cookie, tag } = message.envelope;
        let mut out = LWMsgMessage {
            flags: flags.into(),
            status,
            cookie,
            tag,
            data: std::ptr::null_mut(),
            reserved1: 0,
        };
        if tag == LWMSG_TAG_INVALID {
            return Ok(out);
        }
        let known = self.protocol.message(tag).map_err(|_| Status::MALFORMED)?;
        let decoded = match known.program() {
            Ok(None) => return Ok(out),
            Ok(Some(program)) => {
                let carrier = self.carrier();
                carrier.arrived.replace(Some(message.descriptors));
                // SAFETY: the table is the protocol's, whose classes are what they claim to be.
                let decoded = self
                    .with(&carrier, |context| unsafe { context.unmarshal_slice(program, message.payload) });
                if decoded.is_err()
                    && message.is_last
                    && let Some(descriptors) = carrier.arrived.take()
                {
                    // Those behind what is wrong with it would be taken for the next message's.
                    descriptors.clear();
                }
                decoded
            }
            Err(status) => Err(status),
        };
        match decoded {
            Ok(data) => out.data = data,
            // A payload cut short ends the association in the original, whose next message would be read as the
            // rest of this one; here the message has an end.
            Err(status) => {
                let status = if status == Status::EOF { Status::MALFORMED } else { status };
                out.flags |= message_flag::SYNTHETIC;
                (out.status, out.tag) = (status.0, LWMSG_TAG_INVALID);
            }
        }
        Ok(out)
    }

    /// Frees a payload. NOT_FOUND for a tag that the protocol does not have. Calls the program.
    ///
    /// # Safety
    /// `data` is what the protocol says for the tag, in memory of the context, and is not used again.
    pub unsafe fn destroy(&self, tag: LWMsgTag, data: *mut c_void) -> Result<()> {
        if tag == LWMSG_TAG_INVALID {
            return Ok(());
        }
        let Some(program) = self.protocol.message(tag)?.program()? else { return Ok(()) };
        // SAFETY: as promised by the caller.
        self.with(&self.carrier(), |context| unsafe { context.free_graph(program, data) })
    }

    /// A message as text: its name and its payload.
    ///
    /// # Safety
    /// `data` is what the protocol says for the tag.
    pub unsafe fn print(&self, tag: LWMsgTag, data: *mut c_void, out: &mut Vec<u8>) -> Result<()> {
        let message = self.protocol.message(tag)?;
        out.extend_from_slice(message.name().to_bytes());
        let Some(program) = message.program()? else { return Ok(()) };
        out.extend_from_slice(b": ");
        // SAFETY: as promised by the caller.
        self.with(&self.carrier(), |context| unsafe { context.print_graph(program, data, 4, out) })
    }

    /// Logs a message, when somebody reads that: `(session:ID << COOKIE) call req TEXT`. `ours` says whose call it
    /// is about.
    ///
    /// # Safety
    /// As [`Self::print`].
    pub unsafe fn log(&self, ours: bool, message: &LWMsgMessage) {
        if !self.context.would_log(log_level::TRACE) {
            return;
        }
        // SAFETY: as promised by the caller.
        unsafe { self.write_log(ours, message) }
    }

    /// # Safety
    /// As [`Self::print`].
    #[cold]
    unsafe fn write_log(&self, ours: bool, message: &LWMsgMessage) {
        use std::io::Write as _;
        let id = self.session.map(Session::id).unwrap_or_default();
        let arrow = if ours { "<<" } else { ">>" };
        let subject = if message.flags & message_flag::CONTROL != 0 { "ctrl" } else { "call" };
        let what =
            match (message.flags & message_flag::REPLY != 0, message.flags & message_flag::SYNTHETIC != 0) {
                (true, true) => "srs",
                (true, false) => "res",
                (false, true) => "srq",
                (false, false) => "req",
            };
        let mut line = Vec::new();
        // Writing to memory does not fail.
        let _ = write!(line, "(session:{id} {arrow} {}) {subject} {what}", message.cookie);
        if message.status != 0 {
            let name = Status(message.status).name().to_str().unwrap_or("unknown");
            let _ = write!(line, " [{}]", name.strip_prefix("LWMSG_STATUS_").unwrap_or(name));
        }
        if message.tag != LWMSG_TAG_INVALID {
            line.push(b' ');
            // SAFETY: as promised by the caller.
            if unsafe { self.print(message.tag, message.data, &mut line) }.is_err() {
                return;
            }
        }
        line.push(0);
        let text = CStr::from_bytes_until_nul(&line).unwrap_or_default();
        self.context.log_line(log_level::TRACE, text, place!());
    }
}
