//! The page of a trace, opened and used in headless Chromium.

mod support;

use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use support::{run_limited, scratch};

const MESSAGES: usize = 10_000;

/// A server with 40 connections. The first has 1500 requests, each answered after 100 µs but for one; what the
/// others say is at random, of several kinds, and hostile in places.
fn record() -> String {
    let mut lines = String::new();
    let mut line = |time: u64, pid: u32, connection: u32, rest: Value| {
        let mut record = json!({
            "time": 1_700_000_000_000_000_u64 + time, "pid": pid, "program": format!("server-{pid}"),
            "library": "wslay", "connection": connection,
        });
        record.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        writeln!(lines, "{record}").unwrap();
    };
    for exchange in 0..1500_u64 {
        let (sent, answered) = (exchange * 1000, exchange * 1000 + if exchange == 700 { 900 } else { 100 });
        let request = json!({"direction": "received", "message": "call", "bytes": 10, "exchange": exchange, "phase": "request"});
        let reply = json!({"direction": "sent", "message": "return", "bytes": 20, "exchange": exchange, "phase": "reply"});
        line(sent, 1, 1, request);
        line(answered, 1, 1, reply);
    }
    let mut random = 1_u64;
    for message in 3000..MESSAGES as u64 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let connection = 2 + (random >> 33) % 39;
        let direction = if random >> 40 & 1 == 0 { "sent" } else { "received" };
        let name = ["text", "binary", "</script><script>alert(1)</script>"][(random >> 45) as usize % 3];
        let detail = format!("\"message {message} of <b>nobody</b> & 'others'\"");
        let rest = json!({"direction": direction, "message": name, "bytes": message, "detail": detail});
        line(1_500_000 + message * 7, 1 + (connection % 3) as u32, connection as u32, rest);
    }
    lines
}

/// What a user does, and what he then sees.
const USE: &str = include_str!("trace_page.js");

/// What the page says after all that; `None` without a browser.
fn used(page: &Path) -> Option<Value> {
    let browser = ["chromium", "chromium-browser"].into_iter().find(|name| {
        Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
    })?;
    let html = fs::read_to_string(page).unwrap();
    let errors = "<script>const errors = []; addEventListener('error', e => errors.push(e.message));\
                  addEventListener('securitypolicyviolation', e => errors.push(e.violatedDirective));</script>";
    let html = html.replacen("<body>", &format!("<body>{errors}"), 1);
    let (before, after) = html.rsplit_once("</body>").unwrap();
    let driven = page.with_file_name("driven.html");
    fs::write(&driven, format!("{before}<script>{USE}</script></body>{after}")).unwrap();
    let profile = page.with_file_name("profile");
    let outcome = run_limited(
        Command::new(browser)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-dev-shm-usage",
            ])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--window-size=1400,900", "--virtual-time-budget=20000", "--dump-dom"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(format!("file://{}", driven.display())),
        Duration::from_secs(120),
    );
    let _ = fs::remove_dir_all(profile);
    let found =
        outcome.stdout.split_once("<pre id=\"result\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    let (text, _) = found.unwrap_or_else(|| panic!("the page said nothing:\n{}", outcome.stderr));
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn ten_thousand_messages_are_shown_searched_folded_and_measured_offline() {
    let work = scratch("trace-page");
    let (json, page) = (work.join("trace.json"), work.join("trace.html"));
    fs::write(&json, record()).unwrap();
    support::run(
        Command::new(env!("CARGO_BIN_EXE_relink"))
            .arg("trace")
            .arg("--read")
            .arg(&json)
            .arg("--page")
            .arg(&page),
    );
    let html = fs::read_to_string(&page).unwrap();
    assert!(
        !html.contains("http://") && !html.contains("https://") && !html.contains("src="),
        "it needs others"
    );
    let Some(seen) = used(&page) else {
        eprintln!("skipped: Chromium is not installed");
        return;
    };
    let number = |name: &str| seen[name].as_u64().unwrap_or_else(|| panic!("{name}: {seen:#}"));
    let text = |name: &str| seen[name].as_str().unwrap_or_else(|| panic!("{name}: {seen:#}"));
    assert_eq!(seen["errors"], json!([]));
    assert_eq!(number("resources"), 0);
    assert!(text("about").contains("10000 messages of 40 connections"), "{seen:#}");
    // Only what fits the window is there, wherever it is.
    assert!(number("drawn") < 100 && number("drawn_at_the_end") < 100, "{seen:#}");
    // Two messages, the fold of their repeats, and so on.
    assert!(text_at(&seen["first"], 0).contains("call 10 B"), "{seen:#}");
    assert!(text_at(&seen["first"], 1).contains("return 20 B"), "{seen:#}");
    assert!(text_at(&seen["first"], 2).contains("messages like the 2 above, 1499 more times"), "{seen:#}");
    assert!(number("rows") <= MESSAGES as u64 - 2997, "{seen:#}");
    assert_eq!(number("rows_unfolded"), number("rows") + 2997);
    assert_eq!(number("rows_unfolded_all"), MESSAGES as u64);
    // There is room for what was said.
    assert!(seen["content_begins"].as_f64().unwrap() < 1400.0 - 300.0, "{seen:#}");
    assert!(
        text("latency").starts_with("median 100 µs, 90 % 100 µs, 99 % 100 µs, longest 900 µs"),
        "{seen:#}"
    );
    // 100 µs, 200 µs, 500 µs and more.
    assert_eq!(number("bars"), 3, "{seen:#}");
    assert!(text("last").contains("message 9999 of <b>nobody</b> & 'others'"), "{seen:#}");
    assert_eq!(seen["found"].as_array().unwrap().len(), 1);
    assert!(text("detail").contains("9998 bytes\n\"message 9998 of <b>nobody</b>"), "{seen:#}");
    assert_eq!(text("nothing"), "No message matches.");
    assert!(text("received").contains(" of 10000 messages"), "{seen:#}");
    assert!(number("zoomed") > 100 && number("zoomed") < 5000, "{seen:#}");
    assert_eq!(seen["zoomed_button"], true);
    assert_eq!(number("whole"), MESSAGES as u64);
    assert!(number("gone_to") > 2999, "{seen:#}");
}

fn text_at(list: &Value, place: usize) -> &str {
    list[place].as_str().unwrap_or_default()
}
