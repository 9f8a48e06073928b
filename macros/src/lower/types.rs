//! Types that no method can have, as far as tokens show them: unsized types, trait objects of traits that are not
//! dyn compatible, and type parameters without a required bound. The compiler would report each with several
//! errors.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    GenericArgument, PathArguments, Signature, Type, TypeParam, TypeParamBound, WherePredicate,
};

use crate::diagnostic::{At, Diagnostics};
use crate::model::param::{Param, Role, Style};
use crate::model::shape::{Returned, peeled};
use crate::suggest::text_of;

/// Traits that imply no other traits: serde's, and those that the standard library derives.
const PLAIN: &[&str] = &[
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Deserialize",
    "DeserializeOwned",
    "Display",
    "Eq",
    "Hash",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Send",
    "Serialize",
    "Sized",
    "Sync",
    "Unpin",
];

/// Reports the types of parameters.
pub(super) fn of_parameters(signature: &Signature, params: &[Param], diagnostics: &Diagnostics) {
    for param in params {
        if is_unsized(&param.ty) {
            let shown = text_of(&param.ty);
            let text = format!(
                "`{shown}` has no size, so no parameter can have this type\nhelp: write `&{shown}`"
            );
            diagnostics.error("unsized-type", &param.ty, text);
        } else if let Some((at, name)) = dyn_serde(param.ty.to_token_stream()) {
            let text = format!(
                "`dyn {name}` cannot be sent, since `{name}` cannot be a trait object\n\
                 help: write `&impl {name}`, or a trait that can be one, such as `&dyn \
                 erased_serde::Serialize`"
            );
            diagnostics.error("not-a-trait-object", at, text);
        } else if let Some(way_out) = unsent(&param.ty).filter(|_| is_text(&param.role)) {
            let shown = text_of(&param.ty);
            let text = format!(
                "`{shown}` is neither `Display` nor `Serialize`, so it cannot be sent\nhelp: write {way_out}"
            );
            diagnostics.error("type-without-a-bound", &param.ty, text);
        } else if let Some(generic) = bare(signature, &param.ty)
            && let Some(bound) = bound_of(&param.role)
        {
            let name = &generic.ident;
            let text = format!(
                "the type parameter `{name}` has no bound, so its value cannot be sent\n\
                 help: write `{name}: {bound}`"
            );
            diagnostics.error("type-without-a-bound", &param.ty, text);
        }
    }
}

/// The type to write instead of an `impl` that only converts.
fn unsent(ty: &Type) -> Option<&'static str> {
    let ty = match peeled(ty) {
        Type::Reference(reference) => peeled(&reference.elem),
        ty => ty,
    };
    let Type::ImplTrait(object) = ty else { return None };
    let mut way_out = None;
    for bound in &object.bounds {
        let TypeParamBound::Trait(bound) = bound else { continue };
        let last = &bound.path.segments.last()?.ident;
        way_out = match &*last.to_string() {
            "Into" if text_of(bound).contains("Option<") => Some("the `Option` itself"),
            "Into" | "AsRef" | "Borrow" | "ToString" => Some("`impl std::fmt::Display` or `&str`"),
            "IntoIterator" | "Iterator" => Some("a slice, as in `&[u64]`"),
            "Send" | "Sync" | "Sized" | "Clone" | "Copy" | "Debug" => way_out,
            _ => return None,
        };
    }
    way_out
}

/// Whether the value is sent as a text.
fn is_text(role: &Role) -> bool {
    match role {
        Role::Path | Role::Query { .. } => true,
        Role::Field { style, .. } => !matches!(style, Style::Json),
        _ => false,
    }
}

