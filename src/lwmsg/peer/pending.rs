//! Calls of one side that wait for their replies, each under a cookie.

use crate::lwmsg::types::LWMsgCookie;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Instant;

/// The calls.
#[derive(Debug)]
pub struct Pending<C> {
    places: HashMap<LWMsgCookie, Place<C>>,
    next: LWMsgCookie,
    /// When somebody looks for calls that have taken too long.
    alarm: Option<Instant>,
}

#[derive(Debug)]
enum Place<C> {
    /// A call, and until when it waits, if there is a limit.
    Waiting(C, Option<Instant>),
    /// Its call has taken too long. The cookie is not free before the reply has come.
    GivenUp,
}

impl<C> Default for Pending<C> {
    fn default() -> Self {
        Self { places: HashMap::new(), next: 0, alarm: None }
    }
}

impl<C> Pending<C> {
    /// Whether no reply is to come.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether one reply is to come, and no more.
    pub fn is_single(&self) -> bool {
        self.places.len() == 1
    }

    /// Calls that wait, and calls that have taken too long.
    pub fn count(&self) -> (usize, usize) {
        let waiting = self.places.values().filter(|place| matches!(place, Place::Waiting(..))).count();
        (waiting, self.places.len() - waiting)
    }

    /// Adds a call, under a cookie that no other has. `None` when all are taken.
    pub fn enter(&mut self, call: C, deadline: Option<Instant>) -> Option<LWMsgCookie> {
        if self.places.len() > usize::from(LWMsgCookie::MAX) {
            return None;
        }
        loop {
            let cookie = self.next;
            self.next = cookie.wrapping_add(1);
            if let Entry::Vacant(place) = self.places.entry(cookie) {
                place.insert(Place::Waiting(call, deadline));
                return Some(cookie);
            }
        }
    }

    /// The reply has come, or will not. The call, if it waits for it.
    pub fn leave(&mut self, cookie: LWMsgCookie) -> Option<C> {
        match self.places.remove(&cookie)? {
            Place::Waiting(call, _) => Some(call),
            Place::GivenUp => None,
        }
    }

    /// No reply will come to any. The calls that wait.
    pub fn leave_all(&mut self) -> Vec<C> {
        let calls = self.places.drain().filter_map(|(_, place)| match place {
            Place::Waiting(call, _) => Some(call),
            Place::GivenUp => None,
        });
        calls.collect()
    }

    /// The call has taken too long. It, if it waits.
    pub fn give_up(&mut self, cookie: LWMsgCookie) -> Option<C> {
        match std::mem::replace(self.places.get_mut(&cookie)?, Place::GivenUp) {
            Place::Waiting(call, _) => Some(call),
            Place::GivenUp => None,
        }
    }

    fn deadlines(&self) -> impl Iterator<Item = (LWMsgCookie, Instant)> {
        self.places.iter().filter_map(|(cookie, place)| match place {
            Place::Waiting(_, deadline) => Some((*cookie, (*deadline)?)),
            Place::GivenUp => None,
        })
    }

    /// When to look for calls that have taken too long; `None` when there is no need to, or somebody will already.
    ///
    /// All calls have the same limit, so none that comes later is late before.
    pub fn set_alarm(&mut self) -> Option<Instant> {
        if self.alarm.is_some() {
            return None;
        }
        self.alarm = self.deadlines().map(|(_, deadline)| deadline).min();
        self.alarm
    }

    /// The calls that have taken too long, if the alarm has gone off. It is to be set again.
    pub fn late(&mut self, now: Instant) -> Vec<LWMsgCookie> {
        if self.alarm.is_none_or(|alarm| alarm > now) {
            return Vec::new();
        }
        self.alarm = None;
        self.deadlines().filter(|(_, deadline)| *deadline <= now).map(|(cookie, _)| cookie).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_cookie_is_free_when_its_reply_has_come() {
        let mut pending = Pending::default();
        for number in 0..=u32::from(LWMsgCookie::MAX) {
            assert_eq!(pending.enter(number, None).map(u32::from), Some(number));
        }
        assert_eq!(pending.enter(0, None), None);
        assert_eq!(pending.give_up(7), Some(7));
        assert_eq!(pending.give_up(7), None);
        assert_eq!(pending.enter(0, None), None);
        assert_eq!(pending.leave(7), None);
        assert_eq!(pending.enter(70000, None), Some(7));
        assert_eq!(pending.leave(7), Some(70000));
        assert_eq!(pending.count(), (65535, 0));
    }

    #[test]
    fn the_alarm_is_set_once_and_finds_those_that_are_late() {
        let begin = Instant::now();
        let at = |milliseconds| begin + Duration::from_millis(milliseconds);
        let mut pending = Pending::default();
        assert_eq!(pending.set_alarm(), None);
        for number in 0..3u32 {
            pending.enter(number, Some(at(10 + u64::from(number))));
        }
        assert_eq!(pending.set_alarm(), Some(at(10)));
        assert_eq!(pending.set_alarm(), None);
        assert!(pending.late(at(9)).is_empty());
        assert_eq!(pending.leave(0), Some(0));
        assert_eq!(pending.late(at(11)), [1]);
        assert_eq!(pending.give_up(1), Some(1));
        assert_eq!(pending.set_alarm(), Some(at(12)));
        assert_eq!(pending.leave_all(), [2]);
        assert!(pending.is_empty());
    }
}
