//! What holds for every text.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::parse;
use crate::config::ports::{Claim, collision};
use crate::config::template::{Template, Vocabulary, Within};

fn ports() -> BTreeMap<String, u16> {
    ["smtp", "api"].map(|name| (name.to_owned(), 1)).into()
}

/// Texts that are nearly configurations: real words in any order, with anything between.
fn nearly_toml() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "[slots]",
        "[[service]]",
        "[roles.user]",
        "[[setup]]",
        "[ports]",
        "[browser]",
        "[tests]",
        "[reset]",
        "[trace]",
        "[video]",
        "\n",
        "\n",
        "\n",
        " = ",
        " = ",
        "count",
        "name",
        "command",
        "ready",
        "password",
        "username",
        "accounts",
        "url",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\"",
        "\"\"\"",
        "\"é{slot}\"",
        "\"{\"",
        "0",
        "65535",
        "-1",
        "99999999999999999999",
        "'('",
        "http",
        "log",
        "reset",
        "when",
        "scope",
        "\"run\"",
        ".",
        "#",
        "\t",
        "\r\n",
        "é",
        "\u{1b}",
        "timeout",
        "1979-05-27",
    ]);
    let piece = prop_oneof![8 => words.prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn claim(name: &str, base: u16, slots: u16) -> Claim {
    Claim { name: name.to_owned(), base, slots, span: None }
}

/// Each port that both want, by trying all slots.
fn common_ports(first: &Claim, second: &Claim) -> BTreeSet<u16> {
    let all = |claim: &Claim| (0..claim.slots).map(|slot| claim.base + slot).collect::<BTreeSet<u16>>();
    all(first).intersection(&all(second)).copied().collect()
}

proptest! {
    #[test]
    fn no_text_makes_reading_panic(text in any::<String>()) {
        if let Err(error) = parse(&text, &[]) {
            prop_assert!(error.to_string().starts_with("error: "));
        }
    }

    #[test]
    fn no_nearly_right_text_makes_reading_panic(text in nearly_toml()) {
        if let Err(error) = parse(&text, &[]) {
            let error = error.to_string();
            prop_assert!(error.starts_with("error: ") && error.contains("\n   = help: "), "{}", error);
        }
    }

    #[test]
    fn no_password_is_shown_whatever_is_around_it(before in nearly_toml(), after in nearly_toml()) {
        let text = format!("{before}\n[roles.user]\npassword = \"hunter2\"\n{after}");
        if let Err(error) = parse(&text, &[]) {
            prop_assert!(!error.to_string().contains("hunter2"), "{}\n{}", text, error);
        }
    }

    #[test]
    fn a_template_is_what_it_is_written_as(pieces in prop::collection::vec(
        prop_oneof![
            any::<String>().prop_map(|text| text.replace('{', "{{").replace('}', "}}")),
            prop::sample::select(vec!["{slot}", "{port}", "{port.smtp}", "{run_dir}", "{slots}", "{{", "}}"])
                .prop_map(str::to_owned),
        ],
        0..8,
    )) {
        let text = pieces.concat();
        let ports = ports();
        let vocabulary = Vocabulary { within: Within::Slot, ports: &ports };
        let template = Template::parse(&text, &vocabulary).expect("only known placeholders");
        prop_assert_eq!(template.to_string(), text);
    }

    #[test]
    fn a_template_that_is_refused_says_which_part(text in "[a-z{}é. ]{0,12}") {
        let ports = ports();
        let vocabulary = Vocabulary { within: Within::Slot, ports: &ports };
        match Template::parse(&text, &vocabulary) {
            Ok(template) => prop_assert_eq!(template.to_string(), text),
            Err(fault) => {
                let begins_with_brace = text[fault.part].starts_with(['{', '}']);
                prop_assert!(begins_with_brace);
            }
        }
    }

    #[test]
    fn ports_collide_exactly_where_two_slots_want_the_same(
        (first, second) in (1u16..60, 1u16..60), (slots, others) in (1u16..30, 1u16..30),
    ) {
        let (first, second) = (claim("a", first, slots), claim("b", second, others));
        let common = common_ports(&first, &second);
        let found = collision(&first, &second);
        prop_assert_eq!(found.map(|(port, ..)| port), common.first().copied());
        if let Some((port, one, other)) = found {
            prop_assert!(one < slots && other < others);
            prop_assert_eq!((first.base + one, second.base + other), (port, port));
        }
    }
}
