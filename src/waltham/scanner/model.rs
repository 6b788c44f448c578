//! The protocol language: parsed and checked, with every complaint at its line and column.
//!
//! Elements `protocol`, `interface`, `request`, `event`, `arg`, `enum` and `entry` have meaning, all others
//! are skipped, as they always were.

use roxmltree::{Document, Node};
use std::collections::{HashMap, HashSet};
use std::fmt;

/// The most values one message may carry: strings and objects count one, data two, an untyped new object
/// three.
pub const MAX_VALUES: usize = 20;

/// The first opcode that no core protocol will ever use.
pub const FIRST_EXTERNAL_OPCODE: u16 = 1024;

/// So deep may elements be nested. The language needs five levels, and the parser a part of its stack for each.
const DEEPEST: usize = 100;

/// A complaint about a protocol file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Diagnostic {
    /// The file, as it was named.
    pub file: String,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1, in characters.
    pub column: u32,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: error: {}", self.file, self.line, self.column, self.message)
    }
}

/// Who sends a message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// The client.
    Request,
    /// The server.
    Event,
}

impl Kind {
    /// Both, in the order in which an interface describes them.
    pub const ALL: [Self; 2] = [Self::Request, Self::Event];

    /// What one message of the kind is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Event => "event",
        }
    }

    /// What an interface's messages of the kind are called.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Request => "requests",
            Self::Event => "events",
        }
    }

    /// The C function that sends a message of the kind.
    pub fn sender(self, interface: &str, message: &str) -> String {
        match self {
            Self::Request => format!("{interface}_{message}"),
            Self::Event => format!("{interface}_send_{message}"),
        }
    }
}

/// The type of an argument.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Type {
    /// 32 bits, signed.
    Int,
    /// 32 bits, unsigned.
    Uint,
    /// 24.8 bits, signed.
    Fixed,
    /// Text with its terminating NUL.
    String,
    /// Bytes.
    Data,
    /// Bytes, as a `struct wth_array`.
    Array,
    /// An object that exists.
    Object,
    /// An object that the message creates.
    NewId,
}

impl Type {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "int" => Self::Int,
            "uint" => Self::Uint,
            "fixed" => Self::Fixed,
            "string" => Self::String,
            "data" => Self::Data,
            "array" => Self::Array,
            "object" => Self::Object,
            "new_id" => Self::NewId,
            _ => return None,
        })
    }
}

/// An argument of a message.
#[derive(Clone, Debug)]
pub struct Arg {
    /// Its name, also in C.
    pub name: String,
    /// Its type.
    pub kind: Type,
    /// The interface of an object, if it is said.
    pub interface: Option<String>,
    /// An object that may be NULL.
    pub nullable: bool,
}

impl Arg {
    /// A new object whose interface is sent along.
    pub fn is_untyped_new_id(&self) -> bool {
        self.kind == Type::NewId && self.interface.is_none()
    }

    /// The names of its parameters in C, or those of a handler.
    fn parameters(&self) -> Vec<String> {
        let name = self.name.clone();
        match self.kind {
            Type::Data => vec![format!("{name}_sz"), name],
            Type::NewId if self.interface.is_none() => {
                vec![name, "interface".to_owned(), "version".to_owned()]
            }
            _ => vec![name],
        }
    }

    /// Its letters in a message's signature: `i u f s d a o n`, `?` before an object that may be NULL, `N` for
    /// an untyped new object.
    pub fn signature(&self) -> &'static str {
        match self.kind {
            Type::Int => "i",
            Type::Uint => "u",
            Type::Fixed => "f",
            Type::String => "s",
            Type::Data => "d",
            Type::Array => "a",
            Type::Object if self.nullable => "?o",
            Type::Object => "o",
            Type::NewId if self.interface.is_none() => "N",
            Type::NewId => "n",
        }
    }

    /// How many values it takes in an argument vector.
    pub fn values(&self) -> usize {
        match self.signature() {
            "d" => 2,
            "N" => 3,
            _ => 1,
        }
    }
}

