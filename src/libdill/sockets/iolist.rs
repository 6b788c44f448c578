//! Scattered buffers: chains of `dill_iolist`, checked once, then walked by a cursor.

use super::super::error::{Error, Result};
use super::types::dill_iolist;
use std::mem::MaybeUninit;
use std::ptr;

/// Pieces handed to the system at once.
pub const PIECES: usize = 16;

/// What a chain is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Use {
    /// To be sent: it ends at its last item, and every item has its bytes.
    Send,
    /// To be filled. It may end before its last item: protocols written after the original's PREFIX cut the chain and
    /// leave `last` as it is. An item without bytes skips as many.
    Receive,
}

/// A list as it was passed in: its first and its last item.
#[derive(Clone, Copy, Debug)]
pub struct List {
    first: *mut dill_iolist,
    last: *mut dill_iolist,
}

impl List {
    /// The list of these items.
    ///
    /// # Safety
    /// `first` and `last` are NULL or point to items that are valid, with what they point to, for as long as the list,
    /// the chain that it becomes, or a cursor on it is used.
    pub unsafe fn new(first: *mut dill_iolist, last: *mut dill_iolist) -> Self {
        Self { first, last }
    }

    /// The first and the last item.
    pub fn ends(self) -> (*mut dill_iolist, *mut dill_iolist) {
        (self.first, self.last)
    }

    /// A checked list without its first `count` bytes: an item to begin with, and the last item, unless that is the one
    /// it begins with. `None` when nothing is left.
    pub fn after(self, mut count: usize) -> Option<(dill_iolist, Option<*mut dill_iolist>)> {
        let mut item = self.first;
        // SAFETY: NULL or an item of the list.
        while let Some(node) = unsafe { item.as_ref() } {
            if node.iol_len > count {
                let begin = match node.iol_base.is_null() {
                    true => node.iol_base,
                    false => node.iol_base.wrapping_byte_add(count),
                };
                let begin = dill_iolist { iol_base: begin, iol_len: node.iol_len - count, ..*node };
                return Some((begin, (!node.iol_next.is_null()).then_some(self.last)));
            }
            count -= node.iol_len;
            item = node.iol_next;
        }
        None
    }

    /// Checks the list: it has an end, no item is marked as being in use, and `last` is what it says. The items are
    /// only read.
    ///
    /// Two NULL pointers are a chain without end whose bytes are skipped, and of no bytes when sent.
    ///
    /// # Errors
    /// `EINVAL`.
    pub fn check(self, purpose: Use) -> Result<Chain> {
        let Self { first, last } = self;
        if first.is_null() && last.is_null() {
            return Ok(Chain { first, bytes: if purpose == Use::Receive { usize::MAX } else { 0 } });
        }
        // SAFETY: not NULL, so valid.
        if first.is_null() || last.is_null() || !unsafe { (*last).iol_next }.is_null() {
            return Err(Error::InvalidArgument);
        }
        let mut bytes = 0usize;
        let mut item = first.cast_const();
        // Loops are found as Brent does it: by meeting an item again that is remembered for ever longer.
        let (mut remembered, mut steps, mut patience) = (ptr::null(), 0usize, 1usize);
        let mut previous = ptr::null();
        // SAFETY: NULL or an item of the list.
        while let Some(node) = unsafe { item.as_ref() } {
            if node.iol_rsvd != 0 || item == remembered {
                return Err(Error::InvalidArgument);
            }
            if purpose == Use::Send && node.iol_base.is_null() && node.iol_len > 0 {
                return Err(Error::InvalidArgument);
            }
            if steps == patience {
                (remembered, steps, patience) = (item, 0, patience.saturating_mul(2));
            }
            steps += 1;
            bytes = bytes.saturating_add(node.iol_len);
            previous = item;
            item = node.iol_next;
        }
        let chain = Chain { first, bytes };
        if purpose == Use::Send {
            if previous != last.cast_const() {
                return Err(Error::InvalidArgument);
            }
            chain.check_size()?;
        }
        Ok(chain)
    }
}

/// A list that was checked.
#[derive(Clone, Copy, Debug)]
pub struct Chain {
    first: *const dill_iolist,
    bytes: usize,
}

impl Chain {
    /// How many bytes it holds.
    pub fn size(&self) -> usize {
        self.bytes
    }

    /// Refuses more bytes than there can be, as the system does: -1, which an error has become, would have memory sent
    /// that nobody wanted to send, or overwritten. A list for a message may say so: it is only filled as far as that goes.
    ///
    /// # Errors
    /// `EINVAL`.
    #[inline]
    pub fn check_size(&self) -> Result<()> {
        if isize::try_from(self.bytes).is_ok() { Ok(()) } else { Err(Error::InvalidArgument) }
    }

