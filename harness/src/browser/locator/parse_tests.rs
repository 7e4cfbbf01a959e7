//! Selectors as they are written, as they are shown, and where they are wrong.

use proptest::prelude::*;

use super::*;

fn shown(selector: &str) -> String {
    match parse(selector, "data-testid") {
        Ok(step) => step.to_string(),
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn selectors_are_read() {
    for (selector, step) in [
        ("#save", "#save"),
        ("css=#save > a[href=x]", "#save > a[href=x]"),
        ("a[href=x]", "a[href=x]"),
        ("//div[@id=1]", "//div[@id=1]"),
        ("xpath=..", ".."),
        ("xpath=ancestor::tr", "xpath=ancestor::tr"),
        ("css=css=p", "css=css=p"),
        ("role=checkbox[checked=mixed]", "role=checkbox[checked=mixed]"),
        ("text=Save", "text=Save"),
        ("text=\"Save\"", "text=\"Save\""),
        ("text=/^sa\\/ve/i", "text=/^sa\\/ve/i"),
        ("label=E-mail", "label=E-mail"),
        ("placeholder='Search'", "placeholder=\"Search\""),
        ("testid=row-1", "testid=\"row-1\""),
        ("role=button", "role=button"),
        ("role=button[name=Save it]", "role=button[name=Save it]"),
        ("role=heading[level=2][name=\"A ]\"]", "role=heading[name=\"A ]\"][level=2]"),
        ("role=checkbox[checked=false][include-hidden]", "role=checkbox[checked=false][include-hidden]"),
    ] {
        assert_eq!(shown(selector), step, "{selector}");
    }
}

#[test]
fn a_fault_is_shown_at_its_place() {
    for (selector, told) in [
        ("", "this selector is empty\n    \n    ^"),
        ("text=", "something has to follow the `=`\n    text=\n         ^"),
        ("rol=button", "no selector begins with `rol=`; did you mean `role=`?\n    rol=button\n    ^"),
        ("role=buton", "no role is called `buton`; did you mean `button`?\n    role=buton\n         ^"),
        ("role=button[name=]", "a value is expected here\n    role=button[name=]\n                     ^"),
        ("role=button[name=Save", "this `[` is not closed\n    role=button[name=Save\n               ^"),
        (
            "role=button[name=\"Sa]",
            "this `\"` is not closed\n    role=button[name=\"Sa]\n                     ^",
        ),
        (
            "role=heading[level=two]",
            "a level is a number: `[level=2]`\n    role=heading[level=two]\n                       ^",
        ),
        ("role=button x", "`[` or the end is expected here\n    role=button x\n                ^"),
    ] {
        assert_eq!(shown(selector), told, "{selector}");
    }
}

#[test]
fn a_joint_is_told_outside_of_texts_only() {
    let told =
        "selectors are not joined by `>>`: write `.locator(…).locator(…)`\n    ul >> text=One\n       ^";
    assert_eq!(shown("ul >> text=One"), told);
    assert_eq!(shown("text=\"a >> b\""), "text=\"a >> b\"");
}

/// Texts that are nearly selectors: real words in any order, with anything between.
fn nearly_a_selector() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "role=",
        "text=",
        "label=",
        "css=",
        "xpath=",
        "testid=",
        "alt=",
        "rol=",
        "button",
        "heading",
        "[name=",
        "[level=2]",
        "[checked",
        "[checked=mixed]",
        "[include-hidden]",
        "]",
        "[",
        "\"",
        "'",
        "/",
        "\\",
        "i",
        " ",
        ">>",
        "#a",
        "//p",
        "..",
        "=",
        "true",
        "\\\"",
        "\u{0}",
        "😀",
        "ש",
        "\n",
        "Save it",
    ]);
    let anything = prop_oneof![8 => words.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    prop::collection::vec(anything, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_or_refused_at_a_place(selector in nearly_a_selector()) {
        match parse(&selector, "data-testid") {
            Ok(_) => {}
            Err(fault) => {
                prop_assert!(fault.selector.is_char_boundary(fault.at), "{fault:?}");
                prop_assert!(!fault.why.is_empty() && fault.to_string().ends_with('^'));
            }
        }
        let _ = role(&selector);
    }

    #[test]
    fn what_is_shown_is_read_as_the_same(selector in nearly_a_selector()) {
        // What is shown has each line break as a sign.
        if let (Ok(step), false) = (parse(&selector, "data-testid"), selector.contains('\n')) {
            let shown = step.to_string();
            prop_assert_eq!(parse(&shown, "data-testid"), Ok(step), "shown as {}", shown);
        }
    }
}
