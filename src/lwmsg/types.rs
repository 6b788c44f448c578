//! The types C programs share with the library. Layouts are asserted in `layout`; their C texts are in the
//! preambles of the headers, because C's enumerations are plain numbers here: any value may arrive in one.
#![allow(non_camel_case_types, reason = "C spells them so, and compiled programs know no other names")]

use std::ffi::{c_char, c_int, c_long, c_uint, c_void};

macro_rules! opaque {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        pub struct $name {
            _opaque: [u8; 0],
        }
    )*};
}

opaque! {
    /// A file of messages.
    LWMsgArchive
    /// One end of a connection, or an archive used as one.
    LWMsgAssoc
    /// A call, of the caller's or the callee's.
    LWMsgCall
    /// Memory functions, a log function and a parent to ask.
    LWMsgContext
    /// A byte order and a context: what marshalling needs.
    LWMsgDataContext
    /// What a session lends to the other side.
    LWMsgHandle
    /// A server and a client in one.
    LWMsgPeer
    /// The messages that both sides know.
    LWMsgProtocol
    /// Who the other side is.
    LWMsgSecurityToken
    /// One client of one server.
    LWMsgSession
    /// The attributes of a type, for the functions of custom classes.
    LWMsgType
    /// A description of a type that can be sent and compared.
    LWMsgTypeRep
}

/// A status; see [`super::Status`].
pub type LWMsgStatus = c_uint;
/// 0 or 1.
pub type LWMsgBool = c_uint;
/// A word of a type's table.
pub type LWMsgTypeSpec = usize;
/// The number of a message in its protocol; negative for none.
pub type LWMsgTag = i16;
/// What a reply has in common with its request.
pub type LWMsgCookie = u16;
/// 0 little, 1 big.
pub type LWMsgByteOrder = c_uint;
/// 0 signed, 1 unsigned.
pub type LWMsgSignage = c_uint;
/// Bits of a type's attributes.
pub type LWMsgTypeFlags = c_uint;
/// 0 always, 1 error, 2 warning, 3 info, 4 verbose, 5 debug, 6 trace.
pub type LWMsgLogLevel = c_uint;
/// 1 control, 2 synthetic, 4 reply.
pub type LWMsgMessageFlags = c_uint;
/// The kinds of endpoints: 1 local, 2 direct, 3 pair.
pub type LWMsgEndpointType = c_uint;
/// How a connection is made: 1 local, 3 pair.
pub type LWMsgConnectionMode = c_uint;
/// See [`assoc_state`].
pub type LWMsgAssocState = c_uint;
/// 0 message, 1 establish, 2 idle.
pub type LWMsgTimeout = c_uint;
/// 0 incoming, 1 outgoing.
pub type LWMsgCallDirection = c_uint;
/// 0 end, 2 block, 3 nonblock.
pub type LWMsgDispatchType = c_uint;
/// 0 null, 1 local, 2 remote.
pub type LWMsgHandleType = c_uint;
/// 1 read, 2 write, 4 with the schema.
pub type LWMsgArchiveDisposition = c_uint;
/// 0 equal, 1 greater, -1 lesser.
pub type LWMsgTimeComparison = c_int;

/// `LWMSG_TRUE`.
pub const LWMSG_TRUE: LWMsgBool = 1;
/// `LWMSG_FALSE`.
pub const LWMSG_FALSE: LWMsgBool = 0;
/// No payload.
pub const LWMSG_TAG_INVALID: LWMsgTag = -1;

/// Values of `LWMsgByteOrder`.
pub const LWMSG_LITTLE_ENDIAN: LWMsgByteOrder = 0;
/// Values of `LWMsgByteOrder`.
pub const LWMSG_BIG_ENDIAN: LWMsgByteOrder = 1;

