//! What runs in the page, in a world of its own: it shares the document with the page's scripts, and nothing else.
//!
//! Waiting happens here, next to what is waited for. A request goes in by one entrance (`main.js`), and its answer comes
//! when it is fulfilled or when its time is over.

use std::sync::LazyLock;

use serde_json::Value;

/// What the world is called.
pub(super) const WORLD: &str = "callboard";

/// Asks the script; where it is not there yet, the call throws.
pub(super) const ASK: &str = "function (request) { return globalThis.callboard.ask(request) }";

/// The script as an expression, with which it is put into a world.
pub(super) static SOURCE: LazyLock<Value> = LazyLock::new(|| {
    let parts = [
        include_str!("vendor/dom-accessibility-api.js"),
        include_str!("text.js"),
        include_str!("state.js"),
        include_str!("css.js"),
        include_str!("query.js"),
        include_str!("role.js"),
        include_str!("wait.js"),
        include_str!("guard.js"),
        include_str!("drag.js"),
        include_str!("act.js"),
        include_str!("expect.js"),
        include_str!("snapshot.js"),
        include_str!("main.js"),
    ];
    // Its names are its own: nothing but the entrance is left in the world.
    format!("(() => {{\n{}\n}})()\n//# sourceURL=callboard.js", parts.concat()).into()
});
