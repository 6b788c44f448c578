//! A C program that sends every message of the core protocol and checks what its handler gets.

use super::model::{Arg, Interface, Kind, Message, Protocol, Type};
use std::fmt::Write as _;

const HEAD: &str = r#"/* Every message in both directions, in pieces of every size: each handler gets what was sent.
 *
 * Generated from the protocol's XML by the library's own generator; do not edit (make headers).
 * harness: ours-only the original misreads arrays and has no IVI messages
 */
#include "check.h"
#include <string.h>
#include <sys/socket.h>
#include <waltham-client.h>
#include <waltham-connection.h>
#include <waltham-server.h>

static struct wth_connection *client, *server;
/* The far ends of the two connections, between which the bytes are passed on. */
static int client_far, server_far;
static int seen;
static unsigned char bytes[] = { 1, 2, 0, 254, 255 };
static unsigned char keys[] = { 30, 0, 0, 0, 48, 0, 0, 0 };
static struct wth_array array = { 8, 8, keys };
static void *on_client[INTERFACES], *on_server[INTERFACES];

static void check_array(const struct wth_array *got)
{
    CHECK_EQ(got->size, 8);
    CHECK(memcmp(got->data, keys, 8) == 0);
}

/* Passes what is on the way from one connection to the other, in pieces. */
static void pass(int from, int to, struct wth_connection *receiver, size_t step)
{
    unsigned char buffer[4096];
    ssize_t n = recv(from, buffer, sizeof buffer, MSG_DONTWAIT), sent;

    CHECK(n > 0);
    for (sent = 0; sent < n; sent += (ssize_t)step) {
        size_t length = (size_t)(n - sent) < step ? (size_t)(n - sent) : step;

        CHECK_EQ(send(to, buffer + sent, length, 0), (ssize_t)length);
        CHECK_EQ(wth_connection_read(receiver), 0);
        CHECK(wth_connection_dispatch(receiver) >= 0);
    }
}

static void to_server(size_t step)
{
    pass(client_far, server_far, server, step);
}

static void to_client(size_t step)
{
    pass(server_far, client_far, client, step);
}

"#;

/// The program.
pub fn program(protocol: &Protocol) -> String {
    let mut out = String::new();
    let names: Vec<&str> = protocol.interfaces.iter().map(|interface| interface.name.as_str()).collect();
    let _ = writeln!(
        out,
        "{}",
        HEAD.replacen(
            "#include \"check.h\"",
            &format!("#include \"check.h\"\n\nenum {{ INTERFACES = {} }};\n", names.len()),
            1
        )
    );
    for interface in &protocol.interfaces {
        for message in &interface.messages {
            handler(&mut out, interface, message, &names);
        }
    }
    for interface in &protocol.interfaces {
        for (kind, suffix) in [(Kind::Request, "interface"), (Kind::Event, "listener")] {
            table(&mut out, interface, kind, suffix);
        }
    }
    out.push_str("/* Each interface has an object of its own on both sides. */\nstatic void bind_all(size_t step)\n{\n");
    for (index, interface) in protocol.interfaces.iter().enumerate() {
        let name = &interface.name;
        if !matches!(name.as_str(), "wth_display" | "wthp_registry") {
            let _ = writeln!(
                out,
                "    on_client[{index}] = wthp_registry_bind(on_client[1], {index}, \"{name}\", 1);\n    to_server(step);"
            );
        }
        let has = |kind: Kind| interface.of(kind).next().is_some();
        if has(Kind::Event) {
            let _ = writeln!(
                out,
                "    wth_object_set_listener(on_client[{index}], (void (**)(void))&{name}_listener, on_client[{index}]);"
            );
        }
        if has(Kind::Request) {
            let _ = writeln!(
                out,
                "    wth_object_set_listener(on_server[{index}], (void (**)(void))&{name}_interface, on_server[{index}]);"
            );
        }
    }
    out.push_str("}\n\nstatic void send_all(size_t step)\n{\n    void *made;\n\n    (void)made;\n");
    for (index, interface) in protocol.interfaces.iter().enumerate() {
        for message in &interface.messages {
            if !message.destructor {
                call(&mut out, interface, index, message, &names);
            }
        }
    }
    // Last, because nothing can be sent on an object after its destructor.
    for (index, interface) in protocol.interfaces.iter().enumerate().rev() {
        for message in &interface.messages {
            if message.destructor {
                call(&mut out, interface, index, message, &names);
            }
        }
    }
    out.push_str("}\n");
    out.push_str(&main(protocol));
    out
}

fn value(arg: &Arg, names: &[&str], side: &str) -> String {
    match arg.kind {
        Type::Int => "-3".to_owned(),
        Type::Uint => "0x80000001u".to_owned(),
        Type::Fixed => "wth_fixed_from_double(-1.5)".to_owned(),
        Type::String => format!("\"text of {}\"", arg.name),
        Type::Data => "sizeof bytes, bytes".to_owned(),
        Type::Array => "&array".to_owned(),
        Type::Object | Type::NewId => {
            let name = arg.interface.as_deref().unwrap_or("wthp_registry");
            let index = names.iter().position(|own| *own == name).unwrap_or(1);
            format!("on_{side}[{index}]")
        }
    }
}

/// Whether binding, which every other message depends on, has a handler of its own in the program.
fn is_bind(interface: &Interface, message: &Message) -> bool {
    interface.name == "wthp_registry" && message.name == "bind"
}

