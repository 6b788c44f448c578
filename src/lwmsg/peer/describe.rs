//! What a peer is doing, as text for people.

use super::Peer;
use super::connection::Connection;
use super::server::Endpoint;
use crate::lwmsg::error::Result;
use crate::lwmsg::exchange::sync::lock;
use crate::lwmsg::lines::Lines;
use crate::lwmsg::types::*;
use std::ffi::{CStr, c_char};
use std::fmt;

/// So many things.
struct Number<'a>(usize, &'a str);

impl fmt::Display for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.0, self.1, if self.0 == 1 { "" } else { "s" })
    }
}

impl Peer {
    /// What the peer is doing, in memory of its context.
    pub fn print_alloc(&self) -> Result<*mut c_char> {
        let mut out = Vec::new();
        self.describe(&mut Lines::new(&mut out, 0))?;
        self.context.copy_text(&out)
    }

    fn describe(&self, lines: &mut Lines<'_>) -> Result<()> {
        let connections = self.server.connections();
        let most = lock(&self.settings).max_clients;
        let (running, waiting) = self.jobs.count();
        lines.text(&format!(
            "{}, {} of at most {most}, {} in threads of their own, {waiting} waiting for one",
            self.server.phase_name(),
            Number(connections.len(), "client"),
            Number(running, "handler"),
        ))?;
        lines.end();
        lines.deeper(|lines| {
            self.server.each_endpoint(|endpoint| {
                lines.text(&match endpoint {
                    Endpoint::Name { kind: endpoint::DIRECT, name, .. } => {
                        format!("DIRECT {}", name.to_string_lossy())
                    }
                    Endpoint::Name { name, .. } => format!("LOCAL {}", name.to_string_lossy()),
                    Endpoint::Descriptor(_) => "LOCAL by its descriptor".to_owned(),
                })?;
                lines.end();
                Ok(())
            })?;
            connections.iter().try_for_each(|connection| connection.describe("client", lines))
        })?;
        let client = lock(&self.client).clone();
        match client {
            Some(client) => client.describe(lines),
            None => Ok(()),
        }
    }
}

impl Connection {
    /// A line about the connection and one for each call that came over it; `who` is at its other end.
    pub fn describe(&self, who: &str, lines: &mut Lines<'_>) -> Result<()> {
        let (session, report) = (self.session(), self.report());
        lines.text(&format!("{who} {}", session.id()))?;
        if let Some(token) = session.token() {
            lines.text(&format!(" {token}"))?;
        }
        lines.text(&format!(
            ": {}, {} to it, {} given up, {}, {} of replies to be written, {} ms since something arrived",
            report.phase,
            Number(report.outgoing, "call"),
            report.given_up,
            Number(session.handles().count(), "handle"),
            Number(report.backlog, "byte"),
            report.idle.as_millis(),
        ))?;
        lines.end();
        lines.deeper(|lines| {
            for (cookie, tag) in report.incoming {
                let name = self.codec().map_or(std::ptr::null(), |codec| codec.protocol.name_of(tag));
                // SAFETY: NULL, or a name of the protocol.
                let name = (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_string_lossy());
                let name = name.unwrap_or("unknown".into());
                lines.text(&format!("call {cookie} from it: {name} ({tag})"))?;
                lines.end();
            }
            Ok(())
        })
    }
}
