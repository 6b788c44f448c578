//! Sessions: one client of one server, for as long as it stays the same, over one association after another. A
//! session owns the handles that its two ends lend each other.

mod handles;

pub use handles::{Cleanup, Handles};

use super::context::Context;
use super::error::{Result, Status};
use super::exchange::sync::lock;
use super::security::Token;
use super::types::*;
use crate::ffi::cancel::Uncancellable;
use std::ffi::c_void;
use std::fmt;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

/// The name of a session: a cookie of each end.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SessionId {
    /// Made by the end that connects.
    pub connect: [u8; 8],
    /// Made by the end that accepts.
    pub accept: [u8; 8],
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (connect, accept) = (u64::from_be_bytes(self.connect), u64::from_be_bytes(self.accept));
        write!(f, "{connect:016x}-{accept:016x}")
    }
}

/// Eight random bytes of the system's.
pub fn new_cookie() -> [u8; 8] {
    let _uncancellable = Uncancellable::new();
    let mut cookie = [0; 8];
    // SAFETY: the buffer has that length. Eight bytes are never cut short once the system has started.
    let got = unsafe { libc::getrandom(cookie.as_mut_ptr().cast(), cookie.len(), 0) };
    if got != cookie.len() as isize {
        // A system without the call: unique is what counts, not secret.
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed) as u64;
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let mixed =
            (now.as_nanos() as u64).rotate_left(17) ^ u64::from(std::process::id()).rotate_left(40) ^ count;
        cookie = mixed.to_be_bytes();
    }
    cookie
}

/// What the two kinds of sessions do differently.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Policy {
    /// Of an association by itself: handles may have no data, and a server that forgot the session ends it.
    Default,
    /// Of a peer: handles have data, and a server that forgot the session invalidates them.
    Peer,
}

/// Who makes calls on a session.
pub trait Owner: Send + Sync {
    /// A new call of this side's.
    fn acquire_call(&self) -> Result<*mut LWMsgCall>;
}

/// What `LWMsgSession` points to.
pub struct Session {
    policy: Policy,
    id: Mutex<SessionId>,
    handles: Mutex<Arc<Handles>>,
    token: OnceLock<Token>,
    data: AtomicPtr<c_void>,
    destruct: Mutex<LWMsgSessionDestructFunction>,
    /// Associations that use it, and one.
    associations: AtomicUsize,
    owner: OnceLock<Weak<dyn Owner>>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.id())
    }
}

impl Session {
    /// A session that has not met the other end.
    pub fn new(policy: Policy) -> Arc<Self> {
        Self::with_handles(policy, Arc::default())
    }

    /// A session that shares its handles with another: the two ends are in one process.
    pub fn with_handles(policy: Policy, handles: Arc<Handles>) -> Arc<Self> {
        Arc::new(Self {
            policy,
            id: Mutex::new(SessionId { connect: new_cookie(), accept: [0; 8] }),
            handles: Mutex::new(handles),
            token: OnceLock::new(),
            data: AtomicPtr::new(ptr::null_mut()),
            destruct: Mutex::new(None),
            associations: AtomicUsize::new(1),
            owner: OnceLock::new(),
        })
    }

    /// Says who makes its calls; once.
    pub fn set_owner(&self, owner: Weak<dyn Owner>) {
        // A second owner would be a contradiction; the first stays.
        let _ = self.owner.set(owner);
    }

    /// A new call. INVALID_STATE when nobody is there to make it any more.
    pub fn acquire_call(&self) -> Result<*mut LWMsgCall> {
        self.owner.get().and_then(Weak::upgrade).ok_or(Status::INVALID_STATE)?.acquire_call()
    }

    /// As C knows it.
    pub fn as_ptr(self: &Arc<Self>) -> *mut LWMsgSession {
        Arc::as_ptr(self).cast_mut().cast()
    }

