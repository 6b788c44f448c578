//! The boundary between C and Rust, shared by every library room.
//!
//! Only `capi` modules call [`guard`]; the other modules are for any code that meets C data.
//! Nothing in here knows a library by name.

pub mod afterwards;
pub mod alloc;
pub mod cancel;
pub mod cstr;
pub mod environment;
pub mod errno;
pub mod fork;
pub mod guard;
pub mod handle;
pub mod log;
pub mod slice;
pub mod thread;
mod variadic;

pub use variadic::CFormatted;
