//! Pages, in the language of roff: a comment's paragraphs under the titles that readers of manuals look for.

use super::header::{Entry, Kind};
use super::text::{Block, blocks, paragraphs, sorted, summary};
use super::{Library, Object};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What readers' and linters' eyes take in.
const WIDTH: usize = 78;

/// Functions that are called what texts say without meaning them.
const ENGLISH: [&str; 5] = ["bundle", "choose", "go", "now", "yield"];

/// Every page of a library, by name: one an entry that programs call, and one of all.
pub fn pages(library: &Library) -> Vec<(String, String)> {
    let names = Names::of(library);
    let functions =
        functions(library).map(|entry| (entry.names[0].clone(), function(library, entry, &names)));
    functions.chain([(library.name.clone(), overview(library, &names))]).collect()
}

/// Further names of those pages.
pub fn links(library: &Library) -> Vec<(String, String)> {
    let links = functions(library).flat_map(|entry| {
        let others = entry.names[1..].iter().chain(&entry.aliases);
        others.map(|name| (name.clone(), entry.names[0].clone()))
    });
    links.filter(|(name, _)| *name != library.name).collect()
}

fn functions(library: &Library) -> impl Iterator<Item = &Entry> {
    library.entries.iter().filter(|entry| entry.kind == Kind::Function)
}

/// Which words of a text have a page of their own.
struct Names {
    /// Distinct enough to be recognised anywhere.
    plain: BTreeSet<String>,
    /// English words too: recognised where the text marks them.
    marked: BTreeSet<String>,
}

impl Names {
    fn of(library: &Library) -> Self {
        let all = functions(library).flat_map(|entry| entry.names.iter().chain(&entry.aliases));
        let (plain, marked) = all.cloned().partition(|name| !ENGLISH.contains(&name.as_str()));
        Self { plain, marked }
    }
}

fn function(library: &Library, entry: &Entry, names: &Names) -> String {
    let name = &entry.names[0];
    let mut page = head(library, name);
    let all: Vec<String> = entry.names.iter().chain(&entry.aliases).cloned().collect();
    section(&mut page, "NAME");
    let _ =
        writeln!(page, "{}", wrapped(&format!("{} \\- {}", all.join(", "), escaped(&summary(&entry.text)))));
    linking(&mut page, library, Some(name));
    section(&mut page, "SYNOPSIS");
    let _ = writeln!(page, ".nf\n.B #include <{}>\n.PP", entry.header);
    code(&mut page, &folded(&entry.declaration), "B");
    if !entry.aliases.is_empty() {
        page.push_str(".PP\n");
    }
    for alias in &entry.aliases {
        let _ = writeln!(page, ".B #define {alias} {name}");
    }
    page.push_str(".fi\n");
    let mut writer =
        Writer { page, names, own: &all, arguments: arguments(&entry.declaration), seen: BTreeSet::new() };
    let mut sections = sorted(&entry.text);
    for title in ["DESCRIPTION", "RETURN VALUE", "ERRORS"] {
        writer.sections(title, sections.remove(title));
    }
    for (title, blocks) in sections {
        writer.sections(&title, Some(blocks));
    }
    // Those that speak of this one, as far as they are not too many.
    let about: Vec<&str> = functions(library)
        .filter(|other| other.names[0] != *name && mentions(&other.text, &all, names))
        .map(|other| other.names[0].as_str())
        .collect();
    let Writer { mut page, mut seen, .. } = writer;
    if about.len() <= 8 {
        seen.extend(about.into_iter().map(str::to_owned));
    }
    see_also(&mut page, seen.into_iter().chain([library.name.clone()]));
    page
}

/// The page's first line names its library, for who packages and who removes it.
fn head(library: &Library, name: &str) -> String {
    format!(
        ".\\\" Page of {} from relink, made of the header; do not edit.\n.TH {} 3 \"\" \"relink {}\" \"{}\"\n",
        library.name,
        name.to_uppercase(),
        env!("CARGO_PKG_VERSION"),
        library.name
    )
}

fn section(page: &mut String, title: &str) {
    let _ = writeln!(page, ".SH {title}");
}