    /// Whether it takes any number of bytes, and keeps none.
    pub fn is_endless(&self) -> bool {
        self.first.is_null() && self.bytes > 0
    }
}

/// A part of memory; NULL where bytes are skipped.
#[derive(Clone, Copy, Debug)]
struct Span {
    base: *mut u8,
    len: usize,
}

impl Span {
    const NONE: Self = Self { base: ptr::null_mut(), len: 0 };
}

/// A position in memory that is filled or sent: perhaps some bytes of ours, a chain, and some bytes of ours again.
///
/// It holds pointers only, so that it may stay on the stack of a coroutine that waits.
#[derive(Clone, Debug)]
pub struct Cursor {
    now: Span,
    item: *const dill_iolist,
    /// Bytes of the chain after `now`.
    chained: usize,
    tail: Span,
}

impl Cursor {
    /// At the beginning of a chain.
    pub fn new(chain: &Chain) -> Self {
        if chain.is_endless() {
            let now = Span { base: ptr::null_mut(), len: usize::MAX };
            return Self { now, item: ptr::null(), chained: 0, tail: Span::NONE };
        }
        Self { now: Span::NONE, item: chain.first, chained: chain.bytes, tail: Span::NONE }
    }

    /// On `len` bytes at `base`; NULL skips them.
    ///
    /// # Safety
    /// The bytes are valid, to be written if the cursor is used to receive, while it is used.
    pub unsafe fn over(base: *mut u8, len: usize) -> Self {
        Self { now: Span::NONE, item: ptr::null(), chained: 0, tail: Span { base, len } }
    }

    /// On bytes to be sent.
    ///
    /// # Safety
    /// The bytes outlive the cursor.
    pub unsafe fn sending(bytes: &[u8]) -> Self {
        // SAFETY: as promised; a cursor that sends is only read from.
        unsafe { Self::over(bytes.as_ptr().cast_mut(), bytes.len()) }
    }

    /// Puts bytes to be sent before a cursor that is at its beginning.
    ///
    /// # Safety
    /// The bytes outlive the cursor.
    pub unsafe fn after(mut self, head: &[u8]) -> Self {
        debug_assert_eq!(self.now.len, 0);
        self.now = Span { base: head.as_ptr().cast_mut(), len: head.len() };
        self
    }

    /// Puts bytes to be sent at the end.
    ///
    /// # Safety
    /// The bytes outlive the cursor.
    pub unsafe fn before(mut self, tail: &[u8]) -> Self {
        self.tail = Span { base: tail.as_ptr().cast_mut(), len: tail.len() };
        self
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.now.len.saturating_add(self.chained).saturating_add(self.tail.len)
    }

    /// A cursor on the next `len` bytes of this one, at most.
    pub fn limited(&self, len: usize) -> Self {
        let mut limited = self.clone();
        limited.now.len = limited.now.len.min(len);
        let mut left = len - limited.now.len;
        limited.chained = limited.chained.min(left);
        left -= limited.chained;
        limited.tail.len = limited.tail.len.min(left);
        limited
    }

    /// Goes to the next bytes; false at the end.
    fn load(&mut self) -> bool {
        while self.now.len == 0 {
            if self.chained > 0 {
                // SAFETY: items of a checked chain; `chained` counts what they hold. A chain that was changed meanwhile
                // ends where it ends.
                let Some(node) = (unsafe { self.item.as_ref() }) else {
                    self.chained = 0;
                    continue;
                };
                let len = node.iol_len.min(self.chained);
                self.now = Span { base: node.iol_base.cast(), len };
                self.chained -= len;
                self.item = node.iol_next;
            } else if self.tail.len > 0 {
                self.now = std::mem::replace(&mut self.tail, Span::NONE);
            } else {
                return false;
            }
        }
        true
    }

    /// The next bytes that lie together: where, NULL to be skipped, and how many. `None` at the end.
    pub fn piece(&mut self) -> Option<(*mut u8, usize)> {
        self.load().then_some((self.now.base, self.now.len))
    }

    /// Goes on by `count` bytes.
    pub fn advance(&mut self, mut count: usize) {
        while count > 0 && self.load() {
            let step = count.min(self.now.len);
            self.pass(step);
            count -= step;
        }
    }

    /// Goes on by bytes that lie together.
    #[inline]
    fn pass(&mut self, step: usize) {
        if !self.now.base.is_null() {
            self.now.base = self.now.base.wrapping_add(step);
        }
        // What skips without end does not get shorter.
        if self.now.len != usize::MAX {
            self.now.len -= step;
        }
    }

