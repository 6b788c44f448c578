//! Whether what one side writes is what the other reads.

use super::*;
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::program::table::flag;
use std::collections::HashSet;

/// Whether every value of the right type is one of the left type, encoded the same way; else MALFORMED. Names do not
/// matter.
///
/// # Safety
/// Both are descriptions, or NULL for no type.
pub unsafe fn is_assignable(left: *const TypeRep, right: *const TypeRep) -> Result<()> {
    // SAFETY: as promised by the caller.
    let assignable = unsafe { Assignment::default().types(left, right) };
    if assignable { Ok(()) } else { Err(Status::MALFORMED) }
}

#[derive(Default)]
struct Assignment {
    /// Pairs that are true unless something else contradicts: types refer to themselves.
    assumed: HashSet<(*const TypeRep, *const TypeRep)>,
    depth: usize,
}

impl Assignment {
    /// # Safety
    /// As [`is_assignable`].
    unsafe fn types(&mut self, left: *const TypeRep, right: *const TypeRep) -> bool {
        // SAFETY: NULL or live, as promised by the caller.
        let (l, r) = match unsafe { (left.as_ref(), right.as_ref()) } {
            (Some(left), Some(right)) => (left, right),
            (None, None) => return true,
            _ => return false,
        };
        if l.kind != r.kind {
            return false;
        }
        if !self.assumed.insert((left, right)) {
            return true;
        }
        self.depth += 1;
        // SAFETY: both have that kind, and descriptions are complete.
        let same = self.depth <= MAX_DEPTH
            && unsafe {
                match l.kind {
                    kind::VOID => true,
                    kind::INTEGER => integers(l, r),
                    kind::ENUM => enumerations(&*l.info.enumeration, &*r.info.enumeration),
                    kind::STRUCT => self.structures(&*l.info.structure, &*r.info.structure),
                    kind::UNION => self.unions(l.info.union, r.info.union),
                    kind::POINTER | kind::ARRAY => {
                        let (left, right) = (l.info.indirect, r.info.indirect);
                        l.flags == r.flags
                            && left.zero_terminated == right.zero_terminated
                            && left.static_length == right.static_length
                            && left.length_member == right.length_member
                            && self.types(left.element, right.element)
                    }
                    _ => false,
                }
            };
        self.depth -= 1;
        same
    }

    /// # Safety
    /// As [`is_assignable`].
    unsafe fn structures(&mut self, left: &StructDef, right: &StructDef) -> bool {
        // SAFETY: counted arrays of the descriptions.
        let (l, r) = unsafe { (slice(left.fields, left.count), slice(right.fields, right.count)) };
        // SAFETY: as promised by the caller.
        l.len() == r.len() && l.iter().zip(r).all(|(left, right)| unsafe { self.types(left.ty, right.ty) })
    }

    /// # Safety
    /// As [`is_assignable`].
    unsafe fn unions(&mut self, left: UnionRep, right: UnionRep) -> bool {
        // SAFETY: counted arrays of the descriptions.
        let (l, r) = unsafe {
            let (left, right) = (&*left.definition, &*right.definition);
            (slice(left.arms, left.count), slice(right.arms, right.count))
        };
        left.discriminator == right.discriminator
            && r.iter().all(|right| {
                let left = l.iter().find(|left| left.tag == right.tag);
                // SAFETY: as promised by the caller.
                left.is_some_and(|left| unsafe { self.types(left.ty, right.ty) })
            })
    }
}

/// # Safety
/// Both are integers.
unsafe fn integers(left: &TypeRep, right: &TypeRep) -> bool {
    // SAFETY: as promised by the caller.
    let (l, r) = unsafe { (left.info.integer, right.info.integer) };
    // SAFETY: definitions are never NULL.
    let (ldef, rdef) = unsafe { (*l.definition, *r.definition) };
    if ldef.width != rdef.width || ldef.sign != rdef.sign {
        return false;
    }
    if left.flags & flag::RANGE == 0 {
        return true;
    }
    let inside = match ldef.sign {
        0 => l.lower as i64 <= r.lower as i64 && l.upper as i64 >= r.upper as i64,
        _ => l.lower <= r.lower && l.upper >= r.upper,
    };
    right.flags & flag::RANGE != 0 && inside
}

/// # Safety
/// Both are complete.
unsafe fn enumerations(left: &EnumDef, right: &EnumDef) -> bool {
    // SAFETY: counted arrays of the descriptions.
    let (l, r) = unsafe { (slice(left.variants, left.count), slice(right.variants, right.count)) };
    let known =
        |right: &VariantRep| l.iter().any(|left| left.is_mask == right.is_mask && left.value == right.value);
    left.width == right.width && left.sign == right.sign && r.iter().all(known)
}
