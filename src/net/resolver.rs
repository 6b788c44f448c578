//! Names to addresses without blocking the calling thread.
//!
//! `getaddrinfo` is the only interface that honours a system's hosts file, name service switch, search domains
//! and caches, and it blocks. So each lookup runs on a helper thread of its own and reports through a descriptor
//! that becomes readable: an event loop or a coroutine scheduler waits for that as for any other.

use crate::ffi::fork;
use std::ffi::{CStr, CString};
use std::io;
use std::mem::MaybeUninit;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Lookups that may run at once; a program that abandons lookups faster than its name server answers meets it.
const MAX_RUNNING: u64 = 64;

/// Stack of a helper thread, in bytes: modules of the name service switch are not frugal.
const STACK: usize = 512 * 1024;

/// More addresses than this are left out.
const MAX_ADDRESSES: usize = 64;

static RUNNING: Running = Running(AtomicU64::new(0));

/// Which addresses are wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Family {
    /// IPv4 addresses only.
    V4,
    /// IPv6 addresses only.
    V6,
    /// Both, in the system's order.
    Any,
}

/// An address, with the interface that a link-local one belongs to (0: none).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Address {
    /// The address.
    pub ip: IpAddr,
    /// The scope of a link-local IPv6 address.
    pub scope: u32,
}

/// What the helper thread and its caller share.
#[derive(Debug)]
struct Shared(Mutex<State>);

#[derive(Debug)]
struct State {
    /// Where the end is reported, while the caller is interested.
    event: Option<OwnedFd>,
    outcome: Option<io::Result<Vec<Address>>>,
}

/// A lookup under way. Dropping it abandons the answer, and closes the descriptor; the helper thread cleans up by
/// itself.
#[derive(Debug)]
pub struct Lookup {
    shared: Arc<Shared>,
    descriptor: RawFd,
}

impl Lookup {
    /// Begins to look `name` up.
    ///
    /// # Errors
    /// When there are no descriptors or threads to be had, or too many lookups are under way (`EAGAIN`).
    pub fn start(name: &CStr, family: Family) -> io::Result<Self> {
        let permit = RUNNING.permit()?;
        // SAFETY: no pointers are involved.
        let event = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        if event < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: a descriptor that was just made, and that nobody else knows.
        let event = unsafe { OwnedFd::from_raw_fd(event) };
        let descriptor = event.as_raw_fd();
        let shared = Arc::new(Shared(Mutex::new(State { event: Some(event), outcome: None })));
        let (name, helpers) = (name.to_owned(), shared.clone());
        let body = move || {
            let _permit = permit;
            helpers.finish(look_up(&name, family));
        };
        let masked = SignalMask::block_all();
        let started = thread::Builder::new().name("resolver".into()).stack_size(STACK).spawn(body);
        drop(masked);
        started?;
        Ok(Self { shared, descriptor })
    }

    /// The descriptor that becomes readable when the lookup has ended, and stays so.
    pub fn descriptor(&self) -> RawFd {
        self.descriptor
    }

    /// The outcome, once. `None` while the lookup is under way. A name that is not known has no addresses.
    ///
    /// # Errors
    /// When the system could not look (out of memory or descriptors).
    pub fn take(&self) -> Option<io::Result<Vec<Address>>> {
        self.shared.state().outcome.take()
    }
}

impl Drop for Lookup {
    fn drop(&mut self) {
        self.shared.state().event = None;
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, outcome: io::Result<Vec<Address>>) {
        let mut state = self.state();
        state.outcome = Some(outcome);
        if let Some(event) = &state.event {
            let one = 1u64.to_ne_bytes();
            // SAFETY: writes from a buffer of that length. It cannot fail: the counter is 0 before.
            let _ = unsafe { libc::write(event.as_raw_fd(), one.as_ptr().cast(), one.len()) };
        }
    }
}

/// How many lookups run, in the lower half, and in the upper one the generation of the process in which they do: those
/// that ran when it was forked run on in its parent.
struct Running(AtomicU64);

impl Running {
    fn permit(&'static self) -> io::Result<Permit> {
        fork::watch();
        let generation = fork::generation();
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |state| {
                let running =
                    if state >> 32 == u64::from(generation) { state & u64::from(u32::MAX) } else { 0 };
                (running < MAX_RUNNING).then_some(u64::from(generation) << 32 | (running + 1))
            })
            .map(|_| Permit { running: self, generation })
            .map_err(|_| io::Error::from_raw_os_error(libc::EAGAIN))
    }
}

/// One of the [`MAX_RUNNING`] lookups, given back when dropped.
struct Permit {
    running: &'static Running,
    generation: u32,
}

impl Drop for Permit {
    fn drop(&mut self) {
        // Nothing to give back where another generation counts.
        let _ = self.running.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |state| {
            (state >> 32 == u64::from(self.generation)).then(|| state - 1)
        });
    }
}

/// Blocks every signal of the calling thread while it lives: a program's handlers belong on its own threads,
/// and a new thread inherits the mask.
struct SignalMask(libc::sigset_t);

impl SignalMask {
    fn block_all() -> Self {
        let mut all = MaybeUninit::uninit();
        let mut before = MaybeUninit::uninit();
        // SAFETY: both sets are large enough, and initialised by the calls that are given them.
        unsafe {
            libc::sigfillset(all.as_mut_ptr());
            libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
            Self(before.assume_init())
        }
    }
}

