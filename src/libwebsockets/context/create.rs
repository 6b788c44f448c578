//! Making a context.

use super::super::connection::Arena;
use super::super::personality::{Personality, Reason};
use super::super::types::{libwebsocket_extension, libwebsocket_protocols};
use super::super::{capi, log};
use super::protocols::Table;
use super::scratch::Scratch;
use super::timers::Timers;
use super::wake::Wake;
use super::{Context, Keepalive, Limits, Proxy, Tls, destroy};
use crate::ffi::handle::CallDepth;
use crate::ffi::{alloc, fork};
use crate::net::epoll::Epoll;
use crate::net::random;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ffi::{CStr, CString, c_int, c_void};
use std::io;
use std::ptr::{self, NonNull};
use std::sync::atomic::AtomicBool;

/// Do not ask for the host's name.
const SKIP_HOSTNAME: u32 = 4;

/// What a program asked for, in whichever generation's struct.
pub struct Settings<'a> {
    pub port: c_int,
    pub interface: Option<&'a CStr>,
    pub protocols: *mut libwebsocket_protocols,
    pub extensions: *mut libwebsocket_extension,
    pub certificate: Option<&'a CStr>,
    pub key: Option<&'a CStr>,
    pub authorities: Option<&'a CStr>,
    pub ciphers: Option<&'a CStr>,
    pub gid: c_int,
    pub uid: c_int,
    pub options: u32,
    pub user: *mut c_void,
    pub keepalive: Keepalive,
}

/// Makes a context and, if it is to, begins to listen; `None`, with the reason in the log, when that cannot be.
///
/// # Safety
/// The tables of the settings end with an entry without callback, and outlive the context.
pub unsafe fn create(personality: &'static Personality, settings: &Settings<'_>) -> Option<NonNull<Context>> {
    if settings.protocols.is_null() {
        return None;
    }
    log::line(log::NOTICE, format_args!("Initial logging level {}\n", log::mask()));
    log::line(log::NOTICE, format_args!("Library version: {}\n", capi::util::VERSION.to_string_lossy()));
    let daemon = capi::util::get_daemonize_pid();
    log::line(log::NOTICE, format_args!(" Started with daemon pid {daemon}\n"));
    let Ok(port) = u16::try_from(settings.port) else {
        log::line(
            log::ERR,
            format_args!("ERROR on binding to port {} (-1 {})\n", settings.port, libc::EINVAL),
        );
        return None;
    };
    fork::watch();
    // SAFETY: as promised by the caller.
    let protocols = unsafe { Table::new(settings.protocols) };
    let made = (|| -> io::Result<Context> {
        Ok(Context {
            personality,
            wake: Wake::new(protocols.count())?,
            protocols,
            extensions: settings.extensions,
            user: settings.user,
            port,
            hostname: hostname(settings.options),
            proxy: RefCell::new(None),
            keepalive: settings.keepalive,
            limits: Limits::from_environment(),
            tls: Tls::default(),
            random: random::Pool::new(),
            scratch: Scratch::default(),
            spare: RefCell::default(),
            epoll: Epoll::new()?,
            arena: Arena::default(),
            by_fd: RefCell::default(),
            table: RefCell::default(),
            ready: RefCell::new(VecDeque::new()),
            resumed: RefCell::new(VecDeque::new()),
            timers: Timers::default(),
            inside: AtomicBool::new(false),
            process: Cell::new(fork::generation()),
            own_loop: Cell::new(false),
            serving_in: Cell::new(0),
            round: Cell::new(0),
            burst: Cell::new(1),
            accepted_in: Cell::new(0),
            paused: Cell::new(None),
            calls: CallDepth::new(),
            serial: Cell::new(0),
            doomed: Cell::new(false),
            ticking: Cell::new(0),
            daemon,
        })
    })();
    let context = match made {
        Ok(context) => alloc::new_value(context),
        Err(error) => {
            log::line(log::ERR, format_args!("Unable to make a context: {error}\n"));
            return None;
        }
    };
    let Some(pointer) = context else {
        log::line(log::ERR, format_args!("No memory for websocket context\n"));
        return None;
    };
    // SAFETY: just made; only shared from here on.
    let context = unsafe { pointer.as_ref() };
    let (begun, doomed) = context.enter(|context| (context.begin(settings), context.is_doomed()));
    match (begun, doomed) {
        (true, false) => return Some(pointer),
        // A callback has destroyed it: it is gone already.
        (_, true) => {}
        // SAFETY: made above, and the program never learned of it.
        (false, false) => unsafe { destroy(pointer) },
    }
    None
}

