//! Both sides of the opening handshake: an answer depends on the header alone, not on what follows it.

use relink::websocket::handshake::{Offer, Request, Response};

pub fn body(data: &[u8]) {
    let offer = Offer {
        target: "/",
        host: "localhost",
        key: b"dGhlIHNhbXBsZSBub25jZQ==",
        protocols: Some("chat, superchat"),
        extra: "",
    };
    if let Ok(Some((request, length))) = Request::parse(data) {
        assert_eq!(Request::parse(&data[..length]), Ok(Some((request.clone(), length))));
        assert_eq!(Request::parse(&data[..length - 1]), Ok(None));
        let answer = request.accept(None, "");
        assert!(answer.starts_with(b"HTTP/1.1 101 ") && answer.ends_with(b"\r\n\r\n"));
        assert!(request.protocols().all(|name| !name.is_empty()));
    }
    if let Err(error) = Request::parse(data) {
        assert!(error.response().ends_with(b"\r\n\r\n"));
    }
    if let Ok(Some((response, length))) = Response::parse(data, &offer) {
        assert_eq!(Response::parse(&data[..length], &offer), Ok(Some((response, length))));
    }
}
