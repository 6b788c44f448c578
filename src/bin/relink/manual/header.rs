//! C headers as ours are: a comment, and right behind it what it is about.

/// What kind of thing a comment is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A function, or a macro that is used like one.
    Function,
    /// A type.
    Type,
}

/// A documented thing, or a few that share a comment.
#[derive(Debug)]
pub struct Entry {
    /// Names, the first of which names the page.
    pub names: Vec<String>,
    /// Other names that the header defines for them.
    pub aliases: Vec<String>,
    /// What it is.
    pub kind: Kind,
    /// Whether it is elsewhere, and only declared here.
    pub is_prototype: bool,
    /// The declaration, several lines perhaps.
    pub declaration: String,
    /// The comment, without its frame.
    pub text: String,
    /// The header as programs include it.
    pub header: String,
}

/// The first comment of a header, and everything documented in it.
pub fn parse(text: &str, header: &str) -> (String, Vec<Entry>) {
    let mut entries: Vec<Entry> = Vec::new();
    let mut introduction = None;
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("/*") {
        let Some((comment, behind)) = after.split_once("*/") else { break };
        rest = behind;
        let for_programs = comment.starts_with('*');
        let comment = unframed(comment);
        if introduction.is_none() {
            introduction = Some(comment.clone());
        }
        let gap = behind.len() - behind.trim_start().len();
        if behind[..gap].matches('\n').count() != 1 {
            continue;
        }
        let item = &behind[gap..];
        let is_macro = item.starts_with("#define");
        // Headers have macros that are nobody's business.
        if is_macro && !for_programs {
            continue;
        }
        let (entry, length) = if is_macro { macros(item) } else { declaration(item) };
        rest = &item[length..];
        if let Some((names, kind, declaration)) = entry {
            let is_prototype = !is_macro && kind == Kind::Function && rest.starts_with(';');
            let (header, aliases) = (header.to_owned(), Vec::new());
            add(
                &mut entries,
                Entry { names, aliases, kind, is_prototype, declaration, text: comment, header },
            );
        }
    }
    for (alias, target) in renamed(text) {
        if let Some(entry) = entries.iter_mut().find(|entry| entry.names.iter().any(|name| name == target)) {
            entry.aliases.push(alias.to_owned());
        }
    }
    (introduction.unwrap_or_default(), entries)
}

/// Adds an entry, unless its name has one already: two headers, or two branches of one, may declare the same.
pub fn add(entries: &mut Vec<Entry>, entry: Entry) {
    if !entries.iter().any(|known| known.names[0] == entry.names[0]) {
        entries.push(entry);
    }
}

/// A comment's text: without the asterisks at the beginnings of lines, and without empty lines around it.
fn unframed(comment: &str) -> String {
    let lines = comment.trim_start_matches('*').lines().map(|line| {
        let line = line.trim_end();
        let inner = line.trim_start().strip_prefix('*').unwrap_or(line);
        inner.strip_prefix(' ').unwrap_or(inner).to_owned()
    });
    lines.collect::<Vec<_>>().join("\n").trim_matches('\n').trim_end().to_owned()
}

type Found = Option<(Vec<String>, Kind, String)>;

/// Macros with arguments on lines that follow each other: those share the comment above them. Returns them and the
/// length of what was read.
fn macros(item: &str) -> (Found, usize) {
    let mut names = Vec::new();
    let mut lines = Vec::new();
    let mut length = 0;
    while let Some(definition) = item[length..].strip_prefix("#define ") {
        let end = logical_line(&item[length..]);
        let head = definition.split([' ', '\t', '\n']).next().unwrap_or_default();
        if let Some((name, _)) = head.split_once('(')
            && let Some(close) = definition.find(')')
        {
            names.push(name.to_owned());
            lines.push(definition[..=close].to_owned());
        }
        length += end;
    }
    ((!names.is_empty()).then(|| (names, Kind::Function, lines.join("\n"))), length)
}

/// The length of a line with those that continue it, its end included.
fn logical_line(text: &str) -> usize {
    let mut length = 0;
    for line in text.split_inclusive('\n') {
        length += line.len();
        if !line.trim_end().ends_with('\\') {
            break;
        }
    }
    length
}

