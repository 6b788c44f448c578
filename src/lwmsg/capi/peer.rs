//! `peer.h`. Another object forwards to these; see `liblwmsg.c`.

use super::super::context::Context;
use super::super::error::{Result, Status};
use super::super::peer::Peer;
use super::super::types::*;
use super::held;
use crate::ffi::{cancel, cstr, guard};
use std::ffi::{c_char, c_int, c_uint, c_void};
use std::ptr;

/// # Safety
/// The pointer is NULL or a live peer.
pub(super) unsafe fn with(peer: *mut LWMsgPeer, work: impl FnOnce(&Peer) -> Result<()>) -> LWMsgStatus {
    // SAFETY: as promised by the caller.
    Status::of(unsafe { Peer::from_ptr(peer) }.and_then(work)).0
}

/// Makes a peer: a server, a client, or both. The protocol and the context, which may be NULL, outlive it. It is
/// released with lwmsg_peer_delete.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER without a protocol.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_peer_new(
    context: *const LWMsgContext,
    protocol: *mut LWMsgProtocol,
    peer: *mut *mut LWMsgPeer,
) -> LWMsgStatus {
    guard::entry("lwmsg_peer_new", Status::ERROR.0, || {
        if protocol.is_null() || peer.is_null() {
            return Status::INVALID_PARAMETER.0;
        }
        // SAFETY: it outlives the peer, as the caller promises.
        let made = Peer::new(unsafe { Context::from_ptr(context) }, protocol);
        // SAFETY: a place for the result.
        unsafe { peer.write(made.into_ptr()) };
        Status::SUCCESS.0
    })
}

/// Releases a peer: it stops listening, disconnects, and waits until nothing runs on its behalf. NULL is accepted.
/// Calls have to be released before. Not to be called by a handler or another function that the peer calls, nor by the
/// handler of a call inside the process that the peer makes: the peer stays then.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_peer_delete(peer: *mut LWMsgPeer) {
    held("lwmsg_peer_delete", || {
        if !peer.is_null() {
            // SAFETY: live and not used again, as the caller promises.
            unsafe { Peer::delete(peer) }
        }
    });
}

/// Limits how long something may take; NULL removes the limit. LWMSG_TIMEOUT_ESTABLISH bounds connecting and the
/// greeting. LWMSG_TIMEOUT_IDLE is how long a client that has no handles and makes no calls stays while others wait for
/// a place, LWMSG_TIMEOUT_MESSAGE the same for one in the middle of a message.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_INVALID_PARAMETER for a negative time; LWMSG_STATUS_UNSUPPORTED for another
/// type; or LWMSG_STATUS_INVALID_STATE while the peer listens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_peer_set_timeout(
    peer: *mut LWMsgPeer,
    r#type: LWMsgTimeout,
    value: *mut LWMsgTime,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_peer_set_timeout", Status::ERROR.0, || unsafe {
        with(peer, |peer| peer.set_timeout(r#type, value.as_ref().copied()))
    })
}

/// Sets how many clients may be connected at once, 100 by default. Others wait to be accepted.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_STATE while the peer listens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_peer_set_max_listen_clients(
    peer: *mut LWMsgPeer,
    max_clients: c_uint,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_peer_set_max_listen_clients", Status::ERROR.0, || unsafe {
        with(peer, |peer| peer.set_max_clients(max_clients))
    })
}

/// Sets how many clients may wait in the system to be accepted, 8 by default.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_STATE while the peer listens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_peer_set_max_listen_backlog(
    peer: *mut LWMsgPeer,
    max_backlog: c_uint,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_peer_set_max_listen_backlog", Status::ERROR.0, || unsafe {
        with(peer, |peer| peer.set_backlog(max_backlog))
    })
}

/// Adds handlers. Later ones replace earlier ones of the same message. The table is read now; its functions are called
/// as long as the peer lives.
///
/// Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_INVALID_PARAMETER for a negative number in it, or LWMSG_STATUS_MEMORY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_peer_add_dispatch_spec(
    peer: *mut LWMsgPeer,
    spec: *const LWMsgDispatchSpec,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_peer_add_dispatch_spec", Status::ERROR.0, || unsafe {
        with(peer, |peer| match spec.is_null() {
            true => Err(Status::INVALID_PARAMETER),
            false => peer.add_dispatch(spec),
        })
    })
}

