//! Channels.

use super::super::channel;
use super::super::types::{dill_chclause, dill_chstorage};
use super::{number, status};
use std::ffi::{c_int, c_void};

/// Makes a channel and stores the handles of its two ends in chv. What is sent on one end is received on the other, in
/// both directions. Messages are handed over from sender to receiver; none is kept in between.
///
/// Never blocks. Each end is closed with hclose.
///
/// Returns 0, or -1 with errno ECANCELED when the coroutine is being closed, ENOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_chmake(chv: *mut c_int) -> c_int {
    // SAFETY: room for two, as promised by the caller.
    status(unsafe { channel::make(chv) })
}

/// As chmake, but in memory of the program's, which has to be kept until both ends are closed.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_chmake_mem(mem: *mut dill_chstorage, chv: *mut c_int) -> c_int {
    // SAFETY: room for two, as promised by the caller.
    status(unsafe { channel::make_in(mem, chv) })
}

/// Sends a message of len bytes, and blocks until it is received. If somebody waits for it, does not block, nor let other
/// coroutines run.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting. val may be NULL when len is 0.
///
/// Returns 0, or -1 with errno: ECANCELED when the coroutine is being closed, EBADF when there is no such handle, ENOTSUP
/// when it is no channel, EPIPE when chdone was called on this end or both ends were closed, EMSGSIZE, on both sides, when
/// the receiver expects another size, ETIMEDOUT when the deadline passed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_chsend(ch: c_int, val: *const c_void, len: usize, deadline: i64) -> c_int {
    // SAFETY: a message of that size, as promised by the caller; it is only read.
    status(unsafe { channel::exchange(ch, true, val.cast_mut(), len, deadline) })
}

/// Receives a message of len bytes, and blocks until there is one. Otherwise as chsend; EPIPE when chdone was called on the
/// other end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_chrecv(ch: c_int, val: *mut c_void, len: usize, deadline: i64) -> c_int {
    // SAFETY: room for a message of that size, as promised by the caller.
    status(unsafe { channel::exchange(ch, false, val, len, deadline) })
}

/// Says that nothing more will be sent on this end of a channel. Those who wait on the other end to receive, now or later,
/// get EPIPE, and so do those who wait on this end to send. The other direction is not concerned.
///
/// Never blocks.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no channel, EPIPE when this was done
/// before.
#[unsafe(no_mangle)]
pub extern "C" fn dill_chdone(ch: c_int) -> c_int {
    status(channel::done(ch))
}

/// Performs one of several channel operations: the first, in the order of clauses, that can be performed at once or is in
/// error; when there is none, blocks until there is one.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting. clauses are not changed; without any,
/// this sleeps.
///
/// Returns the index of the clause, and in errno its result: 0, or EBADF, ENOTSUP, EPIPE, EMSGSIZE as of chsend and chrecv,
/// EINVAL when op is unknown or val is NULL. Returns -1 with errno ECANCELED when the coroutine is being closed, EINVAL
/// when nclauses is negative or clauses NULL, ETIMEDOUT when the deadline passed, ENOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_choose(clauses: *mut dill_chclause, nclauses: c_int, deadline: i64) -> c_int {
    // SAFETY: so many, with valid messages, as promised by the caller.
    number(unsafe { channel::choose(clauses, nclauses, deadline) })
}
