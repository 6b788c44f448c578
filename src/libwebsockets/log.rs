//! The library's log: lines of ten kinds, a mask that chooses among them, and an emitter that takes them.
//!
//! Both are the process's, as programs expect. Formatting happens only for lines that are wanted.

use super::types::log_emit_function;
use crate::ffi::{cstr, errno};
use std::ffi::{CStr, c_char, c_int};
use std::fmt::Arguments;
use std::io::Write as _;
use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Something failed.
pub const ERR: c_int = 1;
/// Something is odd.
pub const WARN: c_int = 2;
/// An operator may want to know.
pub const NOTICE: c_int = 4;
/// What connections do.
pub const INFO: c_int = 8;
/// Everything else.
pub const DEBUG: c_int = 16;
/// The parsers.
pub const PARSER: c_int = 32;
/// Extensions.
pub const EXT: c_int = 128;
/// Clients.
pub const CLIENT: c_int = 256;

/// The names of the kinds, by bit.
const NAMES: [&str; 10] =
    ["ERR", "WARN", "NOTICE", "INFO", "DEBUG", "PARSER", "HEADER", "EXTENSION", "CLIENT", "LATENCY"];

/// The longest line and its NUL, in bytes. Longer ones are cut, and lose their end of line.
const LINE: usize = 256;

static MASK: AtomicI32 = AtomicI32::new(ERR | WARN | NOTICE);

/// A [`log_emit_function`]; NULL is standard error.
static EMITTER: AtomicPtr<()> = AtomicPtr::new(ptr::null_mut());

/// Whether lines of a kind are wanted.
#[inline]
pub fn enabled(level: c_int) -> bool {
    MASK.load(Ordering::Relaxed) & level != 0
}

/// The kinds that are wanted.
pub fn mask() -> c_int {
    MASK.load(Ordering::Relaxed)
}

/// Chooses the kinds of lines and, unless it is `None`, who takes them.
pub fn set(mask: c_int, emitter: Option<log_emit_function>) {
    MASK.store(mask, Ordering::Relaxed);
    if let Some(emitter) = emitter {
        EMITTER.store(emitter as *mut (), Ordering::Release);
    }
}

/// Hands a line to the emitter, cut to 255 bytes. The caller has asked [`enabled`].
///
/// The emitter is user code: it may do what callbacks may.
pub fn emit(level: c_int, line: &[u8]) {
    let mut text = [0; LINE];
    // What does not fit is cut, as promised.
    cstr::write_truncated(line, &mut text);
    let emitter = EMITTER.load(Ordering::Acquire);
    if emitter.is_null() {
        let end = text.iter().position(|byte| *byte == 0).unwrap_or(LINE);
        to_stderr(level, &text[..end]);
        return;
    }
    // SAFETY: only `set` stores here, and only functions of this type.
    let emitter = unsafe { std::mem::transmute::<*mut (), log_emit_function>(emitter) };
    // SAFETY: the emitter is the program's own, and the line is a C string that outlives the call.
    unsafe { emitter(level, text.as_ptr().cast::<c_char>()) };
}

/// Logs a line of the library's own, which ends with a newline.
pub fn line(level: c_int, text: Arguments<'_>) {
    if enabled(level) {
        emit(level, text.to_string().as_bytes());
    }
}

/// Logs what failed.
pub fn err(text: Arguments<'_>) {
    line(ERR, text);
}

/// Logs what is odd.
pub fn warn(text: Arguments<'_>) {
    line(WARN, text);
}

/// Logs what an operator may want to know.
pub fn notice(text: Arguments<'_>) {
    line(NOTICE, text);
}

/// Logs what connections do.
pub fn info(text: Arguments<'_>) {
    line(INFO, text);
}

/// The emitter that is there when the program sets none: time and kind, then the line.
fn to_stderr(level: c_int, line: &[u8]) {
    let _keep = errno::Preserved::new();
    let mut text = Vec::with_capacity(LINE + 48);
    if level.count_ones() == 1
        && let Some(name) = NAMES.get(level.trailing_zeros() as usize)
    {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        text.extend_from_slice(
            format!("[{}:{:04}] {name}: ", now.as_secs(), now.subsec_micros() / 100).as_bytes(),
        );
    }
    text.extend_from_slice(line);
    // There is nobody to tell that standard error is gone.
    let _ = std::io::stderr().write_all(&text);
}

/// Gives a line to syslog at the priority of its kind.
pub fn to_syslog(level: c_int, line: &CStr) {
    let priority = match level {
        ERR => libc::LOG_ERR,
        WARN => libc::LOG_WARNING,
        NOTICE => libc::LOG_NOTICE,
        INFO => libc::LOG_INFO,
        _ => libc::LOG_DEBUG,
    };
    // SAFETY: the format takes one C string, which is given.
    unsafe { libc::syslog(priority, c"%s".as_ptr(), line.as_ptr()) };
}

/// Logs bytes at [`DEBUG`], sixteen a line, in hexadecimal and as text.
pub fn hexdump(bytes: &[u8]) {
    line(PARSER, format_args!("\n"));
    if !enabled(DEBUG) {
        return;
    }
    for (row, piece) in bytes.chunks(16).enumerate() {
        emit(DEBUG, hexdump_line(row * 16, piece).as_bytes());
    }
    emit(DEBUG, b"\n");
}

fn hexdump_line(offset: usize, piece: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = format!("{offset:04X}: ");
    for byte in piece {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02X} ");
    }
    let readable: String =
        piece.iter().map(|byte| if matches!(byte, 32..127) { char::from(*byte) } else { '.' }).collect();
    let missing = 3 * (16 - piece.len());
    let _ = writeln!(text, "{:missing$}   {readable:16}", "");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hexdump_line_is_the_original_s() {
        assert_eq!(
            hexdump_line(16, b"Hello\n\x7f\xff 0123456"),
            "0010: 48 65 6C 6C 6F 0A 7F FF 20 30 31 32 33 34 35 36    Hello... 0123456\n"
        );
        let short = hexdump_line(0, b"ab");
        assert_eq!(short, format!("0000: 61 62 {}   ab{}\n", "   ".repeat(14), " ".repeat(14)));
    }
}
