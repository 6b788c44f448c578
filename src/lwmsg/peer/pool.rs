//! The threads of the library: one pool in a process, shared by all peers, started when something needs it and
//! joined when the last peer is gone.
//!
//! One thread leads: it waits for events and does what they ask, quick functions of the program included (see
//! [`Lead`]). One thread is its deputy and watches it while it runs the program's code. The others run handlers
//! that are known to take their time, or not known yet. So a program whose handlers are quick has two threads of
//! ours, and one whose clients only make synchronous calls has none.

use crate::ffi::fork::{self, OfProcess};
use crate::ffi::thread::{self, Thread};
use crate::lwmsg::exchange::lead::{Lead, Leader};
use crate::lwmsg::exchange::nap::Nap;
use crate::lwmsg::exchange::sync::lock;
use crate::net::descriptors;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Registry, Token, Waker};
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

/// How often the deputy looks whether the leader is stuck in the program's code.
const PATIENCE: Duration = Duration::from_millis(1);
/// Looks without change after which the deputy sleeps until it is called.
const LOOKS: u32 = 20;
/// How long a thread waits for work before it ends, unless it is needed as a deputy.
const IDLE: Duration = Duration::from_secs(10);
/// Threads of ours have the room that programs expect of a thread.
const STACK: usize = 8 << 20;
/// Steps between two looks at what else has happened.
const STEPS: u32 = 64;
/// Events taken from the system at once.
const EVENTS: usize = 64;
/// The longest sleep: the system counts its milliseconds in few bits.
const LONGEST: Duration = Duration::from_secs(3600);

/// What happened to a source.
#[derive(Clone, Copy, Debug, Default)]
pub struct Occurrence {
    /// It can be read, or has ended.
    pub readable: bool,
    /// It can be written.
    pub writable: bool,
    /// The other end is gone.
    pub ended: bool,
    /// A timer of it has run out.
    pub timer: bool,
}

/// Something that wants to know about events.
pub trait Source: Send + Sync {
    /// Remembers what happened. True when a [`Self::step`] has to be scheduled for it, false when one is already.
    fn note(&self, occurrence: Occurrence) -> bool;
    /// Does some of what is due; what is left is scheduled again.
    fn step(self: Arc<Self>);
}

/// A descriptor that the pool watches. It stays open until that ends: its number could be another's by then, and
/// the watching of that one would end instead.
#[derive(Debug)]
#[must_use = "the source stays until Pool::deregister has this back"]
pub struct Watched {
    descriptor: Arc<OwnedFd>,
    token: usize,
}

impl Watched {
    /// Whether it is this descriptor.
    pub fn is(&self, descriptor: &Arc<OwnedFd>) -> bool {
        Arc::ptr_eq(&self.descriptor, descriptor)
    }
}

/// A source's place among the timers, for one purpose. It is there once at most, however often it is asked for.
#[derive(Debug, Default)]
pub struct Alarm {
    place: Mutex<Option<(Instant, u64)>>,
}

/// A handler to be run by a thread that may be kept busy.
pub trait Job: Send + Sync {
    /// Runs it.
    fn run(self: Arc<Self>);
}

/// The pool.
pub struct Pool {
    /// What it takes to wait for events: made when there is something to wait for.
    core: OnceLock<Core>,
    lead: Lead,
    ready: Mutex<VecDeque<Arc<dyn Source>>>,
    /// The leader's, who waits for events.
    nap: Nap,
    sources: Mutex<Sources>,
    timers: Mutex<Timers>,
    state: Mutex<State>,
    event: Condvar,
    /// Threads that wait for work, the deputy among them.
    idle: AtomicUsize,
    /// The deputy sleeps until it is called.
    quiet: AtomicBool,
}

struct Core {
    poll: Mutex<Poll>,
    registry: Registry,
    waker: Waker,
}

#[derive(Default)]
struct Sources {
    by_token: HashMap<usize, Arc<dyn Source>>,
    next: usize,
}

