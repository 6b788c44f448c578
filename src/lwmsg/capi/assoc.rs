//! `assoc.h`.

use super::super::assoc::Assoc;
use super::super::error::{Result, Status};
use super::super::session::Session;
use super::super::types::*;
use super::held;
use crate::ffi::guard;
use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::Arc;

/// # Safety
/// The pointer is NULL or a live association.
unsafe fn with(assoc: *mut LWMsgAssoc, work: impl FnOnce(&Assoc) -> Result<()>) -> LWMsgStatus {
    // SAFETY: as promised by the caller.
    Status::of(unsafe { Assoc::from_ptr(assoc) }.and_then(work)).0
}

/// A message that is there.
fn given(message: *mut LWMsgMessage) -> Result<*mut LWMsgMessage> {
    if message.is_null() { Err(Status::INVALID_PARAMETER) } else { Ok(message) }
}

/// # Safety
/// The pointer is NULL or a live session.
unsafe fn shared(session: *mut LWMsgSession) -> Option<Arc<Session>> {
    // SAFETY: as promised by the caller.
    (!session.is_null()).then(|| unsafe { Session::share(session) })
}

/// Releases an association, without a notice to the other end. NULL is accepted. An archive used as an association
/// is released with it. Handles that are left of its default session are cleaned up.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_assoc_delete(assoc: *mut LWMsgAssoc) {
    held("lwmsg_assoc_delete", || {
        if !assoc.is_null() {
            // SAFETY: made by this library, and not used again.
            unsafe { Assoc::delete(assoc.cast()) }
        }
    });
}

/// Returns the protocol that the association was made with.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_assoc_get_protocol(assoc: *mut LWMsgAssoc) -> *mut LWMsgProtocol {
    // SAFETY: NULL or live, as the caller promises.
    unsafe { Assoc::from_ptr(assoc) }.map_or(ptr::null_mut(), Assoc::protocol_ptr)
}

/// Sends a message, which stays the caller's.
///
/// On an association that does not block, LWMSG_STATUS_PENDING says that it takes longer: the message has to stay
/// where it is until lwmsg_assoc_finish names it.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_MALFORMED, LWMSG_STATUS_INVALID_HANDLE or LWMSG_STATUS_OVERFLOW for a
/// message that cannot be sent, after which the association works on; LWMSG_STATUS_BUSY while another is being sent;
/// LWMSG_STATUS_INVALID_STATE; LWMSG_STATUS_TIMEOUT; or LWMSG_STATUS_PEER_CLOSE when the other end has gone.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_assoc_send_message(
    assoc: *mut LWMsgAssoc,
    message: *mut LWMsgMessage,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    held("lwmsg_assoc_send_message", || unsafe { with(assoc, |assoc| assoc.backend().send(given(message)?)) })
}

/// Receives a message. Its payload is the caller's then, to be freed with lwmsg_assoc_destroy_message.
///
/// On an association that does not block, LWMSG_STATUS_PENDING says that it takes longer: the message has to stay
/// where it is until lwmsg_assoc_finish names it. A payload that cannot be read is delivered as a message without
/// one, with the reason as its status and LWMSG_MESSAGE_FLAG_SYNTHETIC.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_MALFORMED for a message that the protocol does not have;
/// LWMSG_STATUS_BUSY while another is being received; LWMSG_STATUS_INVALID_STATE; LWMSG_STATUS_TIMEOUT;
/// LWMSG_STATUS_PEER_CLOSE, LWMSG_STATUS_PEER_RESET or LWMSG_STATUS_PEER_ABORT when the other end has gone; or
/// LWMSG_STATUS_RESOURCE_LIMIT when the process may open no more descriptors, and one has been lost.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_assoc_recv_message(
    assoc: *mut LWMsgAssoc,
    message: *mut LWMsgMessage,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    held("lwmsg_assoc_recv_message", || unsafe {
        with(assoc, |assoc| assoc.backend().receive(given(message)?))
    })
}

