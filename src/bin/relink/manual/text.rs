//! Comments taken apart: a sentence for indexes, paragraphs, lists and code, and the sections they belong to.

use std::collections::BTreeMap;

/// Errors that need no words of a function's own.
const KNOWN: [(&str, &str); 5] = [
    ("EBADF", "There is no such handle or descriptor."),
    ("ECANCELED", "The caller is being cancelled."),
    ("EMFILE", "The process has as many descriptors as it may."),
    ("ENFILE", "The system has as many descriptors as it can."),
    ("ENOMEM", "Memory is exhausted."),
];

/// A part of a comment.
pub enum Block {
    /// Running text.
    Text(String),
    /// Lines to be left as they are.
    Code(String),
    /// An item of a list: what it is about, if that is said, and the rest.
    Item(String, String),
}

/// A comment's blocks under the sections they belong to.
pub fn sorted(text: &str) -> BTreeMap<String, Vec<Block>> {
    let mut sections = BTreeMap::<String, Vec<Block>>::new();
    let mut current = "DESCRIPTION".to_owned();
    // Whether the section was opened by a title, and so ends with the next one only.
    let mut titled = false;
    for paragraph in paragraphs(text) {
        let mut lines: Vec<&str> = paragraph.lines().collect();
        let first = lines[0];
        if let Some(title) = first.strip_prefix('#') {
            current = match title.trim_start_matches('#').trim().to_uppercase().as_str() {
                "RETURNS" => "RETURN VALUE".to_owned(),
                other => other.to_owned(),
            };
            titled = true;
            lines.remove(0);
        } else if let Some(rest) = ["Errors:", "Errno:"].iter().find_map(|word| first.strip_prefix(word)) {
            (current, titled) = ("ERRORS".to_owned(), true);
            lines[0] = rest.trim_start();
        } else if !titled {
            let returns = first.starts_with("Returns ") || first.starts_with("Return value");
            // A list right behind belongs to what introduces it.
            if first.starts_with("Fails with errno") {
                current = "ERRORS".to_owned();
            } else if returns || !is_item(first) {
                current = if returns { "RETURN VALUE" } else { "DESCRIPTION" }.to_owned();
            }
            if returns && let Some((value, errors)) = with_errors(&lines.join(" ")) {
                sections.entry(current.clone()).or_default().push(Block::Text(value));
                sections.entry("ERRORS".to_owned()).or_default().extend(errors);
                continue;
            }
        }
        sections.entry(current.clone()).or_default().extend(blocks(&lines));
    }
    sections.retain(|_, blocks| !blocks.is_empty());
    sections
}

/// "… or -1 with errno: EPIPE when …, ENOMEM." as what is returned, and a list of errors.
fn with_errors(paragraph: &str) -> Option<(String, Vec<Block>)> {
    let (value, rest) = paragraph.split_once("with errno")?;
    let rest = rest.trim_start_matches(':').trim_start();
    let (listed, behind) = rest.split_once(". ").unwrap_or((rest.trim_end_matches('.'), ""));
    if !is_error(listed) || listed.contains("; ") || listed.contains(", or the ") {
        return None;
    }
    let mut parts: Vec<String> = Vec::new();
    for piece in listed.split(", ") {
        let piece = piece.strip_prefix("or ").filter(|piece| is_error(piece)).unwrap_or(piece);
        match parts.last_mut() {
            Some(last) if !is_error(piece) => {
                last.push_str(", ");
                last.push_str(piece);
            }
            _ => parts.push(piece.to_owned()),
        }
    }
    let mut errors = Vec::new();
    let mut names = Vec::new();
    for part in &parts {
        let (mut name, mut words) = part.split_once([' ', ',']).unwrap_or((part, ""));
        // "EPIPE or ECONNRESET when …"
        while let Some(other) = words.strip_prefix("or ").filter(|other| is_error(other)) {
            names.push(name);
            (name, words) = other.split_once(' ').unwrap_or((other, ""));
        }
        names.push(name);
        let known = KNOWN.iter().find(|(known, _)| *known == name).map(|(_, words)| *words);
        let words = match (words.trim(), known) {
            ("", None) => continue,
            ("", Some(known)) => known.to_owned(),
            (words, _) => format!("{}.", words.trim_end_matches('.')),
        };
        let mut letters = words.chars();
        let words =
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
        errors.push(Block::Item(names.join(", "), words));
        names.clear();
    }
    if !names.is_empty() {
        errors.push(Block::Item(names.join(", "), "See errno(3).".to_owned()));
    }
    let value = format!("{}with errno set. {behind}", value);
    Some((value.trim_end().to_owned(), errors))
}

