//! The function under an attribute, read as far as the macros need it.
//!
//! Its tokens stay as they are, and its body is not looked into at all: what is wrong there is for
//! the compiler to say, and an editor gets its completions while the body is still being written.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Error, Generics, Lifetime, LitStr, Result, ReturnType, Token, Type, Visibility, WhereClause};

use crate::attributes::Attribute;
use crate::cases;
use crate::errors::Errors;

/// A function that takes fixtures.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) is_async: bool,
    pub(crate) name: Ident,
    pub(crate) arguments: Vec<Argument>,
    /// The arguments that rows of cases have the values of.
    pub(crate) cases: Vec<cases::Argument>,
    pub(crate) output: ReturnType,
    /// Everything from `async` or `fn` to the end of the body.
    pub(crate) rest: TokenStream,
    /// It makes sense as a free function, so that it can be kept beside an error.
    pub(crate) is_free: bool,
}

/// An argument: `name: &Type` or `name: &mut Type`.
pub(crate) struct Argument {
    pub(crate) name: Ident,
    /// The type without the `&`.
    pub(crate) fixture: Type,
    pub(crate) is_mutable: bool,
}

impl Argument {
    /// The last part of the type's path: `Session` of `callboard::Session`.
    pub(crate) fn fixture_name(&self) -> Option<String> {
        let Type::Path(path) = &self.fixture else { return None };
        path.path.segments.last().map(|segment| segment.ident.to_string())
    }
}

impl Function {
    /// Reads the item under the attribute called `macro_name`. `None`: it is no function.
    pub(crate) fn parse(macro_name: &str, item: TokenStream, errors: &mut Errors) -> Option<Self> {
        let parser = |input: ParseStream<'_>| {
            let attributes = Attribute::parse_all(input)?;
            let visibility: Visibility = input.parse()?;
            let rest = cases::without_marks(input.fork().parse()?);
            let first: Option<TokenTree> = input.fork().parse().ok();
            let is_async = qualifiers(input, errors)?;
            if !input.peek(Token![fn]) {
                let what = "goes on a function: `async fn name(session: &Session) -> TestResult`";
                return Err(Error::new_spanned(first, format_args!("`#[{macro_name}]` {what}")));
            }
            input.parse::<Token![fn]>()?;
            let name = input.call(Ident::parse_any)?;
            let generics: Generics = input.parse()?;
            if generics.lt_token.is_some() {
                errors.at(&generics, "the harness calls this function: it cannot have generic parameters");
            }
            let list;
            syn::parenthesized!(list in input);
            let Arguments { fixtures: arguments, cases, is_free } = arguments(&list, errors)?;
            let output: ReturnType = input.parse()?;
            if let Some(clause) = input.parse::<Option<WhereClause>>()? {
                errors.at(&clause, "the harness calls this function: it cannot have a `where` clause");
            }
            if !input.peek(syn::token::Brace) {
                return Err(input.error("this function has no body"));
            }
            input.parse::<TokenStream>()?;
            Ok(Self { attributes, visibility, is_async, name, arguments, cases, output, rest, is_free })
        };
        let function = parser.parse2(item);
        errors.keep(function)
    }
}

