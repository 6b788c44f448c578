//! Every interleaving of the concurrency of LWMsg's calls, within the bounds below: the files of
//! `src/lwmsg/exchange`, compiled against loom's threads.

#![allow(missing_docs, dead_code, reason = "the files are part of the library, which uses all of them")]

mod sync {
    pub use loom::sync::atomic::{AtomicU64, Ordering, fence};
    pub use loom::sync::{Condvar, Mutex, MutexGuard};

    pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap()
    }

    pub fn wait<'a, T>(event: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        event.wait(guard).unwrap()
    }

    #[derive(Debug, Default)]
    pub struct Event {
        mutex: Mutex<()>,
        condition: Condvar,
    }

    impl Event {
        pub fn lock(&self) -> Locked<'_> {
            Locked { event: self, guard: Some(lock(&self.mutex)) }
        }

        pub fn notify_all(&self) {
            self.condition.notify_all();
        }
    }

    pub struct Locked<'a> {
        event: &'a Event,
        guard: Option<MutexGuard<'a, ()>>,
    }

    impl Locked<'_> {
        pub fn wait(&mut self) {
            self.guard = self.guard.take().map(|guard| wait(&self.event.condition, guard));
        }
    }
}

#[path = "../src/lwmsg/exchange/callee.rs"]
mod callee;
#[path = "../src/lwmsg/exchange/caller.rs"]
mod caller;
#[path = "../src/lwmsg/exchange/gate.rs"]
mod gate;
#[path = "../src/lwmsg/exchange/lead.rs"]
mod lead;
#[path = "../src/lwmsg/exchange/nap.rs"]
mod nap;
#[path = "../src/lwmsg/exchange/outbox.rs"]
mod outbox;
#[path = "../src/lwmsg/exchange/role.rs"]
mod role;

use callee::{Callee, Step};
use caller::Caller;
use gate::Gate;
use lead::Lead;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use nap::Nap;
use outbox::{Flush, Outbox};
use role::Role;
use std::collections::VecDeque;

/// All interleavings with at most three preemptions: enough for every race of two or three steps, and seconds.
fn model(test: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(test);
}

#[test]
fn a_waiter_is_always_woken_and_sees_the_status() {
    model(|| {
        let call = Arc::new(Caller::default());
        assert!(call.begin());
        let completer = {
            let call = call.clone();
            thread::spawn(move || call.complete(7, false))
        };
        assert_eq!(call.wait(), 7);
        completer.join().unwrap();
        assert!(call.is_settled());
    });
}

#[test]
fn two_waiters_are_woken_after_the_completion_function() {
    model(|| {
        let call = Arc::new(Caller::default());
        let ran = Arc::new(AtomicUsize::new(0));
        assert!(call.begin());
        let waiter = {
            let (call, ran) = (call.clone(), ran.clone());
            thread::spawn(move || {
                assert_eq!(call.wait(), 7);
                assert_eq!(ran.load(Ordering::Relaxed), 1);
            })
        };
        let round = call.complete(7, true);
        ran.fetch_add(1, Ordering::Relaxed);
        call.finished(round);
        assert_eq!(call.wait(), 7);
        waiter.join().unwrap();
    });
}

#[test]
fn a_round_begun_by_the_completion_function_of_the_last_is_not_settled_by_it() {
    model(|| {
        let call = Arc::new(Caller::default());
        assert!(call.begin());
        let first = call.complete(1, true);
        // Inside the completion function: the next round, completed by another thread.
        assert!(call.begin());
        assert!(!call.begin());
        let other = {
            let call = call.clone();
            thread::spawn(move || {
                let second = call.complete(2, true);
                assert!(!call.is_settled());
                call.finished(second);
            })
        };
        call.finished(first);
        assert_eq!(call.wait(), 2);
        other.join().unwrap();
    });
}

#[test]
fn a_completion_function_that_returns_late_does_not_end_the_next_round() {
    model(|| {
        let call = Arc::new(Caller::default());
        assert!(call.begin());
        let first = call.complete(1, true);
        // Inside the completion function: the next round, whose completion function is running already.
        assert!(call.begin());
        let waiter = {
            let call = call.clone();
            thread::spawn(move || assert_eq!(call.wait(), 2))
        };
        let second = call.complete(2, true);
        call.finished(first);
        assert!(!call.is_settled());
        call.finished(second);
        waiter.join().unwrap();
    });
}

