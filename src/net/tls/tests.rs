//! Both sides of a connection in one test, without a network where it can be.

use super::context::{self, Trust};
use super::{Peer, Pipe, Session, Socket, Step, TlsError};
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::SslContext;
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name, X509NameBuilder, X509VerifyResult};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;

/// Certificates of a small authority, as files.
struct Authority {
    folder: PathBuf,
}

/// What a certificate is for, and the file it goes to.
struct Certificate<'a> {
    file: &'a str,
    host: &'a str,
    /// Days from now.
    validity: (i64, i64),
    issuer: Option<(&'a X509, &'a PKey<Private>)>,
    authority: bool,
}

impl Authority {
    /// root signs inter signs good, expired; itself signs itself.
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let unique = format!("relink-tls-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(unique);
        std::fs::create_dir_all(&folder).unwrap();
        let this = Self { folder };
        let ca = |file, issuer| Certificate { file, host: file, validity: (-1, 9), issuer, authority: true };
        let leaf =
            |file, host, validity, issuer| Certificate { file, host, validity, issuer, authority: false };
        let (root, root_key) = this.issue(ca("root", None));
        let (inter, inter_key) = this.issue(ca("inter", Some((&root, &root_key))));
        let by_inter = Some((&inter, &inter_key));
        this.issue(leaf("good", "good.example", (-1, 9), by_inter));
        this.issue(leaf("expired", "good.example", (-9, -1), by_inter));
        this.issue(leaf("itself", "good.example", (-1, 9), None));
        for chained in ["good", "expired"] {
            let mut chain = std::fs::read(this.file(chained)).unwrap();
            chain.extend(inter.to_pem().unwrap());
            std::fs::write(this.file(chained), chain).unwrap();
        }
        this
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.pem"))
    }

    fn key(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.key"))
    }

    fn issue(&self, wanted: Certificate<'_>) -> (X509, PKey<Private>) {
        let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&curve).unwrap()).unwrap();
        let name = name(wanted.host);
        let mut builder = X509Builder::new().unwrap();
        builder.set_version(2).unwrap();
        let serial = BigNum::from_u32(wanted.file.bytes().map(u32::from).sum()).unwrap();
        builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
        builder.set_subject_name(&name).unwrap();
        builder.set_issuer_name(wanted.issuer.map_or(&*name, |(issuer, _)| issuer.subject_name())).unwrap();
        let day = |days: i64| {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
            Asn1Time::from_unix(now.as_secs() as i64 + days * 86400).unwrap()
        };
        builder.set_not_before(&day(wanted.validity.0)).unwrap();
        builder.set_not_after(&day(wanted.validity.1)).unwrap();
        builder.set_pubkey(&key).unwrap();
        if wanted.authority {
            builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
        } else {
            let names = SubjectAlternativeName::new()
                .dns(wanted.host)
                .ip("127.0.0.1")
                .build(&builder.x509v3_context(None, None))
                .unwrap();
            builder.append_extension(names).unwrap();
        }
        builder.sign(wanted.issuer.map_or(&key, |(_, key)| key), MessageDigest::sha256()).unwrap();
        let certificate = builder.build();
        std::fs::write(self.file(wanted.file), certificate.to_pem().unwrap()).unwrap();
        std::fs::write(self.key(wanted.file), key.private_key_to_pem_pkcs8().unwrap()).unwrap();
        (certificate, key)
    }

    fn server(&self, name: &str) -> SslContext {
        context::server(&self.file(name), &self.key(name)).unwrap()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        // Left-overs in the folder for temporary files harm nobody.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn name(host: &str) -> X509Name {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_nid(Nid::COMMONNAME, host).unwrap();
    name.build()
}

type Memory = Session<Pipe>;

fn pair(authority: &Authority, server: &str, trust: Trust<'_>, peer: Peer<'_>) -> (Memory, Memory) {
    let client = context::client(trust).unwrap();
    (
        Session::connect(&client, Pipe::new(), peer).unwrap(),
        Session::accept(&authority.server(server), Pipe::new()).unwrap(),
    )
}

/// Carries what one side has to say to the other, no more than it asks for.
fn carry(from: &mut Memory, to: &mut Memory) -> usize {
    let count = from.transport().outgoing().len().min(to.transport().wanted());
    let bytes = from.transport().outgoing()[..count].to_vec();
    from.transport_mut().sent(count);
    to.transport_mut().feed(&bytes);
    count
}

/// Handshakes; the error is the client's or else the server's.
fn handshake(client: &mut Memory, server: &mut Memory) -> Result<(), TlsError> {
    for _ in 0..1000 {
        let (first, second) = (client.handshake()?, server.handshake()?);
        if (first, second) == (Step::Done(()), Step::Done(())) {
            return Ok(());
        }
        carry(client, server);
        carry(server, client);
    }
    panic!("no end to the handshake");
}