/// Levels of the log.
pub mod log_level {
    use super::LWMsgLogLevel;
    /// Written whatever the level.
    pub const ALWAYS: LWMsgLogLevel = 0;
    /// Errors.
    pub const ERROR: LWMsgLogLevel = 1;
    /// What may become an error.
    pub const WARNING: LWMsgLogLevel = 2;
    /// What an operator may want to see once.
    pub const INFO: LWMsgLogLevel = 3;
    /// What happens to clients.
    pub const VERBOSE: LWMsgLogLevel = 4;
    /// For programmers.
    pub const DEBUG: LWMsgLogLevel = 5;
    /// Every message.
    pub const TRACE: LWMsgLogLevel = 6;
}

/// Flags of a message.
pub mod message_flag {
    use super::LWMsgMessageFlags;
    /// Not a call but about one: a cancellation.
    pub const CONTROL: LWMsgMessageFlags = 1;
    /// Made by the library in place of what could not be sent or decoded.
    pub const SYNTHETIC: LWMsgMessageFlags = 2;
    /// The reply to a request.
    pub const REPLY: LWMsgMessageFlags = 4;
}

/// States of an association.
pub mod assoc_state {
    use super::LWMsgAssocState;
    /// No state: what a NULL association is in.
    pub const NONE: LWMsgAssocState = 0;
    /// Before connect or accept.
    pub const NOT_ESTABLISHED: LWMsgAssocState = 1;
    /// Ready.
    pub const IDLE: LWMsgAssocState = 2;
    /// A message is partly sent.
    pub const BLOCKED_SEND: LWMsgAssocState = 3;
    /// A message is partly received.
    pub const BLOCKED_RECV: LWMsgAssocState = 4;
    /// Both.
    pub const BLOCKED_SEND_RECV: LWMsgAssocState = 5;
    /// Closed.
    pub const CLOSED: LWMsgAssocState = 6;
    /// Closing or resetting.
    pub const BUSY: LWMsgAssocState = 7;
    /// Failed; close or reset it.
    pub const ERROR: LWMsgAssocState = 8;
}

/// Values of `LWMsgTimeout`.
pub mod timeout {
    use super::LWMsgTimeout;
    /// For a message.
    pub const MESSAGE: LWMsgTimeout = 0;
    /// For connecting and the handshake.
    pub const ESTABLISH: LWMsgTimeout = 1;
    /// For clients that do nothing while others wait.
    pub const IDLE: LWMsgTimeout = 2;
}

/// Values of `LWMsgEndpointType` and `LWMsgConnectionMode`.
pub mod endpoint {
    use super::LWMsgEndpointType;
    /// None.
    pub const NONE: LWMsgEndpointType = 0;
    /// A socket in the file system.
    pub const LOCAL: LWMsgEndpointType = 1;
    /// A name inside the process.
    pub const DIRECT: LWMsgEndpointType = 2;
    /// One end of a pair of sockets.
    pub const PAIR: LWMsgEndpointType = 3;
}

/// Values of `LWMsgHandleType`.
pub mod handle_location {
    use super::LWMsgHandleType;
    /// No handle.
    pub const NULL: LWMsgHandleType = 0;
    /// Registered on this side.
    pub const LOCAL: LWMsgHandleType = 1;
    /// Registered on the other side.
    pub const REMOTE: LWMsgHandleType = 2;
}

/// Values of `LWMsgDispatchType`.
pub mod dispatch_type {
    use super::LWMsgDispatchType;
    /// The end of a table.
    pub const END: LWMsgDispatchType = 0;
    /// A handler that may block.
    pub const BLOCK: LWMsgDispatchType = 2;
    /// A handler that never blocks.
    pub const NONBLOCK: LWMsgDispatchType = 3;
}

/// Bytes to be read or written, and a function that provides more.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LWMsgBuffer {
    /// The first byte.
    pub base: *mut u8,
    /// Behind the last byte.
    pub end: *mut u8,
    /// The next byte.
    pub cursor: *mut u8,
    /// Called with the number of bytes still wanted, and with 0 at the end.
    pub wrap: Option<unsafe extern "C-unwind" fn(buffer: *mut LWMsgBuffer, needed: usize) -> LWMsgStatus>,
    /// The program's.
    pub data: *mut c_void,
}

