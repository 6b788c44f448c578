//! A thing that one thread at a time works with, which nobody waits for: whoever comes in vain leaves word, and
//! the one who has it comes back.

use super::sync::{Mutex, lock};

/// The thing, or word that somebody came.
#[derive(Debug)]
pub struct Role<T> {
    slot: Mutex<Slot<T>>,
}

#[derive(Debug)]
struct Slot<T> {
    value: Option<T>,
    missed: bool,
}

impl<T> Role<T> {
    /// Free to take.
    pub fn new(value: T) -> Self {
        Self { slot: Mutex::new(Slot { value: Some(value), missed: false }) }
    }

    /// Takes it. In vain, word is left for whoever has it.
    pub fn take(&self) -> Option<T> {
        let mut slot = lock(&self.slot);
        let value = slot.value.take();
        slot.missed = value.is_none();
        value
    }

    /// Takes it, or leaves no word.
    pub fn try_take(&self) -> Option<T> {
        lock(&self.slot).value.take()
    }

    /// Puts it back. True when somebody came in vain meanwhile: then do their work, or have it done.
    #[must_use]
    pub fn put(&self, value: T) -> bool {
        let mut slot = lock(&self.slot);
        slot.value = Some(value);
        std::mem::take(&mut slot.missed)
    }
}
