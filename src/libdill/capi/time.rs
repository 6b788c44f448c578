//! Time and descriptors.

use super::super::thread::scheduler;
use super::super::{fd, time};
use super::status;
use std::ffi::c_int;

/// Forgets a file descriptor. To be called before it is closed or given to another thread or library, once any of fdin,
/// fdout was called with it.
///
/// Never blocks. A descriptor that is not known is not an error.
///
/// Returns 0, or -1 with errno EBUSY when a coroutine waits for the descriptor.
#[unsafe(no_mangle)]
pub extern "C" fn dill_fdclean(fd: c_int) -> c_int {
    status(fd::clean(fd))
}

/// Blocks until a file descriptor has input, has come to its end, or is broken. Other coroutines run meanwhile.
///
/// deadline is a point in time as now returns it, -1 for never. 0 asks once; what is ready then is ready. One coroutine
/// of a thread may wait for input of a descriptor, and another one to write to it.
///
/// Returns 0, or -1 with errno: ECANCELED when the coroutine is being closed, EBADF when there is no such descriptor,
/// EBUSY when another coroutine waits for the same, ENOTSUP for descriptors that cannot be waited for, such as those of
/// files, ETIMEDOUT when the deadline passed, ENOMEM, EMFILE or ENFILE.
#[unsafe(no_mangle)]
pub extern "C" fn dill_fdin(fd: c_int, deadline: i64) -> c_int {
    status(fd::wait_readable(fd, deadline))
}

/// Blocks until a file descriptor can be written to, or is broken. Otherwise as fdin.
#[unsafe(no_mangle)]
pub extern "C" fn dill_fdout(fd: c_int, deadline: i64) -> c_int {
    status(fd::wait_writable(fd, deadline))
}

/// Returns the time of the monotonic clock in milliseconds, which is not negative. Deadlines are such times: now() + 1000
/// is in a second.
#[unsafe(no_mangle)]
pub extern "C" fn dill_now() -> i64 {
    time::now()
}

/// Blocks until a deadline, which is a point in time as now returns it; -1 is never. Lets other coroutines run also when
/// the deadline has passed.
///
/// Returns 0, or -1 with errno ECANCELED when the coroutine is being closed.
#[unsafe(no_mangle)]
pub extern "C" fn dill_msleep(deadline: i64) -> c_int {
    status(scheduler().sleep(deadline))
}
