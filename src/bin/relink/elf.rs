//! What an ELF file asks of the dynamic linker.

use object::read::elf::{Dyn as _, ElfFile64, FileHeader as _, ProgramHeader as _};
use object::{Architecture, Endianness, Object as _, ObjectSymbol as _, elf};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The names an object needs and looks up, and those it offers.
#[derive(Debug, Default)]
pub struct Dynamic {
    /// The name that it is needed by, if it is a library.
    pub soname: Option<String>,
    /// Sonames it needs.
    pub needed: Vec<String>,
    /// Folders it wants them looked for in, before the system's.
    pub run_path: Vec<PathBuf>,
    /// Symbols it expects others to define; weak ones left out.
    pub imports: Vec<String>,
    /// Symbols it defines for others.
    pub exports: Vec<String>,
}

/// Why a file says nothing about dynamic linking here.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unreadable {
    /// It cannot be read.
    #[error("{0}")]
    Io(String),
    /// It is something else.
    #[error("not an ELF file")]
    NotElf,
    /// It is for another machine.
    #[error("for another architecture")]
    Architecture,
    /// It is ELF, and broken.
    #[error("broken ELF file: {0}")]
    Broken(String),
    /// Nothing is linked when it starts.
    #[error("statically linked: no library can be put in its place")]
    Static,
}

/// Whether a file begins like an ELF file.
pub fn is_elf(path: &Path) -> bool {
    use std::io::Read as _;
    let mut magic = [0; 4];
    fs::File::open(path).is_ok_and(|mut file| file.read_exact(&mut magic).is_ok()) && magic == elf::ELFMAG
}

/// Those of the names that stand in a file as whole strings: what a program loads while it runs, it has to name.
pub fn mentions(path: &Path, names: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let Ok(data) = fs::read(path) else { return Vec::new() };
    let is_there = |name: &&str| {
        let ends = memchr::memmem::find_iter(&data, name.as_bytes()).map(|place| place + name.len());
        ends.into_iter().any(|end| data.get(end) == Some(&0))
    };
    names.filter(is_there).collect()
}