#[derive(Default)]
struct Timers {
    by_time: BTreeMap<(Instant, u64), Weak<dyn Source>>,
    next: u64,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Arc<dyn Job>>,
    threads: HashMap<u64, Thread>,
    /// Threads that have ended by themselves and can be joined at once.
    ended: Vec<u64>,
    next_thread: u64,
    /// The lead, before the first thread took it.
    vacant: Option<Leader>,
    deputy: bool,
    /// The deputy is called to take over at once.
    urgent: bool,
    stopping: bool,
}

/// Those who would wait for a function of the program's.
pub type Owners = [*const (); 3];

/// On whose behalf a thread is in the program's code: functions call other peers, whose functions run inside them.
struct Inside {
    all: [Cell<Owners>; Self::MOST],
    count: Cell<usize>,
}

impl Inside {
    /// Functions inside each other; of those inside more than that nothing is known.
    const MOST: usize = 16;

    const fn new() -> Self {
        Self { all: [const { Cell::new([ptr::null(); 3]) }; Self::MOST], count: Cell::new(0) }
    }

    fn has(&self, owner: *const ()) -> bool {
        self.all.iter().take(self.count.get()).any(|owners| owners.get().contains(&owner))
    }

    /// One more, until the result is dropped.
    #[inline]
    fn add(&self, owners: Owners) -> Added<'_> {
        let before = self.count.get();
        if let Some(place) = self.all.get(before) {
            place.set(owners);
            self.count.set(before + 1);
        }
        Added { inside: self, before }
    }
}

struct Added<'a> {
    inside: &'a Inside,
    before: usize,
}

impl Drop for Added<'_> {
    fn drop(&mut self) {
        // What was left by longjmp further down the stack is forgotten as well.
        self.inside.count.set(self.before);
    }
}

/// What a thread knows of itself.
struct Here {
    /// As the leader, while it is not in the program's code.
    leading: Cell<Option<Leader>>,
    /// As the leader, while it is.
    outside: Cell<Option<Leader>>,
    /// The pool it belongs to.
    pool: Cell<*const Pool>,
    /// Of the process that has the pool: when a function of the program's forks, its thread in the child is another.
    generation: Cell<u32>,
    inside: Inside,
}

thread_local! {
    /// Without a destructor: the program's threads come here, too, and the library may be unloaded before they end.
    static HERE: Here = const {
        Here {
            leading: Cell::new(None),
            outside: Cell::new(None),
            pool: Cell::new(ptr::null()),
            generation: Cell::new(0),
            inside: Inside::new(),
        }
    };
}

impl Here {
    /// Whether what it knows of itself is about this process.
    fn is_own(&self) -> bool {
        self.generation.get() == fork::generation()
    }
}

const WAKE: Token = Token(usize::MAX);

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

/// The pool of this process, while somebody has it, and how many have.
static SHARED: OfProcess<Option<(Arc<Pool>, usize)>> = OfProcess::new(None);

/// A peer's share in the pool. Whoever drops the last one waits for the threads to end.
#[derive(Debug)]
pub struct Share {
    pool: Arc<Pool>,
    generation: u32,
}

impl Share {
    /// A share in the pool of this process.
    pub fn new() -> Self {
        fork::watch();
        let pool = SHARED.with(|shared| {
            let (pool, shares) = shared.get_or_insert_with(|| (Arc::new(Pool::new()), 0));
            *shares += 1;
            pool.clone()
        });
        Self { pool, generation: fork::generation() }
    }

    /// The pool.
    pub fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    /// Whether the threads behind this are another process's.
    fn is_foreign(&self) -> bool {
        self.generation != fork::generation()
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.is_foreign() {
            // The threads, and what they hold, are in another process: one owner is never given back.
            std::mem::forget(self.pool.clone());
            return;
        }
        let last = SHARED.with(|shared| match shared {
            Some((pool, shares)) if Arc::ptr_eq(pool, &self.pool) => {
                *shares -= 1;
                if *shares == 0 { shared.take() } else { None }
            }
            _ => None,
        });
        if let Some((pool, _)) = last {
            pool.stop();
        }
    }
}