fn handler(out: &mut String, interface: &Interface, message: &Message, names: &[&str]) {
    let side = if message.kind == Kind::Request { "server" } else { "client" };
    let index = names.iter().position(|own| *own == interface.name).unwrap_or(0);
    let mut parameters = vec![format!("struct {} *self", interface.name)];
    let mut checks = String::new();
    for arg in &message.args {
        let name = &arg.name;
        let expected = value(arg, names, side);
        match arg.kind {
            Type::Int => {
                parameters.push(format!("int32_t {name}"));
                let _ = writeln!(checks, "    CHECK_EQ({name}, {expected});");
            }
            Type::Uint => {
                parameters.push(format!("uint32_t {name}"));
                if !is_bind(interface, message) {
                    let _ = writeln!(checks, "    CHECK_EQ({name}, {expected});");
                }
            }
            Type::Fixed => {
                parameters.push(format!("wth_fixed_t {name}"));
                let _ = writeln!(checks, "    CHECK_EQ({name}, {expected});");
            }
            Type::String => {
                parameters.push(format!("const char *{name}"));
                let _ = writeln!(checks, "    CHECK(strcmp({name}, {expected}) == 0);");
            }
            Type::Data => {
                parameters.push(format!("uint32_t {name}_sz, void *{name}"));
                let _ = writeln!(
                    checks,
                    "    CHECK_EQ({name}_sz, sizeof bytes);\n    CHECK(memcmp({name}, bytes, sizeof bytes) == 0);"
                );
            }
            Type::Array => {
                parameters.push(format!("struct wth_array *{name}"));
                let _ = writeln!(checks, "    check_array({name});");
            }
            Type::Object => {
                parameters
                    .push(format!("struct {} *{name}", arg.interface.as_deref().unwrap_or("wth_object")));
                let _ = writeln!(checks, "    CHECK((void *){name} == {expected});");
            }
            Type::NewId => {
                parameters
                    .push(format!("struct {} *{name}", arg.interface.as_deref().unwrap_or("wth_object")));
                if arg.is_untyped_new_id() {
                    parameters.push("const char *interface, uint32_t version".to_owned());
                    let _ = writeln!(
                        checks,
                        "    CHECK(interface[0] != '\\0');\n    CHECK_EQ(version, 1);\n    on_server[name] = {name};"
                    );
                } else {
                    let _ = writeln!(
                        checks,
                        "    CHECK({name} != NULL);\n    wth_object_delete((struct wth_object *){name});"
                    );
                }
            }
        }
    }
    let counted = if is_bind(interface, message) { "" } else { "    seen++;\n" };
    let _ = writeln!(
        out,
        "static void on_{0}_{1}_{2}({3})\n{{\n    CHECK((void *)self == on_{side}[{index}]);\n\
         {checks}{counted}{4}}}\n",
        interface.name,
        message.kind.name(),
        message.name,
        parameters.join(", "),
        if message.destructor { "    wth_object_delete((struct wth_object *)self);\n" } else { "" },
    );
}

fn table(out: &mut String, interface: &Interface, kind: Kind, suffix: &str) {
    if interface.of(kind).next().is_none() {
        return;
    }
    let handlers: Vec<String> = interface
        .of(kind)
        .map(|message| format!("    on_{}_{}_{}", interface.name, kind.name(), message.name))
        .collect();
    let _ = writeln!(
        out,
        "static const struct {0}_{suffix} {0}_{suffix} = {{\n{1}\n}};\n",
        interface.name,
        handlers.join(",\n")
    );
}

fn call(out: &mut String, interface: &Interface, index: usize, message: &Message, names: &[&str]) {
    if is_bind(interface, message) {
        return;
    }
    let (side, pass) = match message.kind {
        Kind::Request => ("client", "to_server"),
        Kind::Event => ("server", "to_client"),
    };
    let mut values = vec![format!("on_{side}[{index}]")];
    values
        .extend(message.args.iter().filter(|arg| arg.kind != Type::NewId).map(|arg| value(arg, names, side)));
    let made = if message.new_object().is_some() { "made = " } else { "" };
    let _ = writeln!(
        out,
        "    {made}{}({});\n    {pass}(step);",
        message.kind.sender(&interface.name, &message.name),
        values.join(", ")
    );
    if message.new_object().is_some() {
        out.push_str("    CHECK(made != NULL);\n    wth_object_delete(made);\n");
    }
}

fn main(protocol: &Protocol) -> String {
    let all = protocol.interfaces.iter().map(|interface| interface.messages.len()).sum::<usize>();
    let without: Vec<String> = protocol
        .interfaces
        .iter()
        .enumerate()
        .filter(|(_, interface)| !interface.messages.iter().any(|message| message.destructor))
        .filter(|(index, _)| *index > 1)
        .map(|(index, _)| index.to_string())
        .collect();
    format!(
        r#"
static void on_registry(struct wthp_registry *registry, void *user_data)
{{
    CHECK(user_data == &seen);
    on_server[1] = registry;
}}

static void converse(size_t step)
{{
    static const int left[] = {{ {left} }};
    int pair[2];
    size_t i;

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    client = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_CLIENT);
    client_far = pair[1];
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    server = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_SERVER);
    server_far = pair[1];
    wth_connection_set_registry_callback(server, on_registry, &seen);
    seen = 0;
    on_client[0] = wth_connection_get_display(client);
    on_server[0] = wth_connection_get_display(server);
    on_client[1] = wth_connection_create_registry(client);
    to_server(step);
    bind_all(step);
    send_all(step);
    /* All but bind. */
    CHECK_EQ(seen, {all} - 1);
    for (i = 0; i < sizeof left / sizeof *left; i++) {{
        wth_object_delete(on_client[left[i]]);
        wth_object_delete(on_server[left[i]]);
    }}
    wth_connection_destroy(client);
    wth_connection_destroy(server);
    close(client_far);
    close(server_far);
}}

int main(void)
{{
    size_t step;

    for (step = 1; step < 72; step++)
        converse(step);
    converse(4096);
    return 0;
}}
"#,
        left = without.join(", "),
    )
}