/// A request or an event.
#[derive(Clone, Debug)]
pub struct Message {
    /// Who sends it.
    pub kind: Kind,
    /// Its name within the interface.
    pub name: String,
    /// Its number on the wire.
    pub opcode: u16,
    /// Its place among the interface's messages of its kind.
    pub slot: usize,
    /// Sending it deletes the sender's object.
    pub destructor: bool,
    /// Its arguments, in the order of the wire.
    pub args: Vec<Arg>,
}

impl Message {
    /// The letters of all its arguments.
    pub fn signature(&self) -> String {
        self.args.iter().map(Arg::signature).collect()
    }

    /// What `struct relink_waltham_message` has as its flags.
    pub fn flags(&self) -> u32 {
        u32::from(self.kind == Kind::Event) | u32::from(self.destructor) << 1
    }

    /// The arguments that are objects, each of which has a type in the description.
    pub fn objects(&self) -> impl Iterator<Item = &Arg> {
        self.args.iter().filter(|arg| matches!(arg.kind, Type::Object | Type::NewId))
    }

    /// The argument that is created by it.
    pub fn new_object(&self) -> Option<&Arg> {
        self.args.iter().find(|arg| arg.kind == Type::NewId)
    }
}

/// Named values.
#[derive(Clone, Debug)]
pub struct Enumeration {
    /// Its name within the interface.
    pub name: String,
    /// Names and values, as written.
    pub entries: Vec<(String, String)>,
}

/// An interface.
#[derive(Clone, Debug)]
pub struct Interface {
    /// Its name, which is that of its C struct.
    pub name: String,
    /// Its version, as written.
    pub version: u32,
    /// Requests and events in the order of the document.
    pub messages: Vec<Message>,
    /// Its enumerations.
    pub enums: Vec<Enumeration>,
}

impl Interface {
    /// Its messages of one kind, in the order of their slots.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(move |message| message.kind == kind)
    }
}

/// Protocol files, as one.
#[derive(Clone, Debug, Default)]
pub struct Protocol {
    /// The name of the first file's protocol.
    pub name: String,
    /// All interfaces, in order.
    pub interfaces: Vec<Interface>,
}

impl Protocol {
    /// The interfaces that arguments name, each as often as it is named.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        self.interfaces
            .iter()
            .flat_map(|interface| &interface.messages)
            .flat_map(|message| message.args.iter().filter_map(|arg| arg.interface.as_deref()))
    }
}

/// Parses and checks protocol files, named by the first of each pair. Opcodes are given in the order of the
/// document, beginning with `first_opcode`; `known` are the interfaces that exist elsewhere.
///
/// # Errors
/// All complaints there are.
pub fn parse(files: &[(&str, &str)], first_opcode: u16, known: &[&str]) -> Result<Protocol, Vec<Diagnostic>> {
    let mut checker = Checker {
        protocol: Protocol::default(),
        next_opcode: u32::from(first_opcode),
        interfaces: known.iter().map(|name| ((*name).to_owned(), None)).collect(),
        symbols: HashMap::new(),
        references: Vec::new(),
        diagnostics: Vec::new(),
    };
    for (file, text) in files {
        if let Some(place) = too_deep(text) {
            let (line, column) = end_of(&text[..place]);
            let message = format!("elements nested more than {DEEPEST} deep");
            checker.diagnostics.push(Diagnostic { file: (*file).to_owned(), line, column, message });
            continue;
        }
        match Document::parse(text) {
            Ok(document) => checker.file(file, &document),
            Err(error) => {
                let (line, column) = match &error {
                    // Of an unfinished document only the end is known.
                    roxmltree::Error::UnexpectedEndOfStream | roxmltree::Error::UnclosedRootNode => {
                        end_of(text)
                    }
                    other => (other.pos().row, other.pos().col),
                };
                let message = error.to_string();
                checker.diagnostics.push(Diagnostic { file: (*file).to_owned(), line, column, message });
            }
        }
    }
    for (name, at) in std::mem::take(&mut checker.references) {
        if !checker.interfaces.contains_key(&name) {
            checker.diagnostics.push(Diagnostic { message: format!("unknown interface `{name}`"), ..at });
        }
    }
    checker.diagnostics.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    if checker.diagnostics.is_empty() { Ok(checker.protocol) } else { Err(checker.diagnostics) }
}

