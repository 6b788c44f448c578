//! Settings from the environment.

use std::ffi::OsString;

/// The value of an environment variable, for settings that open files, lift limits or weaken checks.
///
/// A program that was given privileges its caller does not have (`AT_SECURE`: set-user-id, file
/// capabilities) is not steered by its caller's environment: there, nothing is set.
pub fn trusted(name: &str) -> Option<OsString> {
    // SAFETY: only reads what the kernel told the process when it started.
    let privileged = unsafe { libc::getauxval(libc::AT_SECURE) } != 0;
    if privileged { None } else { std::env::var_os(name).filter(|value| !value.is_empty()) }
}

/// A number from the environment; `None` when the variable is unset, or not a number.
pub fn trusted_number(name: &str) -> Option<u64> {
    trusted(name)?.to_str()?.trim().parse().ok()
}