    /// One more owner of a session that C knows.
    ///
    /// # Safety
    /// The pointer is a live session.
    pub unsafe fn share(session: *const LWMsgSession) -> Arc<Self> {
        // SAFETY: live, as promised, and every session is in an `Arc`, which `as_ptr` gave the pointer of.
        unsafe {
            Arc::increment_strong_count(session.cast::<Self>());
            Arc::from_raw(session.cast())
        }
    }

    /// # Safety
    /// The pointer is NULL or a live session.
    pub unsafe fn from_ptr<'a>(session: *const LWMsgSession) -> Result<&'a Self> {
        // SAFETY: as promised by the caller.
        unsafe { session.cast::<Self>().as_ref() }.ok_or(Status::INVALID_PARAMETER)
    }

    /// Its name.
    pub fn id(&self) -> SessionId {
        *lock(&self.id)
    }

    /// Where its name is kept, for a function that gives a pointer to it.
    pub fn id_ptr(&self) -> *const SessionId {
        &raw const *lock(&self.id)
    }

    /// Its handles.
    pub fn handles(&self) -> Arc<Handles> {
        lock(&self.handles).clone()
    }

    /// The end that shares the handles has still to end its session, and will take them all with it; this one goes on
    /// with somebody else meanwhile, and without them.
    pub fn leave_handles(&self) {
        let mut handles = lock(&self.handles);
        if !handles.is_over() {
            *handles = Arc::default();
        }
    }

    /// The other end is not the one that knew the handles: none is valid any more. Calls the program.
    pub fn invalidate_handles(&self) {
        // SAFETY: the cleanup functions have the types they were registered with.
        unsafe { Cleanup::run_all(self.handles().invalidate_all()) };
    }

    /// Who the other end is.
    pub fn token(&self) -> Option<&Token> {
        self.token.get()
    }

    /// Says who the other end is, where no greeting does.
    pub fn set_token(&self, token: Token) {
        // The first counts: a second would be the same process.
        let _ = self.token.set(token);
    }

    /// What the program's construct function made of it.
    pub fn data(&self) -> *mut c_void {
        self.data.load(Ordering::Acquire)
    }

    /// Associations that use it, and one.
    pub fn association_count(&self) -> usize {
        self.associations.load(Ordering::Relaxed)
    }

    /// An association no longer uses it.
    pub fn association_ended(&self) {
        self.associations.fetch_sub(1, Ordering::Relaxed);
    }

    /// Registers a handle of this side's.
    pub fn register(
        &self,
        type_name: *const std::ffi::c_char,
        data: *mut c_void,
        cleanup: LWMsgHandleCleanupFunction,
    ) -> Result<*mut LWMsgHandle> {
        if data.is_null() && self.policy == Policy::Peer {
            return Err(Status::INVALID_PARAMETER);
        }
        self.handles().register_local(type_name, data, cleanup)
    }

    /// A client has come: its half of the name, and who it is. `accept` is this side's half.
    pub fn accepted(&self, connect: [u8; 8], accept: [u8; 8], token: Option<Token>) {
        *lock(&self.id) = SessionId { connect, accept };
        if let Some(token) = token {
            self.set_token(token);
        }
        self.associations.fetch_add(1, Ordering::Relaxed);
    }

    /// Runs the program's construct function, which makes data or refuses. Calls the program.
    ///
    /// # Safety
    /// The functions have the types they were set with.
    pub unsafe fn construct(
        &self,
        construct: LWMsgSessionConstructFunction,
        destruct: LWMsgSessionDestructFunction,
        construct_data: *mut c_void,
    ) -> Result<()> {
        let Some(construct) = construct else { return Ok(()) };
        let token = self.token().map_or(ptr::null_mut(), Token::as_ptr);
        let mut data = ptr::null_mut();
        // SAFETY: the function has its type; the token lives as long as the session.
        Status(unsafe { construct(token, construct_data, &raw mut data) }).result()?;
        self.data.store(data, Ordering::Release);
        *lock(&self.destruct) = destruct;
        Ok(())
    }

