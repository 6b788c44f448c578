//! The library's own messages as Rust: descriptions, call thunks, and the exported senders.

use super::model::{Interface, Kind, Message, Protocol};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The core protocol's code, to be included by the room's `protocol` module.
pub fn core(protocol: &Protocol) -> String {
    let mut out = String::new();
    let mut signatures = BTreeSet::new();
    for interface in &protocol.interfaces {
        for kind in Kind::ALL {
            table(&mut out, protocol, interface, kind);
            signatures.extend(interface.of(kind).map(call_signature));
        }
        description(&mut out, interface);
    }
    for signature in &signatures {
        thunk(&mut out, signature);
    }
    for message in protocol.interfaces.iter().flat_map(|interface| &interface.messages).take(1) {
        let _ = writeln!(out, "/// The first opcode.\npub const FIRST_OPCODE: u16 = {};", message.opcode);
    }
    let all: Vec<String> = protocol.interfaces.iter().map(|interface| upper(&interface.name)).collect();
    let list: Vec<String> = all.iter().map(|name| format!("&{name}")).collect();
    let _ = writeln!(
        out,
        "/// Every interface, in order.\npub static INTERFACES: [&relink_waltham_interface; {}] = [{}];",
        all.len(),
        list.join(", ")
    );
    let mut messages: Vec<(u16, String)> = Vec::new();
    for interface in &protocol.interfaces {
        for message in &interface.messages {
            messages.push((message.opcode, reference(interface, message)));
        }
    }
    messages.sort();
    let list: Vec<String> = messages.iter().map(|(_, reference)| format!("&{reference}")).collect();
    let _ = writeln!(
        out,
        "/// Every message, by opcode from the first on.\npub static MESSAGES: [&relink_waltham_message; {}] = [{}];",
        list.len(),
        list.join(", ")
    );
    for interface in &protocol.interfaces {
        for message in &interface.messages {
            sender(&mut out, interface, message);
        }
    }
    out
}

fn upper(name: &str) -> String {
    name.to_uppercase()
}

fn table_name(interface: &Interface, kind: Kind) -> String {
    upper(&format!("{}_{}", interface.name, kind.plural()))
}

fn reference(interface: &Interface, message: &Message) -> String {
    format!("{}[{}]", table_name(interface, message.kind), message.slot)
}

/// What decides how a handler is called: letters without the marks that do not matter to C.
fn call_signature(message: &Message) -> String {
    message.signature().replace('?', "")
}

fn table(out: &mut String, protocol: &Protocol, interface: &Interface, kind: Kind) {
    let count = interface.of(kind).count();
    for message in interface.of(kind) {
        types(out, protocol, message);
    }
    let _ = writeln!(out, "static {}: [relink_waltham_message; {count}] = [", table_name(interface, kind));
    for message in interface.of(kind) {
        let types = match message.objects().count() {
            0 => "::core::ptr::null()".to_owned(),
            _ => format!("TYPES_{}.0.as_ptr()", message.opcode),
        };
        let _ = writeln!(
            out,
            "relink_waltham_message {{ name: c\"{}\".as_ptr(), signature: c\"{}\".as_ptr(), \
             types: {types}, interface: &raw const {}, call: call_{}, opcode: {}, slot: {}, flags: {} }},",
            message.name,
            message.signature(),
            upper(&interface.name),
            call_signature(message),
            message.opcode,
            message.slot,
            message.flags(),
        );
    }
    out.push_str("];\n");
}

/// The interfaces of a message's objects.
fn types(out: &mut String, protocol: &Protocol, message: &Message) {
    let types: Vec<String> = message
        .objects()
        .map(|arg| match &arg.interface {
            Some(name) if protocol.interfaces.iter().any(|interface| interface.name == *name) => {
                format!("&raw const {}", upper(name))
            }
            _ => "::core::ptr::null()".to_owned(),
        })
        .collect();
    if !types.is_empty() {
        let _ = writeln!(
            out,
            "static TYPES_{}: Types<{}> = Types([{}]);",
            message.opcode,
            types.len(),
            types.join(", ")
        );
    }
}

fn description(out: &mut String, interface: &Interface) {
    let _ = writeln!(
        out,
        "/// The interface `{0}`.\npub static {1}: relink_waltham_interface = relink_waltham_interface {{ \
         name: c\"{0}\".as_ptr(), version: {2}, request_count: {3}, requests: {4}.as_ptr(), \
         event_count: {5}, events: {6}.as_ptr() }};",
        interface.name,
        upper(&interface.name),
        interface.version,
        interface.of(Kind::Request).count(),
        table_name(interface, Kind::Request),
        interface.of(Kind::Event).count(),
        table_name(interface, Kind::Event),
    );
}

