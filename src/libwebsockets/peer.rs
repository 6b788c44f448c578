//! Who is at the other end of a descriptor.

use crate::ffi::cstr;
use std::ffi::{CStr, c_int};
use std::mem::MaybeUninit;

/// Writes a peer's name and address, both terminated. Blocks while the system looks the name up.
pub fn describe(fd: c_int, name: &mut [u8], address: &mut [u8]) {
    cstr::write_truncated(b"", name);
    cstr::write_truncated(b"", address);
    let mut peer = MaybeUninit::<libc::sockaddr_storage>::zeroed();
    let mut length = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
    // SAFETY: room for any address.
    if unsafe { libc::getpeername(fd, peer.as_mut_ptr().cast(), &raw mut length) } != 0 {
        return;
    }
    let look_up = |flags| -> Option<Vec<u8>> {
        let mut text = [0u8; 1025];
        // SAFETY: the address that was written above, and room as said.
        let result = unsafe {
            libc::getnameinfo(
                peer.as_ptr().cast(),
                length,
                text.as_mut_ptr().cast(),
                text.len() as libc::socklen_t,
                std::ptr::null_mut(),
                0,
                flags,
            )
        };
        (result == 0).then(|| CStr::from_bytes_until_nul(&text).unwrap_or_default().to_bytes().to_vec())
    };
    let Some(numeric) = look_up(libc::NI_NUMERICHOST) else { return };
    // IPv4 on an IPv6 socket is still IPv4 to programs.
    let numeric = numeric.strip_prefix(b"::ffff:").unwrap_or(&numeric);
    cstr::write_truncated(numeric, address);
    // Without a name the system says the address.
    let found = look_up(0).unwrap_or_else(|| numeric.to_vec());
    cstr::write_truncated(found.strip_prefix(b"::ffff:").unwrap_or(&found), name);
}