/// Where the first element begins that is nested too deeply, whatever else may be wrong with the text.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        let start = at + found;
        let tag = &text[start..];
        let skip = |opening: &str, closing: &str| {
            tag.strip_prefix(opening)
                .map(|rest| rest.find(closing).map_or(tag.len(), |end| opening.len() + end))
        };
        at = start
            + match skip("<!--", "-->").or_else(|| skip("<![CDATA[", "]]>")).or_else(|| skip("<?", "?>")) {
                Some(length) => length.max(1),
                None => {
                    let length = tag_length(tag);
                    if tag.starts_with("</") {
                        depth = depth.saturating_sub(1);
                    } else if !tag[..length].ends_with("/>") && !tag.starts_with("<!") {
                        depth += 1;
                        if depth > DEEPEST {
                            return Some(start);
                        }
                    }
                    length
                }
            };
    }
    None
}

/// The length of a tag, in which quotes may hold its end as well.
fn tag_length(tag: &str) -> usize {
    let mut quote = None;
    for (place, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return place + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    tag.len()
}

/// The line and column behind a text.
fn end_of(text: &str) -> (u32, u32) {
    let line = text.matches('\n').count() + 1;
    let column = text.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line as u32, column as u32)
}

struct Checker {
    protocol: Protocol,
    next_opcode: u32,
    /// Where each interface was defined; None for those that exist elsewhere.
    interfaces: HashMap<String, Option<Diagnostic>>,
    /// Names of C functions, and what they are for.
    symbols: HashMap<String, String>,
    references: Vec<(String, Diagnostic)>,
    diagnostics: Vec<Diagnostic>,
}

impl Checker {
    fn at(&self, file: &str, node: Node<'_, '_>) -> Diagnostic {
        let at = node.document().text_pos_at(node.range().start);
        Diagnostic { file: file.to_owned(), line: at.row, column: at.col, message: String::new() }
    }

    fn complain(&mut self, file: &str, node: Node<'_, '_>, message: impl Into<String>) {
        let diagnostic = Diagnostic { message: message.into(), ..self.at(file, node) };
        self.diagnostics.push(diagnostic);
    }

    /// A name that C can use, or a complaint.
    fn name(&mut self, file: &str, node: Node<'_, '_>) -> Option<String> {
        let element = node.tag_name().name();
        let Some(name) = node.attribute("name") else {
            self.complain(file, node, format!("<{element}> without a name"));
            return None;
        };
        let mut characters = name.chars();
        let valid = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
            && characters.all(|next| next.is_ascii_alphanumeric() || next == '_');
        // Interfaces are structs and parameters, messages members of structs, arguments parameters.
        let is_word =
            matches!(element, "interface" | "request" | "event" | "arg") && KEYWORDS.contains(&name);
        if !valid || is_word {
            self.complain(file, node, format!("`{name}` cannot be a name in C"));
            return None;
        }
        Some(name.to_owned())
    }

    fn number(&mut self, file: &str, node: Node<'_, '_>, attribute: &str) -> u32 {
        match node.attribute(attribute).map(str::parse) {
            None => 1,
            Some(Ok(number)) => number,
            Some(Err(_)) => {
                self.complain(file, node, format!("{attribute} is not a number"));
                1
            }
        }
    }

