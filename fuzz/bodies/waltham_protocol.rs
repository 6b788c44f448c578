//! Protocol XML from anywhere: it is refused with a place in it, or makes C.

use relink::waltham::scanner::c::{Side, description, senders};
use relink::waltham::scanner::model::{FIRST_EXTERNAL_OPCODE, parse};

pub fn body(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match parse(&[("fuzz.xml", text)], FIRST_EXTERNAL_OPCODE, &["wthp_surface"]) {
        Ok(protocol) => {
            assert!(!senders(&protocol, Side::Client, "p_protocol").is_empty());
            assert!(!description(&protocol, &["wthp_surface"], "p_protocol").is_empty());
        }
        Err(complaints) => {
            assert!(complaints.iter().all(|complaint| complaint.line > 0 && complaint.column > 0))
        }
    }
}
