//! What the original does not have.

use super::super::sockets::tls::{self, Verification};
use super::number;
use crate::ffi::{cstr, guard};
use std::ffi::{c_char, c_int};

/// As tls_attach_client, but only for the server that is meant: its certificate has to be for that name, and vouched for by
/// one that is trusted.
///
/// name is a host name or an address. NULL does not check whose certificate it is, only that it is vouched for. cafile is a
/// PEM file of certificates to trust; NULL trusts those that the system does.
///
/// Fails with errno EFAULT, too, when the server is somebody else.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn relink_dill_tls_attach_client(
    s: c_int,
    name: *const c_char,
    cafile: *const c_char,
    deadline: i64,
) -> c_int {
    guard::callbacks("relink_dill_tls_attach_client", || {
        // SAFETY: NULL or strings, as promised by the caller.
        let wanted = unsafe { Verification { name: cstr::borrow(name), trusted: cstr::borrow(cafile) } };
        number(tls::attach_verifying_client(s, wanted, deadline))
    })
}