    /// Copies to where it is, as far as there is room, and goes on. Returns how many bytes it took.
    pub fn put(&mut self, mut bytes: &[u8]) -> usize {
        let all = bytes.len();
        while !bytes.is_empty() {
            let Some((base, len)) = self.piece() else { break };
            let step = len.min(bytes.len());
            if !base.is_null() {
                // SAFETY: `step` bytes at the cursor are the caller's to write. They may be the program's own copy of
                // what is read here, so the ranges may overlap.
                unsafe { ptr::copy(bytes.as_ptr(), base, step) };
            }
            self.pass(step);
            bytes = &bytes[step..];
        }
        all - bytes.len()
    }

    /// Copies from where it is to all of `target`, as far as there is something, and goes on. Returns how many bytes.
    pub fn take(&mut self, target: &mut [u8]) -> usize {
        let mut used = 0;
        while used < target.len() {
            let Some((base, len)) = self.piece() else { break };
            let step = len.min(target.len() - used);
            if base.is_null() {
                target[used..used + step].fill(0);
            } else {
                // SAFETY: `step` bytes at the cursor can be read, and the target has room for them.
                unsafe { ptr::copy(base, target[used..].as_mut_ptr(), step) };
            }
            self.pass(step);
            used += step;
        }
        used
    }

    /// Copies the bytes that come next, up to the first that are skipped. Returns how many.
    pub fn copy_beginning(&self, target: &mut [u8]) -> usize {
        let mut walk = self.clone();
        let mut used = 0;
        while used < target.len() {
            let Some((base, len)) = walk.piece().filter(|(base, _)| !base.is_null()) else { break };
            let step = len.min(target.len() - used);
            // SAFETY: `step` bytes at the cursor can be read, and the target has room for them.
            unsafe { ptr::copy(base, target[used..].as_mut_ptr(), step) };
            walk.advance(step);
            used += step;
        }
        used
    }

    /// All of the bytes, where they lie together: the most frequent case.
    #[inline]
    pub fn only_piece(&self) -> Option<libc::iovec> {
        let span = match (self.now.len, self.chained, self.tail.len) {
            (_, 0, 0) => self.now,
            (0, 0, _) => self.tail,
            // SAFETY: NULL or an item of a checked chain.
            (0, chained, 0) => match unsafe { self.item.as_ref() } {
                Some(node) if node.iol_len == chained => Span { base: node.iol_base.cast(), len: chained },
                _ => return None,
            },
            _ => return None,
        };
        let whole = !span.base.is_null() && isize::try_from(span.len).is_ok();
        whole.then_some(libc::iovec { iov_base: span.base.cast(), iov_len: span.len })
    }

