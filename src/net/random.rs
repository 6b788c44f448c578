//! Randomness that a peer cannot predict (RFC 6455, section 10.3, wants masking keys to be).

use std::cell::RefCell;
use std::io;

/// Fills `buffer` from the system's generator. Blocks only before the system has gathered its first randomness.
///
/// # Errors
/// When the system has no generator.
pub fn fill(buffer: &mut [u8]) -> io::Result<()> {
    let mut filled = 0;
    while filled < buffer.len() {
        let rest = &mut buffer[filled..];
        // SAFETY: the rest of the buffer is valid for its length.
        let count = unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
        match usize::try_from(count) {
            Ok(count) => filled += count,
            Err(_) => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
        }
    }
    Ok(())
}

/// Bytes fetched at once: a system call for each key would be most of a small frame's cost.
const POOL: usize = 256;

/// A stock of random bytes, each given out once.
#[derive(Debug)]
pub struct Pool {
    stock: RefCell<Stock>,
}

#[derive(Debug)]
struct Stock {
    bytes: [u8; POOL],
    used: usize,
    /// Whose bytes they are: a child process must not give out what its parent does.
    process: u32,
}

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}

impl Pool {
    /// An empty stock.
    pub const fn new() -> Self {
        Self { stock: RefCell::new(Stock { bytes: [0; POOL], used: POOL, process: 0 }) }
    }

    /// A masking key.
    ///
    /// # Errors
    /// As [`fill`].
    pub fn key(&self) -> io::Result<[u8; 4]> {
        let mut stock = self.stock.borrow_mut();
        let process = std::process::id();
        if stock.used + 4 > POOL || stock.process != process {
            fill(&mut stock.bytes)?;
            stock.used = 0;
            stock.process = process;
        }
        let used = stock.used;
        let key = [stock.bytes[used], stock.bytes[used + 1], stock.bytes[used + 2], stock.bytes[used + 3]];
        stock.bytes[used..used + 4].fill(0);
        stock.used = used + 4;
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_beyond_a_stock() {
        let pool = Pool::new();
        let mut keys: Vec<[u8; 4]> = (0..POOL).map(|_| pool.key().unwrap()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert!(keys.len() > POOL - 4, "{}", keys.len());
    }
}
