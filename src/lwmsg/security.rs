//! Security tokens: who the other end of a connection is, as the kernel says.

use super::error::{Result, Status};
use super::types::LWMsgSecurityToken;
use crate::net::descriptors;
use std::fmt;
use std::os::fd::BorrowedFd;

/// What `LWMsgSecurityToken` points to. There is one type of token, "local".
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// Effective user id.
    pub user: libc::uid_t,
    /// Effective group id.
    pub group: libc::gid_t,
    /// Process id, -1 when it is unknown.
    pub process: libc::pid_t,
}

impl Token {
    /// The process at the other end of a connected socket.
    pub fn of_peer(socket: BorrowedFd<'_>) -> Result<Self> {
        let credentials = descriptors::peer_credentials(socket)?;
        Ok(Self { user: credentials.user, group: credentials.group, process: credentials.process })
    }

    /// The other end of a pair of sockets: this process, with its real ids. With `RELINK_LWMSG_PAIR_CREDENTIALS`, who
    /// made the pair.
    pub fn of_pair(socket: BorrowedFd<'_>) -> Result<Self> {
        if std::env::var_os("RELINK_LWMSG_PAIR_CREDENTIALS").is_some_and(|value| value == "1") {
            return Self::of_peer(socket);
        }
        // SAFETY: these read numbers.
        unsafe { Ok(Self { user: libc::getuid(), group: libc::getgid(), process: libc::getpid() }) }
    }

    /// This process, with its effective ids: the caller of a direct endpoint.
    pub fn own_effective() -> Self {
        // SAFETY: these read numbers.
        unsafe { Self { user: libc::geteuid(), group: libc::getegid(), process: libc::getpid() } }
    }

    /// As C knows it.
    pub fn as_ptr(&self) -> *mut LWMsgSecurityToken {
        (&raw const *self).cast_mut().cast()
    }

    /// # Safety
    /// The pointer is NULL or a live token.
    pub unsafe fn from_ptr<'a>(token: *const LWMsgSecurityToken) -> Result<&'a Self> {
        // SAFETY: as promised by the caller.
        unsafe { token.cast::<Self>().as_ref() }.ok_or(Status::INVALID_PARAMETER)
    }
}

/// Tokens are equal when user and group are; the process may be another one of the same.
impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        (self.user, self.group) == (other.user, other.group)
    }
}

impl Eq for Token {}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<local euid:{} egid:{} pid:{}>", self.user, self.group, self.process)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality_compares_two_tokens_and_not_one_with_itself() {
        let token = Token { user: 1, group: 2, process: 3 };
        assert_eq!(token, Token { process: 9, ..token });
        assert_ne!(token, Token { user: 0, ..token });
        assert_ne!(token, Token { group: 0, ..token });
    }

    #[test]
    fn the_text_is_what_administrators_look_for() {
        let token = Token { user: 1, group: 2, process: -1 };
        assert_eq!(token.to_string(), "<local euid:1 egid:2 pid:-1>");
    }
}