impl Pool {
    fn new() -> Self {
        let (lead, leader) = Lead::new();
        Self {
            core: OnceLock::new(),
            lead,
            ready: Mutex::default(),
            nap: Nap::default(),
            sources: Mutex::default(),
            timers: Mutex::default(),
            state: Mutex::new(State { vacant: Some(leader), ..State::default() }),
            event: Condvar::new(),
            idle: AtomicUsize::new(0),
            quiet: AtomicBool::new(false),
        }
    }

    /// What waits for events, and a thread that does; both are made now if they are not there.
    fn core(self: &Arc<Self>) -> io::Result<&Core> {
        if let Some(core) = self.core.get() {
            return Ok(core);
        }
        let mut state = lock(&self.state);
        if self.core.get().is_none() {
            let core = descriptors::avoiding_standard(|| {
                let poll = Poll::new()?;
                let registry = poll.registry().try_clone()?;
                let waker = Waker::new(&registry, WAKE)?;
                Ok(Core { poll: Mutex::new(poll), registry, waker })
            })?;
            // It takes the lead as soon as the state is free. Without it nobody would wait for anything.
            self.spawn(&mut state)?;
            // Nobody else sets it: the state is locked.
            let _ = self.core.set(core);
        }
        self.core.get().ok_or_else(|| io::ErrorKind::Other.into())
    }

    /// Makes what is needed to wait for events; from then on nothing that needs it fails for want of it.
    ///
    /// # Errors
    /// What the system reports when there are no descriptors, or no thread, for that.
    pub fn prepare(self: &Arc<Self>) -> io::Result<()> {
        self.core().map(drop)
    }

    /// A new thread. It finds out itself what is to be done.
    fn spawn(self: &Arc<Self>, state: &mut State) -> io::Result<()> {
        for number in std::mem::take(&mut state.ended) {
            if let Some(thread) = state.threads.remove(&number) {
                // It has left its last function.
                thread.join();
            }
        }
        let number = state.next_thread;
        state.next_thread += 1;
        let pool = self.clone();
        let signals = AllSignalsBlocked::new();
        let thread = thread::spawn("lwmsg", STACK, move || pool.work(number))?;
        drop(signals);
        state.threads.insert(number, thread);
        Ok(())
    }

    fn stop(&self) {
        let threads = {
            let mut state = lock(&self.state);
            state.stopping = true;
            self.event.notify_all();
            std::mem::take(&mut state.threads)
        };
        if let Some(core) = self.core.get() {
            // Without it the leader would find out at the next event.
            let _ = core.waker.wake();
        }
        for thread in threads.into_values() {
            // A thread cannot wait for itself; one that panicked has ended, too.
            if thread.is_current() {
                thread.detach();
            } else {
                thread.join();
            }
        }
        // Dropping a source may come back here.
        let sources = std::mem::take(&mut lock(&self.sources).by_token);
        let ready = std::mem::take(&mut *lock(&self.ready));
        drop((sources, ready));
    }

    /// The life of a thread.
    fn work(self: Arc<Self>, number: u64) {
        HERE.with(|here| {
            here.pool.set(Arc::as_ptr(&self));
            here.generation.set(fork::generation());
        });
        let mut state = lock(&self.state);
        loop {
            if state.stopping {
                return;
            }
            if let Some(leader) = state.vacant.take() {
                drop(state);
                self.lead(leader);
                state = lock(&self.state);
            } else if let Some(job) = state.jobs.pop_front() {
                drop(state);
                job.run();
                state = lock(&self.state);
            } else if !state.deputy {
                state.deputy = true;
                let leader;
                (state, leader) = self.watch(state);
                state.deputy = false;
                if self.idle.load(Ordering::SeqCst) > 0 {
                    // The lead or a job is next for this thread: another one watches.
                    self.event.notify_one();
                }
                if let Some(leader) = leader {
                    drop(state);
                    self.lead(leader);
                    state = lock(&self.state);
                }
            } else {
                let timed_out;
                (state, timed_out) = self.wait(state, Some(IDLE));
                if timed_out && state.jobs.is_empty() && state.deputy && state.vacant.is_none() {
                    state.ended.push(number);
                    return;
                }
            }
        }
    }

    fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        timeout: Option<Duration>,
    ) -> (MutexGuard<'a, State>, bool) {
        self.idle.fetch_add(1, Ordering::SeqCst);
        let result = match timeout {
            None => (self.event.wait(state).unwrap_or_else(PoisonError::into_inner), false),
            Some(timeout) => {
                let (state, result) =
                    self.event.wait_timeout(state, timeout).unwrap_or_else(PoisonError::into_inner);
                (state, result.timed_out())
            }
        };
        self.idle.fetch_sub(1, Ordering::SeqCst);
        result
    }

    /// The deputy's work: until it takes the lead over, or there is another thing to do.
    fn watch<'a>(&self, mut state: MutexGuard<'a, State>) -> (MutexGuard<'a, State>, Option<Leader>) {
        let mut seen = self.lead.look();
        let mut unchanged = 0;
        while !state.stopping && state.vacant.is_none() {
            // Before any job: those of whom the leader is one wait for what only a leader can bring.
            if std::mem::take(&mut state.urgent)
                && let Some(leader) = self.lead.take_over(self.lead.look())
            {
                return (state, Some(leader));
            }
            if !state.jobs.is_empty() {
                break;
            }
            let quiet = unchanged >= LOOKS && !Lead::is_outside(seen);
            if quiet {
                self.quiet.store(true, Ordering::SeqCst);
                fence(Ordering::SeqCst);
                if self.lead.look() == seen {
                    (state, _) = self.wait(state, None);
                }
                self.quiet.store(false, Ordering::SeqCst);
                unchanged = 0;
                seen = self.lead.look();
                continue;
            }
            (state, _) = self.wait(state, Some(PATIENCE));
            let now = self.lead.look();
            if now != seen {
                (seen, unchanged) = (now, 0);
            } else if Lead::is_outside(seen) {
                if let Some(leader) = self.lead.take_over(seen) {
                    return (state, Some(leader));
                }
            } else {
                unchanged += 1;
            }
        }
        (state, None)
    }

    /// The leader's work: until it has lost the lead.
    fn lead(self: &Arc<Self>, leader: Leader) {
        HERE.with(|here| here.leading.set(Some(leader)));
        let Some(core) = self.core.get() else { return };
        let mut events = Events::with_capacity(EVENTS);
        let mut steps = 0;
        while is_leading() {
            let next = if steps < STEPS { lock(&self.ready).pop_front() } else { None };
            if let Some(source) = next {
                source.step();
                steps += 1;
                continue;
            }
            steps = 0;
            let timeout = self.nap.begin(|| {
                let next = self.run_timers();
                // Those who are always busy do not keep others from being heard.
                if lock(&self.ready).is_empty() { next } else { Some(Duration::ZERO) }
            });
            // An interruption is no event; anything else would be a wrong argument.
            let result = lock(&core.poll).poll(&mut events, timeout);
            self.nap.end();
            if lock(&self.state).stopping {
                break;
            }
            if result.is_err() {
                continue;
            }
            // Nothing is locked: a source that nobody else has any more goes here, and its handles are cleaned up.
            for event in &events {
                if event.token() == WAKE {
                    continue;
                }
                let source = lock(&self.sources).by_token.get(&event.token().0).cloned();
                let Some(source) = source else { continue };
                let occurrence = Occurrence {
                    readable: event.is_readable() || event.is_error(),
                    writable: event.is_writable(),
                    ended: event.is_read_closed() || event.is_error(),
                    timer: false,
                };
                if source.note(occurrence) {
                    lock(&self.ready).push_back(source);
                }
            }
        }
        HERE.with(|here| here.leading.set(None));
    }

    /// Runs what is due, and tells how long nothing else is.
    fn run_timers(&self) -> Option<Duration> {
        let now = Instant::now();
        loop {
            let mut timers = lock(&self.timers);
            let ((time, _), _) = timers.by_time.first_key_value()?;
            if *time > now {
                // A millisecond is what the system waits in.
                return Some((*time - now).clamp(Duration::from_millis(1), LONGEST));
            }
            let due = timers.by_time.pop_first();
            drop(timers);
            if let Some(source) = due.and_then(|(_, source)| source.upgrade())
                && source.note(Occurrence { timer: true, ..Occurrence::default() })
            {
                lock(&self.ready).push_back(source);
                return Some(Duration::ZERO);
            }
        }
    }

    /// Calls [`Source::note`] with a timer at that time, or earlier when the alarm was set to an earlier one: then the
    /// source sets it anew.
    ///
    /// # Errors
    /// What the system reports when no thread can be made.
    pub fn at(self: &Arc<Self>, time: Instant, alarm: &Alarm, source: Weak<dyn Source>) -> io::Result<()> {
        self.core()?;
        let first = {
            let mut timers = lock(&self.timers);
            let mut place = lock(&alarm.place);
            if let Some(set) = *place
                && timers.by_time.contains_key(&set)
            {
                if set.0 <= time {
                    return Ok(());
                }
                timers.by_time.remove(&set);
            }
            let key = (time, timers.next);
            timers.next += 1;
            timers.by_time.insert(key, source);
            *place = Some(key);
            timers.by_time.first_key_value().is_some_and(|(first, _)| *first == key)
        };
        if first {
            self.wake();
        }
        Ok(())
    }

    /// Forgets a timer that nobody needs any more.
    pub fn clear(&self, alarm: &Alarm) {
        let mut timers = lock(&self.timers);
        if let Some(set) = lock(&alarm.place).take() {
            timers.by_time.remove(&set);
        }
    }

    /// Has a source stepped soon. Its [`Source::note`] has said that no step was due.
    ///
    /// # Errors
    /// What the system reports when no thread can be made.
    pub fn schedule(self: &Arc<Self>, source: Arc<dyn Source>) -> io::Result<()> {
        self.core()?;
        lock(&self.ready).push_back(source);
        self.wake();
        Ok(())
    }

    fn wake(&self) {
        if self.nap.must_wake()
            && let Some(core) = self.core.get()
        {
            // A full counter has been written already.
            let _ = core.waker.wake();
        }
    }

    /// Watches a descriptor. It and the source are kept meanwhile.
    ///
    /// # Errors
    /// What the system reports.
    pub fn register(
        self: &Arc<Self>,
        descriptor: Arc<OwnedFd>,
        interest: Interest,
        source: Arc<dyn Source>,
    ) -> io::Result<Watched> {
        let core = self.core()?;
        let token = {
            let mut sources = lock(&self.sources);
            let token = sources.next;
            sources.next = (token + 1) % usize::MAX;
            sources.by_token.insert(token, source);
            token
        };
        let result = core.registry.register(&mut SourceFd(&descriptor.as_raw_fd()), Token(token), interest);
        if let Err(error) = result {
            let source = lock(&self.sources).by_token.remove(&token);
            drop(source);
            return Err(error);
        }
        Ok(Watched { descriptor, token })
    }

    /// Watches for something else.
    ///
    /// # Errors
    /// What the system reports.
    pub fn reregister(self: &Arc<Self>, watched: &Watched, interest: Interest) -> io::Result<()> {
        let Watched { descriptor, token } = watched;
        self.core()?.registry.reregister(&mut SourceFd(&descriptor.as_raw_fd()), Token(*token), interest)
    }

    /// Watches no longer.
    pub fn deregister(&self, watched: Watched) {
        let Watched { descriptor, token } = watched;
        if let Some(core) = self.core.get() {
            // The descriptor is about to be closed anyway.
            let _ = core.registry.deregister(&mut SourceFd(&descriptor.as_raw_fd()));
        }
        let source = lock(&self.sources).by_token.remove(&token);
        drop(source);
    }

    /// Has a handler run by a thread that may be kept busy, one that is made for it if need be. When there is no
    /// such thread and none can be made, the calling thread has to do.
    pub fn run(self: &Arc<Self>, job: Arc<dyn Job>) {
        if self.core().is_err() {
            return job.run();
        }
        let mut state = lock(&self.state);
        state.jobs.push_back(job);
        // One more than there are jobs: the deputy. A thread that cannot be made is not missed while others end
        // their jobs; but the leader alone would never come to this one.
        if self.idle.load(Ordering::SeqCst) <= state.jobs.len()
            && self.spawn(&mut state).is_err()
            && state.threads.len() < 2
        {
            let job = state.jobs.pop_back();
            drop(state);
            if let Some(job) = job {
                job.run();
            }
            return;
        }
        drop(state);
        self.event.notify_one();
    }

    /// Whether the calling thread is one of this pool's.
    pub fn is_here(&self) -> bool {
        ptr::eq(own_pool(), self)
    }

    /// The leader is about to run the program's code, and somebody has to watch it.
    #[cold]
    fn call_deputy(&self, urgent: bool) {
        let mut state = lock(&self.state);
        state.urgent |= urgent;
        if self.idle.load(Ordering::SeqCst) == 0 {
            // SAFETY: the thread that calls belongs to this pool, and keeps it in an `Arc`.
            let pool = unsafe {
                Arc::increment_strong_count(own_pool());
                Arc::from_raw(own_pool())
            };
            // Without a thread for it nobody watches; the program's code returns all the same.
            let _ = pool.spawn(&mut state);
        } else {
            // The deputy is one of those who wait for the same event.
            self.event.notify_all();
        }
    }
}

