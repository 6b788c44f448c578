//! The public types have the layout that compiled programs rely on: asserted from `layout.tsv`.

use super::types::*;

include!(concat!(env!("OUT_DIR"), "/libwebsockets_layout.rs"));

// Measured of release 1.22, whose programs share this header but for one member.
const _: () = assert!(size_of::<lws_context_creation_info_1_22>() == 96);
const _: () = assert!(::core::mem::offset_of!(lws_context_creation_info_1_22, gid) == 56);
const _: () = assert!(::core::mem::offset_of!(lws_context_creation_info_1_22, user) == 72);
const _: () = assert!(::core::mem::offset_of!(lws_context_creation_info_1_22, ka_interval) == 88);
