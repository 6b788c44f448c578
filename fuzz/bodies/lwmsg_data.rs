//! Types and data from anywhere: a table is made of the first bytes, an object of the rest. It is refused, or gives
//! bytes that give the same object.

use relink::lwmsg::capi::data::*;
use relink::lwmsg::types::*;
use std::ffi::c_void;
use std::ptr;

const MEMBER: usize = 0x1_0000;
const STRUCT: usize = 1;
const UNION: usize = 2;
const INTEGER: usize = 3;
const POINTER: usize = 4;
const ARRAY: usize = 5;
const TYPESPEC: usize = 6;
const TERMINATION: usize = 7;
const TAG: usize = 8;
const DISCRIM: usize = 9;
const RANGE: usize = 12;
const NOT_NULL: usize = 13;
const VOID: usize = 15;
const ALIASABLE: usize = 18;
const ENUM: usize = 19;
const MAX_ALLOC: usize = 22;

/// Stands for the address of the table itself.
const SELF: usize = 0x5e1f_5e1f_5e1f_5e1f;

/// A table with a sound layout, chosen by bytes.
struct Generator<'a> {
    choices: &'a [u8],
    words: Vec<usize>,
}

impl Generator<'_> {
    fn choice(&mut self, below: usize) -> usize {
        let Some((first, rest)) = self.choices.split_first() else { return 0 };
        self.choices = rest;
        usize::from(*first) % below
    }

    fn push(&mut self, words: &[usize]) {
        self.words.extend_from_slice(words);
    }

    /// A command with its size and place.
    fn begin(&mut self, command: usize, size: Option<usize>, offset: Option<usize>) {
        self.push(&[if offset.is_some() { command | MEMBER } else { command }]);
        self.words.extend(size);
        self.words.extend(offset);
    }

    fn integer(&mut self, offset: Option<usize>) -> usize {
        let size = [1, 2, 4, 8][self.choice(4)];
        let width = 1 + self.choice(8);
        let sign = self.choice(2);
        self.begin(INTEGER, Some(size), offset);
        self.push(&[width, sign]);
        if self.choice(4) == 0 {
            let low = self.choice(16);
            self.push(&[RANGE, low.wrapping_sub(8), low + 100]);
        }
        size
    }

    fn enumeration(&mut self, offset: Option<usize>) -> usize {
        let size = [1, 2, 4, 8][self.choice(4)];
        self.begin(ENUM, Some(size), offset);
        let (width, sign) = (1 + self.choice(4), self.choice(2));
        self.push(&[width, sign]);
        for _ in 0..self.choice(5) {
            let (command, value) = (0x14 + self.choice(2), self.choice(256));
            self.push(&[command, value]);
        }
        self.push(&[0]);
        size
    }

    /// The last attributes of a pointer; `lengths` are fields that may say its length.
    fn length(&mut self, lengths: &[(usize, usize)]) {
        match self.choice(4) {
            0 => self.push(&[TERMINATION, 1]),
            1 if !lengths.is_empty() => {
                let (offset, size) = lengths[self.choice(lengths.len())];
                self.push(&[TERMINATION, 2, offset, size]);
            }
            2 => {
                let count = self.choice(4);
                self.push(&[TERMINATION, 0, count]);
            }
            _ => {}
        }
    }

    fn pointer(&mut self, offset: Option<usize>, lengths: &[(usize, usize)], depth: usize) -> usize {
        self.begin(POINTER, None, offset);
        if self.choice(5) == 0 {
            self.push(&[TYPESPEC, SELF]);
        } else {
            self.ty(None, lengths, depth + 1);
        }
        self.push(&[0]);
        self.length(lengths);
        for (attribute, odds) in [(NOT_NULL, 6), (ALIASABLE, 4)] {
            if self.choice(odds) == 1 {
                self.push(&[attribute]);
            }
        }
        if self.choice(8) == 1 {
            let most = self.choice(256);
            self.push(&[MAX_ALLOC, most]);
        }
        8
    }

    fn structure(&mut self, offset: Option<usize>, depth: usize) -> usize {
        let command = self.words.len();
        self.begin(STRUCT, Some(0), offset);
        let (mut size, mut lengths) = (0usize, Vec::new());
        for _ in 0..self.choice(7) {
            size = size.next_multiple_of(8);
            match self.choice(8) {
                0 if !lengths.is_empty() => {
                    size += self.union(Some(size), &lengths, depth + 1);
                }
                1 => {
                    let at = size;
                    let integer = self.integer(Some(at));
                    lengths.push((at, integer));
                    size += integer;
                }
                2 if depth < 4 => {
                    let count = self.choice(4);
                    self.begin(ARRAY, None, Some(size));
                    let element = self.ty(None, &lengths, depth + 1);
                    self.push(&[0, TERMINATION, 0, count]);
                    size += element * count;
                }
                _ => {
                    let at = size;
                    size += self.ty(Some(at), &lengths, depth + 1);
                }
            }
        }
        // An array at the end has its place behind the structure.
        if depth < 2 && !lengths.is_empty() && self.choice(3) == 0 {
            size = size.next_multiple_of(8);
            self.begin(ARRAY, None, Some(size));
            self.ty(None, &lengths, depth + 3);
            self.push(&[0]);
            let (field, width) = lengths[self.choice(lengths.len())];
            if self.choice(2) == 0 {
                self.push(&[TERMINATION, 1]);
            } else {
                self.push(&[TERMINATION, 2, field, width]);
            }
        }
        self.push(&[0]);
        let size = size.next_multiple_of(8).max(8);
        self.words[command + 1] = size;
        size
    }

    fn union(&mut self, offset: Option<usize>, lengths: &[(usize, usize)], depth: usize) -> usize {
        let command = self.words.len();
        self.begin(UNION, Some(0), offset);
        let mut size = 0;
        for tag in 0..self.choice(4) {
            size = size.max(self.ty(Some(0), lengths, depth + 1));
            self.push(&[TAG, tag]);
        }
        self.push(&[0]);
        let size = size.next_multiple_of(8);
        self.words[command + 1] = size;
        let (field, width) = lengths[self.choice(lengths.len())];
        self.push(&[DISCRIM, field, width]);
        size
    }

    /// A type; its size.
    fn ty(&mut self, offset: Option<usize>, lengths: &[(usize, usize)], depth: usize) -> usize {
        match self.choice(6) {
            0 if depth < 6 => self.pointer(offset, lengths, depth),
            1 if depth < 5 => self.structure(offset, depth),
            2 => self.enumeration(offset),
            3 if depth > 1 && lengths.is_empty() => {
                self.push(&[if offset.is_some() { VOID | MEMBER } else { VOID }]);
                0
            }
            _ => self.integer(offset),
        }
    }
}