/// What man-pages(7) calls LIBRARY: the object that has a function, or all of them.
fn linking(page: &mut String, library: &Library, name: Option<&str>) {
    let has = |object: &&Object| name.is_some_and(|name| object.exports.contains(name));
    let objects: Vec<&Object> = match library.objects.iter().find(has) {
        Some(object) => vec![object],
        None => library.objects.iter().collect(),
    };
    section(page, "LIBRARY");
    for (index, object) in objects.iter().enumerate() {
        if index > 0 {
            page.push_str(".PP\n");
        }
        let links: Vec<String> = object.links.iter().map(|link| format!("\\-l{link}")).collect();
        let _ = writeln!(page, "{}\n({})", escaped(&object.title), links.join(", "));
        let module = object.module.replace('-', "\\-");
        let _ =
            writeln!(page, ".PP\n.EX\ncc program.c $(pkg\\-config \\-\\-cflags \\-\\-libs {module})\n.EE");
    }
}

fn see_also(page: &mut String, names: impl Iterator<Item = String>) {
    section(page, "SEE ALSO");
    let names: Vec<String> = names.collect::<BTreeSet<_>>().into_iter().collect();
    for (index, name) in names.iter().enumerate() {
        let comma = if index + 1 < names.len() { "," } else { "" };
        let _ = writeln!(page, ".BR {name} (3){comma}");
    }
}