/// The parameters of a call: a message without its envelope.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LWMsgParams {
    /// The message's number, or negative.
    pub tag: LWMsgTag,
    /// The payload.
    pub data: *mut c_void,
}

/// A message.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LWMsgMessage {
    /// See [`message_flag`].
    pub flags: LWMsgMessageFlags,
    /// The status of a reply.
    pub status: LWMsgStatus,
    /// What a reply has in common with its request.
    pub cookie: LWMsgCookie,
    /// The message's number, or negative.
    pub tag: LWMsgTag,
    /// The payload; C knows it as object too.
    pub data: *mut c_void,
    /// Not for programs.
    pub reserved1: c_long,
}

/// A line of a dispatch table.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LWMsgDispatchSpec {
    /// See [`dispatch_type`].
    pub r#type: LWMsgDispatchType,
    /// The message's number.
    pub tag: LWMsgTag,
    /// The handler, an `LWMsgPeerCallFunction`.
    pub data: *mut c_void,
}

/// A line of a protocol's table.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LWMsgProtocolSpec {
    /// The message's number; all bits one at the end.
    pub tag: c_uint,
    /// The payload's type, or NULL for none.
    pub r#type: *const LWMsgTypeSpec,
    /// The message's name.
    pub tag_name: *const c_char,
}

/// A time, or a length of time.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LWMsgTime {
    /// Seconds.
    pub seconds: isize,
    /// Microseconds.
    pub microseconds: isize,
}

/// A clock that never goes back.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct LWMsgClock {
    /// The wall clock at the last look.
    pub last_time: LWMsgTime,
    /// What is added to it.
    pub adjust: LWMsgTime,
}

/// A custom type: how its objects are turned into those of a transmitted type and back.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LWMsgTypeClass {
    /// The object is a pointer: it is not promoted at the top level.
    pub is_pointer: LWMsgBool,
    /// The table of the transmitted type.
    pub transmit_type: *const LWMsgTypeSpec,
    /// From presented to transmitted; NULL when both are the same.
    pub marshal: LWMsgTypeMarshalFunction,
    /// From transmitted to presented; NULL when both are the same.
    pub unmarshal: LWMsgTypeUnmarshalFunction,
    /// Frees what the presented object owns.
    pub destroy_presented: LWMsgTypeDestroyPresentedFunction,
    /// Frees what the transmitted object that marshal made owns.
    pub destroy_transmitted: LWMsgTypeDestroyTransmittedFunction,
    /// Prints the presented object.
    pub print: LWMsgTypePrintFunction,
}

// SAFETY: a constant table of functions to this library; programs that write to theirs do so before they use it.
unsafe impl Sync for LWMsgTypeClass {}

/// `LWMsgTypeClass.marshal`.
pub type LWMsgTypeMarshalFunction = Option<
    unsafe extern "C-unwind" fn(
        context: *mut LWMsgDataContext,
        r#type: *mut LWMsgType,
        object: *mut c_void,
        transmit_object: *mut c_void,
        data: *mut c_void,
    ) -> LWMsgStatus,
>;
/// `LWMsgTypeClass.unmarshal`.
pub type LWMsgTypeUnmarshalFunction = Option<
    unsafe extern "C-unwind" fn(
        context: *mut LWMsgDataContext,
        r#type: *mut LWMsgType,
        transmit_object: *mut c_void,
        object: *mut c_void,
        data: *mut c_void,
    ) -> LWMsgStatus,
>;
/// `LWMsgTypeClass.destroy_presented`.
pub type LWMsgTypeDestroyPresentedFunction = Option<
    unsafe extern "C-unwind" fn(
        context: *mut LWMsgDataContext,
        r#type: *mut LWMsgType,
        object: *mut c_void,
        data: *mut c_void,
    ),
