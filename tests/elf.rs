//! The finished ELF files are exactly what each legacy library's users need: symbols, soname, needed
//! libraries, no symbol versions, hardened.

mod support;

use object::elf;
use object::read::elf::{Dyn as _, ElfFile64, FileHeader as _, ProgramHeader as _};
use object::{Endianness, Object as _, ObjectSymbol as _};
use support::{Object, objects};

type File<'data> = ElfFile64<'data, Endianness>;

fn each_object(check: impl Fn(&Object, &File<'_>)) {
    let objects = objects();
    assert!(!objects.is_empty());
    for described in objects {
        let path = described.path();
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        check(&described, &File::parse(&*bytes).unwrap());
    }
}

fn dynamic_values(file: &File<'_>, tag: u32) -> Vec<u64> {
    let endian = file.endian();
    let headers = file.elf_header().program_headers(endian, file.data()).unwrap();
    headers
        .iter()
        .find_map(|header| header.dynamic(endian, file.data()).unwrap())
        .unwrap()
        .iter()
        .filter(|entry| u64::from(entry.d_tag(endian) as u32) == u64::from(tag))
        .map(|entry| entry.d_val(endian))
        .collect()
}

fn dynamic_strings(file: &File<'_>, tag: u32) -> Vec<String> {
    let endian = file.endian();
    let sections = file.elf_header().sections(endian, file.data()).unwrap();
    let (_, index) = sections.dynamic(endian, file.data()).unwrap().unwrap();
    let strings = sections.strings(endian, file.data(), index).unwrap();
    dynamic_values(file, tag)
        .into_iter()
        .map(|offset| String::from_utf8(strings.get(offset as u32).unwrap().to_vec()).unwrap())
        .collect()
}

#[test]
fn exports_are_exactly_the_listed_symbols() {
    each_object(|described, file| {
        let mut found: Vec<String> = file
            .dynamic_symbols()
            .filter(|symbol| symbol.is_definition())
            .map(|symbol| symbol.name().unwrap().to_owned())
            .collect();
        found.sort();
        assert_eq!(found, described.exports(), "{}", described.file);
    });
}

#[test]
fn sonames_are_the_ones_programs_were_linked_with() {
    each_object(|described, file| {
        assert_eq!(
            dynamic_strings(file, elf::DT_SONAME),
            std::slice::from_ref(&described.soname),
            "{}",
            described.file
        );
    });
}

#[test]
fn needed_libraries_are_exactly_the_stated_ones() {
    each_object(|described, file| {
        let mut found = dynamic_strings(file, elf::DT_NEEDED);
        let mut wanted = described.needed.clone();
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{}", described.file);
    });
}

#[test]
fn libraries_that_the_originals_brought_are_taken_along_where_they_are() {
    each_object(|described, file| {
        assert_eq!(dynamic_strings(file, elf::DT_AUXILIARY), described.brings, "{}", described.file);
    });
}

#[test]
fn symbols_carry_no_versions_of_ours() {
    each_object(|described, file| {
        assert!(dynamic_values(file, elf::DT_VERDEF).is_empty(), "{}", described.file);
    });
}

#[test]
fn objects_are_hardened() {
    each_object(|described, file| {
        let name = &described.file;
        let endian = file.endian();
        let headers = file.elf_header().program_headers(endian, file.data()).unwrap();
        let has = |kind| headers.iter().find(|header| header.p_type(endian) == kind);
        assert!(has(elf::PT_GNU_RELRO).is_some(), "{name}: no RELRO");
        let stack = has(elf::PT_GNU_STACK).unwrap_or_else(|| panic!("{name}: no PT_GNU_STACK"));
        assert_eq!(stack.p_flags(endian) & elf::PF_X, 0, "{name}: executable stack");
        assert!(
            headers.iter().all(|header| {
                header.p_type(endian) != elf::PT_LOAD
                    || header.p_flags(endian) & (elf::PF_W | elf::PF_X) != elf::PF_W | elf::PF_X
            }),
            "{name}: writable and executable segment"
        );
        let now = dynamic_values(file, elf::DT_FLAGS_1).first().is_some_and(|flags| flags & 1 != 0);
        assert!(now, "{name}: lazy binding");
        assert!(dynamic_values(file, elf::DT_TEXTREL).is_empty(), "{name}: text relocations");
        assert!(
            dynamic_values(file, elf::DT_FLAGS).iter().all(|flags| flags & u64::from(elf::DF_SYMBOLIC) == 0),
            "{name}: exported data would get two addresses"
        );
    });
}

#[test]
fn other_names_lead_to_the_real_file() {
    each_object(|described, _| {
        for name in described.links.iter().chain([&described.soname]) {
            let path = described.dir().join(name);
            let target = path.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(target, described.path().canonicalize().unwrap());
        }
    });
}
