//! Panic guards for C entry points.
//!
//! An entry point either runs no user code, and then uses [`entry`], or it may call back into the
//! program, and then uses [`callbacks`] and is declared `extern "C-unwind"`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::log;

/// Runs `body` and returns its value; a panic inside is logged and becomes `fallback`.
///
/// For entry points that call no user code. `name` is the C function's name, for the log line.
///
/// No input may cause a panic: the guard is the last line, not a way to report errors.
#[inline]
pub fn entry<T>(name: &'static str, fallback: T, body: impl FnOnce() -> T) -> T {
    // The closure is consumed whether it finishes or not, and no room keeps state that a caught
    // panic could leave half written and still reachable without its own validity flags.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(value) => value,
        Err(payload) => {
            report(name, payload.as_ref());
            // A payload whose own drop panics must not escape either.
            std::mem::forget(payload);
            fallback
        }
    }
}

/// Runs `body`, which may call user code, and lets foreign unwinding pass.
///
/// C++ exceptions thrown by a callback, and `longjmp` out of one, leave through here as they left
/// the original libraries. A Rust panic must not: it ends the process, as it would at any other
/// `extern "C"` boundary.
#[inline]
pub fn callbacks<T>(name: &'static str, body: impl FnOnce() -> T) -> T {
    let _abort = AbortOnPanic { name };
    body()
}

struct AbortOnPanic {
    name: &'static str,
}

impl Drop for AbortOnPanic {
    #[inline]
    fn drop(&mut self) {
        // False for a foreign exception: only Rust's own panics are counted.
        if std::thread::panicking() {
            abort_on_panic(self.name);
        }
    }
}

#[cold]
fn abort_on_panic(name: &'static str) -> ! {
    log::write(
        log::Level::Error,
        format_args!("{name}: internal panic while user code may be on the stack; aborting"),
    );
    std::process::abort();
}

#[cold]
fn report(name: &'static str, payload: &(dyn std::any::Any + Send)) {
    let what = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    log::write(log::Level::Error, format_args!("{name}: internal panic caught at the C boundary: {what}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_the_fallback_value() {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let value = entry("test", -1, || panic!("boom"));
        std::panic::set_hook(hook);
        assert_eq!(value, -1);
    }

    #[test]
    fn a_value_passes_through_both_guards() {
        assert_eq!(entry("test", -1, || 7), 7);
        assert_eq!(callbacks("test", || 7), 7);
    }
}
