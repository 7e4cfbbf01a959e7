//! What scripts wrote to the console, as the console shows it.

use serde_json::Value;

/// Of one line so much is kept.
const MOST: usize = 16 << 10;

/// The arguments of one call of the console. The first may say how the others are to be shown, as in C.
pub(super) fn of_call(arguments: &[Value]) -> String {
    let mut rest = arguments.iter();
    let mut text = String::new();
    if let Some(first) = rest.next() {
        match first["value"].as_str().filter(|format| format.contains('%')) {
            Some(format) => formatted(&mut text, format, &mut rest),
            None => text.push_str(&of_value(first, false)),
        }
    }
    for argument in rest {
        text.push(' ');
        text.push_str(&of_value(argument, false));
        if text.len() > MOST {
            break;
        }
    }
    shortened(text)
}

fn formatted<'a>(text: &mut String, format: &str, arguments: &mut impl Iterator<Item = &'a Value>) {
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        let kind = after.chars().next().unwrap_or(' ');
        let takes_one = "sdifoOcj".contains(kind);
        rest = if takes_one || kind == '%' { &after[kind.len_utf8()..] } else { after };
        match kind {
            _ if !takes_one => text.push('%'),
            // Only the looks of what follows.
            'c' => drop(arguments.next()),
            _ => match arguments.next() {
                Some(argument) => text.push_str(&of_value(argument, false)),
                None => text.extend(['%', kind]),
            },
        }
    }
    text.push_str(rest);
}

/// A value of the page; text within others has its quotes.
pub(super) fn of_value(value: &Value, is_within: bool) -> String {
    if let Some(text) = value["value"].as_str() {
        return if is_within { format!("{text:?}") } else { text.to_owned() };
    }
    if let Some(value) = value.get("value").filter(|value| !value.is_object() && !value.is_array()) {
        return value.to_string();
    }
    if value["subtype"] != "error"
        && let Some(preview) = value.get("preview")
    {
        return of_preview(preview);
    }
    let words = value["description"].as_str().or(value["unserializableValue"].as_str());
    words.or(value["type"].as_str()).unwrap_or_default().to_owned()
}

/// The first level of an object, as far as the browser tells of it.
fn of_preview(preview: &Value) -> String {
    let description = preview["description"].as_str().unwrap_or_default();
    let is_list = preview["subtype"] == "array";
    let is_plain = is_list || (preview["subtype"].is_null() && preview["type"] == "object");
    let Some(properties) = preview["properties"].as_array().filter(|_| is_plain) else {
        return description.to_owned();
    };
    let mut parts: Vec<String> = properties.iter().map(|property| of_property(property, is_list)).collect();
    if preview["overflow"] == true {
        parts.push("…".to_owned());
    }
    let class = if description == "Object" || is_list { String::new() } else { format!("{description} ") };
    let parts = parts.join(", ");
    if is_list { format!("[{parts}]") } else { format!("{class}{{{parts}}}") }
}

fn of_property(property: &Value, is_of_list: bool) -> String {
    let name = property["name"].as_str().unwrap_or_default();
    let value = match property.get("valuePreview") {
        Some(preview) => of_preview(preview),
        None if property["type"] == "string" => {
            format!("{:?}", property["value"].as_str().unwrap_or_default())
        }
        None => property["value"].as_str().unwrap_or_default().to_owned(),
    };
    let is_index = name.bytes().all(|byte| byte.is_ascii_digit());
    if is_of_list && is_index { value } else { format!("{name}: {value}") }
}

/// No more than can be read.
pub(super) fn shortened(mut text: String) -> String {
    if text.len() > MOST {
        text.truncate(text.floor_char_boundary(MOST));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_is_told_as_the_console_shows_it() {
        let text = |text: &str| json!({ "type": "string", "value": text });
        let number = json!({ "type": "number", "value": 3, "description": "3" });
        assert_eq!(of_call(&[text("a"), number.clone()]), "a 3");
        assert_eq!(
            of_call(&[text("%s of %d%%, %c%x%"), text("b"), number, text("color: red"), text("c")]),
            "b of 3%, %x% c"
        );
        assert_eq!(of_call(&[text("%s and %s"), text("one")]), "one and %s");
        assert_eq!(of_call(&[json!({ "type": "undefined" })]), "undefined");
        assert_eq!(of_call(&[json!({ "type": "object", "subtype": "null", "value": null })]), "null");
        assert_eq!(of_call(&[]), "");
    }

    #[test]
    fn too_much_is_cut_where_a_character_ends() {
        let line = shortened("ä".repeat(MOST));
        assert!(line.len() <= MOST + 3 && line.ends_with("ä…"));
    }
}