/// Adds a bound socket to listen on, from the next start on, when it is the library's and closed at the end.
///
/// Returns LWMSG_STATUS_SUCCESS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_peer_add_listen_fd(
    peer: *mut LWMsgPeer,
    _type: LWMsgEndpointType,
    fd: c_int,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_peer_add_listen_fd", Status::ERROR.0, || unsafe {
        with(peer, |peer| {
            peer.add_listen_fd(fd);
            Ok(())
        })
    })
}

/// Adds an endpoint to listen on, from the next start on: the path of a socket that gets those permissions, or a name
/// inside the process. The text is copied.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_peer_add_listen_endpoint(
    peer: *mut LWMsgPeer,
    r#type: LWMsgEndpointType,
    endpoint: *const c_char,
    permissions: libc::mode_t,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_peer_add_listen_endpoint", Status::ERROR.0, || unsafe {
        with(peer, |peer| {
            let endpoint = cstr::borrow(endpoint).ok_or(Status::INVALID_PARAMETER)?;
            peer.add_listen_endpoint(r#type, endpoint, permissions);
            Ok(())
        })
    })
}

/// Sets what is called when clients come and go. construct is given data and may store something for the session, or
/// refuse the client by its status; destruct is given what was stored, unless that is NULL. Either may be NULL.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_STATE while the peer listens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_peer_set_listen_session_functions(
    peer: *mut LWMsgPeer,
    construct: LWMsgSessionConstructFunction,
    destruct: LWMsgSessionDestructFunction,
    data: *mut c_void,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_peer_set_listen_session_functions", Status::ERROR.0, || unsafe {
        with(peer, |peer| peer.set_session_functions(construct, destruct, data))
    })
}

/// Sets what handlers are given as their last argument.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_STATE while the peer listens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_peer_set_dispatch_data(
    peer: *mut LWMsgPeer,
    data: *mut c_void,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_peer_set_dispatch_data", Status::ERROR.0, || unsafe {
        with(peer, |peer| peer.set_dispatch_data(data))
    })
}

/// Returns what handlers are given as their last argument.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_peer_get_dispatch_data(peer: *mut LWMsgPeer) -> *mut c_void {
    // SAFETY: NULL or live, as the caller promises.
    unsafe { Peer::from_ptr(peer) }.map_or(ptr::null_mut(), Peer::dispatch_data)
}

/// Listens on all endpoints. A socket's path is taken over from whoever has it. When this returns, clients can
/// connect. A peer that listens already goes on.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_FILE_NOT_FOUND when a socket's folder does not exist;
/// LWMSG_STATUS_INVALID_PARAMETER for a path that is too long; LWMSG_STATUS_BUSY for a name inside the process that is
/// taken; or what stands for the errno. After a failure the peer cannot be started any more.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_peer_start_listen(peer: *mut LWMsgPeer) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    held("lwmsg_peer_start_listen", || unsafe { with(peer, |peer| peer.start_listen()) })
}

/// Listens no more. Clients are disconnected, pending calls cancelled; this waits for handlers and pending calls, and
/// the ends of sessions. The files of sockets are removed. The peer can be started again, but not with a socket of
/// lwmsg_peer_add_listen_fd.
///
/// Returns LWMSG_STATUS_SUCCESS; the status that starting failed with; or LWMSG_STATUS_INVALID_STATE in a handler or
/// another function that the peer calls, also when functions of other peers are in between.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_peer_stop_listen(peer: *mut LWMsgPeer) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    held("lwmsg_peer_stop_listen", || unsafe { with(peer, |peer| peer.stop_listen()) })
}

/// Sets what is called when accepting clients fails, with the status that stands for the errno. For
/// LWMSG_STATUS_RESOURCE_LIMIT, LWMSG_STATUS_MEMORY and LWMSG_STATUS_BUSY the peer tries again; for others that endpoint
/// is closed.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_STATE while the peer listens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_peer_set_exception_function(
    peer: *mut LWMsgPeer,
    except: LWMsgPeerExceptionFunction,
    except_data: *mut c_void,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_peer_set_exception_function", Status::ERROR.0, || unsafe {
        with(peer, |peer| peer.set_exception_function(except, except_data))
    })
}

