//! Contexts: made, served, destroyed.

use crate::ffi::{cstr, errno, guard, slice};
use crate::libwebsockets::context::{self, Context, Keepalive, Settings};
use crate::libwebsockets::personality::{self, Personality};
use crate::libwebsockets::types::{
    libwebsocket_context, lws_context_creation_info, lws_context_creation_info_1_22,
};
use libc::pollfd;
use std::ffi::{c_char, c_int, c_void};
use std::ptr::{self, NonNull};

/// Makes a context with the settings of `info`, and begins to listen if they say so.
///
/// The tables of protocols and extensions have to outlive the context; the rest of `info` is needed during the call only.
/// Callbacks for the first protocol run meanwhile: ADD_POLL_FD of the listener, and PROTOCOL_INIT of each protocol.
///
/// Returns the context, which libwebsocket_context_destroy() ends, or NULL: the log says why.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libwebsocket_create_context(
    info: *mut lws_context_creation_info,
) -> *mut libwebsocket_context {
    guard::callbacks("libwebsocket_create_context", || {
        // SAFETY: NULL or valid, as promised by the caller.
        let Some(info) = (unsafe { info.as_ref() }) else { return ptr::null_mut() };
        // SAFETY: NULL or strings, as promised by the caller.
        let settings = unsafe {
            Settings {
                port: info.port,
                interface: cstr::borrow(info.iface),
                protocols: info.protocols,
                extensions: info.extensions,
                certificate: cstr::borrow(info.ssl_cert_filepath),
                key: cstr::borrow(info.ssl_private_key_filepath),
                authorities: cstr::borrow(info.ssl_ca_filepath),
                ciphers: cstr::borrow(info.ssl_cipher_list),
                gid: info.gid,
                uid: info.uid,
                options: info.options,
                user: info.user,
                keepalive: Keepalive {
                    time: info.ka_time,
                    probes: info.ka_probes,
                    interval: info.ka_interval,
                },
            }
        };
        create(&personality::IVI, &settings)
    })
}

/// As [`libwebsocket_create_context`], for programs of releases 1.2 to 1.22: the object for them exports it under that
/// name.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn relink_1_22_libwebsocket_create_context(
    info: *mut lws_context_creation_info_1_22,
) -> *mut libwebsocket_context {
    guard::callbacks("libwebsocket_create_context", || {
        // SAFETY: NULL or valid, as promised by the caller.
        let Some(info) = (unsafe { info.as_ref() }) else { return ptr::null_mut() };
        // SAFETY: NULL or strings, as promised by the caller.
        let settings = unsafe {
            Settings {
                port: info.port,
                interface: cstr::borrow(info.iface),
                protocols: info.protocols,
                extensions: info.extensions,
                certificate: cstr::borrow(info.ssl_cert_filepath),
                key: cstr::borrow(info.ssl_private_key_filepath),
                authorities: cstr::borrow(info.ssl_ca_filepath),
                ciphers: None,
                gid: info.gid,
                uid: info.uid,
                options: info.options,
                user: info.user,
                keepalive: Keepalive {
                    time: info.ka_time,
                    probes: info.ka_probes,
                    interval: info.ka_interval,
                },
            }
        };
        create(&personality::V1_22, &settings)
    })
}

fn create(personality: &'static Personality, settings: &Settings<'_>) -> *mut libwebsocket_context {
    // SAFETY: tables as promised by the program.
    let made = unsafe { context::create(personality, settings) };
    made.map_or(ptr::null_mut(), |context| context.as_ptr().cast())
}

/// Closes every connection, without a word to their peers, and frees the context. Callbacks run: DEL_POLL_FD and CLOSED
/// of connections, and PROTOCOL_DESTROY of each protocol.
///
/// From within a callback of the context it takes effect when the library's outermost call on it returns. NULL is
/// accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libwebsocket_context_destroy(context: *mut libwebsocket_context) {
    guard::callbacks("libwebsocket_context_destroy", || {
        if let Some(context) = NonNull::new(context.cast::<Context>()) {
            // SAFETY: a live context, which the program does not use any more.
            unsafe { context::destroy(context) }
        }
    });
}

/// Waits until something happens on the context's connections and serves it: accepts, reads, writes, and calls the
/// protocols' callbacks. Waits for `timeout_ms` milliseconds at most; 0 does not wait, a negative number waits for ever.
///
/// Returns 0; -1 when the wait failed, with errno EINTR when a signal came; 1 when `context` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libwebsocket_service(
    context: *mut libwebsocket_context,
    timeout_ms: c_int,
) -> c_int {
    guard::callbacks("libwebsocket_service", || {
        // SAFETY: NULL or live, as promised by the caller.
        match unsafe { Context::from_handle(context) } {
            None => 1,
            Some(context) => {
                let served = context.enter(|context| context.service(timeout_ms));
                served.map_or_else(
                    |error| {
                        errno::set(error.raw_os_error().unwrap_or(libc::EINTR));
                        -1
                    },
                    |()| 0,
                )
            }
        }
    })
}

/// Serves one descriptor, for programs that poll by themselves: they learn of descriptors and what to poll them for by
/// the callbacks ADD_POLL_FD, SET_MODE_POLL_FD, CLEAR_MODE_POLL_FD and DEL_POLL_FD, and call this with the `pollfd` that
/// poll() filled in. POLLOUT is taken out of its events when it was served. NULL only closes what is past its time; call
/// it so once a second.
///
/// Returns 0; 1 when `context` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libwebsocket_service_fd(
    context: *mut libwebsocket_context,
    pollfd: *mut pollfd,
) -> c_int {
    guard::callbacks("libwebsocket_service_fd", || {
        // SAFETY: NULL or live, as promised by the caller.
        let Some(context) = (unsafe { Context::from_handle(context) }) else { return 1 };
        // SAFETY: NULL or valid, as promised by the caller.
        context.enter(|context| unsafe { context.service_poll(pollfd) });
        0
    })
}

/// Returns what `lws_context_creation_info.user` was.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libwebsocket_context_user(context: *mut libwebsocket_context) -> *mut c_void {
    // SAFETY: NULL or live, as promised by the caller.
    unsafe { Context::from_handle(context) }.map_or(ptr::null_mut(), |context| context.user)
}

/// Returns the name of this host, or "unknown". The string is the context's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libwebsocket_canonical_hostname(
    context: *mut libwebsocket_context,
) -> *const c_char {
    // SAFETY: NULL or live, as promised by the caller.
    unsafe { Context::from_handle(context) }.map_or(ptr::null(), |context| context.hostname.as_ptr())
}

/// Fills `len` bytes at `buf` with randomness that nobody can predict.
///
/// Returns `len`, or -1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libwebsockets_get_random(
    context: *mut libwebsocket_context,
    buf: *mut c_void,
    len: c_int,
) -> c_int {
    let _ = context;
    guard::entry("libwebsockets_get_random", -1, || {
        let Ok(length) = usize::try_from(len) else { return -1 };
        // SAFETY: as promised by the caller.
        let room = unsafe { slice::borrow_mut(buf.cast(), length) };
        room.map_or(-1, |room| crate::net::random::fill(room).map_or(-1, |()| len))
    })
}