fn holds(place: &Cell<Option<Leader>>) -> bool {
    let leader = place.take();
    let holds = leader.is_some();
    place.set(leader);
    holds
}

fn own_pool() -> *const Pool {
    HERE.with(|here| here.pool.get())
}

fn is_leading() -> bool {
    HERE.with(|here| holds(&here.leading))
}

/// Whether the calling thread leads, maybe inside the program's code, so that what it leaves undone will be done
/// soon: by itself, or by whoever takes the lead over.
pub fn is_leader() -> bool {
    HERE.with(|here| here.is_own() && (holds(&here.leading) || holds(&here.outside)))
}

/// Whether the calling thread is in the program's code on behalf of `owner`, whoever else's it is in since.
pub fn is_outside_for<T>(owner: *const T) -> bool {
    HERE.with(|here| here.inside.has(owner.cast()))
}

/// Runs the program's code, on behalf of `owners`. When the calling thread leads, its deputy watches how long that
/// takes; the lead may be lost when this returns.
#[inline]
pub fn outside<T>(owners: Owners, program: impl FnOnce() -> T) -> T {
    HERE.with(|here| {
        let _added = here.inside.add(owners);
        match here.leading.take() {
            None => program(),
            Some(leader) => leading_outside(here, leader, program),
        }
    })
}

