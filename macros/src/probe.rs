//! What `#[probe]` becomes: the function as it is, and its registration, once for each of its roles.

use quote::{quote, quote_spanned};

use proc_macro2::{Span, TokenStream};

use crate::attributes::Sorted;
use crate::call::{Call, Whose, hidden};
use crate::errors::Errors;
use crate::expand::{beside, duration, head, kept, option, refused, without_cases};
use crate::function::Function;
use crate::roles;
use crate::settings::{OfProbe, Roles};

/// `#[probe(arguments)] item`
pub(crate) fn probe(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let settings = OfProbe::parse(arguments, &mut errors);
    let Some(function) = Function::parse("probe", item.clone(), &mut errors) else {
        return refused(errors, item);
    };
    let attributes = Sorted::of_probe(&function.attributes, &mut errors);
    without_cases("a probe", &function, &mut errors);
    if let Some(errors) = errors.into_tokens() {
        let kept = kept(&attributes, &function);
        return quote!(#errors #kept);
    }
    let submits = settings.roles.iter().map(|role| submit(role, &settings, &function));
    let known = quote!(#(#submits)*);
    beside(&function, &attributes, &known)
}

/// The registration for one role: all that it asks for is of this role.
fn submit(role: &syn::LitStr, settings: &OfProbe, function: &Function) -> TokenStream {
    let of_role = Roles::One(role.clone());
    let whose: Vec<Whose> = function
        .arguments
        .iter()
        // Where there is one role, no argument's name can be wrong.
        .map(|argument| roles::of_argument(argument, &of_role).ok().flatten().into())
        .collect();
    let (head, context, name) = (head(function), hidden("context"), function.name.to_string());
    let (timeout, allow_console) = (option(settings.timeout.map(duration)), &settings.allow_console);
    let call = Call::new(function, &whose, &[]);
    let (arguments, set_up, called) = (call.arguments(), call.set_up(), call.call());
    // An error about what it returns is shown where it says so.
    let conclusion = quote_spanned! {Span::mixed_site().located_at(call.output())=>
        ::callboard::__private::ProbeReturn::conclude(#called, #name)
    };
    quote! {
        ::callboard::__private::inventory::submit! {
            ::callboard::__private::ProbeEntry(::callboard::__private::TestEntry {
                #head
                roles: &[#role],
                timeout: #timeout,
                allow_console: &[#(#allow_console),*],
                arguments: #arguments,
                run: |#context| ::std::boxed::Box::pin(async move {
                    #set_up
                    #context.begin();
                    #context.found(#conclusion?);
                    ::core::result::Result::Ok(())
                }),
                ..::callboard::__private::TestEntry::PLAIN
            })
        }
    }
}
