//! Protocols as C: headers, senders, and descriptions for `relink_waltham_register`.

use super::model::{Arg, Interface, Kind, Message, Protocol, Type};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The side that a piece of code is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// Sends requests, handles events.
    Client,
    /// Sends events, handles requests.
    Server,
}

impl Side {
    fn sends(self) -> Kind {
        match self {
            Self::Client => Kind::Request,
            Self::Server => Kind::Event,
        }
    }

    fn handles(self) -> Kind {
        match self {
            Self::Client => Kind::Event,
            Self::Server => Kind::Request,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }

    /// How the table of handlers and its setter are called.
    fn table(self) -> (&'static str, &'static str) {
        match self {
            Self::Client => ("listener", "set_listener"),
            Self::Server => ("interface", "set_interface"),
        }
    }
}

/// What a header is for.
#[derive(Clone, Debug)]
pub struct HeaderOptions<'a> {
    /// The side.
    pub side: Side,
    /// The include guard.
    pub guard: &'a str,
    /// Structs to declare that have no interface, or whose interface is elsewhere.
    pub structs: &'a [&'a str],
    /// Interfaces whose setters a program gets only when it asks for them, because programs may bring their
    /// own: the original's headers lack these.
    pub optional_setters: &'a [&'a str],
    /// The description to declare; None for the core protocol, which needs no registration.
    pub description: Option<&'a str>,
}