fn leading_outside<T>(here: &Here, mut leader: Leader, program: impl FnOnce() -> T) -> T {
    if !here.is_own() {
        return program();
    }
    // SAFETY: a thread of a pool keeps it, and only such a thread leads.
    let pool = unsafe { &*here.pool.get() };
    pool.lead.enter(&mut leader);
    fence(Ordering::SeqCst);
    if pool.quiet.load(Ordering::SeqCst) || pool.idle.load(Ordering::SeqCst) == 0 {
        pool.call_deputy(false);
    }
    here.outside.set(Some(leader));
    let result = program();
    if let Some(mut leader) = here.outside.take()
        && pool.lead.leave(&mut leader)
    {
        here.leading.set(Some(leader));
    }
    result
}

/// The calling thread is about to wait: when it leads, somebody else has to, now.
pub fn about_to_wait() {
    HERE.with(|here| {
        let Some(leader) = here.outside.take().filter(|_| here.is_own()) else { return };
        // SAFETY: a thread of a pool keeps it, and only such a thread leads.
        let pool = unsafe { &*here.pool.get() };
        let leads = pool.lead.is_led_by(&leader);
        here.outside.set(Some(leader));
        if leads {
            pool.call_deputy(true);
        }
    });
}

/// All signals are blocked in the calling thread, and in those it makes, until this is dropped: signals are the
/// program's.
struct AllSignalsBlocked(libc::sigset_t);

