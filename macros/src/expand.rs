//! What the attributes become.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::{Error, LitStr};

use crate::attributes::{Attribute, Sorted};
use crate::call::{Call, Whose, hidden};
use crate::cases::{self, Row};
use crate::errors::Errors;
use crate::function::Function;
use crate::roles;
use crate::settings::{OfSignIn, Roles, Settings, SkipIf};

/// `#[e2e(arguments)] item`
pub(crate) fn e2e(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let settings = Settings::parse(arguments, &mut errors);
    let Some(function) = Function::parse("e2e", item.clone(), &mut errors) else {
        return refused(errors, item);
    };
    let attributes = Sorted::of_test(&function.attributes, &mut errors);
    let rows = cases::rows(&function, &settings.roles, &mut errors);
    if let (Some(fixme), Some(should_panic)) = (&settings.fixme, attributes_named("should_panic", &function))
    {
        errors.at(
            &should_panic.meta,
            "`fixme` and `#[should_panic]` exclude each other: one of them expects the failure",
        );
        errors.at(fixme, "the `fixme` that excludes it");
    }
    let tests = tests(&function, &settings, &rows, &mut errors);
    if let Some(errors) = errors.into_tokens() {
        let kept = kept(&attributes, &function);
        return quote!(#errors #kept);
    }

    let Function { name, rest, .. } = &function;
    let Sorted { cfg, twin: levels, twin_ignore, function: own, .. } = &attributes;
    let submits = tests.iter().map(|test| submit(test, &function, &settings, &attributes));
    let twin = if rows.is_empty() {
        let text = name.to_string();
        // The twin is private whatever the function is: nobody can call it where it is stripped.
        quote! {
            #(#levels)*
            #(#twin_ignore)*
            #[::core::prelude::v1::test]
            fn #name() {
                ::callboard::__private::run_alone(
                    ::core::env!("CARGO_MANIFEST_DIR"),
                    ::core::module_path!(),
                    #text,
                );
            }
        }
    } else {
        cases::twin(name, &rows, &quote!(#(#levels)*), &quote!(#(#twin_ignore)*))
    };

    quote! {
        #(#cfg)*
        #twin

        #(#cfg)*
        const _: () = {
            #(#own)*
            #rest

            #(#submits)*
        };
    }
}

/// A test that the function becomes: a row of its, or the only one.
struct Test<'a> {
    row: Option<&'a Row>,
    roles: Roles,
    /// Whose each fixture is.
    whose: Vec<Whose>,
}

/// The tests that the function becomes. What is wrong in one because of the function is wrong in all, and said once.
fn tests<'a>(
    function: &Function,
    settings: &Settings,
    rows: &'a [Row],
    errors: &mut Errors,
) -> Vec<Test<'a>> {
    let mut tests = Vec::new();
    let of = |row: &'a Row| (Some(row), row.roles(&settings.roles));
    let each: Vec<_> = match rows {
        [] => vec![(None, settings.roles.clone())],
        rows => rows.iter().map(of).collect(),
    };
    for (row, roles) in each {
        let results = function.arguments.iter().map(|argument| roles::of_argument(argument, &roles));
        let (good, bad): (Vec<_>, Vec<_>) = results.partition(syn::Result::is_ok);
        if !bad.is_empty() {
            bad.into_iter().filter_map(syn::Result::err).for_each(|error| errors.push(error));
            if let (Some(row), Roles::None) = (row, &roles) {
                errors.push(Error::new(row.span, "or to this row: `role = \"…\"` before its values"));
            }
            break;
        }
        tests.push(Test { row, roles, whose: good.into_iter().flatten().map(Whose::from).collect() });
    }
    tests
}

