//! Reading, and delivering what was read.

use super::super::error::{Error, INVALID_METHOD, INVALID_OBJECT};
use super::super::message::{HEADER, Values};
use super::super::object::Object;
use super::super::registry;
use super::super::trace;
use super::super::types::{relink_waltham_handler, relink_waltham_message};
use super::{Connection, Side};
use crate::ffi::{cancel, errno};
use crate::trace::Direction;
use std::ffi::c_int;
use std::ptr::NonNull;

/// The shortest message: a header and the id of an object.
const SHORTEST: usize = HEADER + 4;

impl Connection {
    /// Reads once, and blocks if the descriptor does.
    ///
    /// # Errors
    /// The errno of the call or of the connection; EPIPE at the end of the stream.
    pub fn read(&self) -> Result<(), Error> {
        let before = self.error();
        if before != 0 && before != libc::EPROTO {
            return Err(Error::System(before));
        }
        if before == libc::EPROTO {
            self.input.discard();
        }
        let room = self.input.room().ok_or(Error::System(libc::ENOMEM))?;
        if room.length == 0 {
            return Ok(());
        }
        let received = loop {
            // SAFETY: the room is mapped memory that nobody reads while this call writes.
            let received = unsafe { cancel::read(self.fd(), room.memory.cast(), room.length) };
            match usize::try_from(received) {
                Ok(received) => break received,
                Err(_) => match errno::get() {
                    libc::EINTR => {}
                    libc::EAGAIN => return Err(Error::System(libc::EAGAIN)),
                    error => return Err(self.fail(error)),
                },
            }
        };
        if received == 0 {
            return Err(self.fail(libc::EPIPE));
        }
        // After a protocol error what comes is thrown away.
        if before != libc::EPROTO {
            self.input.received(received);
        }
        Ok(())
    }

    /// Remembers the error of the transport, and is it.
    fn fail(&self, error: c_int) -> Error {
        self.set_error(error);
        Error::System(error)
    }

    /// Sends what is queued. Errors of the connection that are known already are not its affair.
    ///
    /// # Errors
    /// EAGAIN while something is left; the errno of a transport that failed just now.
    pub fn flush(&self) -> Result<(), Error> {
        match self.output.flush(self.fd()) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::System(libc::EAGAIN)),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Delivers the messages that have been read; returns how many there were.
    ///
    /// # Errors
    /// The connection's error, after the messages before it; ECONNABORTED when a handler destroyed it.
    pub fn dispatch(&self) -> Result<c_int, Error> {
        let mut count = 0;
        let mut pin = Pin { connection: self, segment: None };
        while let Some(message) = self.next_message() {
            count += 1;
            let delivered = message.and_then(|message| self.deliver(message, &mut pin));
            if !self.is_alive() {
                return Err(Error::System(libc::ECONNABORTED));
            }
            match delivered {
                Ok(()) => {}
                Err(Error::Violation { object, code, what }) => self.violated(object, code, what),
                Err(Error::System(error)) => self.set_error(error),
            }
        }
        match self.error() {
            0 => Ok(count),
            error => Err(Error::System(error)),
        }
    }

    /// Takes the next whole message. After a protocol error there is none.
    #[inline(always)]
    fn next_message(&self) -> Option<Result<Received, Error>> {
        if self.error() == libc::EPROTO {
            self.input.discard();
            return None;
        }
        let (memory, waiting) = self.input.waiting();
        if waiting < HEADER {
            return None;
        }
        // SAFETY: a header's worth of received bytes, which nobody writes during this call.
        let header = unsafe { memory.cast::<[u8; HEADER]>().read() };
        let size = usize::from(u16::from_le_bytes([header[2], header[3]]));
        let opcode = u16::from_le_bytes([header[4], header[5]]);
        if size < SHORTEST {
            // Where the next message would begin is not known any more.
            self.input.discard();
            return Some(Err(Error::Violation {
                object: 0,
                code: INVALID_METHOD,
                what: "message too short",
            }));
        }
        if waiting < size {
            return None;
        }
        let mut behind = 0;
        let mut stray = None;
        if opcode == KEYBOARD_ENTER && size == STRAY_KEYS_SIZE {
            // SAFETY: the message is there as a whole.
            let keys = unsafe { stray_keys(memory) };
            behind = keys.next_multiple_of(4);
            if waiting < size + behind {
                return None;
            }
            stray = (keys > 0).then(|| (memory.wrapping_add(size), keys));
        }
        self.input.take(size + behind);
        // SAFETY: the message has more than a header and an id.
        let target = u32::from_le_bytes(unsafe { memory.add(HEADER).cast::<[u8; 4]>().read() });
        let body = memory.wrapping_add(SHORTEST);
        let segment = self.input.current();
        Some(Ok(Received { opcode, target, body, length: size - SHORTEST, stray, segment }))
    }

