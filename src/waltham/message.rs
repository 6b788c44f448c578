//! Messages: the values of received ones, and the sending of others.

use super::connection::{Connection, Side};
use super::object::{self, Object};
use super::registry;
use super::scanner::model::MAX_VALUES;
use super::trace;
use super::types::{relink_waltham_argument, relink_waltham_message, wth_array, wth_object};
use crate::trace::Direction;
use std::ffi::{CStr, c_char};
use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

/// Length of a message's header in bytes.
pub const HEADER: usize = 8;

/// The longest message that the header's size field can say, in bytes.
const LONGEST: usize = 65535;

/// The values of a received message, as its handler will get them.
pub struct Values {
    values: [MaybeUninit<relink_waltham_argument>; MAX_VALUES],
    count: usize,
    created: Option<NonNull<Object>>,
}

impl Values {
    #[inline]
    pub fn new() -> Self {
        Self { values: [const { MaybeUninit::uninit() }; MAX_VALUES], count: 0, created: None }
    }

    /// Signatures have been checked to have no more values than there is room for.
    #[inline]
    fn push(&mut self, value: relink_waltham_argument) {
        self.values[self.count].write(value);
        self.count += 1;
    }

    #[inline]
    pub fn push_u32(&mut self, u: u32) {
        self.push(relink_waltham_argument { u });
    }

    pub fn push_string(&mut self, s: *const c_char) {
        self.push(relink_waltham_argument { s });
    }

    pub fn push_data(&mut self, data: *mut u8) {
        self.push(relink_waltham_argument { p: data.cast() });
    }

    pub fn push_array(&mut self, data: *mut u8, length: usize) {
        self.push(relink_waltham_argument {
            a: wth_array { size: length, alloc: length, data: data.cast() },
        });
    }

    pub fn push_object(&mut self, object: Option<NonNull<Object>>) {
        self.push(relink_waltham_argument { o: object.map_or(ptr::null_mut(), Object::handle) });
    }

    pub fn push_created(&mut self, object: NonNull<Object>) {
        self.created = Some(object);
        self.push_object(Some(object));
    }

    /// Deletes the object that the message created, which nobody has seen.
    pub fn delete_created(&mut self) {
        if let Some(object) = self.created.take() {
            // SAFETY: created by this message, and no handler has run.
            unsafe { object::delete(object) };
        }
    }

    #[inline]
    pub fn as_mut_ptr(&mut self) -> *mut relink_waltham_argument {
        self.values.as_mut_ptr().cast()
    }

    pub fn as_slice(&self) -> &[relink_waltham_argument] {
        // SAFETY: the first `count` values are written.
        unsafe { std::slice::from_raw_parts(self.values.as_ptr().cast(), self.count) }
    }
}

/// The value of an array that a program passes, NULL being empty.
///
/// # Safety
/// `array` is NULL or valid.
pub unsafe fn array_argument(array: *const wth_array) -> relink_waltham_argument {
    let empty = wth_array { size: 0, alloc: 0, data: ptr::null_mut() };
    // SAFETY: as promised by the caller.
    relink_waltham_argument { a: unsafe { array.as_ref() }.copied().unwrap_or(empty) }
}

