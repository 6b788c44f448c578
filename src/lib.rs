//! relink: drop-in, C-ABI compatible replacements for five legacy C messaging libraries.
//!
//! The map of the house. Shared rooms know no library by name; a library room never imports from
//! another library room; only a room's `capi` is visible to C.

pub mod ffi;
pub mod libdill;
pub mod libwebsockets;
pub mod lwmsg;
pub mod net;
pub mod trace;
pub mod waltham;
pub mod websocket;
pub mod wslay;