/// Sends a message and receives one.
///
/// Returns as lwmsg_assoc_send_message and lwmsg_assoc_recv_message do.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_assoc_send_message_transact(
    assoc: *mut LWMsgAssoc,
    send_message: *mut LWMsgMessage,
    recv_message: *mut LWMsgMessage,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    held("lwmsg_assoc_send_message_transact", || unsafe {
        with(assoc, |assoc| {
            let received = given(recv_message)?;
            assoc.backend().send(given(send_message)?)?;
            assoc.backend().receive(received)
        })
    })
}

/// Ends an association, and tells the other end.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_PENDING on an association that does not block; or
/// LWMSG_STATUS_INVALID_STATE when it was never established.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_assoc_close(assoc: *mut LWMsgAssoc) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    held("lwmsg_assoc_close", || unsafe { with(assoc, |assoc| assoc.backend().close()) })
}

/// Ends an association, and allows another beginning. One that was given a descriptor has none any more.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_PENDING on an association that does not block; or
/// LWMSG_STATUS_UNSUPPORTED for an archive.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_assoc_reset(assoc: *mut LWMsgAssoc) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    held("lwmsg_assoc_reset", || unsafe { with(assoc, |assoc| assoc.backend().reset()) })
}

/// Goes on with what is pending: connecting, a message to be sent, then one to be received.
///
/// completed, which may be NULL, gets the message that is complete, or NULL when nothing was pending or a connection
/// was established.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_PENDING; or the status that the pending operation ends with.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_assoc_finish(
    assoc: *mut LWMsgAssoc,
    completed: *mut *mut LWMsgMessage,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    held("lwmsg_assoc_finish", || unsafe {
        with(assoc, |assoc| {
            let message = assoc.backend().finish()?;
            if let Some(completed) = completed.as_mut() {
                *completed = message;
            }
            Ok(())
        })
    })
}

/// Says whether operations return LWMSG_STATUS_PENDING instead of waiting.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_INVALID_STATE while something is pending; or LWMSG_STATUS_UNSUPPORTED
/// for an archive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_assoc_set_nonblock(
    assoc: *mut LWMsgAssoc,
    nonblock: LWMsgBool,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_assoc_set_nonblock", Status::ERROR.0, || unsafe {
        with(assoc, |assoc| assoc.backend().set_nonblock(nonblock != LWMSG_FALSE))
    })
}

/// Frees the payload of a message, and resets its number and payload. A message without a number is left alone.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_NOT_FOUND for a number that the protocol does not have.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_assoc_destroy_message(
    assoc: *mut LWMsgAssoc,
    message: *mut LWMsgMessage,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::callbacks("lwmsg_assoc_destroy_message", || unsafe {
        with(assoc, |assoc| match message.as_mut() {
            Some(message) => assoc.destroy_message(message),
            None => Err(Status::INVALID_PARAMETER),
        })
    })
}

/// Frees a payload. Deprecated: lwmsg_assoc_destroy_message does more.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_NOT_FOUND for a number that the protocol does not have.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_assoc_free_graph(
    assoc: *mut LWMsgAssoc,
    tag: LWMsgTag,
    root: *mut c_void,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::callbacks("lwmsg_assoc_free_graph", || unsafe {
        with(assoc, |assoc| if tag < 0 { Err(Status::NOT_FOUND) } else { assoc.destroy(tag, root) })
    })
}

/// Stores the session of an association, which stays the association's.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_INVALID_STATE when it is not established; or LWMSG_STATUS_UNSUPPORTED
/// for an archive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_assoc_get_session(
    assoc: *mut LWMsgAssoc,
    session: *mut *mut LWMsgSession,
) -> LWMsgStatus {
    // SAFETY: as the caller promises. The association keeps the session.
    guard::entry("lwmsg_assoc_get_session", Status::ERROR.0, || unsafe {
        with(assoc, |assoc| {
            let session = session.as_mut().ok_or(Status::INVALID_PARAMETER)?;
            *session = assoc.backend().session()?.as_ptr();
            Ok(())
        })
    })
}