/// This host's name, or "unknown".
fn hostname(options: u32) -> CString {
    if options & SKIP_HOSTNAME == 0 {
        let mut name = [0u8; 128];
        // SAFETY: room for one byte more than it may write.
        let result = unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) };
        if let (0, Ok(name)) = (result, CStr::from_bytes_until_nul(&name)) {
            log::line(log::NOTICE, format_args!(" canonical_hostname = {}\n", name.to_string_lossy()));
            return name.to_owned();
        }
    }
    c"unknown".to_owned()
}

/// Keeps a broken connection from ending the process. A handler or wish of the program's is left alone.
fn ignore_broken_pipes() {
    // SAFETY: all zeroes is a valid value; both calls have room for what they write.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(libc::SIGPIPE, ptr::null(), &raw mut action) == 0
            && action.sa_sigaction == libc::SIG_DFL
        {
            let nothing: extern "C" fn(c_int) = do_nothing;
            action.sa_sigaction = nothing as usize;
            action.sa_flags = libc::SA_RESTART;
            libc::sigaction(libc::SIGPIPE, &raw const action, ptr::null_mut());
        }
    }
}

/// A handler, unlike SIG_IGN, does not stay with programs that this one executes.
extern "C" fn do_nothing(_signal: c_int) {}

impl Context {
    /// Everything that may fail or calls the program.
    fn begin(&self, settings: &Settings<'_>) -> bool {
        if self.hang_bell().is_err() {
            log::line(log::ERR, format_args!("Unable to wait for anything\n"));
            return false;
        }
        if let Some(proxy) = std::env::var_os("http_proxy") {
            let Some(proxy) = Proxy::parse(proxy.as_encoded_bytes()) else {
                log::line(log::ERR, format_args!("http_proxy needs to be ads:port\n"));
                return false;
            };
            log::line(
                log::NOTICE,
                format_args!(" Proxy {}:{}\n", proxy.address.to_string_lossy(), proxy.port),
            );
            self.proxy.replace(Some(proxy).filter(|proxy| proxy.port != 0));
        }
        ignore_broken_pipes();
        if !self.begin_tls(settings) {
            return false;
        }
        if self.port != 0 && !self.listen(settings) {
            return false;
        }
        drop_privileges(settings);
        for index in 0..self.protocols.count() {
            self.protocols.claim(index, self.handle());
            self.call(index, Reason::ProtocolInit, ptr::null_mut());
        }
        self.tell_extensions(true);
        true
    }
}

impl Proxy {
    /// `address:port`, split at the first colon, as ever; `None` without one.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let text = &text[..text.len().min(127)];
        let colon = text.iter().position(|byte| *byte == b':')?;
        let digits = &text[colon + 1..];
        let digits = &digits[..digits.iter().take_while(|byte| byte.is_ascii_digit()).count()];
        let port = std::str::from_utf8(digits).ok()?.parse().unwrap_or(0);
        Some(Self { address: CString::new(&text[..colon]).ok()?, port })
    }
}

fn drop_privileges(settings: &Settings<'_>) {
    if settings.gid != -1 {
        // SAFETY: no pointers are involved.
        if unsafe { libc::setgid(settings.gid as libc::gid_t) } != 0 {
            log::line(log::WARN, format_args!("setgid: {}\n", io::Error::last_os_error()));
        }
    }
    if settings.uid != -1 {
        // SAFETY: as above.
        if unsafe { libc::setuid(settings.uid as libc::uid_t) } != 0 {
            log::line(log::WARN, format_args!("setuid: {}\n", io::Error::last_os_error()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_split_at_its_first_colon() {
        let proxy = Proxy::parse(b"localhost:3128").unwrap();
        assert_eq!((proxy.address.as_c_str(), proxy.port), (c"localhost", 3128));
        assert_eq!(Proxy::parse(b"http://host:3128").unwrap().port, 0);
        assert!(Proxy::parse(b"localhost").is_none());
        assert_eq!(Proxy::parse(b"a:80/").unwrap().port, 80);
    }
}