    fn file(&mut self, file: &str, document: &Document<'_>) {
        let root = document.root_element();
        if !root.has_tag_name("protocol") {
            self.complain(file, root, format!("<{}> where <protocol> was expected", root.tag_name().name()));
            return;
        }
        let name = self.name(file, root);
        if self.protocol.name.is_empty() {
            self.protocol.name = name.unwrap_or_default();
        }
        for node in root.children().filter(|node| node.has_tag_name("interface")) {
            self.interface(file, node);
        }
    }

    fn interface(&mut self, file: &str, node: Node<'_, '_>) {
        let Some(name) = self.name(file, node) else { return };
        match self.interfaces.get(&name) {
            Some(Some(first)) => {
                let message =
                    format!("interface `{name}` is defined already, at {}:{}", first.file, first.line);
                self.complain(file, node, message);
            }
            Some(None) => {
                self.complain(file, node, format!("interface `{name}` is one of the core protocol"))
            }
            None => {}
        }
        let here = self.at(file, node);
        self.interfaces.insert(name.clone(), Some(here));
        let version = self.number(file, node, "version");
        let mut interface = Interface { name, version, messages: Vec::new(), enums: Vec::new() };
        for child in node.children().filter(Node::is_element) {
            match child.tag_name().name() {
                "request" => self.message(file, child, Kind::Request, &mut interface),
                "event" => self.message(file, child, Kind::Event, &mut interface),
                "enum" => self.enumeration(file, child, &mut interface),
                _ => {}
            }
        }
        self.protocol.interfaces.push(interface);
    }

    fn message(&mut self, file: &str, node: Node<'_, '_>, kind: Kind, interface: &mut Interface) {
        let Some(name) = self.name(file, node) else { return };
        let symbol = kind.sender(&interface.name, &name);
        let what = format!("{} `{name}` of `{}`", kind.name(), interface.name);
        if let Some(first) = self.symbols.insert(symbol.clone(), what) {
            self.complain(file, node, format!("its function would be `{symbol}`, and so is that of {first}"));
        }
        let destructor = node.attribute("type") == Some("destructor");
        if destructor && kind == Kind::Event {
            self.complain(file, node, "an event cannot be a destructor");
        }
        let slot = interface.of(kind).count();
        let opcode = u16::try_from(self.next_opcode).unwrap_or_else(|_| {
            self.complain(file, node, "no opcode is left for this message");
            u16::MAX
        });
        self.next_opcode += 1;
        let mut message = Message { kind, name, opcode, slot, destructor, args: Vec::new() };
        for child in node.children().filter(|child| child.has_tag_name("arg")) {
            self.arg(file, child, &interface.name, &mut message);
        }
        if message.args.iter().map(Arg::values).sum::<usize>() > MAX_VALUES {
            self.complain(file, node, format!("more than {MAX_VALUES} values"));
        }
        interface.messages.push(message);
    }

    fn arg(&mut self, file: &str, node: Node<'_, '_>, interface: &str, message: &mut Message) {
        let Some(name) = self.name(file, node) else { return };
        let Some(kind) = node.attribute("type").and_then(Type::parse) else {
            let named = node.attribute("type").unwrap_or("");
            self.complain(
                file,
                node,
                format!("unknown type `{named}` (int, uint, fixed, string, data, array, object or new_id)"),
            );
            return;
        };
        let of = node.attribute("interface").map(str::to_owned);
        if let Some(of) = &of {
            if matches!(kind, Type::Object | Type::NewId) {
                let here = self.at(file, node);
                self.references.push((of.clone(), here));
            } else {
                self.complain(file, node, "only objects have an interface");
            }
        }
        let nullable = node.attribute("allow-null") == Some("true");
        let arg = Arg { name, kind, interface: of, nullable };
        let taken = |parameter: &String| {
            parameter == interface
                || message.args.iter().flat_map(Arg::parameters).any(|other| other == *parameter)
        };
        if kind == Type::NewId && message.new_object().is_some() {
            self.complain(file, node, "a message can create one object only: it is the function's result");
        } else if let Some(parameter) = arg.parameters().into_iter().find(taken) {
            self.complain(file, node, format!("two parameters named `{parameter}`"));
        }
        message.args.push(arg);
    }