/// The bound that a type parameter needs in the place of a parameter.
fn bound_of(role: &Role) -> Option<&'static str> {
    match role {
        Role::Field { style: Style::Json, .. } => Some("serde::Serialize"),
        Role::Path | Role::Query { .. } | Role::Field { .. } | Role::Header(_) => {
            Some("std::fmt::Display")
        }
        Role::Part { options, .. } if !options.json => None,
        Role::QueryJson(_)
        | Role::QueryObject(_)
        | Role::QueryStruct { .. }
        | Role::Json { .. }
        | Role::Form { .. }
        | Role::Part { .. } => Some("serde::Serialize"),
        Role::Url => Some("AsRef<str>"),
        Role::Extension => Some("Clone + Send + Sync + 'static"),
        Role::Headers | Role::Encoded { .. } | Role::Body { .. } => None,
    }
}

/// Reports the type of the response.
pub(super) fn of_response(signature: &Signature, returned: &Returned, diagnostics: &Diagnostics) {
    if let Some(value) = returned.value.as_ref().filter(|value| is_unsized(value)) {
        let owned = match peeled(value) {
            Type::Slice(slice) => format!("`Vec<{}>`", text_of(&slice.elem)),
            Type::TraitObject(_) => "a type that implements `serde::Deserialize`".to_owned(),
            _ => "`String`".to_owned(),
        };
        let text = format!(
            "`{}` has no size, so no response can have this type\nhelp: return {owned}",
            text_of(value)
        );
        diagnostics.error("unsized-type", value, text);
    }
    if let Some((at, name)) = object(returned.whole.to_token_stream(), &["Any"], "std::any") {
        let text = format!(
            "`dyn {name}` cannot be decoded, since a response does not name its type\n\
             help: return the type itself, or `serde_json::Value` for any JSON"
        );
        diagnostics.error("not-a-trait-object", at, text);
    }
    for generic in short_lived(signature, &returned.whole) {
        let (at, name) = (place(&returned.whole, &generic.ident), &generic.ident);
        let text = format!(
            "the type parameter `{name}` may borrow, but a response outlives the buffer that it was read from\n\
             help: write `{name}: serde::de::DeserializeOwned + Send + 'static`"
        );
        diagnostics.error("type-without-a-bound", at, text);
    }
}

/// The signature as far as the rest of the crate sees it, if it contains one of these mistakes.
pub(super) fn mended(signature: &mut Signature, returned: &Type) {
    let short_lived: Vec<Ident> =
        short_lived(signature, returned).map(|generic| generic.ident.clone()).collect();
    for param in signature.generics.type_params_mut() {
        if short_lived.contains(&param.ident) {
            param.bounds.extend::<[TypeParamBound; 2]>([
                syn::parse_quote!(::core::marker::Send),
                syn::parse_quote!('static),
            ]);
        }
    }
    for input in &mut signature.inputs {
        let syn::FnArg::Typed(typed) = input else { continue };
        if is_unsized(&typed.ty) {
            let ty = &typed.ty;
            *typed.ty = syn::parse_quote!(&#ty);
        }
        if dyn_serde(typed.ty.to_token_stream()).is_some() {
            let ty = without_objects(typed.ty.to_token_stream());
            *typed.ty = Type::Verbatim(ty);
        }
    }
}

/// The same response, made sized.
pub(super) fn sized(mut returned: Returned) -> Returned {
    let Some(value) = returned.value.as_mut().filter(|value| is_unsized(value)) else {
        return returned;
    };
    let boxed: Type = syn::parse_quote!(::std::boxed::Box<#value>);
    *value = boxed.clone();
    if let Type::Path(path) = &mut returned.whole
        && let Some(last) = path.path.segments.last_mut()
        && let PathArguments::AngleBracketed(arguments) = &mut last.arguments
        && let Some(argument) = arguments.args.first_mut()
    {
        *argument = GenericArgument::Type(boxed);
    }
    returned
}

/// `str`, a slice, or a trait object that is not behind a pointer.
fn is_unsized(ty: &Type) -> bool {
    match peeled(ty) {
        Type::Path(path) => path.qself.is_none() && path.path.is_ident("str"),
        Type::Slice(_) | Type::TraitObject(_) => true,
        _ => false,
    }
}

/// A trait object of one of serde's traits, which are generic.
fn dyn_serde(tokens: TokenStream) -> Option<(At, String)> {
    object(tokens, &["Serialize", "DeserializeOwned", "Deserialize"], "serde")
}

/// A trait object of one of these traits. A trait of the same name with another path than `home` may be a different
/// trait.
fn object(tokens: TokenStream, traits: &[&str], home: &str) -> Option<(At, String)> {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => {
                if let Some(found) = object(group.stream(), traits, home) {
                    return Some(found);
                }
            }
            TokenTree::Ident(word) if word == "dyn" => {
                let path: TokenStream = std::iter::from_fn(|| {
                    tokens.next_if(|token| match token {
                        TokenTree::Ident(_) => true,
                        TokenTree::Punct(punct) => punct.as_char() == ':',
                        _ => false,
                    })
                })
                .collect();
                let name = text_of(&path);
                let (place, last) = name.rsplit_once("::").unwrap_or(("", &name));
                let place = place.trim_start_matches("::");
                if traits.contains(&last) && (place.is_empty() || place.starts_with(home)) {
                    return Some((At::from(&quote!(#word #path)), name));
                }
            }
            _ => {}
        }
    }
    None
}

/// The same, with type parameters in place of trait objects.
fn without_objects(tokens: TokenStream) -> TokenStream {
    let tokens = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut copy = Group::new(group.delimiter(), without_objects(group.stream()));
            copy.set_span(group.span());
            TokenTree::Group(copy)
        }
        TokenTree::Ident(word) if word == "dyn" => Ident::new("impl", word.span()).into(),
        token => token,
    });
    tokens.collect()
}

/// The type parameter that the type or its referent is, if it has no bound at all.
fn bare<'a>(signature: &'a Signature, ty: &Type) -> Option<&'a TypeParam> {
    let ty = match peeled(ty) {
        Type::Reference(reference) => peeled(&reference.elem),
        ty => ty,
    };
    let Type::Path(path) = ty else { return None };
    let name = path.path.get_ident()?;
    let generic = signature.generics.type_params().find(|generic| generic.ident == *name)?;
    (generic.bounds.is_empty() && elsewhere(signature, name).next().is_none()).then_some(generic)
}