>;
/// `LWMsgTypeClass.destroy_transmitted`.
pub type LWMsgTypeDestroyTransmittedFunction = LWMsgTypeDestroyPresentedFunction;
/// `LWMsgTypeClass.print`.
pub type LWMsgTypePrintFunction = Option<
    unsafe extern "C-unwind" fn(
        context: *mut LWMsgDataContext,
        r#type: *mut LWMsgType,
        object: *mut c_void,
        data: *mut c_void,
        buffer: *mut LWMsgBuffer,
    ) -> LWMsgStatus,
>;
/// A check of the program's own; not 0 ends the operation with that status.
pub type LWMsgVerifyFunction = Option<
    unsafe extern "C-unwind" fn(
        context: *mut LWMsgDataContext,
        unmarshalling: LWMsgBool,
        object: *mut c_void,
        data: *mut c_void,
    ) -> LWMsgStatus,
>;
/// Allocates zeroed memory.
pub type LWMsgAllocFunction =
    Option<unsafe extern "C-unwind" fn(size: usize, out: *mut *mut c_void, data: *mut c_void) -> LWMsgStatus>;
/// Frees memory.
pub type LWMsgFreeFunction = Option<unsafe extern "C-unwind" fn(object: *mut c_void, data: *mut c_void)>;
/// Changes the size of memory and zeroes what is new.
pub type LWMsgReallocFunction = Option<
    unsafe extern "C-unwind" fn(
        object: *mut c_void,
        old_size: usize,
        new_size: usize,
        new_object: *mut *mut c_void,
        data: *mut c_void,
    ) -> LWMsgStatus,
>;
/// Answers for a key.
pub type LWMsgContextDataFunction = Option<
    unsafe extern "C-unwind" fn(
        key: *const c_char,
        out_value: *mut *mut c_void,
        data: *mut c_void,
    ) -> LWMsgStatus,
>;
/// Writes a line, or says whether it would when the message is NULL.
pub type LWMsgLogFunction = Option<
    unsafe extern "C-unwind" fn(
        level: LWMsgLogLevel,
        message: *const c_char,
        function: *const c_char,
        filename: *const c_char,
        line: c_uint,
        data: *mut c_void,
    ) -> LWMsgBool,
>;
/// Called with a handle's data when its last reference is gone.
pub type LWMsgHandleCleanupFunction = Option<unsafe extern "C-unwind" fn(handle: *mut c_void)>;
/// Called when a client comes; not 0 refuses it.
pub type LWMsgSessionConstructFunction = Option<
    unsafe extern "C-unwind" fn(
        token: *mut LWMsgSecurityToken,
        data: *mut c_void,
        session_data: *mut *mut c_void,
    ) -> LWMsgStatus,
>;
/// Called when a client is gone.
pub type LWMsgSessionDestructFunction =
    Option<unsafe extern "C-unwind" fn(token: *mut LWMsgSecurityToken, session_data: *mut c_void)>;
/// Called when a call is complete.
pub type LWMsgCompleteFunction =
    Option<unsafe extern "C-unwind" fn(call: *mut LWMsgCall, status: LWMsgStatus, data: *mut c_void)>;
/// Called when the caller gave up.
pub type LWMsgCancelFunction = Option<unsafe extern "C-unwind" fn(call: *mut LWMsgCall, data: *mut c_void)>;
/// A handler.
pub type LWMsgPeerCallFunction = Option<
    unsafe extern "C-unwind" fn(
        call: *mut LWMsgCall,
        r#in: *const LWMsgParams,
        out: *mut LWMsgParams,
        data: *mut c_void,
    ) -> LWMsgStatus,
>;
/// Called when listening fails.
pub type LWMsgPeerExceptionFunction =
    Option<unsafe extern "C-unwind" fn(peer: *mut LWMsgPeer, status: LWMsgStatus, data: *mut c_void)>;
/// Called at the beginning or the end of a call.
pub type LWMsgPeerTraceFunction = Option<
    unsafe extern "C-unwind" fn(
        call: *mut LWMsgCall,
        params: *const LWMsgParams,
        status: LWMsgStatus,
        data: *mut c_void,
    ),
>;
