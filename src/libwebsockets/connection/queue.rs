//! What a connection has accepted and the system has not taken yet.

use std::collections::TryReserveError;

/// Bytes in order, taken from the front.
#[derive(Debug, Default)]
pub struct Queue {
    bytes: Vec<u8>,
    sent: usize,
    /// What the latest ping said that came meanwhile: it is answered behind the rest, and those before it are not (RFC
    /// 6455, section 5.5.3). A peer that pings and does not read has one answer waiting.
    pub ping: Option<Box<[u8]>>,
}

impl Queue {
    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.bytes.len() - self.sent
    }

    /// The bytes that wait.
    pub fn waiting(&self) -> &[u8] {
        &self.bytes[self.sent..]
    }

    /// Adds bytes at the end.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), TryReserveError> {
        // Moved to the front when most of the block is behind: each byte is moved about once.
        if self.sent > self.bytes.len() / 2 {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
        self.bytes.try_reserve(bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// Forgets the first bytes: they went.
    pub fn advance(&mut self, count: usize) {
        self.sent += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_leave_in_the_order_they_came() {
        let (mut queue, mut expected, mut seen) = (Queue::default(), Vec::new(), Vec::new());
        for round in 0..200u8 {
            let bytes = vec![round; usize::from(round) + 1];
            expected.extend_from_slice(&bytes);
            queue.push(&bytes).unwrap();
            let count = queue.len().min(90);
            seen.extend_from_slice(&queue.waiting()[..count]);
            queue.advance(count);
        }
        seen.extend_from_slice(queue.waiting());
        assert_eq!(seen, expected);
    }
}