    fn enumeration(&mut self, file: &str, node: Node<'_, '_>, interface: &mut Interface) {
        let Some(name) = self.name(file, node) else { return };
        let mut seen = HashSet::new();
        let mut entries = Vec::new();
        for child in node.children().filter(|child| child.has_tag_name("entry")) {
            let entry = child.attribute("name").unwrap_or_default().to_owned();
            let value = child.attribute("value").unwrap_or_default().to_owned();
            // As in C, but for octal numbers, which nobody means.
            let digits = match value.strip_prefix("0x") {
                Some(hex) if hex.starts_with('+') => None,
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None if value.starts_with('+') || (value.starts_with('0') && value != "0") => None,
                None => value.parse().ok(),
            };
            if entry.is_empty() || digits.is_none() {
                self.complain(file, child, "an entry needs a name and a number");
            } else if !entry.chars().all(|character| character.is_ascii_alphanumeric() || character == '_') {
                self.complain(file, child, format!("`{entry}` cannot be a part of a name in C"));
            }
            if !seen.insert(entry.clone()) {
                self.complain(file, child, format!("two entries named `{entry}`"));
            }
            entries.push((entry, value));
        }
        interface.enums.push(Enumeration { name, entries });
    }
}

const KEYWORDS: [&str; 34] = [
    "inline", "restrict", "auto", "break", "case", "char", "const", "continue", "default", "do", "double",
    "else", "enum", "extern", "float", "for", "goto", "if", "int", "long", "register", "return", "short",
    "signed", "sizeof", "static", "struct", "switch", "typedef", "union", "unsigned", "void", "volatile",
    "while",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(body: &str) -> Vec<String> {
        let text = format!("<protocol name=\"p\">\n{body}\n</protocol>");
        match parse(&[("p.xml", &text)], FIRST_EXTERNAL_OPCODE, &["wthp_surface"]) {
            Ok(_) => Vec::new(),
            Err(all) => all.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_good_protocol_is_numbered_in_the_order_of_the_document() {
        let text = r#"<protocol name="p"><interface name="a" version="2">
            <request name="x"><arg name="s" type="object" interface="wthp_surface" allow-null="true"/></request>
            <event name="x"><arg name="n" type="new_id" interface="a"/></event>
            <request name="y" type="destructor"/></interface></protocol>"#;
        let protocol = parse(&[("p.xml", text)], 2000, &["wthp_surface"]).unwrap();
        let all: Vec<_> =
            protocol.interfaces[0].messages.iter().map(|m| (m.opcode, m.slot, m.signature())).collect();
        assert_eq!(all, [(2000, 0, "?o".into()), (2001, 0, "n".into()), (2002, 1, String::new())]);
    }

    #[test]
    fn every_complaint_names_its_place() {
        assert_eq!(complaints("<interface/>"), ["p.xml:2:1: error: <interface> without a name"]);
        assert_eq!(
            complaints(
                "<interface name=\"a\">\n <request name=\"r\">\n  <arg name=\"x\" type=\"fd\"/></request></interface>"
            ),
            ["p.xml:4:3: error: unknown type `fd` (int, uint, fixed, string, data, array, object or new_id)"]
        );
        assert_eq!(
            complaints("<interface name=\"a\"/>\n<interface name=\"a\"/>"),
            ["p.xml:3:1: error: interface `a` is defined already, at p.xml:2"]
        );
        assert_eq!(
            complaints("<interface name=\"wthp_surface\"/>"),
            ["p.xml:2:1: error: interface `wthp_surface` is one of the core protocol"]
        );
    }

    #[test]
    fn names_that_collide_in_c_are_refused() {
        for body in [
            "<interface name='a'><request name='r'/><request name='r'/></interface>",
            "<interface name='a'><request name='send_e'/><event name='e'/></interface>",
            "<interface name='a'><request name='r'><arg name='x' type='int'/><arg name='x' type='int'/></request></interface>",
            "<interface name='a'><request name='r'><arg name='a' type='int'/></request></interface>",
            "<interface name='a'><request name='r'><arg name='int' type='int'/></request></interface>",
            "<interface name='a'><request name='1r'/></interface>",
            "<interface name='a'><request name='int'/></interface>",
            "<interface name='a'><event name='restrict'/></interface>",
            "<interface name='struct'/>",
            "<interface name='a'><request name='r'><arg name='x' type='data'/><arg name='x_sz' type='uint'/></request></interface>",
            "<interface name='a'><request name='r'><arg name='x_sz' type='uint'/><arg name='x' type='data'/></request></interface>",
            "<interface name='a'><request name='r'><arg name='x' type='new_id'/><arg name='version' type='uint'/></request></interface>",
            "<interface name='a_sz'><request name='r'><arg name='a' type='data'/></request></interface>",
            "<interface name='a'><enum name='e'><entry name='x = 1 }; int evil; enum {y' value='1'/></enum></interface>",
            "<interface name='a'><enum name='e'><entry name='x' value='010'/></enum></interface>",
            "<interface name='a'><enum name='e'><entry name='x' value='0x+1'/></enum></interface>",
            "<interface name='a'><request name='r'><arg name='x' type='new_id'/><arg name='y' type='new_id'/></request></interface>",
            "<interface name='a'><event name='e' type='destructor'/></interface>",
            "<interface name='a'><request name='r'><arg name='x' type='object' interface='nowhere'/></request></interface>",
            "<interface name='a'><request name='r'><arg name='x' type='int' interface='a'/></request></interface>",
            "<interface name='a'><enum name='e'><entry name='x' value='q'/></enum></interface>",
        ] {
            assert_eq!(complaints(body).len(), 1, "{body}");
        }
    }

    #[test]
    fn broken_xml_is_a_complaint_with_a_place() {
        let error = parse(&[("b.xml", "<protocol>\n<interface")], 1024, &[]).unwrap_err();
        assert_eq!((error[0].file.as_str(), error[0].line), ("b.xml", 2));
    }

    #[test]
    fn elements_are_not_nested_without_end() {
        let nested = |depth: usize| {
            let (open, close) = ("<a b='>'>".repeat(depth), "</a>".repeat(depth));
            let flat = "<!-- <a> --><a b='<'/><![CDATA[<a>]]>".replace("'<'", "\"/>\"").repeat(200);
            format!("<protocol name='p'>{flat}\n{open}{close}</protocol>")
        };
        assert!(parse(&[("d.xml", &nested(DEEPEST - 1))], 1024, &[]).is_ok());
        for depth in [DEEPEST, 500_000] {
            let error = parse(&[("d.xml", &nested(depth))], 1024, &[]).unwrap_err();
            assert_eq!(
                error[0].to_string(),
                format!("d.xml:2:{}: error: elements nested more than 100 deep", 9 * 99 + 1)
            );
        }
        for broken in ["<", "<!--", "<![CDATA[", "<?", "<a '", "</", "<!", "<a \"><ü"] {
            assert!(parse(&[("b.xml", broken)], 1024, &[]).is_err(), "{broken}");
        }
    }

    #[test]
    fn opcodes_end_at_the_width_of_their_field() {
        let text = "<protocol name='p'><interface name='a'><request name='r'/><request name='s'/></interface></protocol>";
        assert!(parse(&[("p.xml", text)], 65534, &[]).is_ok());
        assert_eq!(parse(&[("p.xml", text)], 65535, &[]).unwrap_err().len(), 1);
    }
}
