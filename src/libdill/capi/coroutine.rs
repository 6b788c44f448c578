//! Coroutines and bundles.

use super::super::thread::scheduler;
use super::super::types::{dill_bundle_storage, sigjmp_buf};
use super::super::{bundle, coroutine};
use super::{number, status};
use std::ffi::{c_char, c_int, c_void};

/// Called by the macros that launch coroutines; not to be called otherwise.
///
/// Makes the running coroutine ready to be resumed and a new one the running one. The caller then saves its registers
/// where *ctx points to, continues on the stack that *ptr is the top of, and calls the coroutine's function.
///
/// *ptr is NULL or memory for the stack, of len bytes; bndl is a bundle, or negative for a new one. file and line are
/// where the coroutine is launched.
///
/// Returns the new bundle or 0, or -1 with errno.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_prologue(
    ctx: *mut *mut sigjmp_buf,
    ptr: *mut *mut c_void,
    len: usize,
    bndl: c_int,
    file: *const c_char,
    line: c_int,
) -> c_int {
    let _ = (file, line);
    // SAFETY: the macro's pointers.
    number(unsafe { coroutine::launch(ctx.cast(), ptr, len, bndl) })
}

/// Called by the macros that launch coroutines when the coroutine's function has returned; not to be called otherwise.
/// Does not return.
#[unsafe(no_mangle)]
pub extern "C" fn dill_epilogue() {
    coroutine::end()
}

/// Makes a bundle: a handle that coroutines can be launched in with bundle_go, and that closes all of them at once.
///
/// Never blocks.
///
/// Returns the handle, to be closed with hclose; or -1 with errno ECANCELED when the coroutine is being closed, ENOMEM.
#[unsafe(no_mangle)]
pub extern "C" fn dill_bundle() -> c_int {
    number(bundle::make(scheduler()).map(|(handle, _)| handle))
}

/// As bundle, but in memory of the program's, which has to be kept until the handle is closed.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_bundle_mem(mem: *mut dill_bundle_storage) -> c_int {
    number(bundle::make_in(scheduler(), mem).map(|(handle, _)| handle))
}

/// Blocks until all coroutines of a bundle have ended, those that are launched in it meanwhile included. The bundle stays
/// open and can be used again. go returns such a bundle, too.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting. When it passes, the coroutines go on.
/// Any number of coroutines may wait for a bundle.
///
/// Returns 0, or -1 with errno: ECANCELED when this coroutine or the bundle is being closed, EBADF when there is no such
/// handle, ENOTSUP when it is no bundle, ETIMEDOUT when the deadline passed.
#[unsafe(no_mangle)]
pub extern "C" fn dill_bundle_wait(h: c_int, deadline: i64) -> c_int {
    status(bundle::wait(h, deadline))
}

/// Lets the other coroutines run that are ready. Long computations should do this now and then.
///
/// Returns 0, or -1 with errno ECANCELED when the coroutine is being closed.
#[unsafe(no_mangle)]
pub extern "C" fn dill_yield() -> c_int {
    status(scheduler().yield_now())
}
