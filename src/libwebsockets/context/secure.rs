//! A context's TLS: what its server and its clients have in common, with the program's additions.
//!
//! Programs get OpenSSL's own objects (`SSL_CTX`, `SSL`, `X509_STORE_CTX`) and call the library they are linked with.

use super::super::log;
use super::super::personality::Reason;
use super::{Context, Settings};
use crate::net::tls::{self, Session, Socket, TlsError, context};
use openssl::ssl::{SslContext, SslContextBuilder, SslRef, SslVerifyMode};
use openssl::x509::X509StoreContextRef;
use std::cell::RefCell;
use std::ffi::{CStr, OsStr, c_int, c_long, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::Once;

/// Where a client looks for certificates that vouch for others when the program names no file.
const CLIENT_CERTIFICATES: &CStr = c"/etc/pki/tls/certs/";

/// `LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT`.
const REQUIRE_CLIENT_CERTIFICATE: u32 = 2;

/// OpenSSL's `CRYPTO_EX_INDEX_SSL`.
const EX_INDEX_SSL: c_int = 0;

unsafe extern "C" {
    /// In `data.c`: programs may have a copy of it.
    static mut openssl_websocket_private_data_index: c_int;

    fn CRYPTO_get_ex_new_index(
        class: c_int,
        argl: c_long,
        argp: *mut c_void,
        new: *mut c_void,
        dup: *mut c_void,
        free: *mut c_void,
    ) -> c_int;
    fn SSL_set_ex_data(ssl: *mut c_void, index: c_int, data: *mut c_void) -> c_int;
    fn SSL_get_ex_data(ssl: *const c_void, index: c_int) -> *mut c_void;
    fn SSL_get_ex_data_X509_STORE_CTX_idx() -> c_int;
    fn X509_STORE_CTX_get_ex_data(store: *const c_void, index: c_int) -> *mut c_void;
    fn SSL_CTX_load_verify_locations(
        context: *mut c_void,
        file: *const std::ffi::c_char,
        folder: *const std::ffi::c_char,
    ) -> c_int;
}

/// The TLS contexts.
#[derive(Default)]
pub struct Tls {
    server: RefCell<Option<SslContext>>,
    client: RefCell<Option<SslContext>>,
    /// What a client's context is made from when one is first needed.
    authorities: RefCell<Option<PathBuf>>,
    ciphers: RefCell<Option<String>>,
}

fn path(text: &CStr) -> &Path {
    Path::new(OsStr::from_bytes(text.to_bytes()))
}

/// The index of SSL objects under which programs find the context.
fn index() -> c_int {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        openssl::init();
        let nothing = ptr::null_mut();
        // SAFETY: no functions, and a name that stays.
        let index = unsafe {
            let name = c"libwebsockets".as_ptr().cast_mut().cast();
            CRYPTO_get_ex_new_index(EX_INDEX_SSL, 0, name, nothing, nothing, nothing)
        };
        // SAFETY: an int of C's, written once, before any SSL object of ours is made.
        unsafe { openssl_websocket_private_data_index = index };
    });
    // SAFETY: written once, above. A program may have changed it: then it looks for the context elsewhere, too.
    unsafe { openssl_websocket_private_data_index }
}

impl Tls {
    /// Whether accepted connections are TLS ones.
    pub fn serves(&self) -> bool {
        self.server.borrow().is_some()
    }

    /// A server's session on a socket.
    pub fn server_session(&self, fd: c_int) -> Result<Session<Socket>, TlsError> {
        match self.server.borrow().as_ref() {
            Some(context) => Session::accept(context, Socket(fd)),
            None => Err(TlsError::Failed),
        }
    }

    /// Lets programs find the context by a session's SSL object.
    pub fn mark(&self, ssl: &SslRef, context: &Context) {
        // A reference to OpenSSL's object has that object's address.
        let ssl = ptr::from_ref(ssl).cast_mut().cast();
        // SAFETY: a live SSL object; the context outlives it.
        unsafe { SSL_set_ex_data(ssl, index(), context.handle().cast()) };
    }
}

