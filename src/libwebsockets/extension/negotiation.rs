//! Which extensions a header offers.

use crate::websocket::deflate::negotiation::{self, Element};

/// The elements of a `Sec-WebSocket-Extensions` header, the first of each name, in order.
///
/// A header that is not well formed offers nothing: what it meant cannot be told.
pub fn offered(header: &[u8]) -> Vec<Element> {
    let mut elements: Vec<Element> = Vec::new();
    for element in negotiation::parse(header).unwrap_or_default() {
        // Of permessage-deflate the next may be acceptable when the first is not.
        if element.name == negotiation::NAME || elements.iter().all(|known| known.name != element.name) {
            elements.push(element);
        }
    }
    elements
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(header: &str) -> Vec<String> {
        offered(header.as_bytes()).into_iter().map(|element| element.name).collect()
    }

    #[test]
    fn a_name_counts_once() {
        assert_eq!(names(&"deflate-frame, ".repeat(12)), ["deflate-frame"]);
        assert_eq!(
            names("x-webkit-deflate-frame,deflate-frame"),
            ["x-webkit-deflate-frame", "deflate-frame"]
        );
        assert_eq!(names("permessage-deflate; a, permessage-deflate").len(), 2);
        assert_eq!(names("what is this"), [""; 0]);
    }
}
