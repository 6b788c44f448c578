//! A program that is watched: signals are passed on to it, and its end is passed on to our parent.

use std::io;
use std::mem::MaybeUninit;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, ExitCode, ExitStatus};
use std::time::Duration;

/// Signals that mean the program rather than this command.
const PASSED_ON: [i32; 7] =
    [libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGQUIT, libc::SIGUSR1, libc::SIGUSR2, libc::SIGWINCH];

/// How often the watcher looks.
const PERIOD: Duration = Duration::from_millis(50);

/// A running program.
pub struct Child {
    process: std::process::Child,
    signals: libc::sigset_t,
}

/// How it ended.
pub struct Ended(ExitStatus);

impl Child {
    /// Starts it, with the signal mask that this command was given.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let mut signals = MaybeUninit::uninit();
        let mut before = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: the sets are valid and written before they are read; blocked from here on, so that none
        // is lost between now and the first wait.
        let (signals, before) = unsafe {
            libc::sigemptyset(signals.as_mut_ptr());
            for signal in PASSED_ON.iter().chain([&libc::SIGCHLD]) {
                libc::sigaddset(signals.as_mut_ptr(), *signal);
            }
            libc::pthread_sigmask(libc::SIG_BLOCK, signals.as_ptr(), before.as_mut_ptr());
            (signals.assume_init(), before.assume_init())
        };
        // SAFETY: between fork and exec only the mask is set, which is async-signal-safe.
        unsafe {
            command.pre_exec(move || {
                libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
                Ok(())
            })
        };
        Ok(Self { process: command.spawn()?, signals })
    }

    /// Waits for its end, calling `look` now and then.
    pub fn wait(mut self, mut look: impl FnMut() -> io::Result<()>) -> io::Result<Ended> {
        let period = libc::timespec { tv_sec: 0, tv_nsec: PERIOD.as_nanos() as _ };
        loop {
            let mut about = MaybeUninit::<libc::siginfo_t>::uninit();
            // SAFETY: valid arguments; `about` has room for what it writes.
            let signal =
                unsafe { libc::sigtimedwait(&raw const self.signals, about.as_mut_ptr(), &raw const period) };
            look()?;
            if let Some(status) = self.process.try_wait()? {
                return Ok(Ended(status));
            }
            // SAFETY: written when a signal was received.
            if PASSED_ON.contains(&signal) && unsafe { about.assume_init() }.si_code != libc::SI_KERNEL {
                // What a terminal sends, the program has got as well: that comes from the kernel.
                // SAFETY: our own child, which has not been waited for.
                unsafe { libc::kill(self.process.id().cast_signed(), signal) };
            }
        }
    }
}

impl Ended {
    /// The program's exit status, or its death by a signal, as this command's own.
    pub fn pass_on(self) -> ExitCode {
        if let Some(signal) = self.0.signal() {
            let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            // SAFETY: ends this process the way the program ended, without a core file of its own.
            unsafe {
                libc::setrlimit(libc::RLIMIT_CORE, &raw const none);
                libc::signal(signal, libc::SIG_DFL);
                let mut only = MaybeUninit::<libc::sigset_t>::uninit();
                libc::sigemptyset(only.as_mut_ptr());
                libc::sigaddset(only.as_mut_ptr(), signal);
                libc::pthread_sigmask(libc::SIG_UNBLOCK, only.as_ptr(), std::ptr::null_mut());
                libc::raise(signal);
            }
        }
        ExitCode::from(u8::try_from(self.0.code().unwrap_or(1)).unwrap_or(1))
    }
}