impl Context {
    /// Makes what the settings ask for. False, with the reason in the log, when that cannot be.
    pub fn begin_tls(&self, settings: &Settings<'_>) -> bool {
        if !tls::is_there() {
            return self.begin_without_tls(settings);
        }
        index();
        self.tls.authorities.replace(settings.authorities.map(|file| path(file).to_owned()));
        self.tls.ciphers.replace(settings.ciphers.map(|list| list.to_string_lossy().into_owned()));
        let identity = settings.certificate.zip(settings.key).filter(|_| self.port != 0);
        if self.port == 0
            && let Err(error) = self.client_tls()
        {
            log::err(format_args!("problem creating ssl context: {error}\n"));
            return false;
        }
        let requires = settings.options & REQUIRE_CLIENT_CERTIFICATE != 0;
        if identity.is_none() && !requires {
            return true;
        }
        let mut builder = match context::server_builder() {
            Ok(builder) => builder,
            Err(error) => {
                log::err(format_args!("problem creating ssl context: {error}\n"));
                return false;
            }
        };
        self.set_ciphers(&mut builder);
        if requires {
            let mode = SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT;
            builder.set_verify_callback(mode, judge);
            // The program adds whom it trusts.
            self.call(0, Reason::LoadExtraServerVerifyCerts, builder.as_ptr().cast());
        }
        let Some((certificate, key)) = identity else { return true };
        log::notice(format_args!(" Using SSL mode\n"));
        match context::identify(&mut builder, path(certificate), path(key)) {
            Ok(()) => {}
            Err(TlsError::Mismatch) => {
                log::err(format_args!("Private SSL key doesn't match cert\n"));
                return false;
            }
            Err(TlsError::Key(stack)) => {
                let name = key.to_string_lossy();
                log::err(format_args!("ssl problem getting key '{name}' {}\n", Numbered(&stack)));
                return false;
            }
            Err(TlsError::Chain(stack)) => {
                let name = certificate.to_string_lossy();
                log::err(format_args!("problem getting cert '{name}' {}\n", Numbered(&stack)));
                return false;
            }
            Err(error) => {
                log::err(format_args!("ssl: {error}\n"));
                return false;
            }
        }
        self.tls.server.replace(Some(builder.build()));
        true
    }

    /// The system has no OpenSSL: everything works but TLS, and a server that is to have TLS is none without.
    fn begin_without_tls(&self, settings: &Settings<'_>) -> bool {
        let wanted = self.port != 0 && settings.certificate.is_some() && settings.key.is_some();
        if wanted {
            log::err(format_args!("problem creating ssl context: {}\n", TlsError::Absent));
        }
        !wanted
    }

    fn set_ciphers(&self, builder: &mut SslContextBuilder) {
        if let Some(list) = self.tls.ciphers.borrow().as_deref()
            && let Err(error) = builder.set_cipher_list(list)
        {
            log::info(format_args!("SSL ciphers '{list}': {error}\n"));
        }
    }

    /// What clients have in common; made when it is first needed.
    pub fn client_tls(&self) -> Result<SslContext, TlsError> {
        if !tls::is_there() {
            return Err(TlsError::Absent);
        }
        if let Some(context) = self.tls.client.borrow().as_ref() {
            return Ok(context.clone());
        }
        let mut builder = context::client_builder()?;
        self.set_ciphers(&mut builder);
        let named = self.tls.authorities.borrow().clone();
        let (file, folder) = match &named {
            Some(file) => (Some(file.as_path()), None),
            None => (None, Some(path(CLIENT_CERTIFICATES))),
        };
        if !trust(&builder, file, folder) {
            let from = file.or(folder).unwrap_or(Path::new("")).display();
            log::err(format_args!(
                "Unable to load SSL Client certs from {from} -- client ssl isn't going to work\n"
            ));
        }
        self.call(0, Reason::LoadExtraClientVerifyCerts, builder.as_ptr().cast());
        let context = builder.build();
        self.tls.client.replace(Some(context.clone()));
        Ok(context)
    }
}

/// Trusts what the certificates of a file or folder vouch for. False when there are none to be had.
fn trust(builder: &SslContextBuilder, file: Option<&Path>, folder: Option<&Path>) -> bool {
    let text =
        |path: Option<&Path>| path.and_then(|path| std::ffi::CString::new(path.as_os_str().as_bytes()).ok());
    let (file, folder) = (text(file), text(folder));
    let pointer = |text: &Option<std::ffi::CString>| text.as_deref().map_or(ptr::null(), CStr::as_ptr);
    // SAFETY: a live SSL_CTX, and NULL or strings.
    let loaded =
        unsafe { SSL_CTX_load_verify_locations(builder.as_ptr().cast(), pointer(&file), pointer(&folder)) };
    drop(openssl::error::ErrorStack::get());
    loaded == 1
}

/// OpenSSL has an opinion of a client's certificate; the program decides.
fn judge(preverified: bool, store: &mut X509StoreContextRef) -> bool {
    // A reference to OpenSSL's object has that object's address.
    let store: *mut c_void = ptr::from_mut(store).cast();
    // SAFETY: OpenSSL's own objects, which live while it calls.
    let (ssl, context) = unsafe {
        let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
        (ssl, SSL_get_ex_data(ssl, index()).cast())
    };
    // SAFETY: NULL or what `mark` put there, which outlives its sessions.
    let Some(context) = (unsafe { Context::from_handle(context) }) else { return false };
    let Some(number) = context.personality.number(Reason::PerformClientCertVerification) else {
        return preverified;
    };
    // SAFETY: an entry of the program's table.
    let Some(callback) = (unsafe { (*context.protocols.first()).callback }) else { return preverified };
    // SAFETY: the program's callback; neither context nor connection is handed to it, as ever.
    let verdict =
        unsafe { callback(ptr::null_mut(), ptr::null_mut(), number, store, ssl, usize::from(preverified)) };
    verdict == 0
}

/// OpenSSL's errors as the original wrote them: the first one's number and text.
struct Numbered<'a>(&'a openssl::error::ErrorStack);

impl std::fmt::Display for Numbered<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.errors().first() {
            Some(error) => write!(f, "{}: {error}", error.code()),
            None => f.write_str("0: no reason given"),
        }
    }
}