fn read(from: &mut Memory, to: &mut Memory) -> Result<Step<Vec<u8>>, TlsError> {
    let mut buffer = [0; 1 << 15];
    loop {
        match to.read(&mut buffer)? {
            Step::WantRead if carry(from, to) > 0 => {}
            Step::Done(count) => return Ok(Step::Done(buffer[..count].to_vec())),
            Step::WantRead => return Ok(Step::WantRead),
            Step::WantWrite => return Ok(Step::WantWrite),
            Step::Closed => return Ok(Step::Closed),
        }
    }
}

#[test]
fn what_one_side_writes_the_other_reads() {
    let authority = Authority::new();
    let (mut client, mut server) = pair(&authority, "good", Trust::Anyone, Peer::default());
    handshake(&mut client, &mut server).unwrap();
    assert_eq!(read(&mut client, &mut server).unwrap(), Step::WantRead);
    assert_eq!(client.write(b"hello").unwrap(), Step::Done(5));
    assert_eq!(read(&mut client, &mut server).unwrap(), Step::Done(b"hello".to_vec()));
    assert_eq!(server.write(b"there").unwrap(), Step::Done(5));
    assert_eq!(read(&mut server, &mut client).unwrap(), Step::Done(b"there".to_vec()));
    assert_eq!(client.write(b"").unwrap(), Step::Done(0));
}

#[test]
fn a_goodbye_ends_reading_and_leaves_the_transport_at_the_next_byte() {
    let authority = Authority::new();
    let (mut client, mut server) = pair(&authority, "good", Trust::Anyone, Peer::default());
    handshake(&mut client, &mut server).unwrap();
    while carry(&mut server, &mut client) > 0 {}
    assert_eq!(client.write(b"last").unwrap(), Step::Done(4));
    assert_eq!(client.close().unwrap(), Step::Done(()));
    assert_eq!(client.close().unwrap(), Step::Done(()));
    let mut bytes = client.transport_mut().take_outgoing();
    bytes.extend(b"plain text");
    let mut rest = &bytes[..];
    let mut buffer = [0; 100];
    let mut said = Vec::<u8>::new();
    loop {
        match server.read(&mut buffer).unwrap() {
            Step::Done(count) => said.extend(&buffer[..count]),
            Step::WantRead => {
                let (next, after) = rest.split_at(server.transport().wanted());
                server.transport_mut().feed(next);
                rest = after;
            }
            step => {
                assert_eq!(step, Step::Closed);
                break;
            }
        }
    }
    assert_eq!(said, b"last");
    assert_eq!(rest, b"plain text");
    // The other direction is still open.
    assert_eq!(server.write(b"answer").unwrap(), Step::Done(6));
    assert_eq!(read(&mut server, &mut client).unwrap(), Step::Done(b"answer".to_vec()));
}

#[test]
fn a_transport_that_just_ends_is_no_goodbye() {
    let authority = Authority::new();
    let (mut client, mut server) = pair(&authority, "good", Trust::Anyone, Peer::default());
    handshake(&mut client, &mut server).unwrap();
    server.transport_mut().end();
    assert!(matches!(server.read(&mut [0; 10]), Err(TlsError::Truncated)));
    assert!(matches!(server.read(&mut [0; 10]), Err(TlsError::Failed)));
    assert!(matches!(server.write(b"x"), Err(TlsError::Failed)));
}

#[test]
fn a_peer_that_speaks_no_tls_is_an_error_at_once() {
    let authority = Authority::new();
    let mut server = Session::accept(&authority.server("good"), Pipe::new()).unwrap();
    server.transport_mut().feed(b"GET / HTTP/1.1\r\n\r\n");
    assert!(matches!(server.handshake(), Err(TlsError::Library(_))));
    assert!(matches!(server.close(), Err(TlsError::Failed)));
}

#[test]
fn a_chain_is_verified_up_to_the_trusted_root() {
    let authority = Authority::new();
    let root = authority.file("root");
    let (mut client, mut server) = pair(&authority, "good", Trust::File(&root), Peer::default());
    handshake(&mut client, &mut server).unwrap();
    let (mut client, mut server) = pair(&authority, "good", Trust::System, Peer::default());
    let error = handshake(&mut client, &mut server).unwrap_err();
    assert!(matches!(error, TlsError::Peer(_)), "{error}");
}

