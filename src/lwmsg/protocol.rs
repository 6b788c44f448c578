//! Protocols: the messages that both sides know, by number.

use super::context::Context;
use super::data::{Program, program_for};
use super::error::{Result, Status};
use super::schema::{self, Image, MessageRep, ProtocolRep, TypeRep};
use super::types::*;
use std::ffi::{CStr, c_char};
use std::ptr;
use std::sync::{Arc, OnceLock};

/// What `LWMsgProtocol` points to. Tables and the context outlive it; it is not changed while it is shared.
#[derive(Debug)]
pub struct Protocol {
    context: Context,
    /// By tag; numbers that no table mentions are gaps.
    messages: Vec<Option<Message>>,
    /// Tables of messages that were learned from an archive.
    learned: Vec<Image>,
}

/// A message of a protocol.
#[derive(Debug)]
pub struct Message {
    /// The payload's table, or NULL for none.
    pub spec: *const LWMsgTypeSpec,
    /// The name as the table has it.
    pub name: *const c_char,
    /// The table, compiled when it was first needed: the protocol vouches for it as long as it lives.
    program: OnceLock<Result<Arc<Program>>>,
}

// SAFETY: the tables and names are constants of the program.
unsafe impl Send for Message {}
// SAFETY: as above.
unsafe impl Sync for Message {}

impl Message {
    fn new(spec: *const LWMsgTypeSpec, name: *const c_char) -> Self {
        Self { spec, name, program: OnceLock::new() }
    }

    /// The payload's type; `None` when the message has none. MALFORMED when the table makes no sense.
    pub fn program(&self) -> Result<Option<&Arc<Program>>> {
        if self.spec.is_null() {
            return Ok(None);
        }
        // SAFETY: a table of the protocol, which outlives it.
        let program = self.program.get_or_init(|| unsafe { program_for(self.spec) });
        program.as_ref().map(Some).map_err(|status| *status)
    }

    /// The name; empty when the table has none.
    pub fn name(&self) -> &CStr {
        if self.name.is_null() {
            return c"";
        }
        // SAFETY: a constant of the program's table, which outlives the protocol.
        unsafe { CStr::from_ptr(self.name) }
    }
}

impl Protocol {
    /// A protocol without messages.
    pub fn new(context: Context) -> Self {
        Self { context, messages: Vec::new(), learned: Vec::new() }
    }

    /// The context it was made with.
    pub fn context(&self) -> Context {
        self.context
    }

    /// Adds the messages of a table; a number that is known already is replaced.
    ///
    /// # Safety
    /// The table ends with `LWMSG_PROTOCOL_END`, and it and what it names outlive the protocol.
    pub unsafe fn add(&mut self, mut spec: *const LWMsgProtocolSpec) -> Result<()> {
        loop {
            // SAFETY: before the end of the table, as promised by the caller.
            let line = unsafe { spec.read() };
            if line.tag == u32::MAX {
                return Ok(());
            }
            let Ok(tag) = LWMsgTag::try_from(line.tag) else { return Err(Status::INVALID_PARAMETER) };
            self.set(tag, Message::new(line.r#type, line.tag_name))?;
            // SAFETY: not the last line.
            spec = unsafe { spec.add(1) };
        }
    }

    fn set(&mut self, tag: LWMsgTag, message: Message) -> Result<()> {
        let index = usize::try_from(tag).map_err(|_| Status::INVALID_PARAMETER)?;
        if index >= self.messages.len() {
            self.messages.try_reserve(index + 1 - self.messages.len())?;
            self.messages.resize_with(index + 1, || None);
        }
        self.messages[index] = Some(message);
        Ok(())
    }

    /// Checks that every message of a description is known here, with a type that its type is assignable to; else
    /// MALFORMED. With `learn`, messages that are not known are added instead.
    ///
    /// # Safety
    /// A complete description.
    pub unsafe fn check(&mut self, rep: &ProtocolRep, learn: bool) -> Result<()> {
        // SAFETY: as promised by the caller.
        let messages = unsafe { schema::messages(rep) };
        let mut unknown: Vec<&MessageRep> = Vec::new();
        for message in messages {
            match self.message(message.tag) {
                // SAFETY: as promised by the caller.
                Ok(known) => unsafe { self.check_type(known.spec, message.ty) }?,
                Err(_) if learn => unknown.push(message),
                Err(_) => return Err(Status::MALFORMED),
            }
        }
        let types: Vec<*const TypeRep> = unknown.iter().map(|message| message.ty.cast_const()).collect();
        let names: Vec<*const c_char> = unknown.iter().map(|message| message.name.cast_const()).collect();
        // SAFETY: as promised by the caller.
        let (image, specs, names) = unsafe { schema::import(self.context.memory(), &types, &names) }?;
        self.learned.push(image);
        for ((message, spec), name) in unknown.iter().zip(specs).zip(names) {
            self.set(message.tag, Message::new(spec, name))?;
        }
        Ok(())
    }

    /// # Safety
    /// A complete description.
    unsafe fn check_type(&self, spec: *const LWMsgTypeSpec, rep: *const TypeRep) -> Result<()> {
        let mut own = ptr::null_mut();
        if !spec.is_null() {
            // SAFETY: a table of the protocol.
            own = unsafe { schema::describe(self.context, spec) }?;
        }
        // SAFETY: as promised by the caller; the description is ours.
        unsafe {
            let assignable = schema::is_assignable(own, rep);
            schema::free_type(self.context, own);
            assignable
        }
    }

    /// The messages and their types as text.
    pub fn print(&self, indent: usize) -> Result<Vec<u8>> {
        let rep = schema::describe_protocol(self)?;
        // SAFETY: the description has just been made.
        unsafe {
            let text = schema::print_protocol(&*rep, indent);
            schema::free_protocol(self.context, rep);
            text
        }
    }

    /// The message of a number: NOT_FOUND for one that nobody added, in a gap too.
    pub fn message(&self, tag: LWMsgTag) -> Result<&Message> {
        let index = usize::try_from(tag).map_err(|_| Status::NOT_FOUND)?;
        self.messages.get(index).and_then(Option::as_ref).ok_or(Status::NOT_FOUND)
    }

    /// All messages, by number.
    pub fn messages(&self) -> impl Iterator<Item = (LWMsgTag, &Message)> {
        let numbered = self.messages.iter().enumerate();
        numbered.filter_map(|(tag, message)| Some((tag as LWMsgTag, message.as_ref()?)))
    }

    /// # Safety
    /// The pointer is NULL or a live protocol that nobody changes.
    pub unsafe fn from_ptr<'a>(protocol: *const LWMsgProtocol) -> Option<&'a Self> {
        // SAFETY: as promised by the caller.
        unsafe { protocol.cast::<Self>().as_ref() }
    }

    /// The name of a message, NULL for an unknown one.
    pub fn name_of(&self, tag: LWMsgTag) -> *const c_char {
        self.message(tag).map_or(ptr::null(), |message| message.name)
    }
}
