//! Queueing and sending: from messages to frames.
//!
//! Control messages go first, between two frames of a fragmented message too, and a queued close
//! overtakes everything: what is still queued then is never sent.

use super::super::error::Error;
use super::super::frame::{OutgoingFrame, Payload};
use super::super::types::wslay_event_fragmented_msg;
use super::context::{Context, Role};
use super::message::{Content, Message};
use crate::websocket::close;
use crate::websocket::frame::{MAX_CONTROL_PAYLOAD, RSV1, opcode};
use std::cell::RefCell;
use std::collections::VecDeque;

/// At most this many bytes are read from the source of a fragmented message at once.
const FRAGMENT: usize = 4096;

/// So many answers to pings wait to be sent at most. A peer that goes on asking without reading gets the latest
/// ones, as RFC 6455, section 5.5.3 allows.
const MOST_ANSWERS: usize = 1024;

/// Where frames go.
enum Sink<'a> {
    /// To the send callback.
    Callback,
    /// To memory, of which so much is used.
    Memory { buffer: &'a mut [u8], used: usize },
}

/// One of the two queues. A message stays in its queue until it is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Queue {
    Control,
    Data,
}

impl Queue {
    fn of(opcode: u8) -> Self {
        if opcode::is_control(opcode) { Self::Control } else { Self::Data }
    }
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

    /// Queues the answer to a ping; does nothing when no message can be queued any more.
    ///
    /// # Errors
    /// [`Error::NoMemory`].
    pub(super) fn queue_answer(&self, payload: &[u8]) -> Result<(), Error> {
        if self.check_open().is_err() {
            return Ok(());
        }
        let answer = Message { is_answer: true, ..Message::whole(opcode::PONG, 0, payload, &[])? };
        if self.answers.get() >= MOST_ANSWERS {
            self.discard_oldest_answer();
        }
        self.push(answer)?;
        self.answers.set(self.answers.get() + 1);
        Ok(())
    }