    /// The server has answered: its half of the name, and who it is. Calls the program's cleanup functions when the
    /// server is not the one that knew our handles.
    ///
    /// SECURITY when it is somebody else than the last time; SESSION_LOST by the default policy when it has
    /// forgotten the session and handles would become meaningless.
    pub fn connected(&self, accept: [u8; 8], token: Option<Token>) -> Result<()> {
        let known = self.token().copied();
        if let (Some(known), Some(token)) = (known, token)
            && known != token
        {
            return Err(Status::SECURITY);
        }
        let lost = known.is_some() && self.id().accept != accept && self.handles().count() > 0;
        if lost && self.policy == Policy::Default {
            return Err(Status::SESSION_LOST);
        }
        if lost {
            self.invalidate_handles();
        }
        if let Some(token) = token {
            self.set_token(token);
        }
        lock(&self.id).accept = accept;
        self.associations.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// The end: left-over handles are cleaned up, then the destruct function runs, when there is data. Calls the
    /// program. A second call finds nothing to do.
    pub fn end(&self) {
        // SAFETY: the cleanup functions have the types they were registered with.
        unsafe { Cleanup::run_all(self.handles().remove_all()) };
        let destruct = lock(&self.destruct).take();
        let data = self.data.load(Ordering::Acquire);
        if let (Some(destruct), false) = (destruct, data.is_null()) {
            let token = self.token().map_or(ptr::null_mut(), Token::as_ptr);
            // SAFETY: the function has the type it was set with; the data is what construct made.
            unsafe { destruct(token, data) };
        }
        self.data.store(ptr::null_mut(), Ordering::Release);
    }

    /// Writes a line about the session to the log. Calls the program.
    pub fn log(&self, context: Context, level: LWMsgLogLevel, text: fmt::Arguments<'_>) {
        if context.would_log(level) {
            context.log(level, format_args!("(session:{}) {text}", self.id()), super::context::place!());
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Handles that are shared live on with the other session. A direct one was ended by its link, if it began.
        if Arc::strong_count(&lock(&self.handles)) == 1 {
            self.end();
        }
    }
}

// SAFETY: the pointers inside are the program's, which says itself what threads may do with them.
unsafe impl Send for Session {}
// SAFETY: as above; everything else is behind locks or atomic.
unsafe impl Sync for Session {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_printed_as_hex_of_its_bytes() {
        let id = SessionId {
            connect: [0xdf, 0x4b, 0xda, 0x9e, 0xf0, 0x25, 0x33, 0x8a],
            accept: [0, 0, 0, 0, 0, 0, 0, 1],
        };
        assert_eq!(id.to_string(), "df4bda9ef025338a-0000000000000001");
    }

    #[test]
    fn another_server_of_another_user_is_refused() {
        let session = Session::new(Policy::Peer);
        let token = Token { user: 1, group: 1, process: 1 };
        session.connected([1; 8], Some(token)).unwrap();
        assert_eq!(session.connected([1; 8], Some(Token { user: 2, ..token })), Err(Status::SECURITY));
    }

    #[test]
    fn a_server_that_forgot_the_session_invalidates_handles_or_ends_a_default_session() {
        for (policy, expected) in [(Policy::Peer, Ok(())), (Policy::Default, Err(Status::SESSION_LOST))] {
            let session = Session::new(policy);
            let token = Token { user: 1, group: 1, process: 1 };
            session.connected([1; 8], Some(token)).unwrap();
            let handle = session.handles().from_wire(c"H", handle_location::REMOTE, 7).unwrap();
            assert_eq!(session.connected([2; 8], Some(token)), expected);
            let location = session.handles().location(handle);
            let still = (policy == Policy::Default).then_some(handle_location::REMOTE);
            assert_eq!(location.ok(), still);
        }
    }
}
