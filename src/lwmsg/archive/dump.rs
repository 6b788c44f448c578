//! An archive as text: the types that are in it, and its messages.

use super::{Archive, disposition};
use crate::lwmsg::context::Context;
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::payload::Codec;
use crate::lwmsg::protocol::Protocol;
use crate::lwmsg::types::*;
use std::ffi::CStr;
use std::io::Write;
use std::ptr;

/// Writes everything that is in an archive with types: what it says of itself is all that is needed.
pub fn dump(path: &CStr, out: &mut dyn Write) -> Result<()> {
    let mut protocol = Protocol::new(Context::NONE);
    let archive = Archive::new(Context::NONE, (&raw mut protocol).cast());
    archive.set_file(path, 0);
    archive.set_update(true);
    archive.open(disposition::READ | disposition::SCHEMA)?;
    // SAFETY: the archive learns while it is opened only.
    let protocol = unsafe { Protocol::from_ptr(archive.protocol) }.ok_or(Status::INTERNAL)?;
    heading(out, "Schema")?;
    out.write_all(&protocol.print(0)?)?;
    write!(out, "\n\n")?;
    heading(out, "Messages")?;
    for number in 0.. {
        let mut message = LWMsgMessage {
            flags: 0,
            status: 0,
            cookie: 0,
            tag: LWMSG_TAG_INVALID,
            data: ptr::null_mut(),
            reserved1: 0,
        };
        // SAFETY: types that were learned have no functions.
        match unsafe { archive.read(&mut message) } {
            Err(Status::EOF) => return Ok(()),
            other => other?,
        }
        let mut text = Vec::new();
        // SAFETY: the message has just been read.
        unsafe {
            let codec = Codec { protocol, context: Context::NONE, session: None };
            let printed = codec.print(message.tag, message.data, &mut text);
            archive.destroy(&mut message)?;
            printed?;
        }
        write!(out, "[{number}] ")?;
        out.write_all(&text)?;
        write!(out, "\n\n")?;
    }
    Ok(())
}

fn heading(out: &mut dyn Write, text: &str) -> Result<()> {
    let line = "-".repeat(text.len());
    Ok(write!(out, "{line}\n{text}\n{line}\n\n")?)
}
