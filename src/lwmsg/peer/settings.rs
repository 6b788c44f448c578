//! What a peer was told before it was started.

use crate::lwmsg::types::*;
use std::ffi::{CString, c_int, c_void};
use std::ptr;
use std::time::Duration;

/// The settings, with the original's defaults, and what the environment says of what it does not have.
#[derive(Debug)]
pub struct Settings {
    /// Bounds connecting and greeting.
    pub establish_timeout: Option<Duration>,
    /// Bounds a message that has begun to arrive, while clients wait for a place.
    pub message_timeout: Option<Duration>,
    /// Bounds doing nothing, while clients wait for a place.
    pub idle_timeout: Option<Duration>,
    /// Bounds a call over a socket, from the request to the reply.
    pub call_timeout: Option<Duration>,
    /// Clients at once.
    pub max_clients: usize,
    /// Clients that wait in the system.
    pub backlog: c_int,
    /// Called when clients come and go.
    pub session: SessionFunctions,
    /// Called when listening fails.
    pub exception: Exception,
    /// Tried in order.
    pub connect: Vec<(LWMsgEndpointType, CString)>,
}

/// The functions of `set_listen_session_functions`.
#[derive(Clone, Copy, Debug)]
pub struct SessionFunctions {
    /// Makes data for a session, or refuses it.
    pub construct: LWMsgSessionConstructFunction,
    /// Ends it.
    pub destruct: LWMsgSessionDestructFunction,
    /// Passed to construct.
    pub data: *mut c_void,
}

/// The function of `set_exception_function`.
#[derive(Clone, Copy, Debug)]
pub struct Exception {
    /// The program's.
    pub function: LWMsgPeerExceptionFunction,
    /// Passed to it.
    pub data: *mut c_void,
}

/// What the environment says of calls that take too long.
fn call_timeout() -> Option<Duration> {
    let milliseconds = std::env::var("RELINK_LWMSG_CALL_TIMEOUT").ok()?.trim().parse().ok()?;
    (milliseconds > 0).then(|| Duration::from_millis(milliseconds))
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            establish_timeout: None,
            message_timeout: None,
            idle_timeout: None,
            call_timeout: call_timeout(),
            max_clients: 100,
            backlog: 8,
            session: SessionFunctions { construct: None, destruct: None, data: ptr::null_mut() },
            exception: Exception { function: None, data: ptr::null_mut() },
            connect: Vec::new(),
        }
    }
}