/// A declaration, and the length of what was read of it.
fn declaration(item: &str) -> (Found, usize) {
    let Some(end) = item.find([';', '{']).filter(|_| !item.starts_with('#')) else { return (None, 0) };
    let head = item[..end].trim_end();
    let first = head.split_whitespace().next().unwrap_or_default();
    let is_block = item[end..].starts_with('{');
    if first == "typedef" || (["struct", "union", "enum"].contains(&first) && !head.contains('(')) {
        let end = if is_block { closing(item, end) } else { end };
        let end = item[end..].find(';').map_or(item.len(), |at| end + at + 1);
        let declaration = item[..end].to_owned();
        let name = type_name(&declaration, head);
        return (name.map(|name| (vec![name], Kind::Type, declaration)), end);
    }
    let Some((before, _)) = head.split_once('(') else { return (None, 0) };
    let name: String = last_word(before).to_owned();
    if name.is_empty() {
        return (None, 0);
    }
    (
        Some((vec![name], Kind::Function, format!("{};", prototype(head)))),
        if is_block { closing(item, end) } else { end },
    )
}

/// A function's head without what is for the compiler only.
fn prototype(head: &str) -> String {
    let mut words = head;
    loop {
        let (word, rest) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
        let marks = ["_EXPORT", "_EXTERN", "_VISIBLE"].iter().any(|mark| word.ends_with(mark));
        if !(marks || ["static", "inline", "extern", "__inline__"].contains(&word)) {
            break;
        }
        words = rest.trim_start();
    }
    let attributes = words.find(" __attribute__").unwrap_or(words.len());
    // The head's own line breaks are kept, with the arguments in one column.
    let column = words.find('(').map_or(0, |at| at + 1);
    let lines: Vec<String> = words[..attributes]
        .lines()
        .enumerate()
        .map(
            |(index, line)| {
                if index == 0 { line.to_owned() } else { format!("{:column$}{}", "", line.trim()) }
            },
        )
        .collect();
    lines.join("\n")
}

/// Behind the brace that closes the one at `open`.
fn closing(text: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in text[open..].char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => return open + at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// `struct x` for `struct x {…};` and `x` for `typedef … x;` and `typedef … (*x)(…);`.
fn type_name(declaration: &str, head: &str) -> Option<String> {
    if !head.starts_with("typedef") {
        return Some(head.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    if let Some((_, pointer)) = declaration.split_once("(*") {
        return pointer.split_once(')').map(|(name, _)| name.to_owned());
    }
    Some(last_word(declaration.trim_end_matches(';').split('[').next()?).to_owned())
        .filter(|name| !name.is_empty())
}

fn last_word(text: &str) -> &str {
    let text = text.trim_end();
    let begin =
        text.rfind(|letter: char| !(letter.is_alphanumeric() || letter == '_')).map_or(0, |at| at + 1);
    &text[begin..]
}

/// `#define a b`: a is another name of b.
fn renamed(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let mut words = line.trim_start().strip_prefix('#')?.split_whitespace();
        let words = (words.next()?, words.next()?, words.next()?, words.next());
        matches!(words, ("define", _, _, None))
            .then_some((words.1, words.2))
            .filter(|(alias, _)| !alias.contains('('))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "\
/* All of it.
 *
 * Made by hand.
 */
#ifndef H
#define H

/* Not about anything. */

/** Bits. */
#define bit1(x) ((x) & 1)
#define bit2(x) \\
    ((x) & 2)

/* For the above. */
#define bit3(x) ((x) & 4)

/**
 * A pair.
 */
struct pair {
    /**
     * One.
     */
    int one;
};

/* Called. */
typedef void (*called)(struct pair *pair,
                       int why);

/**
 * Sends a pair.
 *
 * Returns 0.
 */
X_EXPORT
extern int x_send(const struct pair *pair,
                  int64_t deadline) __attribute__((nonnull));
#define send x_send
#define SIZE 12

/** Half of it. */
static inline int x_half(int whole)
{
    return whole / 2;
}
";

    #[test]
    fn comments_are_about_what_stands_right_behind_them() {
        let (introduction, entries) = parse(HEADER, "h.h");
        assert_eq!(introduction, "All of it.\n\nMade by hand.");
        let found: Vec<_> = entries.iter().map(|entry| (entry.names.join(" "), entry.kind)).collect();
        let wanted = [
            ("bit1 bit2", Kind::Function),
            ("struct pair", Kind::Type),
            ("called", Kind::Type),
            ("x_send", Kind::Function),
            ("x_half", Kind::Function),
        ];
        assert_eq!(found, wanted.map(|(name, kind)| (name.to_owned(), kind)));
        assert_eq!(entries[0].declaration, "bit1(x)\nbit2(x)");
        assert_eq!(
            entries[3].declaration,
            "int x_send(const struct pair *pair,\n           int64_t deadline);"
        );
        assert_eq!(entries[3].text, "Sends a pair.\n\nReturns 0.");
        assert_eq!(entries[3].aliases, ["send"]);
        assert!(entries[3].is_prototype && !entries[0].is_prototype && !entries[4].is_prototype);
        assert_eq!(entries[4].declaration, "int x_half(int whole);");
    }
}