/// A buffer that gets a few bytes at a time.
struct Trickle<'a> {
    rest: &'a [u8],
    step: usize,
}

unsafe extern "C-unwind" fn trickle(buffer: *mut LWMsgBuffer, needed: usize) -> LWMsgStatus {
    // SAFETY: made below; the bytes are only read.
    unsafe {
        let state = &mut *(*buffer).data.cast::<Trickle<'_>>();
        if needed == 0 {
            return 0;
        }
        if state.rest.is_empty() {
            return 5;
        }
        let (now, rest) = state.rest.split_at(state.step.min(state.rest.len()));
        state.rest = rest;
        (*buffer).base = now.as_ptr().cast_mut();
        (*buffer).cursor = (*buffer).base;
        (*buffer).end = (*buffer).base.add(now.len());
    }
    0
}

/// # Safety
/// What `lwmsg_data_marshal_flat_alloc` needs.
unsafe fn bytes_of(data: *mut LWMsgDataContext, spec: *const usize, object: *mut c_void) -> Option<Vec<u8>> {
    let (mut bytes, mut length) = (ptr::null_mut(), 0);
    // SAFETY: as promised by the caller.
    unsafe {
        if lwmsg_data_marshal_flat_alloc(data, spec, object, &mut bytes, &mut length) != 0 {
            return None;
        }
        let copy = std::slice::from_raw_parts(bytes.cast::<u8>(), length).to_vec();
        lwmsg_data_free_memory(data, bytes);
        Some(copy)
    }
}

pub fn body(input: &[u8]) {
    let Some((first, input)) = input.split_first() else { return };
    let (choices, input) = input.split_at(usize::from(*first).min(input.len()));
    let mut generator = Generator { choices, words: Vec::new() };
    let top = generator.choice(3);
    if top == 0 {
        generator.pointer(None, &[], 0)
    } else {
        generator.structure(None, 0)
    };
    generator.push(&[0]);
    let mut table = generator.words.into_boxed_slice();
    let address = table.as_ptr() as usize;
    table.iter_mut().filter(|word| **word == SELF).for_each(|word| *word = address);
    let spec = table.as_ptr();
    // SAFETY: the table describes memory that the library itself allocates.
    crate::lwmsg_memory::counted(|context| unsafe {
        let mut data = ptr::null_mut();
        assert_eq!(lwmsg_data_context_new(context, &mut data), 0);
        lwmsg_data_context_set_byte_order(data, LWMsgByteOrder::from(first & 1));
        let mut object = ptr::null_mut();
        let status = lwmsg_data_unmarshal_flat(data, spec, input.as_ptr().cast(), input.len(), &mut object);
        let mut state = Trickle { rest: input, step: 1 + usize::from(first & 7) };
        let mut buffer = LWMsgBuffer {
            base: ptr::null_mut(),
            end: ptr::null_mut(),
            cursor: ptr::null_mut(),
            wrap: Some(trickle),
            data: (&raw mut state).cast(),
        };
        let mut slow = ptr::null_mut();
        let slowly = lwmsg_data_unmarshal(data, spec, &mut buffer, &mut slow);
        assert_eq!(status == 0, slowly == 0);
        if status == 0 {
            let bytes = bytes_of(data, spec, object);
            assert_eq!(bytes_of(data, spec, slow), bytes);
            assert_eq!(lwmsg_data_free_graph(data, spec, slow), 0);
            if let Some(bytes) = bytes {
                let mut again = ptr::null_mut();
                let status =
                    lwmsg_data_unmarshal_flat(data, spec, bytes.as_ptr().cast(), bytes.len(), &mut again);
                if status == 0 {
                    assert_eq!(bytes_of(data, spec, again).as_ref(), Some(&bytes));
                    assert_eq!(lwmsg_data_free_graph(data, spec, again), 0);
                }
            }
            let mut text = ptr::null_mut();
            if lwmsg_data_print_graph_alloc(data, spec, object, &mut text) == 0 {
                lwmsg_data_free_memory(data, text.cast());
            }
            assert_eq!(lwmsg_data_free_graph(data, spec, object), 0);
        }
        lwmsg_data_context_delete(data);
    });
}