/// What stands before `fn`; says whether it is `async`. Before something else than `fn` these words
/// have another meaning, and are not what is wrong.
fn qualifiers(input: ParseStream<'_>, errors: &mut Errors) -> Result<bool> {
    let mut is_async = false;
    let mut refused = Vec::new();
    while !input.peek(Token![fn]) {
        if input.parse::<Option<Token![async]>>()?.is_some() {
            is_async = true;
        } else if let Some(word) = input.parse::<Option<Token![extern]>>()? {
            let abi: Option<LitStr> = input.parse()?;
            refused.push((quote!(#word #abi), "extern"));
        } else if let Some(word) = input.parse::<Option<Token![const]>>()? {
            refused.push((quote!(#word), "const"));
        } else if let Some(word) = input.parse::<Option<Token![unsafe]>>()? {
            refused.push((quote!(#word), "unsafe"));
        } else {
            return Ok(is_async);
        }
    }
    for (tokens, word) in refused {
        errors.at(tokens, format_args!("the harness calls this function: remove `{word}`"));
    }
    Ok(is_async)
}

/// The arguments that are as they should be.
struct Arguments {
    fixtures: Vec<Argument>,
    cases: Vec<cases::Argument>,
    /// All are those of a free function.
    is_free: bool,
}

fn arguments(list: ParseStream<'_>, errors: &mut Errors) -> Result<Arguments> {
    let mut arguments = Vec::new();
    let mut cases = Vec::new();
    let mut is_free = true;
    for index in 0.. {
        if list.is_empty() {
            break;
        }
        let mut is_case = false;
        for attribute in Attribute::parse_all(list)? {
            if attribute.is("cfg") || attribute.is("cfg_attr") {
                errors.at(
                    &attribute.meta,
                    "an argument cannot depend on the configuration; write two functions",
                );
            }
            if attribute.is_case() {
                is_case = true;
                if attribute.meta.to_token_stream().to_string() != "case" {
                    errors.at(
                        &attribute.meta,
                        "on an argument it is `#[case]`; the values are in rows above the function",
                    );
                }
            }
        }
        if let Some(receiver) = receiver(list)? {
            is_free = false;
            errors.at(receiver, "the harness calls this function by itself: take fixtures instead of `self`");
        } else {
            let pattern = pattern(list)?;
            list.parse::<Token![:]>()?;
            if list.peek(Token![...]) {
                is_free = false;
                errors.at(list.parse::<Token![...]>()?, "list the fixtures one by one: `session: &Session`");
            } else {
                let ty: Type = list.parse()?;
                if is_case {
                    cases.push(cases::Argument { index, pattern });
                    list.parse::<Option<Token![,]>>()?;
                    continue;
                }
                arguments.extend(errors.keep(argument(&pattern, &ty)));
            }
        }
        list.parse::<Option<Token![,]>>()?;
    }
    Ok(Arguments { fixtures: arguments, cases, is_free })
}

/// `self`, however it is taken.
fn receiver(list: ParseStream<'_>) -> Result<Option<TokenStream>> {
    let ahead = list.fork();
    if ahead.parse::<Option<Token![&]>>()?.is_some() {
        ahead.parse::<Option<Lifetime>>()?;
    }
    ahead.parse::<Option<Token![mut]>>()?;
    if !ahead.peek(Token![self]) || ahead.peek2(Token![::]) {
        return Ok(None);
    }
    let mut tokens = TokenStream::new();
    while !list.is_empty() && !list.peek(Token![,]) {
        list.parse::<TokenTree>()?.to_tokens(&mut tokens);
    }
    Ok(Some(tokens))
}

/// Everything before the colon.
fn pattern(list: ParseStream<'_>) -> Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !list.is_empty() {
        if list.peek(Token![::]) {
            list.parse::<Token![::]>()?.to_tokens(&mut tokens);
        } else if list.peek(Token![:]) {
            break;
        } else {
            list.parse::<TokenTree>()?.to_tokens(&mut tokens);
        }
    }
    Ok(tokens)
}

/// `name` or `mut name`.
fn name(input: ParseStream<'_>) -> Result<Ident> {
    input.parse::<Option<Token![mut]>>()?;
    Ident::parse(input)
}

fn argument(pattern: &TokenStream, ty: &Type) -> Result<Argument> {
    let written = shown(ty);
    let name = name.parse2(pattern.clone()).map_err(|_| {
        let reference = if written.starts_with('&') { "" } else { "&" };
        let message = format!("an argument is a plain name; write `name: {reference}{written}`");
        Error::new_spanned(pattern, message)
    })?;
    let wrong = |message: String| Err(Error::new_spanned(ty, message));
    match ty {
        Type::ImplTrait(_) => wrong(format!("name the fixture's type: `{name}: &Session`")),
        Type::Reference(reference) => {
            let fixture = &*reference.elem;
            let plain = shown(fixture);
            if matches!(fixture, Type::ImplTrait(_)) {
                return Err(Error::new_spanned(
                    fixture,
                    format_args!("name the fixture's type: `{name}: &Session`"),
                ));
            }
            if let Some(lifetime) = reference.lifetime.as_ref().filter(|lifetime| lifetime.ident != "_") {
                let message = format!("a fixture lives as long as its test; write `{name}: &{plain}`");
                return Err(Error::new_spanned(lifetime, message));
            }
            let is_mutable = reference.mutability.is_some();
            Ok(Argument { name, fixture: fixture.clone(), is_mutable })
        }
        _ => wrong(format!("take it by reference: `{name}: &{written}`")),
    }
}

/// A type as people write it, without the blanks between tokens.
fn shown(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    let mut shown = text.clone();
    for (wide, narrow) in [(" :: ", "::"), (":: ", "::"), (" < ", "<"), (" >", ">"), ("& ", "&"), (" ,", ",")]
    {
        shown = shown.replace(wide, narrow);
    }
    shown
}
