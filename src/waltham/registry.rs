//! The protocols a process knows: the core, and what programs register.
//!
//! Registered descriptions are constants of the program and are never forgotten. The core's own messages are
//! found without looking here, so that a program without protocols of its own takes no lock.

use super::message::value_count;
use super::protocol;
use super::scanner::model::{FIRST_EXTERNAL_OPCODE, MAX_VALUES};
use super::types::{relink_waltham_interface, relink_waltham_message, relink_waltham_protocol};
use std::collections::HashMap;
use std::ffi::CStr;
use std::sync::{PoisonError, RwLock};
use thiserror::Error;

/// `RELINK_WALTHAM_PROTOCOL_VERSION`.
pub const VERSION: u32 = 1;

/// Why a protocol was not registered.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum RegisterError {
    /// The description is not one that the scanner writes.
    #[error("malformed protocol description")]
    Malformed,
    /// An opcode, or an interface of that name, is taken.
    #[error("opcode or interface registered already")]
    Taken,
    /// Memory is exhausted.
    #[error("out of memory")]
    NoMemory,
}

#[derive(Default)]
struct Registered {
    messages: HashMap<u16, &'static relink_waltham_message>,
    interfaces: HashMap<&'static CStr, &'static relink_waltham_interface>,
}

static REGISTERED: RwLock<Option<Registered>> = RwLock::new(None);

/// The message with an opcode.
#[inline]
pub fn message(opcode: u16) -> Option<&'static relink_waltham_message> {
    let index = usize::from(opcode.wrapping_sub(protocol::FIRST_OPCODE));
    match protocol::MESSAGES.get(index) {
        Some(message) => Some(message),
        None if opcode < FIRST_EXTERNAL_OPCODE => None,
        None => registered_message(opcode),
    }
}

#[inline(never)]
fn registered_message(opcode: u16) -> Option<&'static relink_waltham_message> {
    let registered = REGISTERED.read().unwrap_or_else(PoisonError::into_inner);
    registered.as_ref()?.messages.get(&opcode).copied()
}

/// The interface with a name, of the core or registered.
pub fn interface(name: &CStr) -> Option<&'static relink_waltham_interface> {
    // SAFETY: the core's descriptions hold constant strings.
    let core = protocol::INTERFACES.iter().find(|core| unsafe { CStr::from_ptr(core.name) } == name);
    core.copied().or_else(|| {
        let registered = REGISTERED.read().unwrap_or_else(PoisonError::into_inner);
        registered.as_ref()?.interfaces.get(name).copied()
    })
}

/// The one description of an interface: a protocol of a program names the core's interfaces by descriptions
/// that have only a name.
pub fn canonical(
    message: &relink_waltham_message,
    described: *const relink_waltham_interface,
) -> *const relink_waltham_interface {
    if message.opcode < FIRST_EXTERNAL_OPCODE {
        return described;
    }
    // SAFETY: NULL, or part of a registered description, which is constant and lives for ever.
    let Some(named) = (unsafe { described.as_ref() }) else { return described };
    // SAFETY: names were checked at registration.
    interface(unsafe { CStr::from_ptr(named.name) }).map_or(described, std::ptr::from_ref)
}

/// Adds a protocol.
///
/// # Errors
/// [`RegisterError`]; nothing of the protocol is then known.
///
/// # Safety
/// `protocol` and everything it points to are valid, constant and live for ever.
pub unsafe fn register(protocol: &'static relink_waltham_protocol) -> Result<(), RegisterError> {
    let mut added = Registered::default();
    if protocol.version != VERSION || protocol.name.is_null() {
        return Err(RegisterError::Malformed);
    }
    // SAFETY: as promised by the caller.
    let interfaces = unsafe { table(protocol.interfaces, protocol.interface_count) }?;
    for described in interfaces {
        // SAFETY: NULL or valid, as promised by the caller.
        let described: &'static relink_waltham_interface =
            unsafe { described.as_ref() }.ok_or(RegisterError::Malformed)?;
        if described.name.is_null() {
            return Err(RegisterError::Malformed);
        }
        // SAFETY: not NULL, so a string, as promised by the caller.
        let name: &'static CStr = unsafe { CStr::from_ptr(described.name) };
        if interface(name).is_some() || added.interfaces.insert(name, described).is_some() {
            return Err(RegisterError::Taken);
        }
        // SAFETY: as promised by the caller.
        let (requests, events) = unsafe {
            (
                table(described.requests, described.request_count)?,
                table(described.events, described.event_count)?,
            )
        };
        for (is_event, messages) in [(false, requests), (true, events)] {
            for (slot, message) in messages.iter().enumerate() {
                // SAFETY: as promised by the caller.
                let valid = unsafe { is_valid(message) }
                    && std::ptr::eq(message.interface, described)
                    && usize::from(message.slot) == slot
                    && (message.flags & 1 != 0) == is_event;
                if !valid {
                    return Err(RegisterError::Malformed);
                }
                if added.messages.insert(message.opcode, message).is_some() {
                    return Err(RegisterError::Taken);
                }
            }
        }
    }
    let mut registered = REGISTERED.write().unwrap_or_else(PoisonError::into_inner);
    let registered = registered.get_or_insert_default();
    // Other threads may have registered since the names were looked for.
    let is_taken = added.messages.keys().any(|opcode| registered.messages.contains_key(opcode))
        || added.interfaces.keys().any(|name| registered.interfaces.contains_key(name));
    if is_taken {
        return Err(RegisterError::Taken);
    }
    registered.messages.try_reserve(added.messages.len()).map_err(|_| RegisterError::NoMemory)?;
    registered.interfaces.try_reserve(added.interfaces.len()).map_err(|_| RegisterError::NoMemory)?;
    registered.messages.extend(added.messages);
    registered.interfaces.extend(added.interfaces);
    Ok(())
}

/// # Safety
/// `first` is NULL or points to `count` constants that live for ever.
unsafe fn table<T>(first: *const T, count: u32) -> Result<&'static [T], RegisterError> {
    if count == 0 {
        return Ok(&[]);
    }
    if first.is_null() || count > u32::from(u16::MAX) {
        return Err(RegisterError::Malformed);
    }
    // SAFETY: not NULL, so as promised by the caller.
    Ok(unsafe { std::slice::from_raw_parts(first, count as usize) })
}

/// # Safety
/// The message's pointers are NULL or valid.
unsafe fn is_valid(message: &relink_waltham_message) -> bool {
    if message.name.is_null() || message.signature.is_null() || message.opcode < FIRST_EXTERNAL_OPCODE {
        return false;
    }
    // SAFETY: not NULL, so a string, as promised by the caller.
    let signature = unsafe { CStr::from_ptr(message.signature) }.to_bytes();
    let mut types = 0;
    for (i, letter) in signature.iter().enumerate() {
        match letter {
            b'i' | b'u' | b'f' | b's' | b'd' | b'a' => {}
            b'o' | b'n' | b'N' => types += 1,
            b'?' if signature.get(i + 1) == Some(&b'o') => {}
            _ => return false,
        }
    }
    let created = signature.iter().filter(|letter| matches!(letter, b'n' | b'N')).count();
    value_count(signature) <= MAX_VALUES && created <= 1 && (types == 0 || !message.types.is_null())
}
