//! What a connection may be asked in which state (SPEC of the wire: the state machine), without doing any of it.

use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::types::{LWMsgAssocState, assoc_state};

/// Where a connection is in its life.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum State {
    /// Before connect or accept, and after a reset.
    #[default]
    Start,
    /// The socket is not connected yet.
    Connecting,
    /// Our greeting is not written yet; the second value says what comes then: the other one's, or nothing.
    Greeting(Side),
    /// The other end's greeting has not arrived yet.
    Awaiting(Side),
    /// Messages may be sent and received.
    Established,
    /// The notice of the end is not written yet.
    Closing(End),
    /// Closed.
    Closed,
    /// Something failed.
    Error,
}

/// The two sides of a greeting.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// The one that connects speaks first.
    Connect,
    /// The one that accepts answers.
    Accept,
}

/// The two ways to end an association.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum End {
    /// For good.
    Close,
    /// To begin again.
    Reset,
}

/// What a connection may be asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Request {
    /// To establish, from one side or the other.
    Establish(Side),
    /// To send a message.
    Send,
    /// To receive one.
    Receive,
    /// To go on with what is pending.
    Finish,
    /// To end.
    End(End),
}

/// What an admitted request amounts to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Admission {
    /// Do it.
    Do,
    /// It is done already.
    Nothing,
    /// Only the state changes: from CLOSED back to START.
    Restart,
}

impl State {
    /// Whether a request is possible now.
    pub fn admit(self, request: Request) -> Result<Admission> {
        match (self, request) {
            (Self::Start, Request::Establish(_)) => Ok(Admission::Do),
            (Self::Established, Request::Establish(_)) => Ok(Admission::Nothing),
            (Self::Established, _) => Ok(Admission::Do),
            (Self::Connecting | Self::Greeting(_) | Self::Awaiting(_), Request::Finish | Request::End(_)) => {
                Ok(Admission::Do)
            }
            (Self::Closing(_), Request::Finish) => Ok(Admission::Do),
            (Self::Connecting | Self::Greeting(_) | Self::Awaiting(_) | Self::Closing(_), _) => {
                Err(Status::BUSY)
            }
            (Self::Closed, Request::Finish) => Ok(Admission::Nothing),
            (Self::Closed, Request::End(End::Reset)) => Ok(Admission::Restart),
            (Self::Error, Request::End(_)) => Ok(Admission::Do),
            _ => Err(Status::INVALID_STATE),
        }
    }

    /// As programs see it; `sending` and `receiving` say whether a message is partly on its way.
    pub fn public(self, sending: bool, receiving: bool) -> LWMsgAssocState {
        match self {
            Self::Start => assoc_state::NOT_ESTABLISHED,
            Self::Connecting => assoc_state::BLOCKED_SEND,
            Self::Greeting(_) => assoc_state::BLOCKED_SEND_RECV,
            Self::Awaiting(_) => assoc_state::BLOCKED_RECV,
            Self::Established => match (sending, receiving) {
                (true, true) => assoc_state::BLOCKED_SEND_RECV,
                (true, false) => assoc_state::BLOCKED_SEND,
                (false, true) => assoc_state::BLOCKED_RECV,
                (false, false) => assoc_state::IDLE,
            },
            Self::Closing(_) => assoc_state::BUSY,
            Self::Closed => assoc_state::CLOSED,
            Self::Error => assoc_state::ERROR,
        }
    }

    /// Where a failed request leads: most lead to ERROR, those about one message lead nowhere.
    pub fn after_failure(self, status: Status) -> Self {
        match status {
            Status::PENDING
            | Status::BUSY
            | Status::MALFORMED
            | Status::INVALID_HANDLE
            | Status::OVERFLOW
            | Status::UNDERFLOW => self,
            _ => Self::Error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Request; 6] = [
        Request::Establish(Side::Connect),
        Request::Send,
        Request::Receive,
        Request::Finish,
        Request::End(End::Close),
        Request::End(End::Reset),
    ];

    fn row(state: State) -> [Option<Status>; 6] {
        ALL.map(|request| state.admit(request).err())
    }

    #[test]
    fn every_state_admits_what_the_original_admits() {
        let (busy, invalid) = (Some(Status::BUSY), Some(Status::INVALID_STATE));
        assert_eq!(row(State::Start), [None, invalid, invalid, invalid, invalid, invalid]);
        for state in [State::Connecting, State::Greeting(Side::Connect), State::Awaiting(Side::Accept)] {
            assert_eq!(row(state), [busy, busy, busy, None, None, None]);
        }
        assert_eq!(row(State::Established), [None; 6]);
        assert_eq!(row(State::Closing(End::Close)), [busy, busy, busy, None, busy, busy]);
        assert_eq!(row(State::Closed), [invalid, invalid, invalid, None, invalid, None]);
        assert_eq!(row(State::Error), [invalid, invalid, invalid, invalid, None, None]);
    }

    #[test]
    fn a_refused_operation_is_an_error_of_the_association_but_a_bad_message_is_not() {
        assert_eq!(State::Start.after_failure(Status::INVALID_STATE), State::Error);
        assert_eq!(State::Established.after_failure(Status::MALFORMED), State::Established);
        assert_eq!(State::Established.after_failure(Status::PEER_CLOSE), State::Error);
    }
}
