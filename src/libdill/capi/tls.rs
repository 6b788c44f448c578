//! TLS.

use super::super::sockets::tls;
use super::super::sockets::types::dill_tls_storage;
use super::{number, status};
use crate::ffi::{cstr, guard};
use std::ffi::{c_char, c_int};

/// Puts TLS on a bytestream as its server. The new socket is a bytestream, too: what is sent and received is encrypted.
///
/// cert and pkey are PEM files: the certificate, with those that vouch for it behind it, and its private key. deadline is a
/// point in time as now returns it, -1 for never, 0 for not waiting. The socket s belongs to the new one from now on, and is
/// closed when this fails. The calling coroutine needs 32 KiB of stack.
///
/// Returns a handle, or -1 with errno: EBADF when there is no such handle, EPROTO when it is no bytestream, EINVAL when a file
/// is NULL, EFAULT when TLS fails: a file cannot be used, or the client does not speak the protocol; ENOTSUP when the system
/// has no libssl, ECANCELED when the coroutine is being closed, ECONNRESET when the stream ends, ETIMEDOUT when the deadline
/// passed, ENOMEM. The environment variable RELINK_LOG=warn makes the library say on standard error why TLS failed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_tls_attach_server(
    s: c_int,
    cert: *const c_char,
    pkey: *const c_char,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_tls_attach_server", || {
        // SAFETY: NULL or strings, as promised by the caller.
        let (certificate, key) = unsafe { (cstr::borrow(cert), cstr::borrow(pkey)) };
        number(tls::attach_server(s, certificate, key, true, deadline))
    })
}

/// As tls_attach_server, but in memory of the program's, which has to be kept until the socket is closed or detached.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_tls_attach_server_mem(
    s: c_int,
    cert: *const c_char,
    pkey: *const c_char,
    mem: *mut dill_tls_storage,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_tls_attach_server_mem", || {
        // SAFETY: NULL or strings, as promised by the caller.
        let (certificate, key) = unsafe { (cstr::borrow(cert), cstr::borrow(pkey)) };
        number(tls::attach_server(s, certificate, key, !mem.is_null(), deadline))
    })
}

/// Puts TLS on a bytestream as its client. The new socket is a bytestream, too: what is sent and received is encrypted.
///
/// Who the server is is not checked: nobody but the server can listen, but the server may be anybody. To change that without
/// changing a program, the environment variable RELINK_TLS_TRUST says whom to trust, system or a PEM file, and
/// RELINK_TLS_NAME for which name the server's certificate has to be. Programs that know the name call
/// relink_dill_tls_attach_client.
///
/// For deadline and s, and what is returned, see tls_attach_server.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn dill_tls_attach_client(s: c_int, deadline: i64) -> c_int {
    guard::callbacks("dill_tls_attach_client", || number(tls::attach_client(s, true, deadline)))
}

/// As tls_attach_client, but in memory of the program's, which has to be kept until the socket is closed or detached.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_tls_attach_client_mem(
    s: c_int,
    mem: *mut dill_tls_storage,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_tls_attach_client_mem", || number(tls::attach_client(s, !mem.is_null(), deadline)))
}

/// Says goodbye to the peer: nothing more will be sent. Receiving goes on.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EPIPE when this was
/// done before, ECONNRESET when the socket is broken, EBUSY when another coroutine sends, ECANCELED, ETIMEDOUT.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn dill_tls_done(s: c_int, deadline: i64) -> c_int {
    guard::callbacks("dill_tls_done", || status(tls::done(s, deadline)))
}

/// Takes TLS off its bytestream: says goodbye unless that was done, and discards what comes until the peer's goodbye. The
/// bytestream goes on, unencrypted, with the byte after it. When this fails the socket is closed, unless s was no such handle.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
///
/// Returns the handle of the bytestream, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another
/// kind, ECONNRESET when the socket is broken, ECANCELED, ETIMEDOUT.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn dill_tls_detach(s: c_int, deadline: i64) -> c_int {
    guard::callbacks("dill_tls_detach", || number(tls::detach(s, deadline)))
}
