//! The public types have the layout that compiled programs rely on: asserted from `layout.tsv`.

use super::types::*;

include!(concat!(env!("OUT_DIR"), "/lwmsg_layout.rs"));