/// Counts replies and cancellations of one call.
#[derive(Default)]
struct Seen {
    replies: AtomicUsize,
    cancels: AtomicUsize,
    inside: AtomicUsize,
}

fn act(callee: &Callee<()>, seen: &Seen, step: Step<()>, complete_inside: Option<u64>) {
    match step {
        Step::Nothing => {}
        Step::Reply(status) => {
            assert!(status == 5 || status == 14);
            assert_eq!(seen.inside.load(Ordering::SeqCst), 0, "no reply while the cancel function runs");
            assert_eq!(seen.replies.fetch_add(1, Ordering::SeqCst), 0, "one reply");
        }
        Step::Cancel(()) => {
            assert_eq!(seen.replies.load(Ordering::SeqCst), 0, "no cancellation after the reply");
            assert_eq!(seen.cancels.fetch_add(1, Ordering::SeqCst), 0, "one cancellation");
            seen.inside.store(1, Ordering::SeqCst);
            if let Some(thread) = complete_inside {
                assert_eq!(callee.complete(14, thread), Step::Nothing);
            }
            seen.inside.store(0, Ordering::SeqCst);
            let step = callee.cancel_ran();
            act(callee, seen, step, None);
        }
    }
}

/// A handler that pends, a thread that completes and one that cancels, in every order.
fn handler_completer_canceller(complete_inside: bool) {
    model(move || {
        let shared = Arc::new((Callee::default(), Seen::default()));
        shared.0.pend(Some(()));
        let threads: Vec<_> = (1..3)
            .map(|thread| {
                let shared = shared.clone();
                thread::spawn(move || {
                    let (callee, seen) = &*shared;
                    let step = match thread {
                        1 => callee.cancel(1),
                        _ if complete_inside => Step::Nothing,
                        _ => callee.complete(5, 2),
                    };
                    act(callee, seen, step, complete_inside.then_some(thread));
                })
            })
            .collect();
        let (callee, seen) = &*shared;
        let step = callee.returned(0);
        act(callee, seen, step, complete_inside.then_some(0));
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(seen.replies.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn whoever_completes_waits_for_the_cancel_function_that_another_thread_runs() {
    model(|| {
        let shared = Arc::new((Callee::default(), AtomicUsize::new(0)));
        let (callee, ran) = &*shared;
        callee.pend(Some(()));
        assert!(matches!(callee.returned(1), Step::Nothing));
        assert!(matches!(callee.cancel(1), Step::Cancel(())));
        let completer = {
            let shared = shared.clone();
            thread::spawn(move || {
                let (callee, ran) = &*shared;
                let step = callee.complete(7, 2);
                assert_eq!(ran.load(Ordering::Relaxed), 1);
                usize::from(matches!(step, Step::Reply(7)))
            })
        };
        ran.fetch_add(1, Ordering::Relaxed);
        let replies = usize::from(matches!(callee.cancel_ran(), Step::Reply(7)));
        assert_eq!(replies + completer.join().unwrap(), 1);
    });
}

#[test]
fn a_pended_call_completed_by_another_thread_is_answered_once() {
    handler_completer_canceller(false);
}

#[test]
fn a_pended_call_completed_by_its_cancel_function_is_answered_once() {
    handler_completer_canceller(true);
}

#[test]
fn a_call_completed_before_its_handler_returned_is_answered_once() {
    model(|| {
        let callee = Arc::new(Callee::<()>::default());
        callee.pend(None);
        let completer = {
            let callee = callee.clone();
            thread::spawn(move || callee.complete(5, 1))
        };
        let mine = callee.returned(0);
        let theirs = completer.join().unwrap();
        assert_eq!([mine, theirs].iter().filter(|step| **step == Step::Reply(5)).count(), 1);
    });
}

/// A sink of two places that is emptied by whoever watches it.
#[derive(Default)]
struct Sink {
    room: sync::Mutex<usize>,
    written: AtomicUsize,
}

impl Sink {
    fn write(&self, batch: &mut VecDeque<usize>) -> Flush {
        while !batch.is_empty() {
            let mut room = sync::lock(&self.room);
            if *room == 0 {
                return Flush::Full;
            }
            *room -= 1;
            drop(room);
            batch.pop_front();
            self.written.fetch_add(1, Ordering::SeqCst);
        }
        Flush::Done
    }
}

#[test]
fn everything_queued_is_written_by_somebody() {
    model(|| {
        let shared = Arc::new((Outbox::corked(), Sink::default()));
        *sync::lock(&shared.1.room) = 1;
        shared.0.uncork();
        let other = {
            let shared = shared.clone();
            thread::spawn(move || {
                let (outbox, sink) = &*shared;
                assert!(outbox.push(1));
                let _ = outbox.flush(|batch| sink.write(batch));
            })
        };
        let (outbox, sink) = &*shared;
        assert!(outbox.push(2));
        let _ = outbox.flush(|batch| sink.write(batch));
        // The reader at the other end makes room, and the watcher says so, at any time.
        *sync::lock(&sink.room) += 1;
        let _ = outbox.writable(|batch| sink.write(batch));
        // It says so once: nobody comes again.
        other.join().unwrap();
        assert_eq!(sink.written.load(Ordering::SeqCst), 2);
    });
}

#[test]
fn whoever_comes_in_vain_is_never_forgotten() {
    model(|| {
        let shared = Arc::new((Role::new(()), AtomicUsize::new(0), AtomicUsize::new(0)));
        let work = |shared: &(Role<()>, AtomicUsize, AtomicUsize)| {
            let (role, pending, done) = shared;
            pending.fetch_add(1, Ordering::SeqCst);
            while let Some(thing) = role.take() {
                done.fetch_add(pending.swap(0, Ordering::SeqCst), Ordering::SeqCst);
                if !role.put(thing) {
                    break;
                }
            }
        };
        let other = {
            let shared = shared.clone();
            thread::spawn(move || work(&shared))
        };
        work(&shared);
        other.join().unwrap();
        assert_eq!(shared.2.load(Ordering::SeqCst), 2);
    });
}

#[test]
fn there_is_one_leader_whatever_the_deputy_saw() {
    model(|| {
        let (lead, mut leader) = Lead::new();
        let lead = Arc::new(lead);
        let deputy = {
            let lead = lead.clone();
            thread::spawn(move || {
                let seen = lead.look();
                lead.take_over(seen)
            })
        };
        let mut kept = true;
        for _ in 0..2 {
            lead.enter(&mut leader);
            kept = lead.leave(&mut leader);
            if !kept {
                break;
            }
        }
        let deputy = deputy.join().unwrap();
        assert_ne!(kept, deputy.is_some());
        assert_eq!(kept, lead.is_led_by(&leader));
        assert!(deputy.is_none_or(|deputy| lead.is_led_by(&deputy)));
    });
}

#[test]
fn whoever_closes_the_gate_waits_for_everybody_inside_and_nobody_else_comes_in() {
    model(|| {
        let shared = Arc::new((Gate::default(), AtomicUsize::new(0)));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let shared = shared.clone();
                thread::spawn(move || {
                    let (gate, inside) = &*shared;
                    if gate.enter() {
                        inside.fetch_add(1, Ordering::SeqCst);
                        inside.fetch_sub(1, Ordering::SeqCst);
                        gate.leave();
                    }
                })
            })
            .collect();
        let (gate, inside) = &*shared;
        assert!(gate.close());
        gate.drain();
        assert_eq!(inside.load(Ordering::SeqCst), 0);
        assert!(!gate.enter());
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// What makes a sleeper wake up: the event that it waits for.
#[derive(Default)]
struct Bell {
    rung: loom::sync::Mutex<bool>,
    event: loom::sync::Condvar,
}

impl Bell {
    fn ring(&self) {
        *self.rung.lock().unwrap() = true;
        self.event.notify_one();
    }

    fn sleep(&self) {
        let mut rung = self.rung.lock().unwrap();
        while !*rung {
            rung = self.event.wait(rung).unwrap();
        }
        *rung = false;
    }
}

#[test]
fn what_is_brought_while_the_sleeper_goes_to_sleep_wakes_it() {
    model(|| {
        let shared = Arc::new((Nap::default(), loom::sync::Mutex::new(0), Bell::default()));
        let bringers: Vec<_> = (0..2)
            .map(|_| {
                let shared = shared.clone();
                thread::spawn(move || {
                    let (nap, brought, bell) = &*shared;
                    *brought.lock().unwrap() += 1;
                    if nap.must_wake() {
                        bell.ring();
                    }
                })
            })
            .collect();
        let (nap, brought, bell) = &*shared;
        // Never ends when a wake-up is lost: loom calls that a deadlock.
        while nap.begin(|| *brought.lock().unwrap()) < 2 {
            bell.sleep();
            nap.end();
        }
        for bringer in bringers {
            bringer.join().unwrap();
        }
    });
}