    #[inline(always)]
    fn deliver(&self, received: Received, pin: &mut Pin<'_>) -> Result<(), Error> {
        let Received { opcode, target, .. } = received;
        if self.traced {
            trace::received(self, opcode, received.length + SHORTEST);
        }
        let for_client = self.side == Side::Client;
        let Some(message) =
            registry::message(opcode).filter(|message| (message.flags & 1 != 0) == for_client)
        else {
            // Once: a peer shall not fill the program's log.
            if !self.complained.replace(true) {
                trace::error(format_args!("Invalid opcode {opcode}, discard message"));
            }
            return Ok(());
        };
        let Some(object) = self.object(target) else {
            return self.refuse(target, INVALID_OBJECT, "unknown object");
        };
        // SAFETY: found in the table, so live.
        if !unsafe { object.as_ref() }.may_be(message.interface) {
            return self.refuse(target, INVALID_METHOD, "message of another interface");
        }
        let mut values = Values::new();
        let parsed = self.parse(message, &received, &mut values).map(|()| {
            // SAFETY: live; no handler has run since it was found, and its interface is the message's.
            unsafe { handler(object.as_ref(), message.slot) }
        });
        if crate::trace::on() && parsed.is_ok() {
            let size = received.length + SHORTEST;
            trace::tell(self, Direction::Received, message, target, size, values.as_slice());
        }
        match parsed {
            Ok(Some(handler)) => {
                if self.traced {
                    trace::called(message, target, &values);
                }
                pin.hold(received.segment);
                // SAFETY: the values are those of the message's signature, the handler stands in its slot,
                // and the target is live. Nothing of ours is borrowed while it runs.
                unsafe { (message.call)(handler, Object::handle(object), values.as_mut_ptr()) };
                Ok(())
            }
            Ok(None) => {
                trace::debug(self, format_args!("no handler for opcode {opcode} of object {target}"));
                values.delete_created();
                Ok(())
            }
            Err(error) => {
                values.delete_created();
                Err(match error {
                    Error::Violation { object: 0, code, what } => {
                        Error::Violation { object: target, code, what }
                    }
                    other => other,
                })
            }
        }
    }

    /// A client ignores what may have crossed with its own deletions; a server is told by nobody else.
    fn refuse(&self, object: u32, code: u32, what: &'static str) -> Result<(), Error> {
        if self.side == Side::Client {
            trace::debug(self, format_args!("ignored: {what} (object {object})"));
            Ok(())
        } else {
            Err(Error::Violation { object, code, what })
        }
    }

    /// Reads the values of a message, and creates the object that it creates.
    #[inline(always)]
    fn parse(
        &self,
        message: &relink_waltham_message,
        received: &Received,
        values: &mut Values,
    ) -> Result<(), Error> {
        let mut reader = received.reader();
        let mut types = message.types;
        let mut nullable = false;
        let mut signature = message.signature;
        loop {
            // SAFETY: the signature is a string, and the loop ends at its NUL.
            let letter = unsafe { signature.read() } as u8;
            signature = signature.wrapping_add(1);
            match letter {
                0 => return Ok(()),
                b'?' => {
                    nullable = true;
                    continue;
                }
                b'i' | b'u' | b'f' => values.push_u32(reader.u32()?),
                b's' => values.push_string(reader.string()?),
                b'd' => {
                    let (data, length) = reader.block()?;
                    values.push_u32(length as u32);
                    values.push_data(data);
                }
                // Empty ones of old senders have four bytes more, which are left over.
                b'a' => {
                    let (data, length) = match received.stray {
                        Some(stray) => stray,
                        None => reader.block()?,
                    };
                    values.push_array(data, length);
                }
                b'o' => {
                    let id = reader.u32()?;
                    // SAFETY: there is a type for each object of the signature.
                    let wanted = registry::canonical(message, unsafe { types.read() });
                    types = types.wrapping_add(1);
                    let found = self.object(id);
                    // The handler takes what it gets for an object of the type that its prototype says.
                    // SAFETY: found in the table, so live.
                    let fitting = found.filter(|object| unsafe { object.as_ref() }.may_be(wanted));
                    if fitting.is_none() && self.side != Side::Client && !(id == 0 && nullable) {
                        let (code, what) = match found {
                            Some(_) => (INVALID_METHOD, "argument of another interface"),
                            None => (INVALID_OBJECT, "unknown object as an argument"),
                        };
                        return Err(Error::Violation { object: id, code, what });
                    }
                    values.push_object(fitting);
                }
                _ => {
                    let id = reader.u32()?;
                    // SAFETY: there is a type for each object of the signature.
                    let described = unsafe { types.read() };
                    types = types.wrapping_add(1);
                    if letter == b'N' {
                        let name = reader.string()?;
                        let version = reader.u32()?;
                        // SAFETY: the reader saw its NUL.
                        let named = registry::interface(unsafe { std::ffi::CStr::from_ptr(name) });
                        let object =
                            self.adopt_object(id, named.map_or(std::ptr::null(), std::ptr::from_ref))?;
                        values.push_created(object);
                        values.push_string(name);
                        values.push_u32(version);
                    } else {
                        let object = self.adopt_object(id, registry::canonical(message, described))?;
                        values.push_created(object);
                    }
                }
            }
            nullable = false;
        }
    }
}