/// A function that calls a handler of one signature with the values of an argument vector.
fn thunk(out: &mut String, signature: &str) {
    let mut types = vec!["*mut wth_object"];
    let mut values = vec!["target".to_owned()];
    let mut at = 0;
    for letter in signature.chars() {
        let parts: &[(&str, &str)] = match letter {
            'i' | 'f' => &[("i32", "i")],
            'u' => &[("u32", "u")],
            's' => &[("*const c_char", "s")],
            'o' | 'n' => &[("*mut wth_object", "o")],
            'd' => &[("u32", "u"), ("*mut c_void", "p")],
            'a' => &[("*mut wth_array", "a")],
            _ => &[("*mut wth_object", "o"), ("*const c_char", "s"), ("u32", "u")],
        };
        for (kind, member) in parts {
            types.push(kind);
            values.push(if *member == "a" {
                format!("&raw mut (*args.add({at})).a")
            } else {
                format!("(*args.add({at})).{member}")
            });
            at += 1;
        }
    }
    let _ = writeln!(
        out,
        "unsafe extern \"C-unwind\" fn call_{signature}(handler: relink_waltham_handler, \
         target: *mut wth_object, args: *mut relink_waltham_argument) {{\n\
         let _ = args;\n\
         // SAFETY: the handler stands in a table slot of this message, so this is its type; the vector holds\n\
         // the values of this signature.\n\
         unsafe {{ ::core::mem::transmute::<relink_waltham_handler, unsafe extern \"C-unwind\" fn({})>(handler)({}) }}\n}}",
        types.join(", "),
        values.join(", ")
    );
}

/// The exported function that sends a message.
fn sender(out: &mut String, interface: &Interface, message: &Message) {
    let mut parameters = vec![format!("{}: *mut wth_object", interface.name)];
    let mut values = Vec::new();
    for arg in &message.args {
        let name = format!("r#{}", arg.name);
        match arg.signature() {
            "i" | "f" => {
                parameters.push(format!("{name}: i32"));
                values.push(format!("relink_waltham_argument {{ i: {name} }}"));
            }
            "u" => {
                parameters.push(format!("{name}: u32"));
                values.push(format!("relink_waltham_argument {{ u: {name} }}"));
            }
            "s" => {
                parameters.push(format!("{name}: *const c_char"));
                values.push(format!("relink_waltham_argument {{ s: {name} }}"));
            }
            "d" => {
                parameters.push(format!("{}_sz: u32, {name}: *mut c_void", arg.name));
                values.push(format!("relink_waltham_argument {{ u: {}_sz }}", arg.name));
                values.push(format!("relink_waltham_argument {{ p: {name} }}"));
            }
            "a" => {
                parameters.push(format!("{name}: *mut wth_array"));
                values.push(format!("array_argument({name})"));
            }
            "o" | "?o" => {
                parameters.push(format!("{name}: *mut wth_object"));
                values.push(format!("relink_waltham_argument {{ o: {name} }}"));
            }
            "N" => {
                parameters.push("interface: *const c_char, version: u32".to_owned());
                values.push("relink_waltham_argument { o: ::core::ptr::null_mut() }".to_owned());
                values.push("relink_waltham_argument { s: interface }".to_owned());
                values.push("relink_waltham_argument { u: version }".to_owned());
            }
            _ => values.push("relink_waltham_argument { o: ::core::ptr::null_mut() }".to_owned()),
        }
    }
    let result = if message.new_object().is_some() { " -> *mut wth_object" } else { "" };
    let end = if message.new_object().is_some() { "" } else { ";" };
    let _ = writeln!(
        out,
        "/// Sends `{0}.{1}`.\n#[unsafe(no_mangle)]\n#[allow(non_snake_case)]\n\
         pub unsafe extern \"C-unwind\" fn {5}({2}){result} {{\n\
         // SAFETY: objects are NULL or live, other pointers valid: what the header asks for.\n\
         unsafe {{ send({0}, &{3}, &mut [{4}]){end} }}\n}}",
        interface.name,
        message.name,
        parameters.join(", "),
        reference(interface, message),
        values.join(", "),
        message.kind.sender(&interface.name, &message.name),
    );
}