/// Returns the state of an association.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_assoc_get_state(assoc: *mut LWMsgAssoc) -> LWMsgAssocState {
    guard::entry("lwmsg_assoc_get_state", assoc_state::ERROR, || {
        // SAFETY: NULL or live, as the caller promises.
        unsafe { Assoc::from_ptr(assoc) }.map_or(assoc_state::NONE, |assoc| assoc.backend().state())
    })
}

/// Limits how long a wait may take: for a packet of a message, or of the greeting. NULL removes the limit.
///
/// Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_INVALID_PARAMETER for a negative time, or LWMSG_STATUS_UNSUPPORTED for
/// LWMSG_TIMEOUT_IDLE and for an archive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_assoc_set_timeout(
    assoc: *mut LWMsgAssoc,
    r#type: LWMsgTimeout,
    value: *mut LWMsgTime,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_assoc_set_timeout", Status::ERROR.0, || unsafe {
        with(assoc, |assoc| assoc.backend().set_timeout(r#type, value.as_ref().copied()))
    })
}

/// Establishes an association, as the end that connects. On an established one nothing happens.
///
/// session is one that was used before, or NULL for the association's own.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_PENDING on an association that does not block;
/// LWMSG_STATUS_FILE_NOT_FOUND, LWMSG_STATUS_CONNECTION_REFUSED or LWMSG_STATUS_TIMEOUT;
/// LWMSG_STATUS_INVALID_PARAMETER for a path that is too long; LWMSG_STATUS_INVALID_STATE without a descriptor or an
/// endpoint; LWMSG_STATUS_SECURITY when the session is one with somebody else; LWMSG_STATUS_SESSION_LOST when the
/// server has forgotten it and there are handles; or LWMSG_STATUS_PEER_CLOSE when the server refuses.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_assoc_connect(
    assoc: *mut LWMsgAssoc,
    session: *mut LWMsgSession,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    held("lwmsg_assoc_connect", || unsafe { with(assoc, |assoc| assoc.backend().connect(shared(session))) })
}

/// Establishes an association, as the end that was connected to. On an established one nothing happens.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_PENDING on an association that does not block;
/// LWMSG_STATUS_INVALID_STATE without a descriptor; LWMSG_STATUS_MALFORMED; LWMSG_STATUS_TIMEOUT;
/// LWMSG_STATUS_PEER_CLOSE; or LWMSG_STATUS_UNSUPPORTED for an archive.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_assoc_accept(
    assoc: *mut LWMsgAssoc,
    session: *mut LWMsgSession,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    held("lwmsg_assoc_accept", || unsafe { with(assoc, |assoc| assoc.backend().accept(shared(session))) })
}

/// Stores a message as text in memory of the association's context.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_NOT_FOUND for a number that the protocol does not have;
/// LWMSG_STATUS_MALFORMED; or LWMSG_STATUS_MEMORY. result is NULL then.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_assoc_print_message_alloc(
    assoc: *mut LWMsgAssoc,
    message: *mut LWMsgMessage,
    result: *mut *mut c_char,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_assoc_print_message_alloc", || {
        // SAFETY: as the caller promises.
        unsafe {
            let text = Assoc::from_ptr(assoc).and_then(|assoc| {
                let message = message.as_ref().ok_or(Status::INVALID_PARAMETER)?;
                assoc.print(message)
            });
            super::give(result, || text)
        }
    })
}

/// Stores the association's call, of which there is one. Connects when that was not done.
///
/// The call takes no completion function; lwmsg_call_dispatch sends and receives, waits for both on an association that
/// does not block, too, and begins again once when the other end has closed or reset the association. Deprecated: peers
/// do more.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_BUSY when the call was not released; LWMSG_STATUS_INVALID_STATE; or as
/// lwmsg_assoc_connect does.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_assoc_acquire_call(
    assoc: *mut LWMsgAssoc,
    call: *mut *mut LWMsgCall,
) -> LWMsgStatus {
    held("lwmsg_assoc_acquire_call", || {
        // SAFETY: as the caller promises.
        unsafe { super::give(call, || Assoc::from_ptr(assoc).and_then(Assoc::acquire_call)) }
    })
}
