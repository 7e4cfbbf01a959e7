//! `#[case(...)]`: the rows of a test, each of which becomes a test of its own.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, LitStr, Result, Token};

use crate::attributes::Attribute;
use crate::errors::Errors;
use crate::function::Function;
use crate::keys::{self, Key};
use crate::settings::Roles;
use crate::{roles, values};

const KEYS: [Key; 1] = [Key { name: "role", example: r#"role = "instructor""# }];

const FORM: &str = "write `#[case(values)]` or `#[case::name(values)]`";

/// A row, `#[case::draft(role = "instructor", "draft", 3)]`.
pub(crate) struct Row {
    /// The conditions under which it is there.
    pub(crate) cfg: Option<TokenStream>,
    /// The last part of its test's name.
    pub(crate) name: Ident,
    /// Where it stands.
    pub(crate) span: Span,
    /// `role = "…"`, which goes before the test's.
    pub(crate) role: Option<LitStr>,
    pub(crate) values: Vec<TokenStream>,
}

/// An argument that is marked `#[case]`.
pub(crate) struct Argument {
    /// Which argument of the function it is, from 0.
    pub(crate) index: usize,
    /// The argument as it is written, for messages.
    pub(crate) pattern: TokenStream,
}

/// The rows among the attributes of a test, checked against its arguments.
pub(crate) fn rows(function: &Function, roles: &Roles, errors: &mut Errors) -> Vec<Row> {
    let attributes = || function.attributes.iter().filter(|attribute| attribute.is_case());
    let (mut rows, mut is_whole): (Vec<Row>, bool) = (Vec::new(), true);
    for (index, attribute) in attributes().enumerate() {
        let Some(row) = errors.keep(row(attribute, index + 1)).flatten() else {
            is_whole = false;
            continue;
        };
        let same = rows.iter().any(|other| other.name.unraw() == row.name.unraw());
        if same {
            let message = format!("two rows are called `{}`; rename one of them", row.name.unraw());
            errors.push(Error::new(row.span, message));
        }
        errors.keep(check(&row, attribute, function, roles));
        rows.push(row);
    }
    if rows.is_empty() && is_whole {
        for argument in &function.cases {
            let name = &argument.pattern;
            errors.at(
                name,
                format_args!("`{name}` has no values; add rows: `#[case(value)]` above the function"),
            );
        }
    }
    rows
}

/// A row, or nothing where its keys are wrong and that is said.
fn row(attribute: &Attribute, number: usize) -> Result<Option<Row>> {
    let (name, span) = match attribute.path() {
        [case] => (Ident::new(&format!("case_{number}"), case.span()), case.span()),
        [_, name] => (name.clone(), name.span()),
        _ => {
            return Err(Error::new_spanned(&attribute.meta, format_args!("a row has a single name; {FORM}")));
        }
    };
    let Some(list) = attribute.list() else { return Err(Error::new_spanned(&attribute.meta, FORM)) };
    let mut errors = Errors::default();
    let (role, values) = keys_and_values(list, &mut errors);
    match errors.into_error() {
        Some(error) => Err(error),
        None => Ok(Some(Row { cfg: attribute.as_cfg(), name, span, role, values })),
    }
}

/// What stands in the parentheses of a row: its role, if it has one of its own, and its values.
fn keys_and_values(list: TokenStream, errors: &mut Errors) -> (Option<LitStr>, Vec<TokenStream>) {
    let (keys, values): (Vec<_>, Vec<_>) = values::split(list).into_iter().partition(is_pair);
    let pairs = keys::parse(quote!(#(#keys),*), &KEYS, errors);
    let role = pairs.first().and_then(|pair| errors.keep(roles::single(pair)));
    (role, values)
}

/// `key = value`, which as an expression would assign something.
fn is_pair(value: &TokenStream) -> bool {
    let parser = |input: ParseStream<'_>| {
        input.call(Ident::parse_any)?;
        let is_pair = input.peek(Token![=]) && !input.peek(Token![==]) && !input.peek(Token![=>]);
        input.parse::<TokenStream>()?;
        Ok(is_pair)
    };
    parser.parse2(value.clone()).unwrap_or(false)
}

fn check(row: &Row, attribute: &Attribute, function: &Function, roles: &Roles) -> Result<()> {
    if let (Some(role), Roles::Named(_)) = (&row.role, roles) {
        let message =
            "a row has a role of its own only where the test has a single one: `roles` of the test says all";
        return Err(Error::new_spanned(role, message));
    }
    let (has, takes) = (row.values.len(), function.cases.len());
    if has == takes && (has > 0 || row.role.is_some()) {
        return Ok(());
    }
    let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let message = match (has, takes) {
        (0, 0) => {
            "this row has neither values nor a role of its own: it makes no difference; remove it".to_owned()
        }
        (_, 0) => format!(
            "this row has {}, but no argument takes {}; mark those that do: `#[case] name: Type`",
            count(has, "value"),
            if has == 1 { "it" } else { "them" }
        ),
        _ => {
            let names: Vec<_> = function.cases.iter().map(|case| format!("`{}`", case.pattern)).collect();
            let names = names.join(", ");
            format!("this row has {}, but {} marked `#[case]`: {names}", count(has, "value"), are(takes))
        }
    };
    Err(Error::new_spanned(&attribute.meta, message))
}

fn are(arguments: usize) -> String {
    if arguments == 1 { "1 argument is".to_owned() } else { format!("{arguments} arguments are") }
}

impl Row {
    /// Whose sessions and accounts the row's test has.
    pub(crate) fn roles(&self, of_test: &Roles) -> Roles {
        self.role.clone().map_or_else(|| of_test.clone(), Roles::One)
    }
}

/// A function without the `#[case]` of its arguments, which only the macro knows.
pub(crate) fn without_marks(function: TokenStream) -> TokenStream {
    let mut is_before = true;
    let token = |token: TokenTree| match token {
        TokenTree::Group(list) if is_before && list.delimiter() == Delimiter::Parenthesis => {
            is_before = false;
            let mut plain = Group::new(list.delimiter(), unmarked(list.stream()));
            plain.set_span(list.span());
            TokenTree::Group(plain)
        }
        other => other,
    };
    function.into_iter().map(token).collect()
}

fn unmarked(arguments: TokenStream) -> TokenStream {
    let mut plain = TokenStream::new();
    let mut tokens = arguments.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_hash = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        let is_mark = |next: &TokenTree| matches!(next, TokenTree::Group(group) if is_case_mark(group));
        if is_hash && tokens.next_if(is_mark).is_some() {
            continue;
        }
        token.to_tokens(&mut plain);
    }
    plain
}

/// `[case]`, or whatever else begins so: what is wrong with it was said.
fn is_case_mark(group: &Group) -> bool {
    let first = group.stream().into_iter().next();
    group.delimiter() == Delimiter::Bracket && matches!(first, Some(TokenTree::Ident(word)) if word == "case")
}

/// The twin's module: a `#[test]` for each row, so that names are the same under the standard harness.
pub(crate) fn twin(function: &Ident, rows: &[Row], outer: &TokenStream, inner: &TokenStream) -> TokenStream {
    let tests = rows.iter().map(|row| {
        let Row { cfg, name, .. } = row;
        let text = name.unraw().to_string();
        quote! {
            #cfg
            #inner
            #[::core::prelude::v1::test]
            fn #name() {
                ::callboard::__private::run_alone(
                    ::core::env!("CARGO_MANIFEST_DIR"),
                    ::core::module_path!(),
                    #text,
                );
            }
        }
    });
    quote! {
        #outer
        mod #function {
            #(#tests)*
        }
    }
}