/// The registration of a test.
fn submit(test: &Test<'_>, function: &Function, settings: &Settings, attributes: &Sorted) -> TokenStream {
    let Test { row, roles, whose } = test;
    let Sorted { ignore, should_panic, .. } = attributes;
    let Settings { tags, exclusive, allow_console, .. } = settings;
    let head = row.map_or_else(|| head(function), |row| head_of_row(function, row));
    let cfg = row.and_then(|row| row.cfg.as_ref());
    let roles = roles.list();
    let timeout = option(settings.timeout.map(duration));
    let retries = option(settings.retries);
    let group = option(settings.group.as_ref());
    let slot = option(settings.slot);
    let fixme = option(settings.fixme.as_ref());
    let skip_if = option(settings.skip_if.as_ref().map(|SkipIf { condition, reason }| {
        let reason = reason.as_ref().map_or_else(|| text_of(condition), LitStr::value);
        quote!(::callboard::__private::SkipIf { condition: || -> bool { #condition }, reason: #reason })
    }));
    let run = run(function, whose, row.map_or(&[], |row| &row.values), true);
    quote! {
        #cfg
        ::callboard::__private::inventory::submit! {
            ::callboard::__private::TestEntry {
                #head
                roles: &[#(#roles),*],
                tags: &[#(#tags),*],
                timeout: #timeout,
                retries: #retries,
                exclusive: #exclusive,
                group: #group,
                slot: #slot,
                ignore: #ignore,
                should_panic: #should_panic,
                allow_console: &[#(#allow_console),*],
                fixme: #fixme,
                skip_if: #skip_if,
                #run
            }
        }
    }
}

/// An expression as people write it: the compiler puts a blank into the calls of macros.
fn text_of(condition: &TokenStream) -> String {
    let text = condition.to_string().replace("! (", "!(").replace("! [", "![");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `#[sign_in(arguments)] item`
pub(crate) fn sign_in(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let OfSignIn { role, timeout } = OfSignIn::parse(arguments, &mut errors);
    let Some(function) = Function::parse("sign_in", item.clone(), &mut errors) else {
        return refused(errors, item);
    };
    let attributes = Sorted::of_sign_in(&function.attributes, &mut errors);
    without_cases("a sign-in", &function, &mut errors);
    if let Some(errors) = errors.into_tokens() {
        let kept = kept(&attributes, &function);
        return quote!(#errors #kept);
    }

    let head = head(&function);
    let role = option(role);
    let timeout = option(timeout.map(duration));
    let whose: Vec<Whose> = function.arguments.iter().map(|_| Whose::Nobody).collect();
    let run = run(&function, &whose, &[], false);

    let submit = quote! {
        ::callboard::__private::inventory::submit! {
            ::callboard::__private::SignInEntry {
                #head
                role: #role,
                timeout: #timeout,
                #run
            }
        }
    };
    beside(&function, &attributes, &submit)
}

/// What no test is has no rows.
pub(crate) fn without_cases(what: &str, function: &Function, errors: &mut Errors) {
    for argument in &function.cases {
        let message = format!("{what} is no test, and has no cases; take a fixture: `session: &Session`");
        errors.at(&argument.pattern, message);
    }
}

/// What makes a function known, beside it: unlike a test it has no twin, and keeps its place, since helpers of the suite
/// may call it.
pub(crate) fn beside(function: &Function, attributes: &Sorted, known: &TokenStream) -> TokenStream {
    let Function { visibility, rest, .. } = function;
    let Sorted { cfg, function: own, .. } = attributes;
    quote! {
        #(#cfg)*
        #(#own)*
        #visibility #rest

        #(#cfg)*
        const _: () = {
            #known
        };
    }
}

/// The fields that say which function it is.
pub(crate) fn head(function: &Function) -> TokenStream {
    let name = function.name.to_string();
    let place = place(function.name.span());
    quote! {
        module: ::core::module_path!(),
        name: #name,
        place: #place,
    }
}

/// The fields that say which row it is: by its name in a module of the function's name, and at its own line, which
/// tells it from the others.
fn head_of_row(function: &Function, row: &Row) -> TokenStream {
    let module = format!("::{}", function.name);
    let name = row.name.unraw().to_string();
    let place = place(row.span);
    quote! {
        module: ::core::concat!(::core::module_path!(), #module),
        name: #name,
        place: #place,
    }
}

pub(crate) fn place(span: Span) -> TokenStream {
    // Not `line!()`: inside of what an attribute becomes, it is the line of the attribute.
    let span = span.unwrap();
    let (file, line, column) = (span.file(), span.line(), span.column());
    let (line, column) = (u32::try_from(line).unwrap_or(0), u32::try_from(column).unwrap_or(0));
    quote!(::callboard::__private::Place { file: #file, line: #line, column: #column })
}

/// The fields `arguments` and `run`: what it takes; and the code that sets that up, calls the function, and says what it
/// said. `row` has the values of the arguments that are marked `#[case]`, which are evaluated then, as a part of the test.
fn run(function: &Function, whose: &[Whose], row: &[TokenStream], begins: bool) -> TokenStream {
    let context = hidden("context");
    let call = Call::new(function, whose, row);
    let (arguments, set_up, called) = (call.arguments(), call.set_up(), call.call());
    let begin = begins.then(|| quote!(#context.begin();));
    // An error about what it returns is shown where it says so.
    let conclusion = quote_spanned! {Span::mixed_site().located_at(call.output())=>
        ::callboard::__private::TestReturn::conclude(#called)
    };
    quote! {
        arguments: #arguments,
        run: |#context| ::std::boxed::Box::pin(async move {
            #set_up
            #begin
            #conclusion
        }),
    }
}

/// A duration as an expression.
pub(crate) fn duration(value: Duration) -> TokenStream {
    let milliseconds = u64::try_from(value.as_millis()).unwrap_or(u64::MAX);
    quote!(::core::time::Duration::from_millis(#milliseconds))
}

fn attributes_named<'a>(name: &str, function: &'a Function) -> Option<&'a Attribute> {
    function.attributes.iter().find(|attribute| attribute.is(name))
}

pub(crate) fn option(value: Option<impl ToTokens>) -> TokenStream {
    value.map_or_else(
        || quote!(::core::option::Option::None),
        |value| quote!(::core::option::Option::Some(#value)),
    )
}

/// The errors, and the item as it was: what is named elsewhere stays there.
pub(crate) fn refused(errors: Errors, item: &TokenStream) -> TokenStream {
    let errors = errors.into_tokens();
    quote!(#errors #item)
}

/// The function without what the attribute adds, so that nothing else is wrong than what the errors
/// say: it is not registered, so that nobody would use it. One that is not free would be wrong by itself.
pub(crate) fn kept(attributes: &Sorted, function: &Function) -> Option<TokenStream> {
    let Sorted { cfg, function: own, .. } = attributes;
    let Function { visibility, rest, .. } = function;
    // The `allow` is for the consumer's crate: a warning that nobody uses it would stand beside the real error.
    function.is_free.then(|| quote!(#(#cfg)* #(#own)* #[allow(dead_code)] #visibility #rest))
}
