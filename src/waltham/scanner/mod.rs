//! From protocol XML to code: the one source of the library's own messages, and a tool for users.
//!
//! `build.rs` compiles this module too, and makes the library's senders and tables with [`rust`]; the
//! `relink scan` command makes C with [`c`]. Depends on nothing else of the house for that reason.

pub mod c;
pub mod check;
pub mod model;
pub mod rust;

/// The core protocol. The order of its files decides the opcodes.
///
/// # Errors
/// Complaints about it, if somebody broke it.
pub fn core() -> Result<model::Protocol, Vec<model::Diagnostic>> {
    let files = [
        ("private.xml", include_str!("../protocol/private.xml")),
        ("public.xml", include_str!("../protocol/public.xml")),
        ("command.xml", include_str!("../protocol/command.xml")),
        ("ivi.xml", include_str!("../protocol/ivi.xml")),
    ];
    model::parse(&files, 1, &CORE_STRUCTS)
}

/// Structs that the core's headers declare and that no interface describes.
pub const CORE_STRUCTS: [&str; 1] = ["wthp_resource"];
