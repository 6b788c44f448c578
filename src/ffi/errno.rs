//! The calling thread's `errno`.

/// The present value.
#[inline]
pub fn get() -> i32 {
    // SAFETY: `__errno_location` returns a valid pointer to the calling thread's errno.
    unsafe { *libc::__errno_location() }
}

/// Sets the value.
#[inline]
pub fn set(value: i32) {
    // SAFETY: as in `get`; no reference to errno outlives the statement.
    unsafe { *libc::__errno_location() = value }
}

/// Where the calling thread's errno is, as long as the thread lives: for those who set it so often that finding it counts.
#[inline]
pub fn place() -> *mut i32 {
    // SAFETY: may be called at any time.
    unsafe { libc::__errno_location() }
}

/// Keeps `errno` as it was when the value was made: restored on drop.
///
/// For entry points that promise not to disturb `errno`. Do not hold one across a user callback:
/// what the callback leaves in `errno` belongs to the program.
#[derive(Debug)]
pub struct Preserved(i32);

impl Preserved {
    /// Remembers the present value.
    #[inline]
    #[expect(clippy::new_without_default, reason = "remembering errno is an act, not a default")]
    pub fn new() -> Self {
        Self(get())
    }
}

impl Drop for Preserved {
    #[inline]
    fn drop(&mut self) {
        set(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preserved_restores_what_it_saw() {
        set(libc::EPROTO);
        {
            let _keep = Preserved::new();
            set(libc::EINVAL);
        }
        assert_eq!(get(), libc::EPROTO);
    }
}