impl AllSignalsBlocked {
    fn new() -> Self {
        // SAFETY: both sets are locals, filled in by the calls.
        unsafe {
            let mut all = std::mem::zeroed();
            let mut old = std::mem::zeroed();
            libc::sigfillset(&raw mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut old);
            Self(old)
        }
    }
}

impl Drop for AllSignalsBlocked {
    fn drop(&mut self) {
        // SAFETY: the set is the one that was there.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, ptr::null_mut()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{ErrorKind, Read as _};
    use std::os::unix::net::UnixStream;

    struct Nothing;

    impl Source for Nothing {
        fn note(&self, _occurrence: Occurrence) -> bool {
            false
        }

        fn step(self: Arc<Self>) {}
    }

    #[test]
    fn a_child_of_a_function_that_forks_leaves_the_pool_alone() {
        let pool = Arc::new(Pool::new());
        // Another thread of the parent's may hold it.
        let mut state = lock(&pool.state);
        let mut leader = state.vacant.take().unwrap();
        pool.lead.enter(&mut leader);
        HERE.with(|here| {
            here.pool.set(Arc::as_ptr(&pool));
            here.generation.set(fork::generation());
            here.outside.set(Some(leader));
        });
        assert!(is_leader());
        fork::watch();
        // SAFETY: the child calls what it may, and ends.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: ends the process if it has to wait.
            unsafe { libc::alarm(5) };
            about_to_wait();
            let code = i32::from(is_leader());
            // SAFETY: ends the process at once.
            unsafe { libc::_exit(code) };
        }
        let mut status = 0;
        // SAFETY: our child, and a place for its status.
        assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        assert_eq!(status, 0);
        HERE.with(|here| here.outside.set(None));
    }

    #[test]
    fn an_alarm_that_is_set_again_is_one_timer_at_the_earliest_time() {
        let share = Share::new();
        let pool = share.pool();
        let source: Arc<dyn Source> = Arc::new(Nothing);
        let (alarm, other, now) = (Alarm::default(), Alarm::default(), Instant::now());
        let at = |seconds, alarm| {
            pool.at(now + Duration::from_secs(seconds), alarm, Arc::downgrade(&source)).unwrap();
        };
        let places = |alarm: &Alarm| {
            let place = *lock(&alarm.place);
            let set = place.filter(|place| lock(&pool.timers).by_time.contains_key(place));
            set.map(|(time, _)| (time - now).as_secs())
        };
        at(2000, &other);
        for seconds in [1000, 3000, 1000] {
            at(seconds, &alarm);
        }
        assert_eq!(places(&alarm), Some(1000));
        at(500, &alarm);
        assert_eq!((places(&alarm), places(&other)), (Some(500), Some(2000)));
        assert_eq!(Arc::weak_count(&source), 2);
        pool.clear(&alarm);
        pool.clear(&alarm);
        pool.clear(&other);
        assert_eq!((places(&alarm), places(&other)), (None, None));
        assert_eq!(Arc::weak_count(&source), 0);
    }

    #[test]
    fn a_descriptor_stays_open_until_it_is_watched_no_longer() {
        let share = Share::new();
        let (socket, mut other) = UnixStream::pair().unwrap();
        other.set_nonblocking(true).unwrap();
        let socket: Arc<OwnedFd> = Arc::new(socket.into());
        let watched = share.pool().register(socket.clone(), Interest::READABLE, Arc::new(Nothing)).unwrap();
        assert!(watched.is(&socket));
        drop(socket);
        // Closed now, its number could be the next connection's, whose watching the next line would end.
        assert_eq!(other.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
        share.pool().deregister(watched);
        assert_eq!(other.read(&mut [0]).unwrap(), 0);
    }
}
