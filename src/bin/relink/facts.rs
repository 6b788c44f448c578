//! What the rooms say of themselves: shared objects, and settings from the environment.

/// A shared object of ours.
pub struct Library {
    /// The library it belongs to.
    pub name: &'static str,
    /// Its name among the library's objects.
    pub object: &'static str,
    /// Its file.
    pub file: &'static str,
    /// The private folder it is in, if it is another generation of a library's interface.
    pub subdir: &'static str,
    /// The names by which programs ask for it.
    pub sonames: &'static [&'static str],
    /// The symbols it defines for programs.
    pub exports: &'static [&'static str],
}

/// A variable of the environment that a library reads.
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What it may be set to.
    pub value: &'static str,
    /// What it does.
    pub meaning: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/libraries.rs"));

/// The library that programs get by this name.
pub fn library(soname: &str) -> Option<&'static Library> {
    LIBRARIES.iter().find(|library| library.subdir.is_empty() && library.sonames.contains(&soname))
}

/// Whether two names ask for the same library.
pub fn same(one: &str, other: &str) -> bool {
    one == other || library(one).is_some_and(|library| library.sonames.contains(&other))
}

/// Other generations of the interfaces, by the names of their objects.
pub fn personalities() -> impl Iterator<Item = &'static Library> {
    LIBRARIES.iter().filter(|library| !library.subdir.is_empty())
}
