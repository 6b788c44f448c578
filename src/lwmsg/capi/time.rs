//! `time.h`.

use super::super::error::Status;
use super::super::types::*;
use std::cmp::Ordering;

/// Stores the wall clock's time.
///
/// Returns LWMSG_STATUS_SUCCESS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_time_now(out: *mut LWMsgTime) -> LWMsgStatus {
    match LWMsgTime::now() {
        Ok(now) => {
            // SAFETY: a place for the result.
            unsafe { out.write(now) };
            Status::SUCCESS.0
        }
        Err(status) => status.0,
    }
}

/// Stores how long it is from one time to another: to - from. out may be one of the two.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_time_difference(
    from: *mut LWMsgTime,
    to: *mut LWMsgTime,
    out: *mut LWMsgTime,
) {
    // SAFETY: two times and a place for the result.
    unsafe { out.write((*from).until(*to)) }
}

/// Stores the sum of a time and a length of time, or of two of those. out may be one of the two.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_time_sum(base: *mut LWMsgTime, offset: *mut LWMsgTime, out: *mut LWMsgTime) {
    // SAFETY: two times and a place for the result.
    unsafe { out.write((*base).plus(*offset)) }
}

/// Returns LWMSG_TIME_GREATER when a is later or longer than b, LWMSG_TIME_LESSER when it is earlier or shorter, else
/// LWMSG_TIME_EQUAL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_time_compare(a: *mut LWMsgTime, b: *mut LWMsgTime) -> LWMsgTimeComparison {
    // SAFETY: two times.
    match unsafe { (*a).compare(*b) } {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

/// Makes both parts of a time have the same sign, and its microseconds less than a second.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_time_normalize(time: *mut LWMsgTime) {
    // SAFETY: a time.
    unsafe { time.write((*time).normalized()) }
}

/// Begins the use of a clock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_clock_init(clock: *mut LWMsgClock) {
    // SAFETY: a clock.
    unsafe { clock.write(LWMsgClock::default()) }
}

/// Stores the wall clock's time.
///
/// Returns LWMSG_STATUS_SUCCESS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_clock_get_wall_time(
    clock: *mut LWMsgClock,
    time: *mut LWMsgTime,
) -> LWMsgStatus {
    // SAFETY: a clock, and a place for the result.
    unsafe { store((*clock).wall_time(), time) }
}

/// Stores the time since the clock was first asked. Later calls give later times, whatever the wall clock does.
///
/// Returns LWMSG_STATUS_SUCCESS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_clock_get_monotonic_time(
    clock: *mut LWMsgClock,
    time: *mut LWMsgTime,
) -> LWMsgStatus {
    // SAFETY: a clock, and a place for the result.
    unsafe { store((*clock).monotonic_time(), time) }
}

/// # Safety
/// A place for the result.
unsafe fn store(time: Result<LWMsgTime, Status>, out: *mut LWMsgTime) -> LWMsgStatus {
    match time {
        Ok(time) => {
            // SAFETY: as promised by the caller.
            unsafe { out.write(time) };
            Status::SUCCESS.0
        }
        Err(status) => status.0,
    }
}