#[test]
fn expired_and_self_signed_certificates_are_refused_by_their_names() {
    let authority = Authority::new();
    let root = authority.file("root");
    for (server, code) in [("expired", 10), ("itself", 18)] {
        let (mut client, mut server) = pair(&authority, server, Trust::File(&root), Peer::default());
        match handshake(&mut client, &mut server) {
            Err(TlsError::Peer(verdict)) => assert_eq!(verdict.as_raw(), code),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn who_trusts_anyone_still_learns_the_verdict() {
    let authority = Authority::new();
    let (mut client, mut server) = pair(&authority, "itself", Trust::Anyone, Peer::default());
    handshake(&mut client, &mut server).unwrap();
    assert_ne!(client.verdict(), X509VerifyResult::OK);
}

#[test]
fn the_name_is_sent_and_checked_when_asked() {
    let authority = Authority::new();
    let root = authority.file("root");
    for (name, sent, fits) in [
        ("good.example", Some("good.example"), true),
        ("good.example.", Some("good.example"), true),
        ("127.0.0.1", None, true),
        ("bad.example", Some("bad.example"), false),
        ("127.0.0.2", None, false),
    ] {
        for must_match in [false, true] {
            let (mut client, mut server) =
                pair(&authority, "good", Trust::File(&root), Peer { name: Some(name), must_match });
            let result = handshake(&mut client, &mut server);
            assert_eq!(result.is_ok(), fits || !must_match, "{name}: {result:?}");
            let seen = server.ssl().servername(openssl::ssl::NameType::HOST_NAME);
            assert_eq!(seen, sent, "{name}");
        }
    }
}

#[test]
fn a_name_that_says_nothing_matches_nobody() {
    let authority = Authority::new();
    let root = authority.file("root");
    let context = context::client(Trust::File(&root)).unwrap();
    for name in [None, Some(""), Some(".")] {
        let refused = Session::connect(&context, Pipe::new(), Peer { name, must_match: true });
        assert!(matches!(refused, Err(TlsError::Nameless)), "{name:?}");
        let (mut client, mut server) =
            pair(&authority, "good", Trust::File(&root), Peer { name, must_match: false });
        assert!(handshake(&mut client, &mut server).is_ok(), "{name:?}");
    }
}

#[test]
fn keys_and_certificates_that_do_not_fit_say_which() {
    let authority = Authority::new();
    let server = |chain: &str, key: &str| context::server(&authority.file(chain), &authority.key(key));
    assert!(matches!(server("none", "good"), Err(TlsError::Chain(_))));
    assert!(matches!(server("good", "none"), Err(TlsError::Key(_))));
    assert!(matches!(server("good", "inter"), Err(TlsError::Mismatch | TlsError::Key(_))));
}

#[test]
fn a_socket_that_is_full_makes_the_writer_wait_and_loses_nothing() {
    let authority = Authority::new();
    let (left, right) = UnixStream::pair().unwrap();
    left.set_nonblocking(true).unwrap();
    let client = context::client(Trust::Anyone).unwrap();
    let message: Vec<u8> = (0..1_000_000u32).map(|n| n as u8).collect();
    let expected = message.clone();
    let (writer_waits, wait_for_writer) = mpsc::channel();
    let peer = std::thread::spawn(move || {
        let mut session = Session::connect(&client, Socket(right.as_raw_fd()), Peer::default()).unwrap();
        assert_eq!(session.handshake().unwrap(), Step::Done(()));
        wait_for_writer.recv().unwrap();
        let (mut got, mut buffer) = (Vec::<u8>::new(), vec![0; 1 << 16]);
        loop {
            match session.read(&mut buffer).unwrap() {
                Step::Done(count) => got.extend(&buffer[..count]),
                step => {
                    assert_eq!(step, Step::Closed);
                    break got;
                }
            }
        }
    });
    let mut session = Session::accept(&authority.server("good"), Socket(left.as_raw_fd())).unwrap();
    while session.handshake().unwrap() != Step::Done(()) {
        std::thread::yield_now();
    }
    let (mut rest, mut writer_waits) = (&message[..], Some(writer_waits));
    while !rest.is_empty() {
        match session.write(rest).unwrap() {
            Step::Done(count) => rest = &rest[count..],
            step => {
                assert_eq!(step, Step::WantWrite);
                writer_waits.take().inspect(|signal| signal.send(()).unwrap());
                std::thread::yield_now();
            }
        }
    }
    assert!(writer_waits.is_none());
    while session.close().unwrap() != Step::Done(()) {
        std::thread::yield_now();
    }
    assert!(peer.join().unwrap() == expected);
}

#[test]
fn a_vanished_peer_is_an_error_of_the_transport() {
    let (left, right) = UnixStream::pair().unwrap();
    drop(right);
    assert!(
        matches!(Socket(left.as_raw_fd()).write(b"x"), Err(error) if error.raw_os_error() == Some(libc::EPIPE))
    );
    assert!(matches!(Socket(left.as_raw_fd()).read(&mut [0]), Ok(0)));
    let client = context::client(Trust::Anyone).unwrap();
    let mut session = Session::connect(&client, Socket(left.as_raw_fd()), Peer::default()).unwrap();
    assert!(matches!(session.handshake(), Err(TlsError::Transport(_))));
}
