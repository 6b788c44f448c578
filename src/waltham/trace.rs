//! What the library says: errors always, each message when `WALTHAM_DEBUG=1`.
//!
//! Sent messages go to C's `stdout`, so that they stand in order with what the program prints; everything else
//! to standard error, a line at a time. What all libraries tell their common trace, [`tell`] tells for this one.

use super::connection::Connection;
use super::message::{Values, value_count};
use super::types::{relink_waltham_argument, relink_waltham_message};
use crate::ffi::cancel::Uncancellable;
use crate::ffi::{cstr, errno, log};
use crate::trace::{Direction, Event, Shown};
use std::ffi::{CStr, c_char, c_int};
use std::fmt::{Arguments, Write as _};

/// Lines are cut at this length.
const LONGEST: usize = 511;

/// Whether `WALTHAM_DEBUG` is `1` now.
pub fn enabled() -> bool {
    std::env::var_os("WALTHAM_DEBUG").is_some_and(|value| value == "1")
}

fn line(text: &str) {
    let mut text = text.to_owned();
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
    }
    text.push('\n');
    log::to_standard_error(text.as_bytes());
}

/// Something went wrong that somebody should know of.
pub fn error(text: Arguments<'_>) {
    line(&format!("Error: {text}"));
}

/// The peer's last words, as the original printed them, but on one line and without what a terminal would obey.
pub fn peer_error(code: u32, text: &CStr) {
    line(&format!("fatal protocol error {}: {}", code as i32, Shown(&text.to_string_lossy())));
}

/// The program is wrong in a way it cannot go on from.
pub fn fatal(text: Arguments<'_>) -> ! {
    line(&format!("Fatal: {text}"));
    std::process::abort()
}

/// Something that matters to those who look for it only.
pub fn debug(connection: &Connection, text: Arguments<'_>) {
    if connection.traced {
        line(&format!("debug: {text}"));
    }
}

/// A message has been received.
#[cold]
#[inline(never)]
pub fn received(connection: &Connection, opcode: u16, size: usize) {
    line(&format!("debug: Message received on conn {:p}: ({opcode}) {size} bytes", connection.handle()));
}

/// An object has been made.
pub fn object(connection: &Connection, id: u32) {
    debug(connection, format_args!("new object id: {id}"));
}

/// The name of a message's function: `interface_message`.
fn name(message: &relink_waltham_message, infix: &str) -> String {
    // SAFETY: descriptions are constant and hold valid strings.
    let (interface, message) =
        unsafe { (CStr::from_ptr((*message.interface).name), CStr::from_ptr(message.name)) };
    format!("{}_{infix}{}", interface.to_string_lossy(), message.to_string_lossy())
}

fn signature(message: &relink_waltham_message) -> &'static [u8] {
    // SAFETY: descriptions are constant and hold valid strings.
    unsafe { CStr::from_ptr(message.signature) }.to_bytes()
}

/// A message's handler is about to be called.
#[cold]
#[inline(never)]
pub fn called(message: &relink_waltham_message, target: u32, values: &Values) {
    let mut text = format!("debug: {}({target}", name(message, ""));
    arguments(&mut text, message, values.as_slice(), true);
    let _ = write!(text, ") (opcode {}) called.", message.opcode);
    line(&text);
}

/// A message is about to be sent.
#[cold]
#[inline(never)]
pub fn sent(
    by_client: bool,
    message: &relink_waltham_message,
    target: u32,
    args: &[relink_waltham_argument],
) {
    let mut text = timestamp();
    let _ = write!(text, " {}({target}", name(message, if by_client { "" } else { "send_" }));
    arguments(&mut text, message, args, false);
    let _ = write!(text, ") (opcode {}) sent.\n\0", message.opcode);
    let (_keep, _uncancellable) = (errno::Preserved::new(), Uncancellable::new());
    // SAFETY: the text ends with a NUL; stdout is C's own.
    unsafe { fputs(text.as_ptr().cast(), stdout) };
}

/// A message in the trace of all libraries: `interface.message`, with its target and values.
#[cold]
#[inline(never)]
pub fn tell(
    connection: &Connection,
    direction: Direction,
    message: &relink_waltham_message,
    target: u32,
    size: usize,
    values: &[relink_waltham_argument],
) {
    let mut text = format!("(@{target}");
    arguments(&mut text, message, values, direction == Direction::Received);
    text.push(')');
    // SAFETY: descriptions are constant and hold valid strings.
    let (interface, name) =
        unsafe { (CStr::from_ptr((*message.interface).name), CStr::from_ptr(message.name)) };
    let name = format!("{}.{}", interface.to_string_lossy(), name.to_string_lossy());
    Event::new("waltham", &connection.told, direction, &name)
        .bytes(size as u64)
        .detail(format_args!("{text}"))
        .emit();
}

/// The values of a message, each behind a comma. An object that it creates is in its value only once the message
/// has been received.
fn arguments(
    text: &mut String,
    message: &relink_waltham_message,
    values: &[relink_waltham_argument],
    received: bool,
) {
    let mut rest = values;
    for letter in signature(message) {
        let Some((of_letter, others)) = rest.split_at_checked(value_count(&[*letter])) else { break };
        rest = others;
        let Some(value) = of_letter.first() else { continue };
        // SAFETY: the letter says which member was written; pointers are NULL or valid.
        let _ = unsafe {
            match letter {
                b'i' => write!(text, ", {}", value.i),
                b'u' => write!(text, ", {}", value.u),
                b'f' => write!(text, ", {}", f64::from(value.i) / 256.0),
                b's' => write!(text, ", {:?}", string(value)),
                b'd' => write!(text, ", {} bytes", value.u),
                b'a' => write!(text, ", array of {} bytes", value.a.size),
                b'n' | b'N' if !received => write!(text, ", new"),
                _ => write!(text, ", {}", super::object::borrow(value.o).map_or(0, |object| object.id)),
            }
        };
        if let [_, interface, version] = of_letter {
            // SAFETY: those of an untyped new object: a string or NULL, and a number.
            let (interface, version) = unsafe { (string(interface), version.u) };
            let _ = write!(text, ", {interface:?}, {version}");
        }
    }
}

/// # Safety
/// The value is a string or NULL.
unsafe fn string(value: &relink_waltham_argument) -> &CStr {
    // SAFETY: as promised by the caller.
    unsafe { cstr::borrow(value.s) }.unwrap_or(c"")
}

unsafe extern "C" {
    static stdout: *mut libc::FILE;
    fn fputs(text: *const c_char, stream: *mut libc::FILE) -> c_int;
}

/// Local time, with the Z that the original wrote.
fn timestamp() -> String {
    // SAFETY: both structs are written by the calls before they are read.
    unsafe {
        let now = libc::time(std::ptr::null_mut());
        let mut local: libc::tm = std::mem::zeroed();
        libc::localtime_r(&now, &mut local);
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            local.tm_year + 1900,
            local.tm_mon + 1,
            local.tm_mday,
            local.tm_hour,
            local.tm_min,
            local.tm_sec
        )
    }
}
