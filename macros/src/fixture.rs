//! What `#[fixture]` becomes: the function as it is, and an implementation of `Fixture` for what it makes.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{GenericArgument, PathArguments, ReturnType, Type};

use crate::attributes::Sorted;
use crate::call::{Call, Whose, hidden};
use crate::errors::Errors;
use crate::expand::{beside, duration, kept, place, refused, without_cases};
use crate::function::{Argument, Function};
use crate::roles;
use crate::settings::{FixtureSettings, Roles};

/// `#[fixture(arguments)] item`
pub(crate) fn fixture(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let settings = FixtureSettings::parse(arguments, &mut errors);
    let Some(function) = Function::parse("fixture", item.clone(), &mut errors) else {
        return refused(errors, item);
    };
    let attributes = Sorted::of_fixture(&function.attributes, &mut errors);
    without_cases("a fixture", &function, &mut errors);
    let made = made(&function, &mut errors);
    let whose: Vec<Whose> =
        function.arguments.iter().map(|argument| whose(argument, &settings.roles, &mut errors)).collect();
    if let Some(lent) =
        settings.roles.list().iter().find(|role| settings.of_slot && role.value().contains('#'))
    {
        errors.at(
            lent,
            "an account of another slot is lent to one test at a time; a fixture of the slot cannot keep it",
        );
    }
    let (Some(made), false) = (made, errors.are_some()) else {
        let (errors, kept) = (errors.into_tokens(), kept(&attributes, &function));
        return quote!(#errors #kept);
    };

    let call = Call::new(&function, &whose, &[]);
    let (list, set_up, called) = (call.arguments(), call.set_up(), call.call());
    let (context, text, place) = (hidden("context"), function.name.to_string(), place(function.name.span()));
    let roles = settings.roles.list();
    let scope = settings.of_slot.then(|| quote!(.scope(::callboard::Scope::Slot)));
    let timeout = settings.timeout.map(duration).map(|timeout| quote!(.timeout(#timeout)));
    let value = if made.can_fail {
        quote_spanned! {Span::mixed_site().located_at(call.output())=>
            ::callboard::__private::FixtureReturn::conclude(#called)
        }
    } else {
        quote!(::core::result::Result::Ok(#called))
    };
    let tear_down = settings.tear_down.map(|path| {
        let value = hidden("value");
        let call = quote_spanned!(Span::mixed_site().located_at(path.span())=> #path(#value).await);
        quote! {
            async fn tear_down(&mut self) -> ::callboard::TestResult {
                let #value = self;
                ::core::result::Result::Ok(::callboard::__private::TestReturn::conclude(#call)?)
            }
        }
    });
    let ty = &made.ty;

    let implementation = quote! {
        impl ::callboard::Fixture for #ty {
            fn describe() -> ::callboard::Description {
                const ARGUMENTS: &[::callboard::__private::Argument] = #list;
                ::callboard::Description::of::<Self>()
                    .function(#text, #place, ARGUMENTS)
                    .roles(&[#(#roles),*])
                    #scope
                    #timeout
            }

            async fn set_up(#context: &::callboard::Context) -> ::callboard::TestResult<Self> {
                #set_up
                #value
            }

            #tear_down
        }
    };
    beside(&function, &attributes, &implementation)
}

/// What a function makes.
struct Made {
    ty: Type,
    /// It returns a `Result`.
    can_fail: bool,
}

const NO_VALUE: &str =
    "a fixture makes a value; say of which type of your own: `-> TestResult<Course>`, or `-> Course`";

/// The type of the value: that which a `Result` has first, or the returned one itself.
fn made(function: &Function, errors: &mut Errors) -> Option<Made> {
    let ReturnType::Type(_, returned) = &function.output else {
        errors.at(&function.name, NO_VALUE);
        return None;
    };
    let (ty, can_fail) = match inside_of_result(returned) {
        Some(value) => (value, true),
        None => (&**returned, false),
    };
    let wrong = match ty {
        Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "TestResult") => {
            NO_VALUE
        }
        Type::ImplTrait(_) => "name the type that the fixture makes, so that tests can ask for it",
        Type::Reference(_) => "a fixture lives as long as its test: return the value itself, not a reference",
        Type::Tuple(tuple) if tuple.elems.is_empty() => NO_VALUE,
        _ => return Some(Made { ty: ty.clone(), can_fail }),
    };
    errors.at(ty, wrong);
    None
}

/// `Course` of `TestResult<Course>`, of `Result<Course, E>`, and of what else is called so.
fn inside_of_result(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    if !last.ident.to_string().ends_with("Result") {
        return None;
    }
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Whose session or account it is: as its own keys say, else that of who asks for the fixture.
fn whose(argument: &Argument, roles: &Roles, errors: &mut Errors) -> Whose {
    match roles {
        Roles::None if roles::is_anonymous(argument) => Whose::Nobody,
        Roles::None | Roles::Unknown => Whose::Asker,
        Roles::One(_) | Roles::Named(_) => errors.keep(roles::of_argument(argument, roles)).flatten().into(),
    }
}
