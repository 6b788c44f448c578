//! What connections say to each other: packets, messages cut into them, and the greeting. No input or output
//! here but the two calls that move bytes and descriptors.

mod inbound;
mod outbound;
mod packet;

pub use inbound::{Event, Inbound, Message, Read};
pub use outbound::{Cost, Outbound, write};
pub use packet::{Envelope, Greeting, Kind, shutdown};

/// The packet size the original announces, and associations of ours.
pub const DEFAULT_PACKET_SIZE: usize = 8192;

/// The packet size a peer announces: large messages need fewer headers. Older ends answer with theirs.
pub const PEER_PACKET_SIZE: usize = 64 * 1024;

/// The smallest packet size that may be announced.
pub const MIN_PACKET_SIZE: usize = 20;

/// The most descriptors that may wait on either side of a connection.
pub const MAX_DESCRIPTORS: usize = 256;

/// The most bytes of payload a message may have, over all its packets.
pub const MAX_PAYLOAD: usize = 1 << 30;
