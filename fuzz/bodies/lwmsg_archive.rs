//! Files that say they are archives, with types of their own: they are refused, or read, printed and written again.

use relink::lwmsg::capi::archive::*;
use relink::lwmsg::capi::assoc::lwmsg_assoc_print_message_alloc;
use relink::lwmsg::capi::context::lwmsg_context_free;
use relink::lwmsg::capi::protocol::*;
use relink::lwmsg::types::*;
use std::ptr;

/// A file in memory with these bytes, to be read from its beginning.
fn file(bytes: &[u8]) -> i32 {
    // SAFETY: plain system calls.
    unsafe {
        let fd = libc::memfd_create(c"archive".as_ptr(), 0);
        assert!(fd > 0);
        assert_eq!(libc::write(fd, bytes.as_ptr().cast(), bytes.len()), bytes.len() as isize);
        libc::lseek(fd, 0, libc::SEEK_SET);
        fd
    }
}

pub fn body(data: &[u8]) {
    // SAFETY: the functions of the library as C programs call them.
    crate::lwmsg_memory::counted(|context| unsafe {
        let (mut protocol, mut archive, mut copy, mut text) =
            (ptr::null_mut(), ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        assert_eq!(lwmsg_protocol_new(context, &mut protocol), 0);
        assert_eq!(lwmsg_archive_new(context, protocol, &mut archive), 0);
        assert_eq!(lwmsg_archive_new(context, protocol, &mut copy), 0);
        lwmsg_archive_set_protocol_update(archive, LWMSG_TRUE);
        assert_eq!(lwmsg_archive_set_fd(archive, file(data)), 0);
        if lwmsg_archive_open(archive, 1 | 4) == 0 {
            if lwmsg_protocol_print_alloc(protocol, 0, &mut text) == 0 {
                lwmsg_context_free(context, text.cast());
            }
            lwmsg_archive_set_fd(copy, file(b""));
            lwmsg_archive_open(copy, 2 | 4);
            let mut message = LWMsgMessage {
                flags: 0,
                status: 0,
                cookie: 0,
                tag: LWMSG_TAG_INVALID,
                data: ptr::null_mut(),
                reserved1: 0,
            };
            for _ in 0..64 {
                match lwmsg_archive_read_message(archive, &mut message) {
                    0 => {}
                    // The next one may be better.
                    4 | 6 | 9 => continue,
                    _ => break,
                }
                let assoc = lwmsg_archive_as_assoc(archive);
                if lwmsg_assoc_print_message_alloc(assoc, &mut message, &mut text) == 0 {
                    lwmsg_context_free(context, text.cast());
                }
                lwmsg_archive_write_message(copy, &mut message);
                assert_eq!(lwmsg_archive_destroy_message(archive, &mut message), 0);
            }
        }
        lwmsg_archive_delete(archive);
        lwmsg_archive_delete(copy);
        lwmsg_protocol_delete(protocol);
    });
}