/// The type parameters in a response without any bound that could make them `'static`.
fn short_lived<'a>(
    signature: &'a Signature,
    returned: &'a Type,
) -> impl Iterator<Item = &'a TypeParam> {
    signature.generics.type_params().filter(move |generic| {
        let bounds = generic.bounds.iter().chain(elsewhere(signature, &generic.ident));
        let is_plain = |bound: &TypeParamBound| match bound {
            TypeParamBound::Trait(bound) => bound
                .path
                .segments
                .last()
                .is_some_and(|last| PLAIN.iter().any(|name| last.ident == name)),
            TypeParamBound::Lifetime(lifetime) => lifetime.ident != "static",
            _ => false,
        };
        contains(returned.to_token_stream(), &generic.ident) && bounds.into_iter().all(is_plain)
    })
}

/// The bounds of a type parameter in the `where` clause.
fn elsewhere<'a>(
    signature: &'a Signature,
    name: &'a Ident,
) -> impl Iterator<Item = &'a TypeParamBound> {
    let clause = signature.generics.where_clause.iter();
    clause.flat_map(|clause| &clause.predicates).flat_map(move |predicate| {
        let bounds = match predicate {
            WherePredicate::Type(it) if contains(it.bounded_ty.to_token_stream(), name) => {
                Some(&it.bounds)
            }
            _ => None,
        };
        bounds.into_iter().flatten()
    })
}

fn contains(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == *name,
        TokenTree::Group(group) => contains(group.stream(), name),
        _ => false,
    })
}

/// The place of a type parameter in a type.
fn place(ty: &Type, name: &Ident) -> At {
    fn find(tokens: TokenStream, name: &Ident) -> Option<Ident> {
        tokens.into_iter().find_map(|token| match token {
            TokenTree::Ident(word) if word == *name => Some(word),
            TokenTree::Group(group) => find(group.stream(), name),
            _ => None,
        })
    }
    find(ty.to_token_stream(), name).map_or_else(|| At::from(ty), |word| At::from(&word))
}
