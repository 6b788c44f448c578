//! `relink/lwmsg.h`: what the original never had.

use super::super::error::Status;
use super::super::peer::Peer;
use super::super::types::*;
use super::peer::with;
use crate::ffi::guard;
use std::ffi::c_char;

/// Limits how long a call over a socket may take, from the request to the reply, on connections made from then on. There
/// is no limit at first, unless RELINK_LWMSG_CALL_TIMEOUT sets one; NULL removes it.
///
/// A call that has no reply in time completes with LWMSG_STATUS_TIMEOUT, and the server is asked to give up on it. Its
/// reply, if one comes, is thrown away. Calls of a server to its clients have the same limit. Calls inside the process
/// have none.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_INVALID_PARAMETER for a negative time; or LWMSG_STATUS_INVALID_STATE while
/// the peer listens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn relink_lwmsg_peer_set_call_timeout(
    peer: *mut LWMsgPeer,
    value: *const LWMsgTime,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("relink_lwmsg_peer_set_call_timeout", Status::ERROR.0, || unsafe {
        with(peer, |peer| peer.set_call_timeout(value.as_ref().copied()))
    })
}

/// Stores what a peer is doing as text in memory of its context: its endpoints, its clients and their calls in
/// progress, its own session. For people, when something seems to hang; the form may change. Any thread may ask at any
/// time.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_MEMORY; text is NULL then.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn relink_lwmsg_peer_print_alloc(
    peer: *mut LWMsgPeer,
    text: *mut *mut c_char,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::callbacks("relink_lwmsg_peer_print_alloc", || unsafe {
        super::give(text, || Peer::from_ptr(peer).and_then(Peer::print_alloc))
    })
}
