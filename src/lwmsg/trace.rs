//! What this room tells the house's trace (`RELINK_TRACE`): every message by the name its protocol has for it, with
//! its payload as text, as one half of a call.

use super::error::Status;
use super::payload::Codec;
use super::types::*;
use crate::trace::{Connection, Direction, Event, Phase};
use std::borrow::Cow;

/// Cookies of calls by the other side count from here in the trace: both sides number theirs from 0.
const THEIRS: u64 = 1 << 16;

/// Tells a message that was sent or received; `ours` says whose call it is about.
#[inline]
pub fn message(
    codec: &Codec<'_>,
    connection: &Connection,
    direction: Direction,
    ours: bool,
    message: &LWMsgMessage,
) {
    if crate::trace::on() {
        let exchange = u64::from(message.cookie) + if ours { 0 } else { THEIRS };
        tell(codec, connection, direction, exchange, message);
    }
}

/// Tells one half of a call inside the process, which `exchange` names.
#[inline]
pub fn direct(
    codec: &Codec<'_>,
    connection: &Connection,
    exchange: u64,
    reply: Option<Status>,
    params: &LWMsgParams,
) {
    if crate::trace::on() {
        let message = LWMsgMessage {
            flags: if reply.is_some() { message_flag::REPLY } else { 0 },
            status: reply.map_or(0, |status| status.0),
            cookie: 0,
            tag: params.tag,
            data: params.data,
            reserved1: 0,
        };
        tell(codec, connection, Direction::Local, exchange, &message);
    }
}

#[cold]
#[inline(never)]
fn tell(
    codec: &Codec<'_>,
    connection: &Connection,
    direction: Direction,
    exchange: u64,
    message: &LWMsgMessage,
) {
    let reply = message.flags & message_flag::REPLY != 0;
    let known = codec.protocol.message(message.tag).ok();
    let name = match known {
        Some(known) => known.name().to_string_lossy(),
        None if message.flags & message_flag::CONTROL != 0 => Cow::Borrowed("cancel"),
        None if reply => Cow::Borrowed("reply"),
        None => Cow::Owned(message.tag.to_string()),
    };
    let mut text = Vec::new();
    if known.is_some() {
        // SAFETY: whoever sends or has received the message vouches for its payload. What cannot be printed is not.
        let _ = unsafe { codec.print(message.tag, message.data, &mut text) };
    }
    let text = String::from_utf8_lossy(&text);
    let payload = text.split_once(": ").map_or("", |(_, payload)| payload);
    let payload: Vec<&str> = payload.split_whitespace().collect();
    let status = match Status(message.status) {
        Status::SUCCESS => String::new(),
        status if status.name() == c"unknown" => format!("[{}] ", status.0),
        status => format!("[{status}] "),
    };
    Event::new("lwmsg", connection, direction, &name)
        .exchange(exchange, if reply { Phase::Reply } else { Phase::Request })
        .detail(format_args!("{status}{}", payload.join(" ")))
        .emit();
}
