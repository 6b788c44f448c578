//! Happy Eyeballs (RFC 8305): a connection to a name, over whichever of its addresses answers first.

use super::super::error::{Error, Result};
use super::super::poll::{DescriptorClause, Direction};
use super::super::thread::scheduler;
use super::super::time;
use super::super::timers::TimerClause;
use super::connection::Transport;
use super::descriptor::Descriptor;
use super::ipaddr::{self, SystemAddress};
use super::listener::{self, connection_handle};
use super::lookup::Pending;
use super::system;
use crate::net::resolver::Family;
use crate::net::socket;
use std::collections::VecDeque;
use std::ffi::{CStr, c_int};
use std::net::SocketAddr;

/// Addresses of a family that are tried.
const ADDRESSES: usize = 10;

/// How long IPv6 addresses are waited for before IPv4 addresses are tried (section 3), in milliseconds.
const RESOLUTION_DELAY: i64 = 50;

/// How long an attempt has before the next one begins beside it (section 5), in milliseconds.
const ATTEMPT_DELAY: i64 = 300;

/// Lookups and attempts that are waited for at once: all there can be.
const WAITED: usize = 2 + 2 * ADDRESSES;

const TIMER: c_int = WAITED as c_int;

/// IPv6 comes first.
const FAMILIES: [Family; 2] = [Family::V6, Family::V4];

/// What is known of the addresses of a family.
#[derive(Debug, Default)]
struct Answers {
    pending: Option<Pending>,
    addresses: VecDeque<SocketAddr>,
}

/// The search for a connection.
struct Race {
    port: u16,
    answers: [Answers; 2],
    /// Which of the families has the next turn.
    turn: usize,
    attempts: Vec<Descriptor>,
    error: Error,
}

/// Connects to a port of a name, and makes a handle for the connection.
///
/// # Errors
/// `EINVAL` for a bad port; `EADDRNOTAVAIL` when the name has no address; why the last attempt failed, when all did;
/// those of waiting, `ENOMEM`, `EMFILE`, `ENFILE`.
pub fn connect(name: &CStr, port: c_int, deadline: i64) -> Result<c_int> {
    let port = ipaddr::port(port).ok().filter(|port| *port > 0).ok_or(Error::InvalidArgument)?;
    scheduler().can_block()?;
    let mut race = Race {
        port,
        answers: [Answers::default(), Answers::default()],
        turn: 0,
        attempts: Vec::new(),
        error: Error::Os(libc::EADDRNOTAVAIL),
    };
    race.attempts.try_reserve_exact(2 * ADDRESSES)?;
    match ipaddr::literal(name) {
        Some(address) => {
            race.answers[usize::from(address.is_ipv4())].addresses.push_back(SocketAddr::new(address, port));
        }
        None => {
            for (answers, family) in race.answers.iter_mut().zip(FAMILIES) {
                answers.pending = Some(Pending::start(name, family, deadline)?);
            }
        }
    }
    race.run(deadline)
}

impl Race {
    fn run(&mut self, deadline: i64) -> Result<c_int> {
        // Until then only IPv6 addresses are tried.
        let grace = time::now() + RESOLUTION_DELAY;
        let (mut next_attempt, mut waited) = (0, false);
        loop {
            let now = time::now();
            if now >= next_attempt || self.attempts.is_empty() {
                match self.next_address(now < grace) {
                    Some(address) => {
                        if let Some(connected) = self.attempt(address) {
                            return connection_handle(Transport::Tcp, connected);
                        }
                        next_attempt = now + ATTEMPT_DELAY;
                        continue;
                    }
                    None if self.is_lost() => return Err(self.error),
                    None => {}
                }
            }
            if waited && deadline >= 0 && now >= deadline {
                return Err(Error::TimedOut);
            }
            waited = true;
            // When something is to be done although nothing has happened.
            let next = [grace, if self.has_addresses() { next_attempt } else { 0 }];
            let next = next.into_iter().filter(|time| *time > now).min();
            let timer = [next, (deadline >= 0).then_some(deadline)].into_iter().flatten().min();
            let (woken, _) = self.wait(timer.unwrap_or(-1))?;
            if woken != TIMER
                && let Some(connected) = self.look_at(woken as usize)?
            {
                return connection_handle(Transport::Tcp, connected);
            }
        }
    }

