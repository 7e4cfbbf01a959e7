//! Expressions between commas, without a look at what they say: that is for the compiler.
//!
//! A whole parser of expressions would be another second of every consumer's build.

use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Result, Token};

/// The values of a list; a comma after the last one is none's.
pub(crate) fn split(list: TokenStream) -> Vec<TokenStream> {
    let parser = |input: ParseStream<'_>| {
        let mut values = Vec::new();
        while !input.is_empty() {
            values.push(until_comma(input)?);
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(values)
    };
    parser.parse2(list).unwrap_or_default()
}

/// Everything up to the next comma that stands between values, and not between the generic arguments of one or
/// the parameters of a closure.
pub(crate) fn until_comma(input: ParseStream<'_>) -> Result<TokenStream> {
    let mut value = Value::default();
    while !(input.is_empty() || input.peek(Token![,]) && value.may_end()) {
        let token: TokenTree = input.parse()?;
        value.push(&token);
        token.to_tokens(&mut value.tokens);
    }
    Ok(value.tokens)
}

#[derive(Default)]
struct Value {
    tokens: TokenStream,
    /// How many `<` of types are open.
    angles: usize,
    /// It is between the `|`s of a closure.
    in_parameters: bool,
    last: Last,
}

/// What the last token was, as far as it says what the next one is.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// After it a value begins: a `<` or a `|` is none of an operator.
    #[default]
    Nothing,
    /// The first half of `||` or `<<`.
    Half,
    /// A `:` that may be half of a `::`, or the second half.
    Colon,
    Colons,
    /// A `-` or `=` that a `>` may follow as the end of an arrow.
    Arrow,
    /// After it a value has ended, or is a name.
    Something,
}

impl Value {
    fn may_end(&self) -> bool {
        self.angles == 0 && !self.in_parameters
    }

    fn push(&mut self, token: &TokenTree) {
        let last = std::mem::replace(&mut self.last, Last::Something);
        match token {
            TokenTree::Punct(punct) => self.push_punct(punct.as_char(), punct.spacing(), last),
            TokenTree::Ident(word)
                if ["move", "async", "static", "return", "break"].iter().any(|it| word == it) =>
            {
                self.last = Last::Nothing;
            }
            _ => {}
        }
    }

    fn push_punct(&mut self, punct: char, spacing: Spacing, last: Last) {
        self.last = match (punct, last) {
            ('|', _) if self.in_parameters => {
                self.in_parameters = false;
                Last::Nothing
            }
            ('|' | '<', Last::Half) | ('>', Last::Arrow) => Last::Nothing,
            ('|', Last::Nothing) => {
                self.in_parameters = true;
                Last::Nothing
            }
            ('<', last) if self.angles > 0 || matches!(last, Last::Nothing | Last::Colons) => {
                self.angles += 1;
                Last::Nothing
            }
            ('|' | '<', _) if spacing == Spacing::Joint => Last::Half,
            ('>', _) if self.angles > 0 => {
                self.angles -= 1;
                Last::Something
            }
            (':', Last::Colon) => Last::Colons,
            (':', _) if spacing == Spacing::Joint => Last::Colon,
            ('-' | '=', _) if spacing == Spacing::Joint => Last::Arrow,
            ('?' | '\'', _) => Last::Something,
            _ => Last::Nothing,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn splits(text: &str, count: usize) {
        let values = split(text.parse().unwrap());
        assert_eq!(values.len(), count, "{values:?}");
    }

    #[test]
    fn values_end_at_commas_and_not_within() {
        splits("", 0);
        splits("1", 1);
        splits("1,", 1);
        splits(r#""draft", 3"#, 2);
        splits("f(1, 2), [1, 2], { a(1, 2) }, vec![1, 2]", 4);
        splits("Vec::<(u8, u8)>::new(), HashMap::<u8, Vec<u8>>::new(), x", 3);
        splits("<u8 as Into<u16>>::into(1), <(u8, u8) as Pair<u8, u8>>::of(1), 2", 3);
        splits("parse::<Result<u8, E>>, 2", 2);
        splits("|a, b| a + b, 2", 2);
        splits("move |a: HashMap<u8, u8>, b| -> u8 { a }, || 1, move || 2, 3", 4);
        splits("a | b, c || d, a < b, c > d, 1 << 2, 8 >> 1, -1, !a, &b", 9);
        splits("|a| a | 1, |_| |x, y| x, 2", 3);
        splits("a.b::<u8, u8>(1), a::b::<fn(u8) -> u8, u8>(), x as u8 < 1, 2", 4);
        splits("match a { _ => 1 }, if a < b { 1 } else { 2 }, Point { x: 1, y: 2 }", 3);
        splits("'a', 1..2, ..=3, a?, b", 5);
    }
}
