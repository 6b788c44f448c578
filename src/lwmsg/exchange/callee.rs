//! The callee's side of a call: a handler runs, may pend, is cancelled, and the call is completed from any thread,
//! before the handler has returned or after. Exactly one [`Step::Reply`] comes out.

use super::sync::{Condvar, Mutex, lock, wait};

/// What to do now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step<C> {
    /// Nothing; somebody else will.
    Nothing,
    /// The call is over, with this status: reply. Nobody else gets this.
    Reply(u32),
    /// Run the cancel function, without any lock, and then call [`Callee::cancel_ran`].
    Cancel(C),
}

/// The state of a callee's call. `C` is what a cancellation needs.
#[derive(Debug)]
pub struct Callee<C> {
    state: Mutex<State<C>>,
    event: Condvar,
}

#[derive(Debug)]
struct State<C> {
    /// The handler has returned without a status of its own.
    returned: bool,
    /// What `complete` said.
    completed: Option<u32>,
    /// The caller gave up, or the association ends.
    cancelled: bool,
    /// What `pend` said; `None` inside for a call that cannot be cancelled.
    pended: Option<C>,
    /// The thread that runs the cancel function.
    canceller: Option<u64>,
    /// A reply was handed out.
    finished: bool,
}

impl<C> Default for State<C> {
    fn default() -> Self {
        Self {
            returned: false,
            completed: None,
            cancelled: false,
            pended: None,
            canceller: None,
            finished: false,
        }
    }
}

impl<C> Default for Callee<C> {
    fn default() -> Self {
        Self { state: Mutex::new(State::default()), event: Condvar::new() }
    }
}

impl<C: Copy> Callee<C> {
    /// Makes a used object new again. Nobody else may use it.
    pub fn reset(&self) {
        *lock(&self.state) = State::default();
    }

    /// The handler means to return PENDING; `cancel` is `None` when the program has no cancel function.
    pub fn pend(&self, cancel: Option<C>) {
        lock(&self.state).pended = cancel;
    }

    /// The handler has returned PENDING: the reply comes from `complete`, unless it was called already.
    pub fn returned(&self, thread: u64) -> Step<C> {
        let mut state = lock(&self.state);
        state.returned = true;
        if let Some(status) = state.completed {
            state.finished = true;
            return Step::Reply(status);
        }
        match state.pended {
            Some(cancel) if state.cancelled => {
                state.canceller = Some(thread);
                Step::Cancel(cancel)
            }
            _ => Step::Nothing,
        }
    }

    /// The handler has returned a status of its own, which counts whatever else happened.
    pub fn returned_status(&self, status: u32) -> Step<C> {
        let mut state = lock(&self.state);
        state.returned = true;
        if state.finished {
            return Step::Nothing;
        }
        state.finished = true;
        state.completed = Some(status);
        Step::Reply(status)
    }

    /// The program completes the call. While the cancel function runs on another thread this waits for its end:
    /// what the function uses may be freed when this returns.
    pub fn complete(&self, status: u32, thread: u64) -> Step<C> {
        let mut state = lock(&self.state);
        if state.finished || state.completed.is_some() {
            return Step::Nothing;
        }
        state.completed = Some(status);
        match state.canceller {
            // From the cancel function itself: the reply follows it.
            Some(canceller) if canceller == thread => return Step::Nothing,
            Some(_) => {
                while state.canceller.is_some() {
                    state = wait(&self.event, state);
                }
                return Step::Nothing;
            }
            None => {}
        }
        if !state.returned {
            // The parameters are the handler's until it returns.
            return Step::Nothing;
        }
        state.finished = true;
        Step::Reply(status)
    }

    /// Somebody gave up on the call. Asked twice is asked once.
    pub fn cancel(&self, thread: u64) -> Step<C> {
        let mut state = lock(&self.state);
        if state.cancelled {
            return Step::Nothing;
        }
        state.cancelled = true;
        match state.pended {
            Some(cancel) if state.returned && state.completed.is_none() => {
                state.canceller = Some(thread);
                Step::Cancel(cancel)
            }
            _ => Step::Nothing,
        }
    }

    /// The cancel function has returned; it may have completed the call, or somebody else meanwhile.
    pub fn cancel_ran(&self) -> Step<C> {
        let mut state = lock(&self.state);
        state.canceller = None;
        self.event.notify_all();
        match state.completed {
            Some(status) if !state.finished => {
                state.finished = true;
                Step::Reply(status)
            }
            _ => Step::Nothing,
        }
    }
}
