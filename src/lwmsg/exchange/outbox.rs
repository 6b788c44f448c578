//! A queue that many fill and one empties: whoever finds nobody emptying it does, for all.
//!
//! The emptying itself (a write to a socket) happens without the lock, so nobody waits for it. A socket that is
//! full is waited for by whoever watches sockets, who then calls [`Outbox::writable`].

use super::sync::{Mutex, lock};
use std::collections::VecDeque;

/// How an attempt to empty the queue ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Flush {
    /// Nothing is left, or somebody else is at it.
    Done,
    /// The sink is full: watch it, then call [`Outbox::writable`].
    Full,
    /// The sink is broken; what was queued is gone.
    Broken,
}

/// The queue.
#[derive(Debug)]
pub struct Outbox<T> {
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    queue: VecDeque<T>,
    /// Somebody is emptying it.
    busy: bool,
    /// The sink was full when it was last tried.
    full: bool,
    /// The sink became writable while somebody was emptying: a sink found full may not be full any more.
    again: bool,
    /// Nothing may be written yet.
    corked: bool,
    broken: bool,
}

impl<T> Outbox<T> {
    /// An empty queue; nothing is written before [`Self::uncork`].
    pub fn corked() -> Self {
        Self {
            state: Mutex::new(State {
                queue: VecDeque::new(),
                busy: false,
                full: false,
                again: false,
                corked: true,
                broken: false,
            }),
        }
    }

    /// Appends. False, with the item dropped, when the sink is broken.
    pub fn push(&self, item: T) -> bool {
        let mut state = lock(&self.state);
        if state.broken {
            drop(state);
            drop(item);
            return false;
        }
        state.queue.push_back(item);
        true
    }

    /// Lets writing begin; call [`Self::flush`] then.
    pub fn uncork(&self) {
        lock(&self.state).corked = false;
    }

    /// Whether the sink was full.
    pub fn is_full(&self) -> bool {
        lock(&self.state).full
    }

    /// The sink can be written again.
    pub fn writable(&self, write: impl FnMut(&mut VecDeque<T>) -> Flush) -> Flush {
        {
            let mut state = lock(&self.state);
            state.full = false;
            state.again = state.busy;
        }
        self.flush(write)
    }

    /// Empties the queue with `write`, unless somebody is at it or the sink is full.
    pub fn flush(&self, mut write: impl FnMut(&mut VecDeque<T>) -> Flush) -> Flush {
        let mut batch = VecDeque::new();
        {
            let mut state = lock(&self.state);
            if state.busy || state.full || state.corked || state.queue.is_empty() {
                return Flush::Done;
            }
            state.busy = true;
            std::mem::swap(&mut batch, &mut state.queue);
        }
        loop {
            let result = write(&mut batch);
            let mut state = lock(&self.state);
            match result {
                Flush::Done => {
                    if state.queue.is_empty() || state.broken {
                        state.busy = false;
                        return Flush::Done;
                    }
                    std::mem::swap(&mut batch, &mut state.queue);
                }
                Flush::Full => {
                    batch.append(&mut state.queue);
                    if !state.again {
                        std::mem::swap(&mut batch, &mut state.queue);
                        (state.busy, state.full) = (false, true);
                        return Flush::Full;
                    }
                    state.again = false;
                }
                Flush::Broken => {
                    (state.busy, state.broken) = (false, true);
                    batch.append(&mut state.queue);
                    drop(state);
                    drop(batch);
                    return Flush::Broken;
                }
            }
        }
    }

    /// Nothing is written any more; what was queued is dropped.
    pub fn close(&self) {
        let queue = {
            let mut state = lock(&self.state);
            state.broken = true;
            std::mem::take(&mut state.queue)
        };
        drop(queue);
    }
}
