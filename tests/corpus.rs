//! Replays what fuzzing has found worth keeping: every input of `fuzz/corpus/`, through the same code.

#[path = "../fuzz/bodies/libdill_sockets.rs"]
mod libdill_sockets;
#[path = "../fuzz/bodies/libwebsockets.rs"]
mod libwebsockets;
#[path = "../fuzz/bodies/lwmsg_archive.rs"]
mod lwmsg_archive;
#[path = "../fuzz/bodies/lwmsg_data.rs"]
mod lwmsg_data;
#[path = "../fuzz/bodies/lwmsg_memory.rs"]
mod lwmsg_memory;
#[path = "../fuzz/bodies/lwmsg_packets.rs"]
mod lwmsg_packets;
#[path = "../fuzz/bodies/waltham_protocol.rs"]
mod waltham_protocol;
#[path = "../fuzz/bodies/waltham_stream.rs"]
mod waltham_stream;
#[path = "../fuzz/bodies/websocket_frame.rs"]
mod websocket_frame;
#[path = "../fuzz/bodies/websocket_handshake.rs"]
mod websocket_handshake;
#[path = "../fuzz/bodies/wslay_event.rs"]
mod wslay_event;

fn replay(target: &str, body: fn(&[u8])) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        let data = std::fs::read(&path).unwrap();
        // Names the input when the body panics.
        eprintln!("{}", path.display());
        body(&data);
        count += 1;
    }
    assert!(count > 0, "{}: empty", folder.display());
}

#[test]
fn websocket_frame_corpus() {
    replay("websocket_frame", websocket_frame::body);
}

#[test]
fn websocket_handshake_corpus() {
    replay("websocket_handshake", websocket_handshake::body);
}

#[test]
fn wslay_event_corpus() {
    replay("wslay_event", wslay_event::body);
}

#[test]
fn waltham_server_corpus() {
    replay("waltham_server", waltham_stream::server);
}

#[test]
fn waltham_client_corpus() {
    replay("waltham_client", waltham_stream::client);
}

#[test]
fn waltham_protocol_corpus() {
    replay("waltham_protocol", waltham_protocol::body);
}

#[test]
fn libwebsockets_request_corpus() {
    replay("libwebsockets_request", libwebsockets::request);
}

#[test]
fn libwebsockets_response_corpus() {
    replay("libwebsockets_response", libwebsockets::response);
}

#[test]
fn libwebsockets_frames_corpus() {
    replay("libwebsockets_frames", libwebsockets::frames);
}

#[test]
fn libdill_http_corpus() {
    replay("libdill_http", libdill_sockets::http);
}

#[test]
fn libdill_ws_corpus() {
    replay("libdill_ws", libdill_sockets::websocket);
}

#[test]
fn libdill_framing_corpus() {
    replay("libdill_framing", libdill_sockets::framing);
}

#[test]
fn libdill_socks5_corpus() {
    replay("libdill_socks5", libdill_sockets::socks);
}

#[test]
fn lwmsg_data_corpus() {
    replay("lwmsg_data", lwmsg_data::body);
}

#[test]
fn lwmsg_packets_corpus() {
    replay("lwmsg_packets", lwmsg_packets::body);
}

#[test]
fn lwmsg_archive_corpus() {
    replay("lwmsg_archive", lwmsg_archive::body);
}
