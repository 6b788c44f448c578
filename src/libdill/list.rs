//! Lists of things that stay where they are: frames of blocked calls, control blocks of coroutines.

use std::cell::Cell;
use std::ptr;

/// The two pointers that a member of a list contains.
#[derive(Debug)]
pub struct Link<T> {
    previous: Cell<*const T>,
    next: Cell<*const T>,
}

impl<T> Link<T> {
    /// In no list.
    pub const fn new() -> Self {
        Self { previous: Cell::new(ptr::null()), next: Cell::new(ptr::null()) }
    }
}

/// What can be a member of a list.
pub trait Linked: Sized {
    /// Its link.
    fn link(&self) -> &Link<Self>;
}

/// A list in the order of arrival.
#[derive(Debug)]
pub struct List<T> {
    first: Cell<*const T>,
    last: Cell<*const T>,
}

impl<T: Linked> List<T> {
    /// An empty list.
    pub const fn new() -> Self {
        Self { first: Cell::new(ptr::null()), last: Cell::new(ptr::null()) }
    }

    /// The member that arrived first; NULL when there is none.
    #[inline]
    pub fn first(&self) -> *const T {
        self.first.get()
    }

    /// Whether there is no member.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.first.get().is_null()
    }

    /// Adds a member behind all others.
    ///
    /// # Safety
    /// `item` is in no list, and stays where it is until it is removed.
    #[inline]
    pub unsafe fn push(&self, item: *const T) {
        let last = self.last.get();
        // SAFETY: live, as promised.
        let link = unsafe { &*item }.link();
        link.previous.set(last);
        link.next.set(ptr::null());
        if last.is_null() {
            self.first.set(item);
        } else {
            // SAFETY: a member, so live.
            unsafe { &*last }.link().next.set(item);
        }
        self.last.set(item);
    }

    /// Removes a member.
    ///
    /// # Safety
    /// `item` is a member of this list.
    #[inline]
    pub unsafe fn remove(&self, item: *const T) {
        // SAFETY: a member, so live.
        let link = unsafe { &*item }.link();
        let (previous, next) = (link.previous.get(), link.next.get());
        if previous.is_null() {
            self.first.set(next);
        } else {
            // SAFETY: a member, so live.
            unsafe { &*previous }.link().next.set(next);
        }
        if next.is_null() {
            self.last.set(previous);
        } else {
            // SAFETY: a member, so live.
            unsafe { &*next }.link().previous.set(previous);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Item(u8, Link<Item>);

    impl Linked for Item {
        fn link(&self) -> &Link<Self> {
            &self.1
        }
    }

    #[test]
    fn members_leave_from_anywhere_and_the_rest_keeps_its_order() {
        let items: Vec<Item> = (0..4).map(|number| Item(number, Link::new())).collect();
        let list = List::new();
        let order = |list: &List<Item>| {
            let mut numbers = Vec::new();
            let mut item = list.first();
            while !item.is_null() {
                // SAFETY: members of the list above.
                let member = unsafe { &*item };
                numbers.push(member.0);
                item = member.1.next.get();
            }
            numbers
        };
        // SAFETY: pushed once, removed while members.
        unsafe {
            items.iter().for_each(|item| list.push(item));
            assert_eq!(order(&list), [0, 1, 2, 3]);
            list.remove(&raw const items[1]);
            assert_eq!(order(&list), [0, 2, 3]);
            list.remove(&raw const items[3]);
            list.remove(&raw const items[0]);
            list.push(&raw const items[1]);
            assert_eq!(order(&list), [2, 1]);
            list.remove(&raw const items[2]);
            list.remove(&raw const items[1]);
        }
        assert!(list.is_empty());
    }
}
