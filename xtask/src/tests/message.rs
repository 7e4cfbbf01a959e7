//! What is read from cargo's messages.

use std::path::PathBuf;

use crate::message::{Built, Messages};
use crate::suite::Suite;

/// Of a real build, shortened: a dependency, a build script, a library, the program, two tests.
const LINES: &str = r#"
{"reason":"compiler-artifact","package_id":"registry+https://github.com/rust-lang/crates.io-index#libc@0.2.1","manifest_path":"/reg/libc/Cargo.toml","target":{"kind":["lib"],"crate_types":["lib"],"name":"libc","src_path":"/reg/libc/src/lib.rs","edition":"2021","doc":true,"doctest":true,"test":true},"profile":{"opt_level":"0","debuginfo":0,"debug_assertions":true,"overflow_checks":true,"test":false},"features":[],"filenames":["/t/liblibc.rlib"],"executable":null,"fresh":true}
{"reason":"compiler-artifact","package_id":"path+file:///w/other#0.1.0","manifest_path":"/w/other/Cargo.toml","target":{"kind":["bin"],"crate_types":["bin"],"name":"tool"},"filenames":["/t/tool"],"executable":"/t/tool","fresh":true}
{"reason":"build-script-executed","package_id":"path+file:///w/examples/app#my-app@0.3.1","linked_libs":[],"linked_paths":[],"cfgs":[],"env":[],"out_dir":"/t/build/my-app/out"}
{"reason":"build-script-executed","package_id":"path+file:///w/other#0.1.0","linked_libs":[],"linked_paths":[],"cfgs":[],"env":[],"out_dir":"/t/build/other/out"}
{"reason":"compiler-artifact","package_id":"path+file:///w/examples/app#my-app@0.3.1","manifest_path":"/w/examples/app/Cargo.toml","target":{"kind":["bin"],"crate_types":["bin"],"name":"e2e"},"filenames":["/t/e2e"],"executable":"/t/e2e","fresh":false}
{"reason":"compiler-artifact","package_id":"path+file:///w/examples/app#my-app@0.3.1","manifest_path":"/w/examples/app/Cargo.toml","target":{"kind":["test"],"crate_types":["bin"],"name":"http"},"filenames":["/t/deps/http-1"],"executable":"/t/deps/http-1","fresh":false}
{"reason":"compiler-artifact","package_id":"path+file:///w/examples/app#my-app@0.3.1","manifest_path":"/w/examples/app/Cargo.toml","target":{"kind":["test"],"crate_types":["bin"],"name":"e2e"},"filenames":["/t/deps/e2e-1"],"executable":"/t/deps/e2e-1","fresh":false}
{"reason":"compiler-message","package_id":"path+file:///w/examples/app#my-app@0.3.1","message":{}}
{"reason":"build-finished","success":true}
"#;

fn messages(lines: &str) -> Messages {
    let mut messages = Messages::default();
    for line in lines.lines().filter(|line| !line.is_empty()) {
        assert_eq!(messages.take(line), None);
    }
    messages
}

#[test]
fn finds_the_test_and_what_it_runs_with() {
    let built = messages(LINES).built(&Suite::new("my-app")).unwrap();
    let environment = [
        ("CARGO_MANIFEST_DIR", "/w/examples/app"),
        ("CARGO_MANIFEST_PATH", "/w/examples/app/Cargo.toml"),
        ("CARGO_PKG_NAME", "my-app"),
        ("CARGO_PKG_VERSION", "0.3.1"),
        ("OUT_DIR", "/t/build/my-app/out"),
        ("CARGO_BIN_EXE_e2e", "/t/e2e"),
    ];
    let expected = Built {
        executable: PathBuf::from("/t/deps/e2e-1"),
        root: PathBuf::from("/w/examples/app"),
        environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
    };
    assert_eq!(built, expected);
}

#[test]
fn finds_another_target_if_asked() {
    let built = messages(LINES).built(&Suite::new("my-app").target("http")).unwrap();
    assert_eq!(built.executable, PathBuf::from("/t/deps/http-1"));
    assert_eq!(messages(LINES).built(&Suite::new("my-app").target("nothing")), None);
}

#[test]
fn takes_the_name_of_the_folder_where_the_id_has_none() {
    let line = r#"{"reason":"compiler-artifact","package_id":"path+file:///w/shop#1.2.3-rc.1","manifest_path":"/w/shop/Cargo.toml","target":{"kind":["test"],"name":"e2e"},"executable":"/t/e2e-1"}"#;
    let built = messages(line).built(&Suite::new("shop")).unwrap();
    let value = |name: &str| {
        let found = built.environment.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(value("CARGO_PKG_NAME"), Some("shop"));
    assert_eq!(value("CARGO_PKG_VERSION"), Some("1.2.3-rc.1"));
}

#[test]
fn gives_back_what_is_no_message() {
    let mut messages = Messages::default();
    assert_eq!(messages.take("printed by a procedural macro"), Some("printed by a procedural macro"));
}