/// Sets what is called at the beginning and the end of every call, those that come in and those that go out. Either may
/// be NULL.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_STATE while the peer listens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_peer_set_trace_functions(
    peer: *mut LWMsgPeer,
    begin: LWMsgPeerTraceFunction,
    end: LWMsgPeerTraceFunction,
    data: *mut c_void,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_peer_set_trace_functions", Status::ERROR.0, || unsafe {
        with(peer, |peer| peer.set_trace_functions(begin, end, data))
    })
}

/// Adds an endpoint to connect to, when those added before cannot be connected to. The text is copied.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_peer_add_connect_endpoint(
    peer: *mut LWMsgPeer,
    r#type: LWMsgEndpointType,
    endpoint: *const c_char,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_peer_add_connect_endpoint", Status::ERROR.0, || unsafe {
        with(peer, |peer| {
            peer.add_connect_endpoint(r#type, cstr::borrow(endpoint).ok_or(Status::INVALID_PARAMETER)?);
            Ok(())
        })
    })
}

/// Stores the session with the server, which is the peer's until lwmsg_peer_disconnect. Nothing is sent before a call is
/// acquired. The place may be NULL.
///
/// Returns LWMSG_STATUS_SUCCESS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_peer_connect(
    peer: *mut LWMsgPeer,
    session: *mut *mut LWMsgSession,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_peer_connect", Status::ERROR.0, || unsafe {
        with(peer, |peer| {
            let made = cancel::held(|| peer.connect());
            if let Some(session) = session.as_mut() {
                *session = made.as_ptr();
            }
            Ok(())
        })
    })
}

/// Ends the session with the server. Calls in progress are complete with LWMSG_STATUS_CANCELLED. The connection is closed
/// when its last call is released.
///
/// Returns LWMSG_STATUS_SUCCESS, also when there was none; or LWMSG_STATUS_INVALID_STATE in the handler of a call inside
/// the process, which would be waited for, and in a child of the process that made the peer.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_peer_disconnect(peer: *mut LWMsgPeer) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    held("lwmsg_peer_disconnect", || unsafe { with(peer, Peer::disconnect) })
}

/// Stores a session over a connected socket, which is the library's then.
///
/// Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_INVALID_PARAMETER for a negative number, LWMSG_STATUS_INVALID_STATE when
/// there is a session, or LWMSG_STATUS_SYSTEM for a descriptor that is not open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_peer_connect_fd(
    peer: *mut LWMsgPeer,
    r#type: LWMsgEndpointType,
    fd: c_int,
    session: *mut *mut LWMsgSession,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_peer_connect_fd", Status::ERROR.0, || unsafe {
        with(peer, |peer| {
            let made = cancel::held(|| peer.connect_fd(r#type, fd))?;
            if let Some(session) = session.as_mut() {
                *session = made.as_ptr();
            }
            Ok(())
        })
    })
}

/// Takes a connected socket for a client, also while the peer does not listen. The socket is the library's then. Such
/// clients do not count among those of lwmsg_peer_set_max_listen_clients.
///
/// Returns LWMSG_STATUS_SUCCESS, or what stands for the errno of a wrong descriptor.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_peer_accept_fd(
    peer: *mut LWMsgPeer,
    r#type: LWMsgEndpointType,
    fd: c_int,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    held("lwmsg_peer_accept_fd", || unsafe { with(peer, |peer| peer.accept_fd(r#type, fd)) })
}

/// Stores a call of the session with the server. Deprecated: lwmsg_session_acquire_call does the same.
///
/// Returns as that does, and LWMSG_STATUS_INVALID_STATE without a session.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_peer_acquire_call(
    peer: *mut LWMsgPeer,
    call: *mut *mut LWMsgCall,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    held("lwmsg_peer_acquire_call", || unsafe {
        super::give(call, || Peer::from_ptr(peer).and_then(Peer::acquire_call))
    })
}
