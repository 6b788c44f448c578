//! Queueing and sending: from messages to frames.
//!
//! Control messages go first, between two frames of a fragmented message too, and a queued close
//! overtakes everything: what is still queued then is never sent.

use super::super::error::Error;
use super::super::frame::{OutgoingFrame, Payload};
use super::super::types::{wslay_event_fragmented_msg, wslay_event_msg_source};
use super::context::{Context, Role};
use super::message::{Content, Message};
use crate::websocket::close;
use crate::websocket::frame::{MAX_CONTROL_PAYLOAD, RSV1, opcode};

/// At most this many bytes are read from the source of a fragmented message at once.
const FRAGMENT: usize = 4096;

/// Where frames go.
enum Sink<'a> {
    /// To the send callback.
    Callback,
    /// To memory, of which so much is used.
    Memory { buffer: &'a mut [u8], used: usize },
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Progress {
    /// The frame is out.
    FrameDone,
    /// The sink takes no more, or the source has no more, for now.
    Paused,
}

impl Context {
    /// Queues a message with a copy of `payload`.
    ///
    /// # Errors
    /// [`Error::NoMoreMessages`], [`Error::InvalidArgument`], [`Error::NoMemory`].
    pub fn queue_message(&self, opcode: u8, payload: &[u8], rsv: u8) -> Result<(), Error> {
        self.check_open()?;
        self.check_rsv(rsv)?;
        if opcode::is_control(opcode) && (payload.len() > MAX_CONTROL_PAYLOAD || rsv & RSV1 != 0) {
            return Err(Error::InvalidArgument);
        }
        self.push(Message::whole(opcode, rsv, payload, &[])?)
    }

    /// Queues a message that will be read from its source while it is sent.
    ///
    /// # Errors
    /// As [`Context::queue_message`].
    pub fn queue_fragmented(&self, message: &wslay_event_fragmented_msg, rsv: u8) -> Result<(), Error> {
        self.check_open()?;
        self.check_rsv(rsv)?;
        if opcode::is_control(message.opcode) {
            return Err(Error::InvalidArgument);
        }
        self.reserve_fragment()?;
        self.push(Message::fragmented(message.opcode, rsv, message.source, message.read_callback))
    }

    /// Queues a close frame; an empty one for code 0.
    ///
    /// # Errors
    /// As [`Context::queue_message`].
    pub fn queue_close(&self, code: close::Code, reason: &[u8]) -> Result<(), Error> {
        self.check_open()?;
        if reason.len() > close::MAX_REASON {
            return Err(Error::InvalidArgument);
        }
        let code = code.to_be_bytes();
        let (code, reason): (&[u8], &[u8]) = if code == [0, 0] { (&[], &[]) } else { (&code, reason) };
        self.push(Message::whole(opcode::CLOSE, 0, code, reason)?)?;
        self.set_close_queued();
        Ok(())
    }

    /// Memory for the frames of fragmented messages, from the first such message on.
    fn reserve_fragment(&self) -> Result<(), Error> {
        let mut fragment = self.fragment.borrow_mut();
        if fragment.is_empty() {
            fragment.try_reserve_exact(FRAGMENT)?;
            fragment.resize(FRAGMENT, 0);
        }
        Ok(())
    }

    fn check_open(&self) -> Result<(), Error> {
        if self.write_enabled.get() && !self.close_queued() { Ok(()) } else { Err(Error::NoMoreMessages) }
    }

    fn check_rsv(&self, rsv: u8) -> Result<(), Error> {
        if rsv & !self.allowed_rsv.get() == 0 { Ok(()) } else { Err(Error::InvalidArgument) }
    }

    fn push(&self, message: Message) -> Result<(), Error> {
        let length = message.length();
        let queue = if opcode::is_control(message.opcode) { &self.control_queue } else { &self.data_queue };
        let mut queue = queue.borrow_mut();
        // One place more, so that a fragmented message can always be put back.
        queue.try_reserve(2)?;
        queue.push_back(message);
        self.queued_count.set(self.queued_count.get() + 1);
        self.queued_length.set(self.queued_length.get() + length);
        Ok(())
    }

    /// Sends what the send callback takes.
    ///
    /// # Errors
    /// [`Error::CallbackFailure`]; writing has then ended.
    pub fn send(&self) -> Result<(), Error> {
        self.pump(&mut Sink::Callback)
    }

    /// Writes what fits `buffer`, and returns how much that was.
    ///
    /// # Errors
    /// As [`Context::send`].
    pub fn write(&self, buffer: &mut [u8]) -> Result<usize, Error> {
        let mut sink = Sink::Memory { buffer, used: 0 };
        self.pump(&mut sink)?;
        match sink {
            Sink::Memory { used, .. } => Ok(used),
            Sink::Callback => Ok(0),
        }
    }

    fn pump(&self, sink: &mut Sink<'_>) -> Result<(), Error> {
        while self.write_enabled.get() && self.take_message() {
            match self.send_frame(sink) {
                Ok(Progress::FrameDone) => self.finish_frame(),
                Ok(Progress::Paused) => break,
                Err(Error::WantWrite) if !self.is_failed() => break,
                Err(_) => {
                    self.write_enabled.set(false);
                    return Err(Error::CallbackFailure);
                }
            }
        }
        Ok(())
    }

    /// Makes the message to send next the current one; false when there is none.
    fn take_message(&self) -> bool {
        let mut current = self.current.borrow_mut();
        let interruptible = matches!(
            current.as_ref().map(|message| &message.content),
            Some(Content::Fragmented { pending: false, .. })
        );
        if current.is_some() && !interruptible {
            return true;
        }
        if let Some(control) = self.next_control() {
            if let Some(interrupted) = current.replace(control) {
                self.data_queue.borrow_mut().push_front(interrupted);
            }
        } else if current.is_none() {
            *current = self.data_queue.borrow_mut().pop_front();
        }
        current.is_some()
    }

    /// The control message to send next. A queued close discards those before it.
    fn next_control(&self) -> Option<Message> {
        let mut queue = self.control_queue.borrow_mut();
        while let Some(message) = queue.pop_front() {
            if !self.close_queued() || message.opcode == opcode::CLOSE {
                return Some(message);
            }
            self.uncount(&message);
        }
        None
    }

    fn uncount(&self, message: &Message) {
        self.queued_count.set(self.queued_count.get() - 1);
        self.queued_length.set(self.queued_length.get() - message.length());
    }

    /// Sends as much as the sink takes of the current message's present frame.
    fn send_frame(&self, sink: &mut Sink<'_>) -> Result<Progress, Error> {
        if !self.has_frame()? {
            return Ok(Progress::Paused);
        }
        let Some((frame, payload)) = self.frame() else {
            return Ok(Progress::Paused);
        };
        let taken = match sink {
            Sink::Callback => self.sender.send(self, &frame, payload)?,
            Sink::Memory { buffer, used } => {
                let (written, taken) = self.sender.write(self, &frame, payload, &mut buffer[*used..])?;
                *used += written;
                if written == 0 {
                    return Ok(Progress::Paused);
                }
                taken
            }
        };
        let sent = self.frame_sent.get() + taken;
        self.frame_sent.set(sent);
        Ok(if sent as u64 == frame.payload_length { Progress::FrameDone } else { Progress::Paused })
    }

    /// Whether there is a frame to send; reads it from the source of a fragmented message if need be.
    fn has_frame(&self) -> Result<bool, Error> {
        let (source, read): (*const wslay_event_msg_source, _) = match self.current.borrow().as_ref() {
            Some(Message {
                content: Content::Fragmented { source, read, ended: false, pending: false, .. },
                ..
            }) => (source, *read),
            _ => return Ok(true),
        };
        let (buffer, room) = {
            let mut fragment = self.fragment.borrow_mut();
            (fragment.as_mut_ptr(), fragment.len())
        };
        let (read, eof) = self.read_fragment(read, source, buffer, room)?;
        let length = usize::try_from(read).ok().filter(|length| *length <= room);
        let length = length.ok_or(Error::CallbackFailure)?;
        if length == 0 && !eof {
            return Ok(false);
        }
        self.fragment_length.set(length);
        if let Some(Message { content: Content::Fragmented { ended, pending, .. }, .. }) =
            self.current.borrow_mut().as_mut()
        {
            (*ended, *pending) = (eof, true);
        }
        Ok(true)
    }

    /// The current message's present frame, and the part of its payload that is not sent.
    fn frame(&self) -> Option<(OutgoingFrame, Payload)> {
        let current = self.current.borrow();
        let message = current.as_ref()?;
        let masked = self.role == Role::Client;
        let sent = self.frame_sent.get();
        let fragment;
        let (fin, opcode, rsv, bytes) = match &message.content {
            Content::Whole(payload) => (true, message.opcode, message.rsv, &payload[..]),
            Content::Fragmented { first, ended, .. } => {
                fragment = self.fragment.borrow();
                let bytes = &fragment[..self.fragment_length.get()];
                if *first {
                    (*ended, message.opcode, message.rsv, bytes)
                } else {
                    (*ended, opcode::CONTINUATION, message.rsv & !RSV1, bytes)
                }
            }
        };
        let frame = OutgoingFrame { fin, rsv, opcode, masked, payload_length: bytes.len() as u64 };
        let rest = &bytes[sent..];
        // SAFETY: the bytes belong to the current message or to the fragment buffer. Neither changes
        // while a sending call is in progress: nested ones are refused, and the context outlives it.
        let payload = unsafe { Payload::new(rest.as_ptr(), rest.len()) };
        Some((frame, payload))
    }

    /// Goes on to the next frame, or from a message that is sent completely to the next one.
    fn finish_frame(&self) {
        self.frame_sent.set(0);
        let mut current = self.current.borrow_mut();
        match current.as_mut().map(|message| &mut message.content) {
            Some(Content::Fragmented { first, ended: false, pending, .. }) => {
                (*first, *pending) = (false, false);
                return;
            }
            Some(_) => {}
            None => return,
        }
        let Some(message) = current.take() else { return };
        self.uncount(&message);
        if let Content::Whole(payload) = &message.content
            && message.opcode == opcode::CLOSE
        {
            self.write_enabled.set(false);
            let code = close::code(payload).filter(|code| *code != 0);
            self.set_close_sent(code.unwrap_or(close::NO_STATUS));
        }
    }
}
