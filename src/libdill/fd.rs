//! Blocking on a descriptor, which stays the program's.

use super::error::Result;
use super::poll::{DescriptorClause, Direction};
use super::thread::scheduler;
use super::timers::TimerClause;
use std::ffi::c_int;

/// Blocks until `fd` has input, or is at its end, or broken.
///
/// A thread that is not the scheduler's can end the wait by writing to the other end, or to an eventfd.
pub fn wait_readable(fd: c_int, deadline: i64) -> Result<()> {
    wait(DescriptorClause::new(fd, Direction::In), deadline)
}

/// Blocks until there may be input on `fd`: the caller looks, and tells [`super::poll::Pollset::looked`].
pub fn wait_to_look(fd: c_int, deadline: i64) -> Result<()> {
    wait(DescriptorClause::that_looks(fd), deadline)
}

/// Blocks until `fd` has room for output, or is broken.
pub fn wait_writable(fd: c_int, deadline: i64) -> Result<()> {
    wait(DescriptorClause::new(fd, Direction::Out), deadline)
}

/// Goes through the scheduler even when `deadline` has passed: what is ready then is ready.
fn wait(clause: DescriptorClause, deadline: i64) -> Result<()> {
    const READY: c_int = 0;
    const TIMER: c_int = 1;
    let scheduler = scheduler();
    scheduler.can_block()?;
    let timer = TimerClause::new();
    // SAFETY: new, and waited for just below.
    unsafe {
        scheduler.pollset.arm(scheduler, &clause, READY)?;
        scheduler.arm_timer(&timer, TIMER, deadline);
    }
    scheduler.wait().outcome(TIMER).map(|_| ())
}

/// Forgets `fd`, before it is closed or given away. Fails when a coroutine waits for it.
pub fn clean(fd: c_int) -> Result<()> {
    scheduler().pollset.clean(fd)
}

/// Forgets `fd` before it is closed; coroutines that wait for it go on with the error of that number.
pub fn abandon(fd: c_int, error: c_int) {
    let scheduler = scheduler();
    scheduler.pollset.abandon(scheduler, fd, error);
}
