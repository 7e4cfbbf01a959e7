//! Keys by their names: those of `KeyboardEvent.key` (W3C, UI Events), on a keyboard of the United States.

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::browser) struct Key {
    /// What it means: `a`, `Enter`.
    pub(super) name: String,
    /// Which it is: `KeyA`; empty where no such keyboard has it.
    pub(super) code: String,
    /// The number that old programs ask for.
    pub(super) number: u32,
    /// 1 for the left of two.
    pub(super) location: u8,
    /// What it types.
    text: Option<String>,
}

/// A key that is held while another one is pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::browser) struct Modifier {
    pub(super) key: Key,
    pub(in crate::browser) bit: u8,
}

/// A key, with those that are held: `Control+Shift+K`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::browser) struct Chord {
    pub(super) modifiers: Vec<Modifier>,
    pub(super) key: Key,
}

const SHIFT: u8 = 8;
/// With these a key types nothing.
const COMMANDS: u8 = 1 | 2 | 4;

impl Chord {
    /// Reads `Control+Shift+K`. The name that is no key's, if one is.
    pub(in crate::browser) fn parse(text: &str) -> Result<Self, String> {
        // The key itself may be a plus: `Control++`.
        let (held, last) = match text.strip_suffix('+') {
            Some("") => ("", "+"),
            Some(rest) if rest.ends_with('+') => (&rest[..rest.len() - 1], "+"),
            _ => text.rsplit_once('+').unwrap_or(("", text)),
        };
        let names = held.split('+').filter(|name| !name.is_empty());
        let modifiers = names
            .map(|name| Modifier::named(name).ok_or_else(|| name.to_owned()))
            .collect::<Result<Vec<Modifier>, String>>()?;
        let key = Key::named(last).ok_or_else(|| last.to_owned())?;
        let is_shifted = modifiers.iter().any(|modifier| modifier.bit == SHIFT);
        Ok(Self { key: if is_shifted { key.shifted() } else { key }, modifiers })
    }

    /// What it types with these keys held.
    pub(super) fn types(&self, held: u8) -> Option<&str> {
        self.key.text.as_deref().filter(|_| held & COMMANDS == 0)
    }

    /// The key that types this character; `None` if there is none on the keyboard.
    pub(in crate::browser) fn of(character: char) -> Option<Self> {
        let name = match character {
            '\n' | '\r' => "Enter".to_owned(),
            '\t' => "Tab".to_owned(),
            character => character.to_string(),
        };
        Some(Self { modifiers: Vec::new(), key: Key::named(&name)? })
    }
}

impl Modifier {
    /// `Control`, `Shift`. Bits as the browser's protocol has them.
    pub(in crate::browser) fn named(name: &str) -> Option<Self> {
        let name = match name {
            "ControlOrMeta" if cfg!(target_os = "macos") => "Meta",
            "ControlOrMeta" | "Ctrl" => "Control",
            name => name,
        };
        let bit = match name {
            "Alt" => 1,
            "Control" => 2,
            "Meta" => 4,
            "Shift" => SHIFT,
            _ => return None,
        };
        Some(Self { key: Key::named(name)?, bit })
    }
}

/// Name, number and text of keys that have no character for a name.
const NAMED: &[(&str, u32, &str)] = &[
    ("Backspace", 8, ""),
    ("Tab", 9, ""),
    ("Enter", 13, "\r"),
    ("Escape", 27, ""),
    ("PageUp", 33, ""),
    ("PageDown", 34, ""),
    ("End", 35, ""),
    ("Home", 36, ""),
    ("ArrowLeft", 37, ""),
    ("ArrowUp", 38, ""),
    ("ArrowRight", 39, ""),
    ("ArrowDown", 40, ""),
    ("Insert", 45, ""),
    ("Delete", 46, ""),
    ("ContextMenu", 93, ""),
    ("F1", 112, ""),
    ("F2", 113, ""),
    ("F3", 114, ""),
    ("F4", 115, ""),
    ("F5", 116, ""),
    ("F6", 117, ""),
    ("F7", 118, ""),
    ("F8", 119, ""),
    ("F9", 120, ""),
    ("F10", 121, ""),
    ("F11", 122, ""),
    ("F12", 123, ""),
];

/// Name, code and number of those that are held.
const HELD: &[(&str, &str, u32)] = &[
    ("Shift", "ShiftLeft", 16),
    ("Control", "ControlLeft", 17),
    ("Alt", "AltLeft", 18),
    ("Meta", "MetaLeft", 91),
];

