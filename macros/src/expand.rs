//! What the attributes become.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use crate::attributes::Sorted;
use crate::call::{Call, Whose, hidden};
use crate::errors::Errors;
use crate::function::Function;
use crate::roles;
use crate::settings::{self, Settings};

/// `#[e2e(arguments)] item`
pub(crate) fn e2e(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let settings = Settings::parse(arguments, &mut errors);
    let Some(function) = Function::parse("e2e", item.clone(), &mut errors) else {
        return refused(errors, item);
    };
    let attributes = Sorted::of_test(&function.attributes, &mut errors);
    let whose: Vec<Whose> = function
        .arguments
        .iter()
        .map(|argument| errors.keep(roles::of_argument(argument, &settings.roles)).flatten().into())
        .collect();
    if let Some(errors) = errors.into_tokens() {
        let kept = kept(&attributes, &function);
        return quote!(#errors #kept);
    }

    let Function { name, rest, .. } = &function;
    let Sorted { cfg, twin, function: own, ignore, should_panic } = &attributes;
    let head = head(&function);
    let roles = settings.roles.list();
    let Settings { tags, exclusive, .. } = &settings;
    let timeout = option(settings.timeout.map(duration));
    let retries = option(settings.retries);
    let group = option(settings.group.as_ref());
    let slot = option(settings.slot);
    let run = run(&function, &whose, true);
    let text = name.to_string();

    // The twin is private whatever the function is: nobody can call it where it is stripped.
    quote! {
        #(#cfg)*
        #(#twin)*
        #[::core::prelude::v1::test]
        fn #name() {
            ::callboard::__private::run_alone(
                ::core::env!("CARGO_MANIFEST_DIR"),
                ::core::module_path!(),
                #text,
            );
        }

        #(#cfg)*
        const _: () = {
            #(#own)*
            #rest

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
                    #run
                }
            }
        };
    }
}

/// `#[sign_in(arguments)] item`
pub(crate) fn sign_in(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let role = settings::sign_in_role(arguments, &mut errors);
    let Some(function) = Function::parse("sign_in", item.clone(), &mut errors) else {
        return refused(errors, item);
    };
    let attributes = Sorted::of_sign_in(&function.attributes, &mut errors);
    if let Some(errors) = errors.into_tokens() {
        let kept = kept(&attributes, &function);
        return quote!(#errors #kept);
    }

    let Function { visibility, rest, .. } = &function;
    let Sorted { cfg, function: own, .. } = &attributes;
    let head = head(&function);
    let role = option(role);
    let whose: Vec<Whose> = function.arguments.iter().map(|_| Whose::Nobody).collect();
    let run = run(&function, &whose, false);

    // Unlike a test it has no twin, and keeps its place: helpers of the suite may call it.
    quote! {
        #(#cfg)*
        #(#own)*
        #visibility #rest

        #(#cfg)*
        const _: () = {
            ::callboard::__private::inventory::submit! {
                ::callboard::__private::SignInEntry {
                    #head
                    role: #role,
                    #run
                }
            }
        };
    }
}

/// The fields that say which function it is.
fn head(function: &Function) -> TokenStream {
    let name = function.name.to_string();
    let place = place(function);
    quote! {
        module: ::core::module_path!(),
        name: #name,
        place: #place,
    }
}

/// Where the function's name stands.
pub(crate) fn place(function: &Function) -> TokenStream {
    // Not `line!()`: inside of what an attribute becomes, it is the line of the attribute.
    let span = function.name.span().unwrap();
    let (file, line, column) = (span.file(), span.line(), span.column());
    let (line, column) = (u32::try_from(line).unwrap_or(0), u32::try_from(column).unwrap_or(0));
    quote!(::callboard::__private::Place { file: #file, line: #line, column: #column })
}

/// The fields `arguments` and `run`: what it takes; and the code that sets that up, calls the function, and
/// says what it said.
fn run(function: &Function, whose: &[Whose], begins: bool) -> TokenStream {
    let context = hidden("context");
    let call = Call::new(function, whose);
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
pub(crate) fn duration(duration: Duration) -> TokenStream {
    let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    quote!(::core::time::Duration::from_millis(#milliseconds))
}

fn option(value: Option<impl ToTokens>) -> TokenStream {
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
    function.is_free.then(|| quote!(#(#cfg)* #(#own)* #[allow(dead_code)] #visibility #rest))
}