/// A header with the handler tables, setters, senders and destructors of one side.
pub fn header(protocol: &Protocol, options: &HeaderOptions<'_>) -> String {
    let side = options.side;
    let mut out = String::new();
    let _ = write!(
        out,
        "/* The {} side of a Waltham protocol. A message is sent when its function is called, as far as the socket takes\n \
         * it, without waiting. What goes wrong becomes the connection's error, see wth_connection_get_error.\n *\n \
         * Generated from its XML; do not edit. */\n\
         #ifndef {guard}\n#define {guard}\n\n#include <stdint.h>\n#include <waltham-object.h>\n\
         #include <waltham-util.h>\n",
        side.name(),
        guard = options.guard
    );
    if options.description.is_some() {
        out.push_str("#include <relink/waltham.h>\n");
    }
    out.push_str("\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    structs(&mut out, protocol, options.structs.iter().copied());
    if let Some(description) = options.description {
        let _ = write!(
            out,
            "\n/* For relink_waltham_register, once in each process before its first connection. */\n\
             extern const struct relink_waltham_protocol {description};\n"
        );
    }
    out.push('\n');
    for interface in &protocol.interfaces {
        table(&mut out, interface, options);
    }
    for interface in &protocol.interfaces {
        free(&mut out, interface);
        for message in interface.of(side.sends()) {
            prototype(&mut out, interface, message);
        }
    }
    enums(&mut out, protocol, options.guard);
    out.push_str("\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
    out
}

/// Declares the structs of all interfaces, and others.
fn structs<'a>(out: &mut String, protocol: &'a Protocol, others: impl Iterator<Item = &'a str>) {
    let own = protocol.interfaces.iter().map(|interface| interface.name.as_str());
    for name in own.chain(others).collect::<BTreeSet<_>>() {
        let _ = writeln!(out, "struct {name};");
    }
}

fn table(out: &mut String, interface: &Interface, options: &HeaderOptions<'_>) {
    let (suffix, setter) = options.side.table();
    let name = &interface.name;
    if interface.of(options.side.handles()).next().is_none() {
        return;
    }
    let _ = writeln!(
        out,
        "/* Handlers of {name}'s {}, called from wth_connection_dispatch and wth_connection_roundtrip. A NULL\n \
         * member ignores the message. Strings, data and arrays are valid during the call only. */\n\
         struct {name}_{suffix} {{",
        options.side.handles().plural()
    );
    for message in interface.of(options.side.handles()) {
        let _ = writeln!(out, "    void (*{})({});", message.name, handler_parameters(interface, message));
    }
    out.push_str("};\n\n");
    let optional = options.optional_setters.contains(&name.as_str());
    if optional {
        out.push_str("#ifdef RELINK_WALTHAM_ALL_SETTERS\n");
    }
    let _ = writeln!(
        out,
        "static inline void {name}_{setter}(struct {name} *self, const struct {name}_{suffix} *funcs, void *user_data)\n\
         {{\n    wth_object_set_listener((struct wth_object *)self, (void (**)(void))funcs, user_data);\n}}"
    );
    if optional {
        out.push_str("#endif\n");
    }
    out.push('\n');
}

/// Client and server headers both define it, so each looks whether the other has.
fn free(out: &mut String, interface: &Interface) {
    let name = &interface.name;
    let upper = name.to_uppercase();
    let _ = writeln!(
        out,
        "#ifndef RELINK_{upper}_FREE\n#define RELINK_{upper}_FREE\n\
         /* Deletes the object on this side. Nothing is sent. */\n\
         static inline void {name}_free(struct {name} *self)\n\
         {{\n    wth_object_delete((struct wth_object *)self);\n}}\n#endif\n"
    );
}

fn result_type(message: &Message) -> String {
    match message.new_object() {
        None => "void ".to_owned(),
        Some(arg) => object_type(arg),
    }
}

fn object_type(arg: &Arg) -> String {
    format!("struct {} *", arg.interface.as_deref().unwrap_or("wth_object"))
}

fn prototype(out: &mut String, interface: &Interface, message: &Message) {
    let mut notes = String::new();
    if message.destructor {
        notes.push_str(" The object is deleted on this side too.");
    }
    if message.new_object().is_some() {
        notes.push_str(" Returns the new object: set its handlers before the next dispatch.");
    }
    let _ = write!(
        out,
        "/* Sends the {} {}.{}, opcode {}.{notes} */\n{}{}({});\n\n",
        message.kind.name(),
        interface.name,
        message.name,
        message.opcode,
        result_type(message),
        message.kind.sender(&interface.name, &message.name),
        sender_parameters(interface, message),
    );
}

fn value_parameter(arg: &Arg) -> String {
    let name = &arg.name;
    match arg.kind {
        Type::Int => format!("int32_t {name}"),
        Type::Uint => format!("uint32_t {name}"),
        Type::Fixed => format!("wth_fixed_t {name}"),
        Type::String => format!("const char *{name}"),
        Type::Data => format!("uint32_t {name}_sz, void *{name}"),
        Type::Array => format!("struct wth_array *{name}"),
        Type::Object | Type::NewId => format!("{}{name}", object_type(arg)),
    }
}

fn sender_parameters(interface: &Interface, message: &Message) -> String {
    let mut parameters = vec![format!("struct {0} *{0}", interface.name)];
    for arg in &message.args {
        match arg.kind {
            Type::NewId if arg.is_untyped_new_id() => {
                parameters.push("const char *interface, uint32_t version".to_owned());
            }
            Type::NewId => {}
            _ => parameters.push(value_parameter(arg)),
        }
    }
    parameters.join(", ")
}

fn handler_parameters(interface: &Interface, message: &Message) -> String {
    let mut parameters = vec![format!("struct {0} *{0}", interface.name)];
    for arg in &message.args {
        parameters.push(value_parameter(arg));
        if arg.is_untyped_new_id() {
            parameters.push("const char *interface, uint32_t version".to_owned());
        }
    }
    parameters.join(", ")
}

/// Off by default: programs bring enumerations of the same names.
fn enums(out: &mut String, protocol: &Protocol, guard: &str) {
    let all: Vec<_> = protocol.interfaces.iter().flat_map(|i| i.enums.iter().map(move |e| (i, e))).collect();
    if all.is_empty() {
        return;
    }
    let mark = format!("RELINK_{}_ENUMS", guard.replace("_CLIENT", "").replace("_SERVER", ""));
    let _ = writeln!(out, "#if defined(RELINK_WALTHAM_ENUMS) && !defined({mark})\n#define {mark}");
    for (interface, enumeration) in all {
        let prefix = format!("{}_{}", interface.name, enumeration.name);
        let _ = writeln!(out, "enum {prefix} {{");
        let last = enumeration.entries.len();
        for (i, (name, value)) in enumeration.entries.iter().enumerate() {
            let comma = if i + 1 == last { "" } else { "," };
            let _ = writeln!(out, "    {}_{} = {value}{comma}", prefix.to_uppercase(), name.to_uppercase());
        }
        out.push_str("};\n");
    }
    out.push_str("#endif\n");
}

/// The functions that send one side's messages.
pub fn senders(protocol: &Protocol, side: Side, description: &str) -> String {
    let mut out = format!(
        "/* Senders of the {} side. Generated from the protocol's XML; do not edit. */\n\
         #include <relink/waltham.h>\n#include <string.h>\n#include <waltham-object.h>\n#include <waltham-util.h>\n\n\
         #ifdef __cplusplus\nextern \"C\" {{\n#endif\n\nextern const struct relink_waltham_protocol {description};\n",
        side.name()
    );
    structs(&mut out, protocol, protocol.references());
    for (index, interface) in protocol.interfaces.iter().enumerate() {
        for message in interface.of(side.sends()) {
            sender(&mut out, interface, index, message, description);
        }
    }
    out.push_str("\n#ifdef __cplusplus\n}\n#endif\n");
    out
}

fn sender(out: &mut String, interface: &Interface, index: usize, message: &Message, description: &str) {
    let count = message.args.iter().map(Arg::values).sum::<usize>().max(1);
    let name = message.kind.sender(&interface.name, &message.name);
    let parameters = sender_parameters(interface, message);
    let result = result_type(message);
    let table = message.kind.plural();
    let _ = writeln!(out, "\n{result}{name}({parameters});\n{result}{name}({parameters})\n{{");
    let _ = writeln!(
        out,
        "    union relink_waltham_argument relink_args[{count}];\n\n    memset(relink_args, 0, sizeof relink_args);"
    );
    let mut at = 0;
    for arg in &message.args {
        let name = &arg.name;
        match arg.signature() {
            "i" | "f" => {
                let _ = writeln!(out, "    relink_args[{at}].i = {name};");
            }
            "u" => {
                let _ = writeln!(out, "    relink_args[{at}].u = {name};");
            }
            "s" => {
                let _ = writeln!(out, "    relink_args[{at}].s = {name};");
            }
            "o" | "?o" => {
                let _ = writeln!(out, "    relink_args[{at}].o = (struct wth_object *){name};");
            }
            "d" => {
                let _ = writeln!(
                    out,
                    "    relink_args[{at}].u = {name}_sz;\n    relink_args[{}].p = {name};",
                    at + 1
                );
            }
            "a" => {
                let _ = writeln!(out, "    if ({name})\n        relink_args[{at}].a = *{name};");
            }
            "N" => {
                let _ = writeln!(
                    out,
                    "    relink_args[{}].s = interface;\n    relink_args[{}].u = version;",
                    at + 1,
                    at + 2
                );
            }
            _ => {}
        }
        at += arg.values();
    }
    let call = format!(
        "relink_waltham_send((struct wth_object *){}, &{description}.interfaces[{index}]->{table}[{}], relink_args)",
        interface.name, message.slot
    );
    match message.new_object() {
        Some(arg) => {
            let _ = writeln!(out, "    return ({}){call};\n}}", object_type(arg).trim_end());
        }
        None => {
            let _ = writeln!(out, "    {call};\n}}");
        }
    }
}

/// The description of a protocol, with which both sides register it, and the functions that call its handlers.
pub fn description(protocol: &Protocol, known: &[&str], description: &str) -> String {
    let mut out = String::from(
        "/* The description of a Waltham protocol. Generated from its XML; do not edit. */\n\
         #include <relink/waltham.h>\n#include <stddef.h>\n#include <waltham-object.h>\n#include <waltham-util.h>\n\n\
         #ifdef __cplusplus\nextern \"C\" {\n#endif\n\n",
    );
    let prefix = description.trim_end_matches("_protocol");
    for interface in &protocol.interfaces {
        let _ = writeln!(
            out,
            "extern const struct relink_waltham_interface {prefix}_{}_description;",
            interface.name
        );
    }
    for name in protocol.references().filter(|name| known.contains(name)).collect::<BTreeSet<_>>() {
        let _ = writeln!(
            out,
            "/* The core's own: the library knows it by its name. */\n\
             static const struct relink_waltham_interface {prefix}_core_{name} = {{ \"{name}\", 0, 0, NULL, 0, NULL }};"
        );
    }
    for interface in &protocol.interfaces {
        for message in &interface.messages {
            call(&mut out, prefix, interface, message);
        }
    }
    for interface in &protocol.interfaces {
        for kind in Kind::ALL {
            messages(&mut out, prefix, interface, kind, known);
        }
        let table = |kind: Kind| match interface.of(kind).count() {
            0 => "0, NULL".to_owned(),
            count => format!("{count}, {prefix}_{}_{}", interface.name, kind.plural()),
        };
        let _ = writeln!(
            out,
            "\nconst struct relink_waltham_interface {prefix}_{0}_description = {{\n    \"{0}\", {1}, {2}, {3}\n}};",
            interface.name,
            interface.version,
            table(Kind::Request),
            table(Kind::Event),
        );
    }
    let _ = writeln!(out, "\nstatic const struct relink_waltham_interface *const {prefix}_interfaces[] = {{");
    for interface in &protocol.interfaces {
        let _ = writeln!(out, "    &{prefix}_{}_description,", interface.name);
    }
    let _ = writeln!(
        out,
        "}};\n\nextern const struct relink_waltham_protocol {description};\n\
         const struct relink_waltham_protocol {description} = {{\n    RELINK_WALTHAM_PROTOCOL_VERSION, \"{}\", {}, {prefix}_interfaces\n}};\n\n\
         #ifdef __cplusplus\n}}\n#endif",
        protocol.name,
        protocol.interfaces.len()
    );
    out
}

fn call(out: &mut String, prefix: &str, interface: &Interface, message: &Message) {
    let mut types = vec!["struct wth_object *".to_owned()];
    let mut values = vec!["target".to_owned()];
    let mut at = 0;
    for arg in &message.args {
        let parts: &[(&str, &str)] = match arg.signature() {
            "i" | "f" => &[("int32_t", "i")],
            "u" => &[("uint32_t", "u")],
            "s" => &[("const char *", "s")],
            "d" => &[("uint32_t", "u"), ("void *", "p")],
            "a" => &[("struct wth_array *", "a")],
            "N" => &[("struct wth_object *", "o"), ("const char *", "s"), ("uint32_t", "u")],
            _ => &[("struct wth_object *", "o")],
        };
        for (kind, member) in parts {
            types.push((*kind).to_owned());
            values.push(format!("{}args[{at}].{member}", if *member == "a" { "&" } else { "" }));
            at += 1;
        }
    }
    let _ = writeln!(
        out,
        "\nstatic void {prefix}_call_{0}_{1}_{2}(relink_waltham_handler handler, struct wth_object *target,\n    \
         union relink_waltham_argument *args)\n{{\n    (void)args;\n    ((void (*)({3}))handler)({4});\n}}",
        interface.name,
        message.kind.name(),
        message.name,
        types.join(", "),
        values.join(", "),
    );
}

fn messages(out: &mut String, prefix: &str, interface: &Interface, kind: Kind, known: &[&str]) {
    if interface.of(kind).next().is_none() {
        return;
    }
    let what = kind.plural();
    for message in interface.of(kind) {
        let types: Vec<String> = message
            .objects()
            .map(|arg| match arg.interface.as_deref() {
                Some(name) if known.contains(&name) => format!("&{prefix}_core_{name}"),
                Some(name) => format!("&{prefix}_{name}_description"),
                None => "NULL".to_owned(),
            })
            .collect();
        if !types.is_empty() {
            let _ = writeln!(
                out,
                "\nstatic const struct relink_waltham_interface *const {prefix}_types_{}_{}_{}[] = {{ {} }};",
                interface.name,
                what,
                message.name,
                types.join(", ")
            );
        }
    }
    let _ = writeln!(
        out,
        "\nstatic const struct relink_waltham_message {prefix}_{}_{what}[] = {{",
        interface.name
    );
    for message in interface.of(kind) {
        let types = match message.objects().next() {
            Some(_) => format!("{prefix}_types_{}_{what}_{}", interface.name, message.name),
            None => "NULL".to_owned(),
        };
        let _ = writeln!(
            out,
            "    {{ \"{0}\", \"{1}\", {types}, &{prefix}_{2}_description, {prefix}_call_{2}_{3}_{0}, {4}, {5}, {6} }},",
            message.name,
            message.signature(),
            interface.name,
            kind.name(),
            message.opcode,
            message.slot,
            message.flags(),
        );
    }
    out.push_str("};\n");
}
