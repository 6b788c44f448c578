//! `connection.h`.

use super::super::assoc::{Assoc, Connection};
use super::super::context::Context;
use super::super::error::{Result, Status};
use super::super::security::Token;
use super::super::types::*;
use crate::ffi::{cstr, guard};
use std::ffi::{c_char, c_int};
use std::ptr::NonNull;

/// # Safety
/// The pointer is NULL or a live association.
unsafe fn with(assoc: *mut LWMsgAssoc, work: impl FnOnce(&Connection) -> Result<()>) -> LWMsgStatus {
    // SAFETY: as promised by the caller.
    let connection = unsafe { Assoc::from_ptr(assoc) }
        .and_then(|assoc| assoc.backend().as_connection().ok_or(Status::UNSUPPORTED));
    Status::of(connection.and_then(work)).0
}

/// Makes a connection. The protocol and the context, which may be NULL, outlive it. It is released with
/// lwmsg_assoc_delete.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER without a protocol.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_connection_new(
    context: *const LWMsgContext,
    prot: *mut LWMsgProtocol,
    out_assoc: *mut *mut LWMsgAssoc,
) -> LWMsgStatus {
    guard::entry("lwmsg_connection_new", Status::ERROR.0, || {
        if prot.is_null() || out_assoc.is_null() {
            return Status::INVALID_PARAMETER.0;
        }
        // SAFETY: it outlives the connection, as the caller promises.
        let context = unsafe { Context::from_ptr(context) };
        let connection = NonNull::from(Box::leak(Box::new(Connection::new(prot, context))));
        // SAFETY: a box, a protocol and a context that outlive it, and a place for the result, as the caller promises.
        unsafe { out_assoc.write(Assoc::create(prot, context, connection).cast()) };
        Status::SUCCESS.0
    })
}

/// Sets the largest packet that this end announces, header included; 8192 by default. Both ends use the smaller.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_STATE once the connection is established.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_connection_set_packet_size(
    assoc: *mut LWMsgAssoc,
    size: usize,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_connection_set_packet_size", Status::ERROR.0, || unsafe {
        with(assoc, |connection| connection.set_packet_size(size))
    })
}

/// Has the connection use a connected socket, which is its own from then on.
///
/// Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_INVALID_PARAMETER for a negative number, LWMSG_STATUS_INVALID_STATE when it
/// has a descriptor or an endpoint already, or LWMSG_STATUS_SYSTEM for a descriptor that is not open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_connection_set_fd(
    assoc: *mut LWMsgAssoc,
    mode: LWMsgConnectionMode,
    fd: c_int,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_connection_set_fd", Status::ERROR.0, || unsafe {
        with(assoc, |connection| connection.set_fd(mode, fd))
    })
}

/// Has the connection connect to an endpoint; the text is copied.
///
/// Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_INVALID_PARAMETER for NULL, or LWMSG_STATUS_INVALID_STATE when it has a
/// descriptor or an endpoint already.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_connection_set_endpoint(
    assoc: *mut LWMsgAssoc,
    mode: LWMsgConnectionMode,
    endpoint: *const c_char,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_connection_set_endpoint", Status::ERROR.0, || unsafe {
        with(assoc, |connection| match cstr::borrow(endpoint) {
            Some(endpoint) => connection.set_endpoint(mode, endpoint),
            None => Err(Status::INVALID_PARAMETER),
        })
    })
}

/// Stores the effective user and group of a local token. Either place may be NULL.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_local_token_get_eid(
    token: *mut LWMsgSecurityToken,
    out_euid: *mut libc::uid_t,
    out_egid: *mut libc::gid_t,
) -> LWMsgStatus {
    // SAFETY: NULL or live, as the caller promises.
    let Ok(token) = (unsafe { Token::from_ptr(token) }) else { return Status::INVALID_PARAMETER.0 };
    // SAFETY: each is NULL or a place for a result.
    unsafe {
        if let Some(user) = out_euid.as_mut() {
            *user = token.user;
        }
        if let Some(group) = out_egid.as_mut() {
            *group = token.group;
        }
    }
    Status::SUCCESS.0
}

/// Stores the process of a local token, -1 when it is not known. The place may be NULL.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_local_token_get_pid(
    token: *mut LWMsgSecurityToken,
    out_pid: *mut libc::pid_t,
) -> LWMsgStatus {
    // SAFETY: NULL or live, as the caller promises.
    let Ok(token) = (unsafe { Token::from_ptr(token) }) else { return Status::INVALID_PARAMETER.0 };
    // SAFETY: NULL or a place for the result.
    if let Some(process) = unsafe { out_pid.as_mut() } {
        *process = token.process;
    }
    Status::SUCCESS.0
}