    /// Describes the next bytes to the system: as many pieces as fit, up to one that is to be skipped. Returns how many
    /// pieces, and how many bytes they have.
    pub fn describe(&self, pieces: &mut [MaybeUninit<libc::iovec>]) -> (usize, usize) {
        let mut walk = self.clone();
        let (mut count, mut bytes) = (0usize, 0usize);
        while count < pieces.len() {
            let Some((base, len)) = walk.piece() else { break };
            // The system takes no more than this at once.
            let len = len.min(isize::MAX as usize - bytes);
            if base.is_null() || len == 0 {
                break;
            }
            pieces[count].write(libc::iovec { iov_base: base.cast(), iov_len: len });
            count += 1;
            bytes += len;
            walk.advance(len);
        }
        (count, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(base: &mut [u8]) -> dill_iolist {
        dill_iolist {
            iol_base: base.as_mut_ptr().cast(),
            iol_len: base.len(),
            iol_next: ptr::null_mut(),
            iol_rsvd: 0,
        }
    }

    /// Links the items in their order.
    fn link(items: &mut [dill_iolist]) -> (*mut dill_iolist, *mut dill_iolist) {
        let first = items.as_mut_ptr();
        let last = first.wrapping_add(items.len() - 1);
        for (index, item) in items.iter_mut().enumerate() {
            let own = first.wrapping_add(index);
            item.iol_next = if own == last { ptr::null_mut() } else { own.wrapping_add(1) };
        }
        (first, last)
    }

    fn check(first: *mut dill_iolist, last: *mut dill_iolist, purpose: Use) -> Result<Chain> {
        // SAFETY: the tests' items are alive.
        unsafe { List::new(first, last) }.check(purpose)
    }

    #[test]
    fn malformed_chains_are_refused_and_left_alone() {
        let (mut a, mut b, mut c) = ([0; 1], [0; 2], [0; 3]);
        let mut items = [item(&mut a), item(&mut b), item(&mut c)];
        let (first, last) = link(&mut items);
        for purpose in [Use::Send, Use::Receive] {
            assert_eq!(check(first, last, purpose).unwrap().size(), 6);
            assert!(check(first, ptr::null_mut(), purpose).is_err());
            assert!(check(ptr::null_mut(), last, purpose).is_err());
            assert!(check(first, first, purpose).is_err(), "last has a successor");
        }
        items[1].iol_rsvd = 1;
        assert!(check(first, last, Use::Receive).is_err());
        items[1].iol_rsvd = 0;
        items[1].iol_next = ptr::null_mut();
        assert!(check(first, last, Use::Send).is_err());
        assert_eq!(check(first, last, Use::Receive).unwrap().size(), 3, "a chain that was cut");
        assert!(items.iter().all(|item| item.iol_rsvd == 0));
    }

    #[test]
    fn more_bytes_than_there_can_be_are_refused() {
        let base = ptr::NonNull::dangling().as_ptr();
        let sized = |len| dill_iolist { iol_base: base, iol_len: len, ..item(&mut []) };
        for (one, two) in [(usize::MAX, 0), (1, isize::MAX as usize), (usize::MAX, usize::MAX)] {
            let mut items = [sized(one), sized(two)];
            let (first, last) = link(&mut items);
            assert_eq!(check(first, last, Use::Send).err(), Some(Error::InvalidArgument));
            assert!(check(first, last, Use::Receive).unwrap().check_size().is_err());
        }
        let mut items = [sized(0), sized(isize::MAX as usize)];
        let (first, last) = link(&mut items);
        assert!(check(first, last, Use::Send).is_ok());
    }

    #[test]
    fn loops_of_every_length_are_found() {
        for length in 1..40 {
            for back in 0..length {
                let mut bytes = [0u8; 1];
                let mut items = vec![item(&mut bytes); length];
                let (first, _) = link(&mut items);
                items[length - 1].iol_next = first.wrapping_add(back);
                let mut other = item(&mut bytes);
                assert!(check(first, &raw mut other, Use::Receive).is_err());
            }
        }
    }

    #[test]
    fn a_cursor_fills_every_item_and_skips_where_there_is_none() {
        let (mut a, mut b) = ([0; 2], [0; 4]);
        let mut skip = item(&mut []);
        (skip.iol_base, skip.iol_len) = (ptr::null_mut(), 3);
        let mut items = [item(&mut a), item(&mut []), skip, item(&mut b)];
        let (first, last) = link(&mut items);
        let mut cursor = Cursor::new(&check(first, last, Use::Receive).unwrap());
        assert_eq!(cursor.remaining(), 9);
        assert_eq!(cursor.put(b"0"), 1);
        assert_eq!(cursor.put(b"12345678"), 8);
        assert_eq!((cursor.remaining(), cursor.put(b"x")), (0, 0));
        assert_eq!((&a, &b), (b"01", b"5678"));
    }

    #[test]
    fn head_chain_and_tail_are_sent_in_order_and_can_be_cut() {
        let (mut a, mut b) = (*b"cd", *b"ef");
        let mut items = [item(&mut a), item(&mut b)];
        let (first, last) = link(&mut items);
        let chain = check(first, last, Use::Send).unwrap();
        // SAFETY: literals.
        let cursor = unsafe { Cursor::new(&chain).after(b"ab").before(b"gh") };
        for cut in 0..10 {
            let mut limited = cursor.limited(cut);
            let expected = &b"abcdefgh"[..cut.min(8)];
            assert_eq!(limited.remaining(), expected.len());
            let mut pieces = [MaybeUninit::uninit(); PIECES];
            assert_eq!(limited.describe(&mut pieces).1, expected.len());
            if let Some(piece) = limited.only_piece() {
                assert!(cut <= 2 && piece.iov_len == cut, "the head only");
            }
            let mut target = [0; 9];
            assert_eq!(limited.take(&mut target), expected.len());
            assert_eq!(&target[..expected.len()], expected);
        }
    }

    #[test]
    fn no_chain_at_all_takes_everything() {
        let chain = check(ptr::null_mut(), ptr::null_mut(), Use::Receive).unwrap();
        let mut cursor = Cursor::new(&chain);
        assert!(chain.is_endless());
        assert_eq!(cursor.put(&[0; 5000]), 5000);
        assert_eq!(cursor.remaining(), usize::MAX);
        assert_eq!(cursor.limited(7).remaining(), 7);
        assert_eq!(check(ptr::null_mut(), ptr::null_mut(), Use::Send).unwrap().size(), 0);
    }
}
