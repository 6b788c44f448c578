//! Extensions in the opening handshake, both sides.

use super::super::extension::{Hook, PerMessageDeflate, offered};
use super::super::log;
use super::super::personality::Reason;
use super::super::types::libwebsocket_extension;
use super::{Connection, Stop};
use crate::ffi::cstr;
use crate::websocket::deflate::Effort;
use crate::websocket::deflate::negotiation::{self, Element, NAME, OFFER};
use std::ffi::{CStr, CString, c_void};
use std::ptr;

/// The name of an entry.
fn name<'a>(extension: *mut libwebsocket_extension) -> &'a CStr {
    // SAFETY: an entry of the program's table, which outlives the context; names are strings or NULL.
    unsafe { cstr::borrow((*extension).name) }.unwrap_or_default()
}

impl Connection {
    /// Whether the program's table has the built-in compression: then today's form of it is spoken as well.
    fn has_builtin_compression(&self) -> bool {
        let context = self.context();
        let builtin = super::super::capi::extension::is_builtin;
        (0..).map_while(|index| context.extension(index)).any(builtin)
    }

    fn effort(&self) -> Effort {
        if self.context().is_listening() { Effort::Fast } else { Effort::Balanced }
    }

    /// Activates what is offered, known, and fine with the program. Returns the header's value for the response.
    pub fn accept_extensions(&self, offer: &[u8]) -> Result<String, Stop> {
        let ticket = self.ticket();
        let mut accepted = String::new();
        for element in offered(offer) {
            let answer = if element.name == NAME && self.has_builtin_compression() {
                self.accept_deflate(&element)?
            } else if element.parameters.is_empty() {
                self.accept_named(&element.name)?
            } else {
                None
            };
            self.still(ticket)?;
            if let Some(answer) = answer {
                if !accepted.is_empty() {
                    accepted.push(',');
                }
                accepted.push_str(&answer);
            }
        }
        Ok(accepted)
    }

    /// Whether this connection compresses already: one extension that does is enough for a frame.
    fn compresses(&self) -> bool {
        self.deflate.borrow().is_some()
            || self.active().any(|active| super::super::capi::extension::is_builtin(active.extension))
    }

    fn accept_deflate(&self, offer: &Element) -> Result<Option<String>, Stop> {
        if self.compresses() {
            return Ok(None);
        }
        let Some((deflate, answer)) = PerMessageDeflate::accept(offer, self.effort()) else {
            return Ok(None);
        };
        if !self.program_allows(Reason::ConfirmExtensionOkay, NAME)? {
            return Ok(None);
        }
        self.deflate.replace(Some(Box::new(deflate)));
        Ok(Some(answer))
    }

    fn accept_named(&self, wanted: &str) -> Result<Option<String>, Stop> {
        let context = self.context();
        let mut index = 0;
        while let Some(extension) = context.extension(index) {
            index += 1;
            let builtin = super::super::capi::extension::is_builtin(extension);
            if name(extension).to_bytes() != wanted.as_bytes()
                || self.uses(extension)
                || builtin && self.compresses()
                || !self.has_room_for_extension()
                || !self.program_allows(Reason::ConfirmExtensionOkay, wanted)?
            {
                continue;
            }
            if !self.activate(extension) {
                log::err(format_args!("Out of mem\n"));
                return Err(Stop::Close);
            }
            return Ok(Some(wanted.to_owned()));
        }
        Ok(None)
    }

    fn program_allows(&self, reason: Reason, extension: &str) -> Result<bool, Stop> {
        let Ok(extension) = CString::new(extension) else { return Ok(false) };
        // The pointer is the program's to keep for as long as the callback runs.
        let name = extension.into_raw();
        let verdict = self.call_first(reason, name.cast::<c_void>(), 0);
        // SAFETY: made above.
        drop(unsafe { CString::from_raw(name) });
        Ok(verdict? == 0)
    }

    /// What a client proposes: the header's value, empty for nothing.
    pub fn propose_extensions(&self) -> Result<String, Stop> {
        let context = self.context();
        let ticket = self.ticket();
        let mut proposed = String::new();
        let mut push = |text: &str| {
            if !proposed.is_empty() {
                proposed.push(',');
            }
            proposed.push_str(text);
        };
        let mut index = 0;
        while let Some(extension) = context.extension(index) {
            index += 1;
            let wanted = name(extension);
            let input = wanted.as_ptr().cast_mut().cast();
            let vetoed = self.hook_all(Hook::CheckOkToProposeExtension, |_| ptr::null_mut(), input, 0);
            self.still(ticket)?;
            if vetoed {
                log::line(log::EXT, format_args!("ext {} vetoed\n", wanted.to_string_lossy()));
                continue;
            }
            let verdict = self.call_first(Reason::ClientConfirmExtensionSupported, input, 0)?;
            if verdict == 0 {
                push(&wanted.to_string_lossy());
            }
        }
        // Last: peers that know the older form go on with it, and programs see frames come as they always did.
        if self.has_builtin_compression()
            && self.program_allows(Reason::ClientConfirmExtensionSupported, NAME)?
        {
            push(OFFER);
        }
        Ok(proposed)
    }

    /// Activates what a server accepted; fails for what was not proposed.
    pub fn confirm_extensions(&self, answer: &[u8], proposed: &str) -> Result<(), Stop> {
        let ticket = self.ticket();
        let context = self.context();
        let elements = negotiation::parse(answer).map_err(|_| Stop::Close)?;
        let proposed = negotiation::parse(proposed.as_bytes()).map_err(|_| Stop::Close)?;
        for element in elements {
            if proposed.iter().all(|offer| offer.name != element.name) {
                log::warn(format_args!("ext '{}' was not proposed\n", element.name));
                return Err(Stop::Close);
            }
            if element.name == NAME && self.has_builtin_compression() && !self.compresses() {
                let deflate =
                    PerMessageDeflate::answered(&element, self.effort()).map_err(|_| Stop::Close)?;
                self.deflate.replace(Some(Box::new(deflate)));
                continue;
            }
            let known = (0..)
                .map_while(|index| context.extension(index))
                .find(|extension| name(*extension).to_bytes() == element.name.as_bytes());
            let builtin = known.is_some_and(super::super::capi::extension::is_builtin);
            let Some(extension) = known.filter(|extension| {
                self.has_room_for_extension() && !self.uses(*extension) && !(builtin && self.compresses())
            }) else {
                log::warn(format_args!("Unknown ext '{}'!\n", element.name));
                return Err(Stop::Close);
            };
            if !self.activate(extension) {
                log::err(format_args!("Out of mem\n"));
                return Err(Stop::Close);
            }
            self.still(ticket)?;
        }
        Ok(())
    }
}
