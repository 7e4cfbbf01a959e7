//! The other attributes of the function, and where each of them belongs.

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::{ToTokens, TokenStreamExt, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned as _;
use syn::{Error, LitStr, Result, Token};

use crate::errors::Errors;
use crate::keys::split_at_commas;

/// An attribute. One inside a `cfg_attr` is an attribute of its own, with a condition.
pub(crate) struct Attribute {
    /// The predicates of the `cfg_attr`s around it.
    conditions: Vec<TokenStream>,
    /// The parts of its path: `tracing`, `instrument`.
    path: Vec<Ident>,
    /// What stands after the path.
    rest: TokenStream,
    /// The whole of it, between the brackets.
    pub(crate) meta: TokenStream,
}

impl Attribute {
    /// Reads all attributes that come next.
    pub(crate) fn parse_all(input: ParseStream<'_>) -> Result<Vec<Self>> {
        let mut attributes = Vec::new();
        while input.parse::<Option<Token![#]>>()?.is_some() {
            let group: Group = input.parse()?;
            Self::split(group.stream(), &[], &mut attributes)?;
        }
        Ok(attributes)
    }

    /// Takes `cfg_attr`s apart.
    fn split(meta: TokenStream, conditions: &[TokenStream], attributes: &mut Vec<Self>) -> Result<()> {
        let (path, rest) = path_and_rest.parse2(meta.clone())?;
        let attribute = Self { conditions: conditions.to_vec(), path, rest, meta };
        let Some(list) = attribute.list().filter(|_| attribute.is("cfg_attr")) else {
            attributes.push(attribute);
            return Ok(());
        };
        let mut parts = split_at_commas(list).into_iter();
        let mut conditions = conditions.to_vec();
        conditions.extend(parts.next());
        parts.try_for_each(|meta| Self::split(meta, &conditions, attributes))
    }

    /// Whether it is this built-in attribute.
    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(self.path.as_slice(), [path] if path == name)
    }

    /// Whether it is a row of cases: `#[case(…)]` or `#[case::name(…)]`.
    pub(crate) fn is_case(&self) -> bool {
        self.path.first().is_some_and(|first| first == "case")
    }

    /// The parts of its path.
    pub(crate) fn path(&self) -> &[Ident] {
        &self.path
    }

    /// The conditions around it as a `#[cfg]`.
    pub(crate) fn as_cfg(&self) -> Option<TokenStream> {
        let conditions = &self.conditions;
        (!conditions.is_empty()).then(|| quote!(#[cfg(all(#(#conditions),*))]))
    }

    /// The last part of its path.
    fn name(&self) -> String {
        self.path.last().map(Ident::to_string).unwrap_or_default()
    }

    /// The same under another name.
    fn renamed(&self, name: &str) -> Self {
        let Self { conditions, rest, meta, .. } = self;
        let name = Ident::new(name, meta.span());
        let meta = quote!(#name #rest);
        Self { conditions: conditions.clone(), path: vec![name], rest: rest.clone(), meta }
    }

    /// What stands in its parentheses.
    pub(crate) fn list(&self) -> Option<TokenStream> {
        let group: Group = syn::parse2(self.rest.clone()).ok()?;
        (group.delimiter() == Delimiter::Parenthesis).then(|| group.stream())
    }

    /// The string after its `=`.
    fn string(&self) -> Option<LitStr> {
        let parser = |input: ParseStream<'_>| {
            input.parse::<Token![=]>()?;
            input.parse()
        };
        parser.parse2(self.rest.clone()).ok()
    }

    /// `value` where the conditions hold, `otherwise` elsewhere.
    fn select(&self, value: TokenStream, otherwise: &TokenStream) -> TokenStream {
        match self.conditions.as_slice() {
            [] => value,
            conditions => {
                quote!(if ::core::cfg!(all(#(#conditions),*)) { #value } else { #otherwise })
            }
        }
    }
}

impl ToTokens for Attribute {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { conditions, meta, .. } = self;
        let span = meta.span();
        tokens.append_all(match conditions.as_slice() {
            [] => quote_spanned!(span=> #[#meta]),
            conditions => quote_spanned!(span=> #[cfg_attr(all(#(#conditions),*), #meta)]),
        });
    }
}

fn path_and_rest(input: ParseStream<'_>) -> Result<(Vec<Ident>, TokenStream)> {
    let mut path = Vec::new();
    input.parse::<Option<Token![::]>>()?;
    while input.peek(Ident::peek_any) {
        path.push(input.call(Ident::parse_any)?);
        input.parse::<Option<Token![::]>>()?;
    }
    Ok((path, input.parse()?))
}

/// The attributes of a function, each where it belongs.
#[derive(Default)]
pub(crate) struct Sorted {
    /// `cfg`: on everything.
    pub(crate) cfg: Vec<TokenStream>,
    /// On the twin, or the module of twins: documentation, the levels of lints.
    pub(crate) twin: Vec<TokenStream>,
    /// On each twin: `ignore`.
    pub(crate) twin_ignore: Vec<TokenStream>,
    /// On the function itself: everything that the harness does not do in its stead.
    pub(crate) function: Vec<TokenStream>,
    /// The value of `TestEntry::ignore`.
    pub(crate) ignore: TokenStream,
    /// The value of `TestEntry::should_panic`.
    pub(crate) should_panic: TokenStream,
}

impl Sorted {
    /// Sorts the attributes of a test.
    pub(crate) fn of_test(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut sorted = Self {
            ignore: quote!(::core::option::Option::None),
            should_panic: quote!(::callboard::__private::ShouldPanic::No),
            ..Self::default()
        };
        // From the last to the first: of two conditions that both hold the first decides.
        for attribute in attributes.iter().rev() {
            if attribute.is("ignore") {
                if let Some(reason) = errors.keep(ignore(attribute)) {
                    let value = quote!(::core::option::Option::Some(#reason));
                    sorted.ignore = attribute.select(value, &sorted.ignore);
                }
            } else if attribute.is("should_panic")
                && let Some(value) = errors.keep(should_panic(attribute))
            {
                sorted.should_panic = attribute.select(value, &sorted.should_panic);
            }
        }
        for attribute in attributes.iter().filter(|attribute| !attribute.is_case()) {
            let tokens = attribute.to_token_stream();
            match attribute.name().as_str() {
                "cfg" => sorted.cfg.push(tokens),
                "ignore" => sorted.twin_ignore.push(tokens),
                "should_panic" => {}
                "test" => errors.at(&attribute.meta, "`#[e2e]` makes the test; remove `#[test]`"),
                "e2e" | "sign_in" | "fixture" | "probe" => errors.at(&attribute.meta, ANOTHER_ONE),
                "doc" | "allow" | "warn" | "deny" | "forbid" => {
                    sorted.twin.push(tokens.clone());
                    sorted.function.push(tokens);
                }
                "expect" => {
                    // What is expected of the function need not be true of the twin.
                    sorted.twin.push(attribute.renamed("allow").into_token_stream());
                    sorted.function.push(tokens);
                }
                _ => sorted.function.push(tokens),
            }
        }
        sorted
    }

    /// Sorts the attributes of a sign-in, which has no twin.
    pub(crate) fn of_sign_in(attributes: &[Attribute], errors: &mut Errors) -> Self {
        Self::of_no_test("a sign-in", attributes, errors)
    }

    /// Sorts the attributes of a fixture, which has no twin.
    pub(crate) fn of_fixture(attributes: &[Attribute], errors: &mut Errors) -> Self {
        Self::of_no_test("a fixture", attributes, errors)
    }

    /// Sorts the attributes of a probe, which has no twin.
    pub(crate) fn of_probe(attributes: &[Attribute], errors: &mut Errors) -> Self {
        Self::of_no_test("a probe", attributes, errors)
    }

    fn of_no_test(what: &str, attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut sorted = Self::default();
        for attribute in attributes {
            if attribute.is_case() {
                errors.at(
                    &attribute.meta,
                    format_args!("{what} is no test, and has no cases; remove `#[case]`"),
                );
                continue;
            }
            match attribute.name().as_str() {
                "cfg" => sorted.cfg.push(attribute.to_token_stream()),
                name @ ("ignore" | "should_panic" | "test") => {
                    errors.at(&attribute.meta, format_args!("{what} is no test; remove `#[{name}]`"));
                }
                "e2e" | "sign_in" | "fixture" | "probe" => errors.at(&attribute.meta, ANOTHER_ONE),
                _ => sorted.function.push(attribute.to_token_stream()),
            }
        }
        sorted
    }
}

const ANOTHER_ONE: &str =
    "a function is marked once, as a test, a sign-in, a fixture or a probe; remove this attribute";

/// The reason of `#[ignore]` or `#[ignore = "reason"]`.
fn ignore(attribute: &Attribute) -> Result<LitStr> {
    if attribute.rest.is_empty() {
        return Ok(LitStr::new("", attribute.path[0].span()));
    }
    attribute
        .string()
        .ok_or_else(|| Error::new_spanned(&attribute.meta, "write `#[ignore]` or `#[ignore = \"why\"]`"))
}

/// The value of `TestEntry::should_panic`.
fn should_panic(attribute: &Attribute) -> Result<TokenStream> {
    if attribute.rest.is_empty() {
        return Ok(quote!(::callboard::__private::ShouldPanic::Yes));
    }
    let expected = |input: ParseStream<'_>| {
        let word: Ident = input.parse()?;
        input.parse::<Token![=]>()?;
        let text: LitStr = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        if word == "expected" { Ok(text) } else { Err(input.error("expected `expected`")) }
    };
    let text = attribute.string().or_else(|| expected.parse2(attribute.list()?).ok()).ok_or_else(|| {
        let message = "write `#[should_panic]` or `#[should_panic(expected = \"part of the message\")]`";
        Error::new_spanned(&attribute.meta, message)
    })?;
    Ok(quote!(::callboard::__private::ShouldPanic::With(#text)))
}
