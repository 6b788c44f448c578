//! `type.h`.

use super::super::error::Status;
use super::super::program::table::{Attributes, flag};
use super::super::types::*;

/// # Safety
/// What a class function was given.
unsafe fn borrow<'a>(ty: *const LWMsgType) -> &'a Attributes {
    // SAFETY: as promised by the caller.
    unsafe { &*ty.cast::<Attributes>() }
}

/// Returns the attributes of a type that a function of a custom class was given: LWMSG_TYPE_FLAG_NOT_NULL and so on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_type_get_flags(r#type: *const LWMsgType) -> LWMsgTypeFlags {
    // SAFETY: as the caller promises.
    unsafe { borrow(r#type) }.flags
}

/// Returns the bits of LWMSG_ATTR_CUSTOM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_type_get_custom_flags(r#type: *const LWMsgType) -> usize {
    // SAFETY: as the caller promises.
    unsafe { borrow(r#type) }.custom
}

/// Stores the bounds of LWMSG_ATTR_RANGE.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER when there are none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_type_get_integer_range(
    r#type: *const LWMsgType,
    low: *mut usize,
    high: *mut usize,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    let attributes = unsafe { borrow(r#type) };
    if attributes.flags & flag::RANGE == 0 {
        return Status::INVALID_PARAMETER.0;
    }
    // SAFETY: places for the results.
    unsafe {
        low.write(attributes.range_low);
        high.write(attributes.range_high);
    }
    Status::SUCCESS.0
}
