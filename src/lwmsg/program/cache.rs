//! Programs of tables that were used before.
//!
//! Tables live in objects that may be unloaded, and another object's table may be mapped at the same address later.
//! So a program from the cache is used only if every word it was compiled from is still there. Comparing them is
//! safe: the caller vouches for its own table, and each further table is looked at only when the words before it,
//! which name it, have proved to be the same.
//!
//! Nobody waits for the cache: in a forked child it may be held by a thread that the child does not have, and compiling
//! once more is quicker than much that one could wait for.

use super::table::Spec;
use super::{Program, compile};
use crate::lwmsg::error::Result;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

/// How many programs are kept. When there are more, all are forgotten: those in use live on.
const CAPACITY: usize = 1024;

static PROGRAMS: RwLock<BTreeMap<usize, Arc<Program>>> = RwLock::new(BTreeMap::new());

/// The last program that a data context used: what most programs ask for again.
#[derive(Debug, Default)]
pub struct Cached(RefCell<Option<Arc<Program>>>);

impl Cached {
    /// The program of a table.
    ///
    /// # Safety
    /// As [`compile()`].
    pub unsafe fn program(&self, spec: Spec) -> Result<Arc<Program>> {
        if let Some(last) = &*self.0.borrow()
            && last.spec == spec
            // SAFETY: as promised by the caller.
            && unsafe { last.is_still_there() }
        {
            return Ok(last.clone());
        }
        // SAFETY: as promised by the caller.
        let program = unsafe { program(spec) }?;
        self.0.replace(Some(program.clone()));
        Ok(program)
    }
}

/// The program of a table: from the cache, or compiled.
///
/// # Safety
/// As [`compile()`].
pub unsafe fn program(spec: Spec) -> Result<Arc<Program>> {
    let known = PROGRAMS.try_read().ok().and_then(|programs| programs.get(&(spec as usize)).cloned());
    if let Some(known) = known {
        // SAFETY: as promised by the caller.
        if unsafe { known.is_still_there() } {
            return Ok(known);
        }
    }
    // SAFETY: as promised by the caller.
    let program = Arc::new(unsafe { compile(spec) }?);
    if let Ok(mut programs) = PROGRAMS.try_write() {
        if programs.len() >= CAPACITY {
            programs.clear();
        }
        programs.insert(spec as usize, program.clone());
    }
    Ok(program)
}

/// Empties the cache: the library is being unloaded, or the process ends, perhaps with other threads at work.
pub fn forget_all() {
    if let Ok(mut programs) = PROGRAMS.try_write() {
        programs.clear();
    }
}

impl Program {
    /// Whether the tables are those that were compiled.
    ///
    /// # Safety
    /// The program's table, if its words are the same as before, is complete, and so are those it refers to.
    unsafe fn is_still_there(&self) -> bool {
        self.source.iter().all(|source| {
            source.words.iter().enumerate().all(|(index, word)| {
                // SAFETY: all words before this one are the same, and none of them ended the table.
                unsafe { source.at.add(index).read() == *word }
            })
        })
    }
}
