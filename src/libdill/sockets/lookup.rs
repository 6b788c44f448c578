//! Names to addresses, while other coroutines run.

use super::super::error::{Error, Result};
use super::super::thread::scheduler;
use super::super::{fd, time};
use super::ipaddr::{self, Mode};
use super::system;
use crate::net::resolver::{Family, Lookup};
use std::ffi::{CStr, c_int};
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::os::fd::RawFd;

/// How long to wait, in milliseconds, when there are too many lookups already.
const RETRY: i64 = 10;

/// The addresses of a name, those of the preferred family first. A name that is not known has none.
///
/// Literals are not looked up; those of a family that is not wanted have no address.
///
/// # Errors
/// `EINVAL` for a bad mode or port, those of waiting, and `ENOMEM`, `EMFILE` or `ENFILE` when there is no looking up.
pub fn remotes(name: &CStr, port: c_int, mode: c_int, deadline: i64) -> Result<Vec<SocketAddr>> {
    let (mode, port) = (Mode::new(mode)?, ipaddr::port(port)?);
    if let Some(address) = ipaddr::literal(name) {
        return Ok(if mode.admits(&address) { vec![SocketAddr::new(address, port)] } else { Vec::new() });
    }
    let family = match mode {
        Mode::V4 => Family::V4,
        Mode::V6 => Family::V6,
        Mode::PreferV4 | Mode::PreferV6 => Family::Any,
    };
    let mut found = look_up(name, family, port, deadline)?;
    // Stable: within a family the system's order stays.
    found.sort_by_key(|address| !mode.prefers(&address.ip()));
    Ok(found)
}

/// The addresses of a name, in the system's order.
fn look_up(name: &CStr, family: Family, port: u16, deadline: i64) -> Result<Vec<SocketAddr>> {
    let pending = Pending::start(name, family, deadline)?;
    fd::wait_readable(pending.descriptor(), deadline)?;
    pending.take(port).unwrap_or(Ok(Vec::new()))
}

/// A lookup under way. Dropping it abandons it.
#[derive(Debug)]
pub struct Pending(Lookup);

impl Pending {
    /// Begins to look a name up, as soon as there are not too many lookups.
    ///
    /// # Errors
    /// Those of waiting, and `ENOMEM`, `EMFILE` or `ENFILE` when there is no looking up.
    pub fn start(name: &CStr, family: Family, deadline: i64) -> Result<Self> {
        loop {
            match Lookup::start(name, family) {
                Ok(lookup) => return Ok(Self(lookup)),
                Err(error) if error.raw_os_error() == Some(libc::EAGAIN) => {
                    let now = time::now();
                    if deadline >= 0 && now >= deadline {
                        return Err(Error::TimedOut);
                    }
                    scheduler().sleep(now + RETRY)?;
                }
                Err(error) => return Err(system(error)),
            }
        }
    }

    /// What becomes readable when it has ended.
    pub fn descriptor(&self) -> RawFd {
        self.0.descriptor()
    }

    /// What was found, once; `None` while it is under way.
    pub fn take(&self, port: u16) -> Option<Result<Vec<SocketAddr>>> {
        self.0.take().map(|found| {
            let addresses = found.map_err(system)?.into_iter();
            Ok(addresses
                .map(|address| match address.ip {
                    IpAddr::V4(_) => SocketAddr::new(address.ip, port),
                    IpAddr::V6(ip) => SocketAddrV6::new(ip, port, 0, address.scope).into(),
                })
                .collect())
        })
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        fd::abandon(self.descriptor(), libc::ECONNRESET);
    }
}
