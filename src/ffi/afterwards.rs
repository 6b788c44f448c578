//! What has to be done however a piece of work is left: when it is done, by an exception that passes through, or because
//! the thread is cancelled.

/// Does something when it is dropped.
#[derive(Debug)]
pub struct Afterwards<F: Fn()>(pub F);

impl<F: Fn()> Afterwards<F> {
    /// Does nothing: the work has been left as it should be.
    pub fn not(self) {
        std::mem::forget(self);
    }
}

impl<F: Fn()> Drop for Afterwards<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn it_is_done_once_unless_it_is_not_wanted() {
        let done = Cell::new(0);
        let count = || done.set(done.get() + 1);
        drop(Afterwards(count));
        assert_eq!(done.get(), 1);
        Afterwards(count).not();
        assert_eq!(done.get(), 1);
    }
}