    /// Forgets the answer that has waited longest, but for one that is being sent.
    fn discard_oldest_answer(&self) {
        let mut queue = self.control_queue.borrow_mut();
        let begun = usize::from(self.begun.get() == Some(Queue::Control));
        let oldest = queue.iter().skip(begun).position(|message| message.is_answer);
        if let Some(message) = oldest.and_then(|index| queue.remove(begun + index)) {
            self.uncount(message.length(), true);
        }
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

    #[inline(always)]
    fn push(&self, message: Message) -> Result<(), Error> {
        let length = message.length();
        let mut queue = self.queue(Queue::of(message.opcode)).borrow_mut();
        queue.try_reserve(1)?;
        queue.push_back(message);
        self.queued_count.set(self.queued_count.get() + 1);
        self.queued_length.set(self.queued_length.get() + length);
        Ok(())
    }

    fn queue(&self, queue: Queue) -> &RefCell<VecDeque<Message>> {
        match queue {
            Queue::Control => &self.control_queue,
            Queue::Data => &self.data_queue,
        }
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
        while self.write_enabled.get() {
            let Some(queue) = self.choose_queue() else { break };
            match self.send_frame(queue, sink) {
                Ok(Progress::FrameDone) => self.finish_frame(queue),
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

    /// The queue whose first message is to be sent next; None when both are empty.
    ///
    /// A message that was begun goes on, but for a fragmented one between two frames.
    #[inline]
    fn choose_queue(&self) -> Option<Queue> {
        if let Some(queue) = self.begun.get() {
            let interruptible = queue == Queue::Data
                && matches!(
                    self.data_queue.borrow().front(),
                    Some(Message { content: Content::Fragmented { pending: false, .. }, .. })
                );
            if !interruptible {
                return Some(queue);
            }
        }
        let queue = if self.has_control() {
            Some(Queue::Control)
        } else {
            (!self.data_queue.borrow().is_empty()).then_some(Queue::Data)
        };
        self.begun.set(queue);
        queue
    }

    /// Whether there is a control message to send. A queued close discards those before it.
    #[inline]
    fn has_control(&self) -> bool {
        let mut queue = self.control_queue.borrow_mut();
        while self.close_queued() && queue.front().is_some_and(|message| message.opcode != opcode::CLOSE) {
            if let Some(message) = queue.pop_front() {
                self.uncount(message.length(), message.is_answer);
            }
        }
        !queue.is_empty()
    }

    fn uncount(&self, length: usize, is_answer: bool) {
        if is_answer {
            self.answers.set(self.answers.get() - 1);
        }
        self.queued_count.set(self.queued_count.get() - 1);
        self.queued_length.set(self.queued_length.get() - length);
    }

    /// Sends as much as the sink takes of the present frame of a queue's first message.
    fn send_frame(&self, queue: Queue, sink: &mut Sink<'_>) -> Result<Progress, Error> {
        if !self.has_frame(queue)? {
            return Ok(Progress::Paused);
        }
        let Some((frame, payload)) = self.frame(queue) else {
            return Ok(Progress::Paused);
        };
        let taken = match sink {
            Sink::Callback => self.sender.send(self, &frame, payload)?,
            Sink::Memory { buffer, used } => {
                let (written, taken) = self.sender.write(self, &frame, payload, &mut buffer[*used..])?;
                *used += written;
                if written == 0 && taken == 0 {
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
    #[inline]
    fn has_frame(&self, queue: Queue) -> Result<bool, Error> {
        let read = match self.queue(queue).borrow().front().map(|message| &message.content) {
            Some(Content::Fragmented { source, read, first, ended: false, pending: false }) => {
                if *first {
                    // The program's copy keeps its address while the queue grows.
                    self.source.set(*source);
                }
                *read
            }
            _ => return Ok(true),
        };
        let (buffer, room) = {
            let mut fragment = self.fragment.borrow_mut();
            (fragment.as_mut_ptr(), fragment.len())
        };
        let (read, eof) = self.read_fragment(read, self.source.as_ptr(), buffer, room)?;
        let length = usize::try_from(read).ok().filter(|length| *length <= room);
        let length = length.ok_or(Error::CallbackFailure)?;
        if length == 0 && !eof {
            return Ok(false);
        }
        self.fragment_length.set(length);
        if let Some(Message { content: Content::Fragmented { ended, pending, .. }, .. }) =
            self.queue(queue).borrow_mut().front_mut()
        {
            (*ended, *pending) = (eof, true);
        }
        Ok(true)
    }

    /// The present frame of a queue's first message, and the part of its payload that is not sent.
    #[inline]
    fn frame(&self, queue: Queue) -> Option<(OutgoingFrame, Payload)> {
        let queue = self.queue(queue).borrow();
        let message = queue.front()?;
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
        // SAFETY: the bytes belong to a message that leaves its queue only when it is sent, or to the
        // fragment buffer. Neither changes while a sending call is in progress: nested ones are refused,
        // a growing queue moves messages but not their payload, and the context outlives the call.
        let payload = unsafe { Payload::new(rest.as_ptr(), rest.len()) };
        Some((frame, payload))
    }

    /// Goes on to the next frame, or from a message that is sent completely to the next one.
    #[inline]
    fn finish_frame(&self, queue: Queue) {
        self.frame_sent.set(0);
        let mut messages = self.queue(queue).borrow_mut();
        let (length, close) = match messages.front_mut().map(|message| (message.opcode, &mut message.content))
        {
            Some((_, Content::Fragmented { first, ended: false, pending, .. })) => {
                (*first, *pending) = (false, false);
                return;
            }
            Some((opcode::CLOSE, Content::Whole(payload))) => (payload.len(), Some(close::code(payload))),
            Some((_, Content::Whole(payload))) => (payload.len(), None),
            Some((_, Content::Fragmented { .. })) => (0, None),
            None => return,
        };
        let is_answer = messages.pop_front().is_some_and(|message| message.is_answer);
        self.begun.set(None);
        self.uncount(length, is_answer);
        if let Some(code) = close {
            self.write_enabled.set(false);
            self.set_close_sent(code.filter(|code| *code != 0).unwrap_or(close::NO_STATUS));
        }
    }
}
