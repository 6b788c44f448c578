//! The public types have the layout that compiled programs rely on: asserted from `layout.tsv`.

use super::sockets::vfs::*;
use super::types::*;
use super::vfs::*;

include!(concat!(env!("OUT_DIR"), "/libdill_layout.rs"));