    fn has_addresses(&self) -> bool {
        self.answers.iter().any(|answers| !answers.addresses.is_empty())
    }

    /// Whether nothing is left that could be tried or waited for.
    fn is_lost(&self) -> bool {
        let pending = self.answers.iter().any(|answers| answers.pending.is_some());
        !pending && !self.has_addresses() && self.attempts.is_empty()
    }

    /// The next address, of the families in turn.
    fn next_address(&mut self, grace: bool) -> Option<SocketAddr> {
        let [v6, v4] = &mut self.answers;
        if grace && v6.pending.is_some() {
            return None;
        }
        let families = [v6, v4];
        for offset in 0..2 {
            let family = (self.turn + offset) % 2;
            if let Some(address) = families[family].addresses.pop_front() {
                self.turn = (family + 1) % 2;
                return Some(address);
            }
        }
        None
    }

    /// Begins to connect. The connection, if it is there at once.
    fn attempt(&mut self, address: SocketAddr) -> Option<Descriptor> {
        let address = SystemAddress::from(address);
        let begun = listener::open(address.family()).and_then(|fd| {
            let descriptor = Descriptor::from(fd);
            let connected = socket::connect(descriptor.number()?, address.bytes()).map_err(system)?;
            Ok((descriptor, connected))
        });
        match begun {
            Ok((descriptor, true)) => return Some(descriptor),
            Ok((descriptor, false)) => self.attempts.push(descriptor),
            Err(error) => self.error = error,
        }
        None
    }

    /// Waits for any of the lookups and attempts, or a time. Returns which.
    fn wait(&self, timer: i64) -> Result<(c_int, c_int)> {
        let scheduler = scheduler();
        scheduler.can_block()?;
        let lookups = self.answers.iter().enumerate().filter_map(|(index, answers)| {
            answers.pending.as_ref().map(|pending| (index, pending.descriptor(), Direction::In))
        });
        let attempts = self.attempts.iter().enumerate().filter_map(|(index, attempt)| {
            attempt.number().ok().map(|number| (2 + index, number, Direction::Out))
        });
        let mut clauses = [const { None }; WAITED];
        for (id, fd, direction) in lookups.chain(attempts) {
            clauses[id] = Some(DescriptorClause::new(fd, direction));
        }
        let clock = TimerClause::new();
        let (mut armed, mut refused) = (timer >= 0, None);
        for (id, clause) in clauses.iter().enumerate() {
            let Some(clause) = clause else { continue };
            // SAFETY: new, and waited for just below; it stays where it is.
            match unsafe { scheduler.pollset.arm(scheduler, clause, id as c_int) } {
                Ok(()) => armed = true,
                Err(error) => refused = Some(error),
            }
        }
        // One that cannot be waited for is looked at when another one, or the timer, brings us back.
        if let (false, Some(error)) = (armed, refused) {
            return Err(error);
        }
        // SAFETY: as above.
        unsafe { scheduler.arm_timer(&clock, TIMER, timer) };
        scheduler.wait().id()
    }

    /// Looks at what has happened. The connection, if it was that.
    fn look_at(&mut self, id: usize) -> Result<Option<Descriptor>> {
        if let Some(answers) = self.answers.get_mut(id) {
            if let Some(found) = answers.pending.take().and_then(|pending| pending.take(self.port)) {
                answers.addresses.extend(found?.into_iter().take(ADDRESSES));
            }
            return Ok(None);
        }
        let attempt = self.attempts.swap_remove(id - self.answers.len());
        match attempt.number().and_then(|number| socket::take_error(number).map_err(system)) {
            Ok(()) => Ok(Some(attempt)),
            Err(error) => {
                self.error = error;
                Ok(None)
            }
        }
    }
}