/// Code, number, character, and that with Shift.
const SIGNS: &[(&str, u32, char, char)] = &[
    ("Space", 32, ' ', ' '),
    ("Digit0", 48, '0', ')'),
    ("Digit1", 49, '1', '!'),
    ("Digit2", 50, '2', '@'),
    ("Digit3", 51, '3', '#'),
    ("Digit4", 52, '4', '$'),
    ("Digit5", 53, '5', '%'),
    ("Digit6", 54, '6', '^'),
    ("Digit7", 55, '7', '&'),
    ("Digit8", 56, '8', '*'),
    ("Digit9", 57, '9', '('),
    ("Semicolon", 186, ';', ':'),
    ("Equal", 187, '=', '+'),
    ("Comma", 188, ',', '<'),
    ("Minus", 189, '-', '_'),
    ("Period", 190, '.', '>'),
    ("Slash", 191, '/', '?'),
    ("Backquote", 192, '`', '~'),
    ("BracketLeft", 219, '[', '{'),
    ("Backslash", 220, '\\', '|'),
    ("BracketRight", 221, ']', '}'),
    ("Quote", 222, '\'', '"'),
];

impl Key {
    fn named(name: &str) -> Option<Self> {
        if name == "Space" {
            return Self::of(' ');
        }
        let mut characters = name.chars();
        if let (Some(character), None) = (characters.next(), characters.next()) {
            return Self::of(character);
        }
        if let Some((name, number, text)) = NAMED.iter().find(|(known, ..)| *known == name) {
            let text = (!text.is_empty()).then(|| (*text).to_owned());
            return Some(Self {
                name: (*name).to_owned(),
                code: (*name).to_owned(),
                number: *number,
                location: 0,
                text,
            });
        }
        let (name, code, number) = HELD.iter().find(|(known, ..)| *known == name)?;
        let (name, code) = ((*name).to_owned(), (*code).to_owned());
        Some(Self { name, code, number: *number, location: 1, text: None })
    }

    fn of(character: char) -> Option<Self> {
        let (code, number) = if character.is_ascii_alphabetic() {
            let letter = character.to_ascii_uppercase();
            (format!("Key{letter}"), u32::from(letter))
        } else {
            let (code, number, ..) =
                SIGNS.iter().find(|(_, _, plain, shifted)| [*plain, *shifted].contains(&character))?;
            ((*code).to_owned(), *number)
        };
        let name = character.to_string();
        Some(Self { text: Some(name.clone()), name, code, number, location: 0 })
    }

    /// The same with Shift held.
    fn shifted(self) -> Self {
        let Some(plain) = self.text.as_deref().and_then(|text| text.chars().next()) else { return self };
        let sign = SIGNS.iter().find(|(_, _, character, _)| *character == plain);
        let shifted = sign.map_or_else(|| plain.to_ascii_uppercase(), |(.., shifted)| *shifted);
        if shifted == plain {
            return self;
        }
        Self { name: shifted.to_string(), text: Some(shifted.to_string()), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chord(text: &str) -> (Vec<u8>, String, String, Option<String>) {
        let chord = Chord::parse(text).unwrap();
        let held: Vec<u8> = chord.modifiers.iter().map(|modifier| modifier.bit).collect();
        let typed = chord.types(held.iter().sum()).map(str::to_owned);
        (held, chord.key.name, chord.key.code, typed)
    }

    #[test]
    fn keys_are_found_by_their_names() {
        let key = |text: &str, held: &[u8], key: &str, code: &str, typed: Option<&str>| {
            let typed = typed.map(str::to_owned);
            assert_eq!(chord(text), (held.to_vec(), key.to_owned(), code.to_owned(), typed), "{text}");
        };
        key("a", &[], "a", "KeyA", Some("a"));
        key("A", &[], "A", "KeyA", Some("A"));
        key("Shift+a", &[8], "A", "KeyA", Some("A"));
        key("Control+a", &[2], "a", "KeyA", None);
        key("Control+Shift+K", &[2, 8], "K", "KeyK", None);
        key("Enter", &[], "Enter", "Enter", Some("\r"));
        key("Alt+ArrowLeft", &[1], "ArrowLeft", "ArrowLeft", None);
        key("+", &[], "+", "Equal", Some("+"));
        key("Control++", &[2], "+", "Equal", None);
        key("Shift+1", &[8], "!", "Digit1", Some("!"));
        key("Space", &[], " ", "Space", Some(" "));
    }

    #[test]
    fn a_name_that_is_no_keys_is_told() {
        for (text, name) in [("Entr", "Entr"), ("Hyper+a", "Hyper"), ("Control+Return", "Return"), ("", "")] {
            assert_eq!(Chord::parse(text).unwrap_err(), name);
        }
    }

    #[test]
    fn what_no_keyboard_has_is_no_key() {
        assert!(Chord::of('ü').is_none());
        assert_eq!(Chord::of('\n').unwrap().key.name, "Enter");
    }
}
