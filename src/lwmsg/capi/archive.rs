//! `archive.h`.

use super::super::archive::Archive;
use super::super::assoc::Assoc;
use super::super::context::Context;
use super::super::error::Status;
use super::super::types::*;
use super::held;
use crate::ffi::{cancel, cstr, guard};
use std::ffi::{c_char, c_int};

/// # Safety
/// A live archive.
unsafe fn borrow<'a>(archive: *mut LWMsgArchive) -> &'a Archive {
    // SAFETY: as promised by the caller.
    unsafe { Archive::from_ptr(archive) }
}

/// Makes an archive for messages of a protocol, with a context or NULL; both outlive it. It is released with
/// lwmsg_archive_delete.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_MEMORY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_archive_new(
    context: *const LWMsgContext,
    protocol: *mut LWMsgProtocol,
    archive: *mut *mut LWMsgArchive,
) -> LWMsgStatus {
    guard::entry("lwmsg_archive_new", Status::ERROR.0, || {
        // SAFETY: NULL or a context that outlives the archive, and NULL or a place for the result, as the caller
        // promises.
        unsafe { super::give(archive, || Ok(Archive::create(Context::from_ptr(context), protocol).cast())) }
    })
}

/// Names the file of an archive, and the permissions it is created with. Closes what the archive had before.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_archive_set_file(
    archive: *mut LWMsgArchive,
    filename: *const c_char,
    mode: libc::mode_t,
) -> LWMsgStatus {
    guard::entry("lwmsg_archive_set_file", Status::ERROR.0, || {
        // SAFETY: NULL or a terminated text, as the caller promises.
        let Some(path) = (unsafe { cstr::borrow(filename) }) else { return Status::INVALID_PARAMETER.0 };
        // SAFETY: live, as the caller promises.
        cancel::held(|| unsafe { borrow(archive) }.set_file(path, mode));
        Status::SUCCESS.0
    })
}

/// Gives an archive a descriptor, which is the archive's from now on. Closes what the archive had before.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER for a negative number.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_archive_set_fd(archive: *mut LWMsgArchive, fd: c_int) -> LWMsgStatus {
    // SAFETY: live, as the caller promises.
    held("lwmsg_archive_set_fd", || Status::of(unsafe { borrow(archive) }.set_fd(fd)).0)
}

/// Sets the order of the bytes that are written, big endian unless this is called. Reading takes it from the file.
///
/// Returns LWMSG_STATUS_SUCCESS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_archive_set_byte_order(
    archive: *mut LWMsgArchive,
    order: LWMsgByteOrder,
) -> LWMsgStatus {
    // SAFETY: live, as the caller promises.
    unsafe { borrow(archive) }.set_order(order);
    Status::SUCCESS.0
}

/// Sets whether opening to read with LWMSG_ARCHIVE_SCHEMA adds messages to the protocol that it does not know. They
/// stay as long as the protocol.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_archive_set_protocol_update(archive: *mut LWMsgArchive, update: LWMsgBool) {
    // SAFETY: live, as the caller promises.
    unsafe { borrow(archive) }.set_update(update != LWMSG_FALSE);
}

/// Opens an archive. disp is LWMSG_ARCHIVE_READ or LWMSG_ARCHIVE_WRITE, perhaps with LWMSG_ARCHIVE_SCHEMA: then the
/// types of all messages are written, or compared with the protocol. Writing begins with an empty file. May block.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_INVALID_PARAMETER for another disp; LWMSG_STATUS_INVALID_STATE when it is
/// open already or has no file; LWMSG_STATUS_MALFORMED when the file is no archive, or its types are not the
/// protocol's; LWMSG_STATUS_EOF when it is empty; or the status of an errno, LWMSG_STATUS_FILE_NOT_FOUND for one.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_archive_open(
    archive: *mut LWMsgArchive,
    disp: LWMsgArchiveDisposition,
) -> LWMsgStatus {
    // SAFETY: live, as the caller promises.
    held("lwmsg_archive_open", || Status::of(unsafe { borrow(archive) }.open(disp)).0)
}

/// Closes an archive, after what was written has reached the disk. May block. Closing twice is no error.
///
/// Returns LWMSG_STATUS_SUCCESS, or the status of an errno.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_archive_close(archive: *mut LWMsgArchive) -> LWMsgStatus {
    // SAFETY: live, as the caller promises.
    held("lwmsg_archive_close", || Status::of(unsafe { borrow(archive) }.close()).0)
}

/// Writes a message. May block.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_INVALID_STATE when the archive was not opened to write;
/// LWMSG_STATUS_NOT_FOUND for a message the protocol does not know; what marshalling gives, nothing being written
/// then; or the status of an errno, LWMSG_STATUS_SYSTEM when the archive is closed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_archive_write_message(
    archive: *mut LWMsgArchive,
    message: *mut LWMsgMessage,
) -> LWMsgStatus {
    held("lwmsg_archive_write_message", || {
        // SAFETY: live, and a message, as the caller promises.
        Status::of(unsafe { borrow(archive).write(&*message) }).0
    })
}

/// Reads a message, to be released with lwmsg_archive_destroy_message. May block.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_EOF behind the last message; LWMSG_STATUS_NOT_FOUND for one that the
/// protocol does not know, the next call reads the following one; LWMSG_STATUS_MALFORMED when the file is
/// damaged; or the status of an errno, LWMSG_STATUS_SYSTEM when the archive is closed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_archive_read_message(
    archive: *mut LWMsgArchive,
    message: *mut LWMsgMessage,
) -> LWMsgStatus {
    held("lwmsg_archive_read_message", || {
        // SAFETY: live, and a message, as the caller promises.
        Status::of(unsafe { borrow(archive).read(&mut *message) }).0
    })
}

/// Releases the payload of a message that was read; its tag is LWMSG_TAG_INVALID then. Nothing for a message that has
/// that tag already.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_NOT_FOUND.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_archive_destroy_message(
    archive: *mut LWMsgArchive,
    message: *mut LWMsgMessage,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_archive_destroy_message", || {
        // SAFETY: live, and a message, as the caller promises.
        Status::of(unsafe { borrow(archive).destroy(&mut *message) }).0
    })
}

/// Releases an archive; what is open is closed, without waiting for the disk.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_archive_delete(archive: *mut LWMsgArchive) {
    held("lwmsg_archive_delete", || {
        if !archive.is_null() {
            // SAFETY: live, and not used again; the association owns it.
            unsafe { Assoc::delete(borrow(archive).assoc()) }
        }
    });
}

/// Returns the archive as an association: sending writes, receiving reads, connecting opens it to write. Deleting
/// either deletes both.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_archive_as_assoc(archive: *mut LWMsgArchive) -> *mut LWMsgAssoc {
    // SAFETY: live, as the caller promises.
    unsafe { borrow(archive) }.assoc().cast()
}