/// Names between a declaration's outer parentheses that are its arguments.
fn arguments(declaration: &str) -> BTreeSet<String> {
    let inside = declaration.split_once('(').map_or("", |(_, inside)| inside);
    let words = inside.split([',', ')', '(']).filter_map(|argument| {
        let name = argument.split('[').next()?.rsplit([' ', '*', '\n']).next()?;
        (!name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_'))
            .then_some(name)
    });
    words.map(str::to_owned).collect()
}

/// A declaration whose lines a terminal can show.
fn folded(declaration: &str) -> String {
    if declaration.lines().all(|line| line.len() <= WIDTH - 8) {
        return declaration.to_owned();
    }
    let mut lines = vec![String::new()];
    for word in declaration.split_whitespace() {
        let line = lines.last_mut().expect("never empty");
        if line.len() + 1 + word.len() > WIDTH - 8 && !line.is_empty() {
            lines.push(format!("    {word}"));
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}

/// Lines as they are, each in a font of its own if one is named.
fn code(page: &mut String, text: &str, font: &str) {
    for line in text.lines() {
        let line = escaped(line).replace('"', "\\(dq");
        let _ = match (line.trim().is_empty(), font) {
            (true, _) => writeln!(page, ".sp"),
            (false, "") => writeln!(page, "{}", guarded(&line)),
            // As one argument: spaces at its beginning count.
            (false, font) => writeln!(page, ".{font} \"{line}\""),
        };
    }
}

/// Whether a text speaks of one of these names.
fn mentions(text: &str, wanted: &[String], names: &Names) -> bool {
    words(text).any(|(word, marked)| {
        wanted.iter().any(|name| name == word)
            && (names.plain.contains(word) || (marked && names.marked.contains(word)))
    })
}

/// Words that could be names, and whether the text marks them so: in backticks, or with parentheses behind.
fn words(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut rest = text;
    let mut before = ' ';
    std::iter::from_fn(move || {
        let begin = rest.find(is_part)?;
        before = rest[..begin].chars().last().unwrap_or(before);
        let word = &rest[begin..];
        let end = word.find(|letter| !is_part(letter)).unwrap_or(word.len());
        rest = &word[end..];
        let marked = (before == '`' && rest.starts_with('`')) || rest.starts_with('(');
        before = ' ';
        Some((&word[..end], marked))
    })
}

struct Writer<'a> {
    page: String,
    names: &'a Names,
    /// Names of the page itself.
    own: &'a [String],
    arguments: BTreeSet<String>,
    /// Other pages that the text names.
    seen: BTreeSet<String>,
}

impl Writer<'_> {
    fn sections(&mut self, title: &str, blocks: Option<Vec<Block>>) {
        let Some(blocks) = blocks else { return };
        section(&mut self.page, title);
        self.blocks(&blocks, false);
    }

    fn blocks(&mut self, blocks: &[Block], mut begun: bool) {
        let mut listed = false;
        for block in blocks {
            match block {
                Block::Text(text) => {
                    if begun {
                        self.page.push_str(".PP\n");
                    }
                    self.text(text);
                    listed = false;
                }
                Block::Code(text) => {
                    self.page.push_str(if listed { ".IP\n.EX\n" } else { ".PP\n.EX\n" });
                    code(&mut self.page, text.trim_end(), "");
                    self.page.push_str(".EE\n");
                }
                Block::Item(term, text) if term.is_empty() => {
                    self.page.push_str(".IP \\(bu 2\n");
                    self.text(text);
                    listed = true;
                }
                Block::Item(term, text) => {
                    let _ = writeln!(self.page, ".TP\n.B {}", escaped(term));
                    self.text(if text.is_empty() { "See above." } else { text });
                    listed = true;
                }
            }
            begun = true;
        }
    }

    /// A paragraph.
    fn text(&mut self, text: &str) {
        let marked = self.marked(text);
        let _ = writeln!(self.page, "{}", wrapped(&marked));
    }

    /// Escaped, with names in the fonts that manuals give them.
    fn marked(&mut self, text: &str) -> String {
        let text = text.replace("[`", "`").replace("`]", "`");
        let mut out = String::new();
        for (index, part) in text.split('`').enumerate() {
            if index % 2 == 0 {
                self.plain(&mut out, part);
                continue;
            }
            let name = part.trim_end_matches("()");
            if self.arguments.contains(part) {
                let _ = write!(out, "\\fI{}\\fP", escaped(part));
            } else if self.names.plain.contains(name) || self.names.marked.contains(name) {
                self.reference(&mut out, name);
            } else {
                let _ = write!(out, "\\fB{}\\fP", escaped(part));
            }
        }
        out
    }

    fn plain(&mut self, out: &mut String, text: &str) {
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
        let mut rest = text;
        while let Some(begin) = rest.find(is_part) {
            out.push_str(&escaped(&rest[..begin]));
            // A hyphen before a number or an option is a minus.
            if out.ends_with('-') && !out.ends_with("\\-") && !out[..out.len() - 1].ends_with(is_part) {
                out.insert(out.len() - 1, '\\');
            }
            let word = &rest[begin..];
            let end = word.find(|letter| !is_part(letter)).unwrap_or(word.len());
            let (word, behind) = word.split_at(end);
            rest = behind;
            let elsewhere =
                manual_section(rest).filter(|number| *number != "(3)" || !self.names.plain.contains(word));
            if let Some(number) = elsewhere {
                let _ = write!(out, "\\fB{word}\\fP{number}");
                rest = &rest[number.len()..];
            } else if self.names.plain.contains(word)
                || (rest.starts_with("()") && self.names.marked.contains(word))
            {
                rest = rest.strip_prefix("()").or_else(|| rest.strip_prefix("(3)")).unwrap_or(rest);
                self.reference(out, word);
            } else {
                out.push_str(word);
            }
        }
        out.push_str(&escaped(rest));
    }

    fn reference(&mut self, out: &mut String, name: &str) {
        if self.own.iter().any(|own| own == name) {
            let _ = write!(out, "\\fB{name}\\fP()");
        } else {
            self.seen.insert(name.to_owned());
            let _ = write!(out, "\\fB{name}\\fP(3)");
        }
    }
}

/// `(2)` and its like, as in printf(3).
fn manual_section(text: &str) -> Option<&str> {
    let number = text.get(..3)?;
    (number.starts_with('(') && number.ends_with(')') && number.as_bytes()[1].is_ascii_digit())
        .then_some(number)
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\e").replace('~', "\\(ti").replace('^', "\\(ha")
}

/// A line a sentence, and none longer than what linters like.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("never empty");
        let ended = line.trim_end_matches([')', '"']).ends_with(['.', '?', '!']);
        if line.is_empty() {
            line.push_str(word);
        } else if ended || line.len() + 1 + word.len() > WIDTH {
            lines.push(word.to_owned());
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.iter().map(|line| guarded(line)).collect::<Vec<_>>().join("\n")
}

/// A line that does not look like a request.
fn guarded(line: &str) -> String {
    if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line.to_owned() }
}

fn overview(library: &Library, names: &Names) -> String {
    let mut page = head(library, &library.name);
    section(&mut page, "NAME");
    // The last object of several stands on the others.
    let title = library.objects.last().map_or("", |object| &object.title);
    let _ = writeln!(page, "{} \\- {}", library.name, escaped(title));
    linking(&mut page, library, None);
    section(&mut page, "SYNOPSIS");
    page.push_str(".nf\n");
    for header in &library.headers {
        let _ = writeln!(page, ".B #include <{header}>");
    }
    page.push_str(".fi\n");
    let mut writer = Writer { page, names, own: &[], arguments: BTreeSet::new(), seen: BTreeSet::new() };
    section(&mut writer.page, "DESCRIPTION");
    for (index, introduction) in library.introduction.iter().enumerate() {
        let blocks: Vec<Block> = introductory(introduction)
            .into_iter()
            .flat_map(|paragraph| blocks(&paragraph.lines().collect::<Vec<_>>()))
            .collect();
        writer.blocks(&blocks, index > 0);
    }
    let mut header = "";
    for entry in functions(library) {
        if header.is_empty() {
            writer.page.push_str(".SH FUNCTIONS\n");
        }
        if header != entry.header {
            header = &entry.header;
            if library.headers.len() > 1 {
                let _ = writeln!(writer.page, ".SS <{header}>");
            }
        }
        let named: Vec<String> = entry.names.iter().map(|name| format!("\\fB{name}\\fP(3)")).collect();
        let _ = writeln!(writer.page, ".TP\n{}", named.join(", "));
        writer.text(&summary(&entry.text));
    }
    types(&mut writer, library);
    let mut page = writer.page;
    section(&mut page, "SEE ALSO");
    page.push_str(".BR relink (1)\n");
    page
}

/// What the introduction of a header says of the library, without its notes about itself.
fn introductory(text: &str) -> Vec<String> {
    let text = text.replace(" Part of relink; MIT OR Apache-2.0.", "");
    let paragraphs = paragraphs(&text).into_iter();
    paragraphs.filter(|paragraph| !paragraph.contains("do not edit")).collect()
}

fn types(writer: &mut Writer<'_>, library: &Library) {
    let types: Vec<&Entry> = library.entries.iter().filter(|entry| entry.kind == Kind::Type).collect();
    if types.is_empty() {
        return;
    }
    section(&mut writer.page, "TYPES");
    for entry in types {
        let _ = writeln!(writer.page, ".SS {}", entry.names[0]);
        let text: Vec<Block> = paragraphs(&entry.text)
            .iter()
            .flat_map(|paragraph| blocks(&paragraph.lines().collect::<Vec<_>>()))
            .collect();
        writer.blocks(&text, false);
        if entry.declaration.contains(['{', '(']) {
            writer.page.push_str(".PP\n.EX\n");
            code(&mut writer.page, &quietly(&entry.declaration), "");
            writer.page.push_str(".EE\n");
        }
    }
}

/// A type's declaration with short comments in their lines.
fn quietly(declaration: &str) -> String {
    let mut out = String::new();
    let mut rest = declaration;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        let Some((comment, behind)) = after.split_once("*/") else { break };
        let indent = before.rsplit('\n').next().unwrap_or_default().to_owned();
        let words = comment.trim_start_matches('*').split_whitespace().filter(|word| *word != "*");
        let mut line = "/*".to_owned();
        for word in words {
            if indent.len() + line.len() + 1 + word.len() > WIDTH - 10 {
                let _ = writeln!(out, "{line}");
                line = format!("{indent}  ");
            }
            line.push(' ');
            line.push_str(word);
        }
        let _ = write!(out, "{line} */");
        rest = behind;
    }
    out.push_str(rest);
    // Members of function types can be long, too.
    let lines =
        out.lines().flat_map(|line| if line.len() > WIDTH { broken(line) } else { vec![line.to_owned()] });
    lines.collect::<Vec<_>>().join("\n")
}

/// A long line of code, broken behind its commas.
fn broken(line: &str) -> Vec<String> {
    let indent = line.len() - line.trim_start().len() + 4;
    let mut lines = vec![String::new()];
    for part in line.split_inclusive(", ") {
        let last = lines.last_mut().expect("never empty");
        if !last.trim().is_empty() && last.len() + part.trim_end().len() > WIDTH {
            lines.push(format!("{}{part}", " ".repeat(indent)));
        } else {
            last.push_str(part);
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(text: &str) -> Library {
        let entry = |name: &str, alias: &str, text: &str| Entry {
            names: vec![name.to_owned()],
            aliases: vec![alias.to_owned()],
            kind: Kind::Function,
            is_prototype: true,
            declaration: format!("int {name}(int h, int64_t deadline);"),
            text: text.to_owned(),
            header: "x.h".to_owned(),
        };
        Library {
            name: "libx".to_owned(),
            objects: vec![Object {
                module: "libx".to_owned(),
                title: "letters".to_owned(),
                links: vec!["x".to_owned()],
                exports: BTreeSet::new(),
            }],
            introduction: vec![
                "x: letters. Part of relink; MIT OR Apache-2.0.\n\nGenerated; do not edit.".to_owned(),
            ],
            headers: vec!["x.h".to_owned()],
            entries: vec![entry("x_send", "send", text), entry("x_now", "now", "Tells the time for x_send.")],
        }
    }

    fn page(text: &str) -> String {
        pages(&library(text)).remove(0).1
    }

    #[test]
    fn paragraphs_stand_under_the_titles_that_readers_look_for() {
        let page = page(
            "Sends a letter. Waits until `deadline`.\n\nReturns 0, or -1 with errno.\n\n\
                         Errors:\n- EPIPE: it is closed.\n- ETIMEDOUT: the deadline has passed.",
        );
        let wanted = "\
.SH DESCRIPTION
Sends a letter.
Waits until \\fIdeadline\\fP.
.SH RETURN VALUE
Returns 0, or \\-1 with errno.
.SH ERRORS
.TP
.B EPIPE
it is closed.
.TP
.B ETIMEDOUT
the deadline has passed.
.SH SEE ALSO
.BR libx (3),
.BR x_now (3)
";
        assert!(page.ends_with(wanted), "{page}");
        assert!(page.contains(".SH NAME\nx_send, send \\- sends a letter\n"), "{page}");
        assert!(
            page.contains(".B \"int x_send(int h, int64_t deadline);\"\n.PP\n.B #define send x_send\n"),
            "{page}"
        );
    }

    #[test]
    fn errors_in_a_sentence_become_a_list() {
        let page = page(
            "Returns 0, or -1 with errno: ECANCELED, EPIPE when it is closed, or was, EBADF, EINVAL as of x_now,\nEMFILE or ENFILE when there are too many, ENOMEM.",
        );
        let wanted = "\
.SH RETURN VALUE
Returns 0, or \\-1 with errno set.
.SH ERRORS
.TP
.B ECANCELED
The caller is being cancelled.
.TP
.B EPIPE
When it is closed, or was.
.TP
.B EBADF
There is no such handle or descriptor.
.TP
.B EINVAL
As of \\fBx_now\\fP(3).
.TP
.B EMFILE, ENFILE
When there are too many.
.TP
.B ENOMEM
Memory is exhausted.
";
        assert!(page.contains(wanted), "{page}");
    }

    #[test]
    fn other_functions_are_named_with_their_section_and_listed() {
        let page = page("Sends now, as x_now or `now` or now() says, in x_send(), close to send(2).");
        let text = "Sends now, as \\fBx_now\\fP(3) or \\fBnow\\fP(3) or \\fBnow\\fP(3) says, in\n\
                    \\fBx_send\\fP(), close to \\fBsend\\fP(2).\n";
        assert!(page.contains(text), "{page}");
        assert!(page.ends_with(".BR libx (3),\n.BR now (3),\n.BR x_now (3)\n"), "{page}");
    }

    #[test]
    fn nothing_in_a_text_is_taken_for_a_request() {
        let page = page("Writes\n.so and 'quotes' and back\\slashes.\n\n    .TH code ~\n");
        assert!(!page.contains("\n.so") && page.contains("back\\eslashes"), "{page}");
        assert!(page.contains("\n    .TH code \\(ti\n"), "{page}");
    }
}