impl Drop for SignalMask {
    fn drop(&mut self) {
        // SAFETY: the set is the one that was in force before.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, ptr::null_mut()) };
    }
}

/// The blocking lookup.
fn look_up(name: &CString, family: Family) -> io::Result<Vec<Address>> {
    // SAFETY: all zeroes and NULL pointers are a valid value.
    let mut hints: libc::addrinfo = unsafe { MaybeUninit::zeroed().assume_init() };
    hints.ai_family = match family {
        Family::V4 => libc::AF_INET,
        Family::V6 => libc::AF_INET6,
        Family::Any => libc::AF_UNSPEC,
    };
    // One entry an address, not one for each kind of socket.
    hints.ai_socktype = libc::SOCK_STREAM;
    let mut list = ptr::null_mut();
    // SAFETY: the name is terminated, hints and list are valid.
    let status = unsafe { libc::getaddrinfo(name.as_ptr(), ptr::null(), &raw const hints, &raw mut list) };
    match status {
        0 => {}
        libc::EAI_MEMORY => return Err(io::Error::from_raw_os_error(libc::ENOMEM)),
        libc::EAI_SYSTEM => {
            let error = io::Error::last_os_error();
            let exhausted = [libc::EMFILE, libc::ENFILE, libc::ENOMEM];
            if error.raw_os_error().is_some_and(|code| exhausted.contains(&code)) {
                return Err(error);
            }
            return Ok(Vec::new());
        }
        // Not known, no answer, no such family: nothing that a caller could repair.
        _ => return Ok(Vec::new()),
    }
    let mut addresses = Vec::new();
    let mut entry = list;
    // SAFETY: the list ends with NULL and stays valid until it is freed below.
    while let Some(info) = unsafe { entry.as_ref() } {
        // SAFETY: the address of an entry fits its family.
        let address = unsafe { address(info) };
        if let Some(address) = address.filter(|address| !addresses.contains(address)) {
            addresses.push(address);
        }
        if addresses.len() == MAX_ADDRESSES {
            break;
        }
        entry = info.ai_next;
    }
    // SAFETY: made by getaddrinfo, and not used any more.
    unsafe { libc::freeaddrinfo(list) };
    Ok(addresses)
}

/// # Safety
/// `info` is an entry of `getaddrinfo`'s list.
unsafe fn address(info: &libc::addrinfo) -> Option<Address> {
    match info.ai_family {
        libc::AF_INET => {
            // SAFETY: the family says what the address is; it may lie anywhere.
            let inet = unsafe { info.ai_addr.cast::<libc::sockaddr_in>().read_unaligned() };
            Some(Address { ip: Ipv4Addr::from(inet.sin_addr.s_addr.to_ne_bytes()).into(), scope: 0 })
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let inet = unsafe { info.ai_addr.cast::<libc::sockaddr_in6>().read_unaligned() };
            Some(Address { ip: Ipv6Addr::from(inet.sin6_addr.s6_addr).into(), scope: inet.sin6_scope_id })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(lookup: &Lookup) -> Vec<Address> {
        let mut poll = libc::pollfd { fd: lookup.descriptor(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one entry, as said.
        assert_eq!(unsafe { libc::poll(&raw mut poll, 1, 20_000) }, 1);
        lookup.take().expect("the descriptor is readable").expect("the system can look")
    }

    #[test]
    fn a_name_of_the_hosts_file_is_found_in_the_family_asked_for() {
        let lookup = Lookup::start(c"localhost", Family::V4).unwrap();
        let addresses = wait(&lookup);
        assert!(addresses.iter().any(|address| address.ip == Ipv4Addr::LOCALHOST));
        assert!(addresses.iter().all(|address| address.ip.is_ipv4()));
        assert!(lookup.take().is_none(), "an outcome is given once");
    }

    #[test]
    fn what_a_parent_looks_up_does_not_count_in_its_child() {
        static SOME: Running = Running(AtomicU64::new(0));
        let permits: Vec<Permit> = (0..MAX_RUNNING).map(|_| SOME.permit().unwrap()).collect();
        assert_eq!(SOME.permit().err().and_then(|error| error.raw_os_error()), Some(libc::EAGAIN));
        // SAFETY: the child does nothing but count, and ends.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let own = SOME.permit().is_ok();
            drop(permits);
            let all = (0..MAX_RUNNING).map(|_| SOME.permit()).collect::<Result<Vec<_>, _>>().is_ok();
            // SAFETY: ends the process at once.
            unsafe { libc::_exit(i32::from(!own || !all)) };
        }
        let mut status = 0;
        // SAFETY: our child, and a place for its status.
        assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        assert_eq!(status, 0);
        drop(permits);
        assert!(SOME.permit().is_ok());
    }

    #[test]
    fn a_literal_of_the_other_family_has_no_addresses() {
        assert_eq!(wait(&Lookup::start(c"::1", Family::V4).unwrap()), []);
        assert_eq!(wait(&Lookup::start(c"127.0.0.1", Family::V6).unwrap()), []);
    }

    #[test]
    fn a_name_that_cannot_exist_has_no_addresses() {
        assert_eq!(wait(&Lookup::start(c"no such name", Family::Any).unwrap()), []);
    }

    #[test]
    fn an_abandoned_lookup_is_cleaned_up_by_its_thread() {
        let shared = Arc::downgrade(&Lookup::start(c"localhost", Family::V4).unwrap().shared);
        for _ in 0..2000 {
            if shared.strong_count() == 0 {
                return;
            }
            thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("the helper thread keeps the lookup");
    }
}
