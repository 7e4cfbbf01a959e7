//! What Jenkins takes: the rules of the schema that its xUnit plugin checks documents against (`junit-10.xsd`), written down
//! anew, and beside them, marked, what goes beyond it.

use std::collections::BTreeMap;

use quick_xml::XmlVersion;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// An element: its attributes, `!` being one that must be there and `+` one beyond the schema; its children, in any order,
/// with `+` likewise; whether text may stand in it.
type Rule = (&'static [&'static str], &'static [&'static str], bool);

fn rule(element: &str) -> Option<Rule> {
    Some(match element {
        "testsuites" => {
            (&["name", "time", "tests", "failures", "errors", "+disabled", "+skipped"], &["testsuite"], false)
        }
        "testsuite" => (
            &[
                "!name",
                "!tests",
                "!failures",
                "!errors",
                "time",
                "skipped",
                "timestamp",
                "hostname",
                "id",
                "package",
                "file",
            ],
            &["properties", "testcase", "system-out", "system-err"],
            false,
        ),
        "testcase" => (
            &["!name", "classname", "time", "+timestamp", "+file", "+line"],
            &[
                "skipped",
                "error",
                "failure",
                "rerunFailure",
                "rerunError",
                "flakyFailure",
                "flakyError",
                "system-out",
                "system-err",
                "+properties",
            ],
            false,
        ),
        "properties" => (&[], &["property"], false),
        "property" => (&["!name", "!value"], &[], false),
        "failure" | "error" | "skipped" => (&["type", "message"], &[], true),
        "rerunFailure" | "rerunError" | "flakyFailure" | "flakyError" => {
            (&["!type", "message", "+time"], &["stackTrace", "system-out", "system-err"], true)
        }
        "system-out" | "system-err" | "stackTrace" => (&[], &[], true),
        _ => return None,
    })
}

/// An element of a document: its attributes, its text, its children.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// All children of this name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub(super) fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

/// Reads a document, which must be well formed, and have nothing that Jenkins refuses.
pub(super) fn read(document: &str) -> Element {
    let forbidden = |c: char| !matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    assert_eq!(document.find(forbidden), None, "XML has no such character: {document:?}");
    let mut reader = Reader::from_str(document);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}: {document}")) {
            Event::Start(start) => open.push(element(&start)),
            Event::Empty(start) => {
                let element = element(&start);
                check(&element);
                open.last_mut().unwrap().children.push(element);
            }
            Event::End(_) => {
                let element = open.pop().unwrap();
                check(&element);
                open.last_mut().unwrap().children.push(element);
            }
            Event::Text(text) => open.last_mut().unwrap().text.push_str(&text.decode().unwrap()),
            Event::GeneralRef(reference) => {
                let known = reference.resolve_char_ref().unwrap().map(String::from);
                let name = reference.decode().unwrap();
                let text =
                    known.or_else(|| quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned));
                open.last_mut().unwrap().text.push_str(&text.unwrap());
            }
            Event::Decl(_) => {}
            Event::Eof => break,
            other => panic!("{other:?} in {document}"),
        }
    }
    assert_eq!(open.len(), 1, "not closed: {document}");
    let mut roots = open.pop().unwrap().children;
    assert_eq!(roots.len(), 1, "{document}");
    let root = roots.pop().unwrap();
    assert_eq!(root.name, "testsuites");
    root
}

/// The same document without what goes beyond the schema.
pub(super) fn strict(element: &Element) -> String {
    let name = &element.name;
    let (attributes, children, _) = rule(name).unwrap();
    let is_strict = |known: &[&str], name: &str| !known.contains(&&*format!("+{name}"));
    let own = element.attributes.iter().filter(|(key, _)| is_strict(attributes, key));
    let own: Vec<String> = own.map(|(key, value)| format!(" {key}=\"{}\"", escape(value.as_str()))).collect();
    let children = element.children.iter().filter(|child| is_strict(children, &child.name));
    let children: String = children.map(strict).collect();
    let own = own.concat();
    format!("<{name}{own}>{}{children}</{name}>", escape(element.text.as_str()))
}

fn element(start: &BytesStart<'_>) -> Element {
    let name = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
    let attributes = start.attributes().map(|attribute| {
        let attribute = attribute.unwrap();
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap().into_owned();
        (String::from_utf8(attribute.key.as_ref().to_vec()).unwrap(), value)
    });
    Element { name, attributes: attributes.collect(), ..Element::default() }
}

fn check(element: &Element) {
    let name = &element.name;
    let (attributes, children, has_text) = rule(name).unwrap_or_else(|| panic!("no such element: {name}"));
    let plain = |known: &&'static str| known.trim_start_matches(['!', '+']);
    for attribute in element.attributes.keys() {
        assert!(
            attributes.iter().any(|known| plain(known) == attribute),
            "{name} has no attribute {attribute}"
        );
    }
    for must in attributes.iter().filter_map(|known| known.strip_prefix('!')) {
        assert!(element.attributes.contains_key(must), "{name} without {must}");
    }
    for child in &element.children {
        assert!(children.iter().any(|known| plain(known) == child.name), "{} in {name}", child.name);
    }
    assert!(has_text || element.text.trim().is_empty(), "text in {name}: {}", element.text);
    // Those that count are the same as those that are counted.
    if name == "testsuite" {
        let with = |of: &str| element.all("testcase").filter(|case| case.all(of).next().is_some()).count();
        let said = |of: &str| element.attribute(of).parse().ok();
        assert_eq!(said("tests"), Some(element.all("testcase").count()));
        for (counted, of) in [("failures", "failure"), ("errors", "error"), ("skipped", "skipped")] {
            assert_eq!(said(counted), Some(with(of)), "{counted}");
        }
    }
}