/// The handler in a slot of an object's table, if there is one.
///
/// # Safety
/// The object's table has that slot: its interface is the message's. Where that is not known, because it was bound under
/// a name that no protocol has, the program vouches for it by the table it set.
unsafe fn handler(object: &Object, slot: u16) -> Option<relink_waltham_handler> {
    let table = NonNull::new(object.handlers.get().cast_mut())?;
    // SAFETY: as promised by the caller.
    unsafe { *table.as_ptr().add(usize::from(slot)) }
}

/// A message as it lies in the input.
struct Received {
    opcode: u16,
    target: u32,
    body: *mut u8,
    length: usize,
    /// The array, when it lies behind the message.
    stray: Option<(*mut u8, usize)>,
    /// Where it lies.
    segment: usize,
}

/// `wthp_keyboard.enter`.
const KEYBOARD_ENTER: u16 = 48;
/// What old 64-bit senders say its size is, however many keys are held.
const STRAY_KEYS_SIZE: usize = 28;
/// More keys than this nobody holds.
const MOST_STRAY_KEYS: usize = 4096;

/// How many bytes of keys lie behind a `wthp_keyboard.enter` of an old 64-bit sender.
///
/// Such a sender writes the length of the array in 8 bytes and does not count what follows. In a proper message
/// of this size the second word is the code of the only key, which is never 0.
///
/// # Safety
/// The whole message is readable at `message`.
unsafe fn stray_keys(message: *const u8) -> usize {
    // SAFETY: as promised by the caller; the two words are its last.
    let (length, high) = unsafe {
        (
            message.add(STRAY_KEYS_SIZE - 8).cast::<[u8; 4]>().read(),
            message.add(STRAY_KEYS_SIZE - 4).cast::<u32>().read_unaligned(),
        )
    };
    let length = u32::from_le_bytes(length) as usize;
    if high == 0 && length <= MOST_STRAY_KEYS { length } else { 0 }
}

impl Received {
    fn reader(&self) -> Reader {
        Reader { next: self.body, left: self.length }
    }
}

const SHORT: Error =
    Error::Violation { object: 0, code: INVALID_METHOD, what: "message shorter than its arguments" };

/// Reads values from a body and never past it.
struct Reader {
    next: *mut u8,
    left: usize,
}

impl Reader {
    #[inline]
    fn take(&mut self, length: usize) -> Result<*mut u8, Error> {
        if length > self.left {
            return Err(SHORT);
        }
        let data = self.next;
        self.next = self.next.wrapping_add(length);
        self.left -= length;
        Ok(data)
    }

    #[inline]
    fn u32(&mut self) -> Result<u32, Error> {
        let data = self.take(4)?;
        // SAFETY: four bytes of the body.
        Ok(u32::from_le_bytes(unsafe { data.cast::<[u8; 4]>().read() }))
    }

    /// A length, so many bytes, and padding to a multiple of four. The last padding may be missing.
    fn block(&mut self) -> Result<(*mut u8, usize), Error> {
        let length = self.u32()? as usize;
        let data = self.take(length)?;
        self.take((length.wrapping_neg() & 3).min(self.left))?;
        Ok((data, length))
    }

    fn string(&mut self) -> Result<*const std::ffi::c_char, Error> {
        let (data, length) = self.block()?;
        // SAFETY: read only when there is a byte.
        if length == 0 || unsafe { data.add(length - 1).read() } != 0 {
            let what = "string without its end";
            return Err(Error::Violation { object: 0, code: INVALID_METHOD, what });
        }
        Ok(data.cast_const().cast())
    }
}

/// Keeps the message whose handler one dispatch runs where it is. Messages of one segment share a pin.
struct Pin<'a> {
    connection: &'a Connection,
    segment: Option<usize>,
}

impl Pin<'_> {
    #[inline]
    fn hold(&mut self, segment: usize) {
        if self.segment != Some(segment) {
            self.release();
            self.connection.input.pin(segment);
            self.segment = Some(segment);
        }
    }

    fn release(&mut self) {
        if let Some(segment) = self.segment.take() {
            self.connection.input.unpin(segment);
        }
    }
}

impl Drop for Pin<'_> {
    fn drop(&mut self) {
        self.release();
    }
}