/// Whether a text begins with the name of an error.
fn is_error(text: &str) -> bool {
    let name = text.split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default();
    name.len() > 2
        && name.starts_with('E')
        && name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
}

/// Split at empty lines, except within fences.
pub fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    let mut fenced = false;
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        if line.trim().is_empty() && !fenced {
            paragraphs.push(String::new());
        } else {
            let last = paragraphs.last_mut().expect("never empty");
            last.push_str(line);
            last.push('\n');
        }
    }
    paragraphs.retain(|paragraph| !paragraph.trim().is_empty());
    paragraphs
}

fn is_item(line: &str) -> bool {
    line.starts_with("- ") || line.starts_with("* ")
}

pub fn blocks(lines: &[&str]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut fenced = false;
    for line in lines {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            if fenced {
                blocks.push(Block::Code(String::new()));
            }
            continue;
        }
        let indented = line.starts_with("    ") || line.starts_with('|');
        match blocks.last_mut() {
            Some(Block::Code(text)) if fenced || indented => {
                text.push_str(line);
                text.push('\n');
            }
            _ if is_item(line) => {
                let (term, text) = item(&line[2..]);
                blocks.push(Block::Item(term, text));
            }
            Some(Block::Item(_, text)) => {
                text.push(' ');
                text.push_str(line.trim());
            }
            Some(Block::Text(text)) if !indented => {
                text.push(' ');
                text.push_str(line.trim());
            }
            _ if indented => blocks.push(Block::Code(format!("{line}\n"))),
            _ if line.trim().is_empty() => {}
            _ => blocks.push(Block::Text((*line).to_owned())),
        }
    }
    blocks
}

/// `NAME: text`, `NAME text` and `` `name` text `` have a term; other items are about nothing in particular.
fn item(text: &str) -> (String, String) {
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let name = first.trim_end_matches([':', ',']);
    let constant = name.len() > 2
        && name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_');
    if constant || (name.starts_with('`') && name.ends_with('`') && name.len() > 2) {
        let rest = rest.trim_start_matches(['-', '–', ':']).trim_start();
        return (name.trim_matches('`').to_owned(), rest.to_owned());
    }
    (String::new(), text.to_owned())
}

/// The text's first sentence, or as much of it as a line takes.
pub fn summary(text: &str) -> String {
    let first = text.split("\n\n").next().unwrap_or_default().replace('`', "");
    let words: Vec<&str> = first.split_whitespace().collect();
    let mut sentence = String::new();
    for (index, word) in words.iter().enumerate() {
        if !sentence.is_empty() {
            sentence.push(' ');
        }
        sentence.push_str(word);
        if word.ends_with('.') && words.get(index + 1).is_none_or(|next| next.starts_with(char::is_uppercase))
        {
            break;
        }
    }
    if sentence.len() > 110 {
        let short = sentence.char_indices().take_while(|(at, _)| *at < 110);
        let end = short.filter(|(_, letter)| [':', ';', ','].contains(letter)).last().map(|(at, _)| at);
        sentence.truncate(end.unwrap_or(sentence.len()));
    }
    let sentence = sentence.trim_end_matches(['.', ':']);
    let mut letters = sentence.chars();
    match (letters.next(), letters.clone().next()) {
        // What begins with a name or an abbreviation stays as it is.
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => sentence.to_owned(),
    }
}
