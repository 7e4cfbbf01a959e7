//! `key = value, …`: what stands between the parentheses of an attribute.

use std::fmt::Display;
use std::str::FromStr;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Error, LitInt, LitStr, Result, Token};

use crate::errors::Errors;
use crate::values::until_comma;
use crate::words;

/// A key that an attribute has.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// How it is written: what messages tell to write.
    pub(crate) example: &'static str,
}

/// A key as it was written, with its value.
pub(crate) struct Pair {
    pub(crate) key: Ident,
    pub(crate) example: &'static str,
    /// The tokens after `=`; `None`: the key stands alone.
    pub(crate) value: Option<TokenStream>,
}

/// The pairs of an attribute, each with a known key, and each key once.
pub(crate) fn parse(arguments: TokenStream, known: &[Key], errors: &mut Errors) -> Vec<Pair> {
    let parser = |input: ParseStream<'_>| {
        let mut pairs: Vec<Pair> = Vec::new();
        while !input.is_empty() {
            if let Some(pair) = errors.keep(pair(input, known)) {
                if pairs.iter().any(|other| other.key == pair.key) {
                    errors.at(&pair.key, format_args!("`{}` is there twice; remove one", pair.key));
                } else {
                    pairs.push(pair);
                }
            }
            until_comma(input)?;
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(pairs)
    };
    let pairs = parser.parse2(arguments);
    errors.keep(pairs).unwrap_or_default()
}

/// One pair, up to its comma; after an error, what is left of it is still in `input`.
fn pair(input: ParseStream<'_>, known: &[Key]) -> Result<Pair> {
    if !input.peek(Ident::peek_any) {
        return Err(input.error(format_args!("expected a key; {}", the_keys(known))));
    }
    let key = input.call(Ident::parse_any)?;
    let name = key.to_string();
    let Some(Key { example, .. }) = known.iter().find(|known| known.name == name) else {
        let wrong = format!("unknown key `{name}`");
        let names = known.iter().map(|key| key.name);
        return Err(Error::new_spanned(&key, words::choice(&wrong, &name, names, &the_keys(known))));
    };
    let value = if input.parse::<Option<Token![=]>>()?.is_some() {
        let value = until_comma(input)?;
        if value.is_empty() {
            return Err(Error::new_spanned(&key, format_args!("`{name}` has no value; write `{example}`")));
        }
        Some(value)
    } else if input.is_empty() || input.peek(Token![,]) {
        None
    } else {
        return Err(input.error(format_args!("write `{example}`")));
    };
    Ok(Pair { key, example, value })
}

fn the_keys(known: &[Key]) -> String {
    match known {
        [key] => format!("the only key is `{}`", key.name),
        keys => format!("the keys are {}", words::list(keys.iter().map(|key| key.name), "and")),
    }
}

impl Pair {
    /// The value as a `T`.
    pub(crate) fn value<T: Parse>(&self, what: &str) -> Result<T> {
        let parser = |input: ParseStream<'_>| Ok((input.parse()?, input.parse::<TokenStream>()?));
        let value = self.value.clone().ok_or_else(|| self.wrong(what))?;
        let (value, rest) = parser.parse2(value).map_err(|_| self.wrong(what))?;
        if rest.is_empty() { Ok(value) } else { Err(Error::new_spanned(rest, "expected `,`")) }
    }

    /// The value as a string that is not empty.
    pub(crate) fn string(&self) -> Result<LitStr> {
        let string = self.value("a string").map_err(|error| match self.bare_word() {
            Some(word) => {
                Error::new(error.span(), format_args!("expected a string; write `{} = \"{word}\"`", self.key))
            }
            None => error,
        })?;
        self.not_empty(string)
    }

    /// The value as a list of strings: neither it nor any string in it is empty, and none is there twice.
    pub(crate) fn strings(&self) -> Result<Vec<LitStr>> {
        let list: Group = self.value("a list of strings")?;
        if list.delimiter() != Delimiter::Bracket {
            return Err(self.wrong("a list of strings"));
        }
        let mut strings: Vec<LitStr> = Vec::new();
        for element in split_at_commas(list.stream()) {
            let string = syn::parse2(element.clone()).map_err(|_| {
                Error::new_spanned(&element, format_args!("expected a string; write `{}`", self.example))
            })?;
            let string = self.not_empty(string)?;
            if strings.iter().any(|other| other.value() == string.value()) {
                let message = format!("`{}` is there twice; remove one", string.value());
                return Err(Error::new_spanned(string, message));
            }
            strings.push(string);
        }
        if strings.is_empty() {
            let message =
                format!("an empty list names nothing; write `{}` or remove `{}`", self.example, self.key);
            return Err(Error::new_spanned(list, message));
        }
        Ok(strings)
    }

    /// The value as a whole number that a `T` can hold.
    pub(crate) fn number<T>(&self, largest: T) -> Result<T>
    where
        T: Copy + Display + FromStr<Err: Display>,
    {
        let number: LitInt = self.value("a number")?;
        number.base10_parse().map_err(|_| {
            let message =
                format!("`{}` is a whole number from 0 to {largest}; write `{}`", self.key, self.example);
            Error::new_spanned(&number, message)
        })
    }

    fn not_empty(&self, string: LitStr) -> Result<LitStr> {
        if string.value().trim().is_empty() {
            let Self { key, example, .. } = self;
            let message = format!("an empty string names nothing; write `{example}` or remove `{key}`");
            return Err(Error::new_spanned(string, message));
        }
        Ok(string)
    }

    /// The value, when it is a single word: a string whose quotes were forgotten.
    fn bare_word(&self) -> Option<Ident> {
        syn::parse2(self.value.clone()?).ok()
    }

    /// The error of a value that is not `what` it should be, or that is not there.
    fn wrong(&self, what: &str) -> Error {
        match &self.value {
            Some(value) => {
                Error::new_spanned(value, format_args!("expected {what}; write `{}`", self.example))
            }
            None => self.error(format_args!("`{}` has no value; write `{}`", self.key, self.example)),
        }
    }

    /// An error that points at the value, or at the key when there is none.
    pub(crate) fn error(&self, message: impl Display) -> Error {
        match &self.value {
            Some(value) => Error::new_spanned(value, message),
            None => Error::new_spanned(&self.key, message),
        }
    }
}

/// The parts of a list; a comma after the last one is none's.
pub(crate) fn split_at_commas(list: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for token in list {
        match (&token, parts.last_mut()) {
            (TokenTree::Punct(punct), _) if punct.as_char() == ',' => parts.push(TokenStream::new()),
            (_, Some(part)) => part.extend([token]),
            (_, None) => unreachable!("it has a part from the beginning on"),
        }
    }
    if parts.last().is_some_and(TokenStream::is_empty) {
        parts.pop();
    }
    parts
}