/// A message being put together: small values in a buffer, large ones where the program has them.
struct Writer<'a> {
    /// The header, the numbers, the lengths and the padding.
    small: [u8; HEADER + 4 * (1 + 2 * MAX_VALUES)],
    used: usize,
    /// Large values, each with the position in `small` that it stands before.
    large: [(usize, &'a [u8]); MAX_VALUES],
    large_count: usize,
    size: usize,
}

impl<'a> Writer<'a> {
    fn new() -> Self {
        Self {
            small: [0; HEADER + 4 * (1 + 2 * MAX_VALUES)],
            used: HEADER,
            large: [(0, &[]); MAX_VALUES],
            large_count: 0,
            size: HEADER,
        }
    }

    fn u32(&mut self, value: u32) {
        self.small[self.used..self.used + 4].copy_from_slice(&value.to_le_bytes());
        self.used += 4;
        self.size += 4;
    }

    /// A length and bytes, padded with zeros.
    fn block(&mut self, length: u32, bytes: &'a [u8]) {
        self.u32(length);
        let padding = bytes.len().wrapping_neg() & 3;
        self.large[self.large_count] = (self.used, bytes);
        self.large_count += 1;
        self.small[self.used..self.used + padding].fill(0);
        self.used += padding;
        self.size += bytes.len() + padding;
    }

    fn send(&mut self, connection: &Connection, opcode: u16) {
        self.small[2..4].copy_from_slice(&(self.size as u16).to_le_bytes());
        self.small[4..6].copy_from_slice(&opcode.to_le_bytes());
        let mut pieces: [IoSlice<'_>; 2 * MAX_VALUES + 1] = std::array::from_fn(|_| IoSlice::new(&[]));
        let mut count = 0;
        let mut start = 0;
        for (position, bytes) in &self.large[..self.large_count] {
            pieces[count] = IoSlice::new(&self.small[start..*position]);
            pieces[count + 1] = IoSlice::new(bytes);
            count += 2;
            start = *position;
        }
        pieces[count] = IoSlice::new(&self.small[start..self.used]);
        connection.transmit(&mut pieces[..=count]);
    }
}

impl Connection {
    /// Hands a message's bytes to the socket, or queues them; a failing transport becomes the connection's error.
    fn transmit(&self, pieces: &mut [IoSlice<'_>]) {
        if let Err(error) = self.send_bytes(pieces) {
            self.set_error(error);
            let text = std::io::Error::from_raw_os_error(error);
            // That a peer has gone is nothing to complain of.
            if matches!(error, libc::EPIPE | libc::ECONNRESET) {
                trace::debug(self, format_args!("sending failed: {text}"));
            } else {
                trace::error(format_args!("sending failed: {text}"));
            }
        }
    }
}

/// Sends a message on an object; returns the object it creates, or NULL.
///
/// The message is handed to the socket before this returns, as far as the socket takes it. A destructor deletes
/// the object. NULL objects are 0, NULL strings empty. On NULL for `target` nothing happens.
///
/// # Safety
/// `target` is NULL or live, and the values are those of the message's signature, with valid pointers.
pub unsafe fn send(
    target: *mut wth_object,
    message: &relink_waltham_message,
    args: &mut [relink_waltham_argument],
) -> *mut wth_object {
    // SAFETY: as promised by the caller.
    let Some(object) = (unsafe { object::borrow(target) }) else { return ptr::null_mut() };
    // SAFETY: an object's reference keeps its connection.
    let connection = unsafe { object.connection.as_ref() };
    // SAFETY: as promised by the caller.
    let created = unsafe { marshal(connection, object, message, args) };
    if message.flags & 2 != 0
        && let Some(object) = NonNull::new(target.cast())
    {
        // SAFETY: live, and its destructor ends the program's use of it.
        unsafe { object::delete(object) };
    }
    created
}

/// # Safety
/// As [`send`].
unsafe fn marshal(
    connection: &Connection,
    object: &Object,
    message: &relink_waltham_message,
    args: &[relink_waltham_argument],
) -> *mut wth_object {
    let mut writer = Writer::new();
    writer.u32(object.id);
    let mut created = ptr::null_mut();
    let mut types = message.types;
    let mut fits = true;
    let mut at = 0;
    // SAFETY: descriptions hold valid strings.
    for letter in unsafe { CStr::from_ptr(message.signature) }.to_bytes() {
        let Some(value) = args.get(at) else { break };
        at += 1;
        // Each letter says which member of the union was written. Lengths are looked at before the bytes behind
        // them: an absurd one is not backed by memory.
        match letter {
            b'?' => at -= 1,
            // SAFETY: an int, uint or fixed: 32 bits in any case.
            b'i' | b'u' | b'f' => writer.u32(unsafe { value.u }),
            b's' => {
                // SAFETY: a string or NULL.
                let text = unsafe { if value.s.is_null() { c"" } else { CStr::from_ptr(value.s) } };
                let bytes = text.to_bytes_with_nul();
                fits = fits && writer.size + bytes.len() <= LONGEST;
                if fits {
                    writer.block(bytes.len() as u32, bytes);
                }
            }
            b'd' => {
                // SAFETY: a length, followed by a pointer.
                let (length, data) =
                    unsafe { (value.u as usize, args.get(at).map_or(ptr::null_mut(), |data| data.p)) };
                at += 1;
                fits = fits && writer.size + length <= LONGEST && (length == 0 || !data.is_null());
                if fits {
                    // SAFETY: so many bytes are there, as promised by the caller.
                    let bytes = unsafe { crate::ffi::slice::borrow(data.cast(), length) }.unwrap_or_default();
                    writer.block(length as u32, bytes);
                }
            }
            b'a' => {
                // SAFETY: an array.
                let array = unsafe { value.a };
                fits = fits && array.size <= LONGEST && writer.size + array.size <= LONGEST;
                if array.size == 0 {
                    // What 64-bit senders have always sent for an empty array.
                    writer.u32(0);
                    writer.u32(0);
                } else if fits {
                    // SAFETY: the array's own size.
                    let bytes = unsafe { crate::ffi::slice::borrow(array.data.cast(), array.size) };
                    writer.block(array.size as u32, bytes.unwrap_or_default());
                }
            }
            b'o' => {
                types = types.wrapping_add(1);
                // SAFETY: an object or NULL.
                writer.u32(unsafe { object::borrow(value.o) }.map_or(0, |object| object.id));
            }
            letter => {
                let named = args.get(at).filter(|_| *letter == b'N');
                // SAFETY: N has three values: object, interface, version.
                let name = named.and_then(|name| unsafe { crate::ffi::cstr::borrow(name.s) });
                let described = if *letter == b'N' {
                    name.and_then(registry::interface).map_or(ptr::null(), ptr::from_ref)
                } else {
                    // SAFETY: there is a type for each object of the signature.
                    registry::canonical(message, unsafe { types.read() })
                };
                types = types.wrapping_add(1);
                let Some(new) = connection.new_object(described) else {
                    connection.set_error(libc::ENOMEM);
                    return ptr::null_mut();
                };
                created = Object::handle(new);
                // SAFETY: just made.
                writer.u32(unsafe { new.as_ref() }.id);
                if *letter == b'N' {
                    let name = name.unwrap_or(c"").to_bytes_with_nul();
                    // SAFETY: as above.
                    let version = args.get(at + 1).map_or(0, |version| unsafe { version.u });
                    at += 2;
                    fits = fits && writer.size + name.len() <= LONGEST;
                    if fits {
                        writer.block(name.len() as u32, name);
                    }
                    writer.u32(version);
                }
            }
        }
    }
    if !fits || writer.size > LONGEST {
        connection.set_error(libc::EMSGSIZE);
        trace::error(format_args!("message of more than {LONGEST} bytes is not sent"));
    } else {
        if connection.traced {
            trace::sent(connection.side == Side::Client, message, object.id, args);
        }
        if crate::trace::on() {
            trace::tell(connection, Direction::Sent, message, object.id, writer.size, args);
        }
        writer.send(connection, message.opcode);
    }
    created
}

/// How many values the letters of a signature stand for.
pub fn value_count(letters: &[u8]) -> usize {
    let count = |letter: &u8| match letter {
        b'?' => 0,
        b'd' => 2,
        b'N' => 3,
        _ => 1,
    };
    letters.iter().map(count).sum()
}
