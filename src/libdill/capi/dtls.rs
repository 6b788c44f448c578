//! DTLS: declared by the original's header, and made by no library. These fail like a socket that is not there.

use super::super::error::Error;
use super::super::handle;
use super::super::sockets::types::dill_dtls_storage;
use super::answer;
use crate::ffi::guard;
use std::ffi::{c_char, c_int};

/// What becomes of a socket that something cannot be attached to: it is closed.
fn refuse(s: c_int) -> c_int {
    guard::callbacks("dill_dtls_attach", || answer(handle::close(s).err().unwrap_or(Error::NotSupported)))
}

/// There is no DTLS. Closes s.
///
/// Returns -1 with errno ENOTSUP, or EBADF when there is no such handle.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_dtls_attach_server(
    s: c_int,
    cert: *const c_char,
    pkey: *const c_char,
    deadline: i64,
) -> c_int {
    let _ = (cert, pkey, deadline);
    refuse(s)
}

/// As dtls_attach_server.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_dtls_attach_server_mem(
    s: c_int,
    cert: *const c_char,
    pkey: *const c_char,
    mem: *mut dill_dtls_storage,
    deadline: i64,
) -> c_int {
    let _ = (cert, pkey, mem, deadline);
    refuse(s)
}

/// As dtls_attach_server.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn dill_dtls_attach_client(s: c_int, deadline: i64) -> c_int {
    let _ = deadline;
    refuse(s)
}

/// As dtls_attach_server.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_dtls_attach_client_mem(
    s: c_int,
    mem: *mut dill_dtls_storage,
    deadline: i64,
) -> c_int {
    let _ = (mem, deadline);
    refuse(s)
}

/// There is no DTLS, so that no handle is one.
///
/// Returns -1 with errno ENOTSUP.
#[unsafe(no_mangle)]
pub extern "C" fn dill_dtls_done(s: c_int, deadline: i64) -> c_int {
    let _ = (s, deadline);
    answer(Error::NotSupported)
}

/// As dtls_done.
#[unsafe(no_mangle)]
pub extern "C" fn dill_dtls_detach(s: c_int, deadline: i64) -> c_int {
    let _ = (s, deadline);
    answer(Error::NotSupported)
}