/// Reads a file's dynamic section and symbols.
///
/// # Errors
/// [`Unreadable`].
pub fn read(path: &Path) -> Result<Dynamic, Unreadable> {
    let io = |error: std::io::Error| Unreadable::Io(error.to_string());
    // A device or a pipe may have no end.
    if !fs::metadata(path).map_err(io)?.is_file() {
        return Err(Unreadable::NotElf);
    }
    let data = fs::read(path).map_err(io)?;
    if !data.starts_with(&elf::ELFMAG) {
        return Err(Unreadable::NotElf);
    }
    if data.get(4) != Some(&elf::ELFCLASS64) {
        return Err(Unreadable::Architecture);
    }
    let broken = |error: object::Error| Unreadable::Broken(error.to_string());
    let file = ElfFile64::<Endianness>::parse(&*data).map_err(broken)?;
    if file.architecture() != own_architecture() {
        return Err(Unreadable::Architecture);
    }
    let endian = file.endian();
    let segments = file.elf_header().program_headers(endian, file.data()).map_err(broken)?;
    let dynamic = segments
        .iter()
        .find_map(|segment| segment.dynamic(endian, file.data()).transpose())
        .transpose()
        .map_err(broken)?
        .ok_or(Unreadable::Static)?;
    let sections = file.elf_header().sections(endian, file.data()).map_err(broken)?;
    let strings = match sections.dynamic(endian, file.data()).map_err(broken)? {
        Some((_, index)) => sections.strings(endian, file.data(), index).map_err(broken)?,
        None => return Err(Unreadable::Broken("no section headers".to_owned())),
    };
    let mut found = Dynamic::default();
    let mut names = Names { room: data.len().saturating_mul(NAMES_PER_BYTE) };
    let mut needed = HashSet::new();
    let asks_for_a_linker = segments.iter().any(|segment| segment.p_type(endian) == elf::PT_INTERP);
    for entry in dynamic {
        let text = |names: &mut Names| {
            let offset = u32::try_from(entry.d_val(endian)).unwrap_or(u32::MAX);
            names.take(&String::from_utf8_lossy(strings.get(offset).unwrap_or_default()))
        };
        match u32::try_from(entry.d_tag(endian)) {
            Ok(elf::DT_SONAME) => found.soname = Some(text(&mut names)?),
            Ok(elf::DT_NEEDED) => {
                let soname = text(&mut names)?;
                if needed.insert(soname.clone()) {
                    found.needed.push(soname);
                }
            }
            // A program that may be anywhere in memory, and puts itself there.
            Ok(elf::DT_FLAGS_1)
                if entry.d_val(endian) & u64::from(elf::DF_1_PIE) != 0 && !asks_for_a_linker =>
            {
                return Err(Unreadable::Static);
            }
            Ok(elf::DT_RPATH | elf::DT_RUNPATH) => {
                let origin = path.canonicalize().unwrap_or_default();
                let origin = origin.parent().unwrap_or(Path::new("/")).to_string_lossy().into_owned();
                let folders = text(&mut names)?;
                names.charge(folders.matches("ORIGIN").count().saturating_mul(origin.len()))?;
                let folders = folders.replace("$ORIGIN", &origin).replace("${ORIGIN}", &origin);
                found
                    .run_path
                    .extend(folders.split(':').filter(|folder| !folder.is_empty()).map(PathBuf::from));
            }
            _ => {}
        }
    }
    for symbol in file.dynamic_symbols() {
        let Ok(name) = symbol.name() else { continue };
        if symbol.is_definition() {
            found.exports.push(names.take(name)?);
        } else if !symbol.is_weak() && !name.is_empty() {
            found.imports.push(names.take(name)?);
        }
    }
    Ok(found)
}

/// The names of an ordinary file add up to less than the file, though some may share their bytes.
const NAMES_PER_BYTE: usize = 4;

/// Copies names, as many as an ordinary file may have: all of them may be said to be one that is very long.
struct Names {
    room: usize,
}

impl Names {
    fn take(&mut self, name: &str) -> Result<String, Unreadable> {
        self.charge(name.len())?;
        Ok(name.to_owned())
    }

    fn charge(&mut self, length: usize) -> Result<(), Unreadable> {
        let broken = || Unreadable::Broken("its names are longer than itself".to_owned());
        self.room = self.room.checked_sub(length).ok_or_else(broken)?;
        Ok(())
    }
}

fn own_architecture() -> Architecture {
    match std::env::consts::ARCH {
        "aarch64" => Architecture::Aarch64,
        "riscv64" => Architecture::Riscv64,
        _ => Architecture::X86_64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever asks about a file may have it from a stranger.
    #[test]
    fn damaged_files_are_refused_or_read() {
        let whole = fs::read("/proc/self/exe").unwrap();
        let folder = std::env::temp_dir().join(format!("relink-elf-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("damaged");
        // The headers, and the small tables that lie behind them.
        let mut data = whole[..whole.len().min(1 << 16)].to_vec();
        let mut random = 1_u64;
        let mut next = |below: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % below
        };
        for _ in 0..2000 {
            let changed: Vec<(usize, u8)> = (0..1 + next(4))
                .map(|_| {
                    let place = if next(2) == 0 { next(0x400) } else { next(data.len()) };
                    (place, std::mem::replace(&mut data[place], next(256) as u8))
                })
                .collect();
            let length = if next(4) == 0 { next(data.len()) } else { data.len() };
            fs::write(&path, &data[..length]).unwrap();
            let _ = read(&path);
            for (place, byte) in changed.into_iter().rev() {
                data[place] = byte;
            }
        }
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(read(Path::new("/proc/self/exe")).map(|file| file.needed.is_empty()), Ok(false));
    }
}
