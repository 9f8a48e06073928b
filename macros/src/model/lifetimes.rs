//! Lifetimes in a type, found in its tokens: a borrow begins with `&` or is a lifetime.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericArgument, Lifetime, PathArguments, Type};

use super::shape::{STREAMS, peeled};
use crate::diagnostic::At;

/// The first reference in the type of a response, which no response has, even if it is `'static`. A generic type of the
/// user may have one as a mere mark.
pub(crate) fn refers(ty: &Type) -> Option<At> {
    match peeled(ty) {
        Type::Reference(reference) => Some(At::from(reference.and_token.span)),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(refers),
        Type::Array(array) => refers(&array.elem),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let name = last.ident.to_string();
            let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
            // The second type of these is that of the error.
            let of_a_value = if name == "Result" || STREAMS.contains(&&*name) { 1 } else { 2 };
            let types = arguments.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            });
            let holds = of_a_value == 1 || CONTAINERS.contains(&&*name);
            types.take(of_a_value).filter(|_| holds).find_map(refers)
        }
        _ => None,
    }
}

/// Types that own their values.
const CONTAINERS: &[&str] = &[
    "Response", "Option", "Vec", "VecDeque", "Box", "HashMap", "HashSet", "BTreeMap", "BTreeSet",
    "IndexMap",
];

/// The first borrow in a type that is not `'static`.
pub(crate) fn borrows(ty: &Type) -> Option<At> {
    first_borrow(quote!(#ty))
}

/// Adds a lifetime where it is elided, and replaces those that `replaces` selects.
pub(crate) fn with_lifetime(
    tokens: TokenStream,
    lifetime: &Lifetime,
    replaces: fn(&Ident) -> bool,
) -> TokenStream {
    let mut done = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Group(group) => {
                let inner = with_lifetime(group.stream(), lifetime, replaces);
                let mut copy = Group::new(group.delimiter(), inner);
                copy.set_span(group.span());
                done.extend([TokenTree::Group(copy)]);
            }
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                let is_elided = !tokens.peek().is_some_and(is_apostrophe);
                done.extend([token]);
                if is_elided {
                    lifetime.to_tokens(&mut done);
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '\'' => match tokens.next() {
                Some(TokenTree::Ident(name)) if replaces(&name) => lifetime.to_tokens(&mut done),
                next => done.extend([token].into_iter().chain(next)),
            },
            _ => done.extend([token]),
        }
    }
    done
}

fn first_borrow(tokens: TokenStream) -> Option<At> {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let found = match &token {
            TokenTree::Group(group) => first_borrow(group.stream()),
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                (!tokens.peek().is_some_and(is_apostrophe)).then(|| At::from(punct.span()))
            }
            TokenTree::Punct(punct) if punct.as_char() == '\'' => match tokens.next() {
                Some(TokenTree::Ident(name)) if name != "static" => {
                    Some(At::from(&Lifetime { apostrophe: punct.span(), ident: name }))
                }
                _ => None,
            },
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn is_apostrophe(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == '\'')
}
