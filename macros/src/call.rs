//! The call of a function that takes fixtures: its arguments as data, and the code that sets them up.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ReturnType;
use syn::spanned::Spanned as _;

use crate::function::{Argument, Function};

/// Whose session or account an argument is.
pub(crate) enum Whose {
    Nobody,
    Role(String),
    /// That of whoever asks for the fixture.
    Asker,
}

impl From<Option<String>> for Whose {
    fn from(role: Option<String>) -> Self {
        role.map_or(Self::Nobody, Self::Role)
    }
}

impl ToTokens for Whose {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Nobody => quote!(::callboard::__private::Whose::Nobody),
            Self::Role(role) => quote!(::callboard::__private::Whose::Role(#role)),
            Self::Asker => quote!(::callboard::__private::Whose::Asker),
        });
    }
}

/// The call of a function.
pub(crate) struct Call<'a> {
    function: &'a Function,
    whose: &'a [Whose],
    /// The values of the arguments that are marked `#[case]`.
    row: &'a [TokenStream],
}

/// An identifier of its own kind: nothing in the function's surroundings can be meant by it.
pub(crate) fn hidden(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

impl<'a> Call<'a> {
    /// `whose` has the role of each argument.
    pub(crate) fn new(function: &'a Function, whose: &'a [Whose], row: &'a [TokenStream]) -> Self {
        Self { function, whose, row }
    }

    /// `&[Argument { … }, …]`
    pub(crate) fn arguments(&self) -> TokenStream {
        let arguments = self.function.arguments.iter().zip(self.whose).map(|(argument, whose)| {
            let Argument { name, fixture, is_mutable } = argument;
            let name = name.to_string();
            // An error about the type is shown at the type.
            let span = Span::mixed_site().located_at(fixture.span());
            let fixture = quote_spanned!(span=> ::callboard::__private::fixture_type::<#fixture>());
            quote! {
                ::callboard::__private::Argument {
                    name: #name, whose: #whose, mutable: #is_mutable, fixture: #fixture,
                }
            }
        });
        quote!(&[#(#arguments),*])
    }

    /// Statements that set the arguments up, one after another, from the hidden variable `context`; and then borrow
    /// them: what is borrowed by `&mut` before may be needed to set up another.
    pub(crate) fn set_up(&self) -> TokenStream {
        let context = hidden("context");
        let taken = |index| hidden(&format!("taken_{index}"));
        let arguments = || self.function.arguments.iter().enumerate();
        let take = arguments().map(|(index, _)| {
            let taken = taken(index);
            quote!(let #taken = #context.take(#index).await?;)
        });
        let borrow = arguments().map(|(index, argument)| {
            let (taken, value, fixture) = (taken(index), value(index), &argument.fixture);
            let mutable = argument.is_mutable.then(|| quote!(mut));
            let how = hidden(if argument.is_mutable { "exclusive" } else { "shared" });
            quote_spanned! {Span::mixed_site().located_at(fixture.span())=>
                let #mutable #value = #taken.#how::<#fixture>()?;
            }
        });
        quote!(#(#take)* #(#borrow)*)
    }

    /// The call itself, with what was set up; waits for it if it is `async`.
    pub(crate) fn call(&self) -> TokenStream {
        let Function { name, arguments, cases, is_async, .. } = self.function;
        let fixture = |(index, argument): (usize, &Argument)| {
            let value = value(index);
            if argument.is_mutable { quote!(&mut *#value) } else { quote!(&*#value) }
        };
        let mut passed: Vec<TokenStream> = arguments.iter().enumerate().map(fixture).collect();
        for (case, value) in cases.iter().zip(self.row) {
            passed.insert(case.index, value.clone());
        }
        let span = Span::mixed_site().located_at(self.output());
        let mut callee = name.clone();
        callee.set_span(name.span().located_at(self.output()));
        let wait = is_async.then(|| quote_spanned!(span=> .await));
        quote_spanned!(span=> #callee(#(#passed),*) #wait)
    }

    /// Where the function says what it returns: an error about that is shown there.
    pub(crate) fn output(&self) -> Span {
        match &self.function.output {
            ReturnType::Type(_, ty) => ty.span(),
            ReturnType::Default => self.function.name.span(),
        }
    }
}

fn value(index: usize) -> Ident {
    hidden(&format!("value_{index}"))
}
