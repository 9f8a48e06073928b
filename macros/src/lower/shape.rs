//! The signature of a method, as callers see it.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, GenericArgument, Ident, Lifetime, Meta, Pat, PathArguments, ReturnType,
    Signature, Token, Type, TypeParamBound,
};

use super::types;
use crate::diagnostic::Diagnostics;
use crate::model::lifetimes::{borrows, with_lifetime};
use crate::model::shape::{Function, Returned, STREAMS, Shape, peeled};
use crate::parse::{attributes, errors, param, verb};

/// The signature of a function. `runtime` is the path of the runtime.
pub(crate) fn shape(function: &Function, runtime: &TokenStream) -> Shape {
    let Kept { cfgs, shared, others } = kept(function);
    let is_async = function.signature.asyncness.is_some();
    let mut returned = types::sized(returned(&function.signature.output, runtime));
    if let ReturnType::Type(_, ty) = &function.signature.output
        && !is_async
        && let Some(output) = boxed_output(ty)
    {
        // This is already an error, and would cause several more.
        let output = if returned.is_named("Call") {
            syn::parse_quote!(#runtime::Result<#output>)
        } else {
            output
        };
        returned = self::returned(
            &ReturnType::Type(Token![->](Span::call_site()), Box::new(output)),
            runtime,
        );
    }
    if !is_async && returned.is_named("Download") {
        let whole = &returned.whole;
        returned = self::returned(&syn::parse_quote!(-> #runtime::Result<#whole>), runtime);
    }
    // A `Result` is never returned without `async`, nor a stream with it; if one is, that is already an error.
    let is_async = (is_async && !returned.is_stream()) || returned.is_named("Result");
    let mut signature = plain(&function.signature);
    types::mended(&mut signature, &returned.whole);
    if let ReturnType::Type(_, ty) = &mut signature.output {
        if let Some(stream) = stream_in_a_result(ty) {
            **ty = stream;
        } else if returned.is_stream() && borrows(ty).is_some() {
            **ty = returned.whole.clone();
        }
    }
    Shape { cfgs, shared, others, signature, is_async, returned }
}

/// The attributes of a function that are not the macro's own, by where they go.
#[derive(Default)]
struct Kept {
    cfgs: Vec<Attribute>,
    shared: Vec<Attribute>,
    others: Vec<Attribute>,
}

fn kept(function: &Function) -> Kept {
    let mut kept = Kept::default();
    let misspelt = [
        verb::nearly_a_verb(&function.attributes).map(|(attribute, ..)| attribute),
        errors::nearly(&function.attributes),
    ];
    // A method with a body is not changed.
    let misplaced = match function.body {
        Some(_) => Vec::new(),
        None => attributes::of_a_method(&function.attributes),
    };
    for attribute in &function.attributes {
        let is_misspelt = misspelt.iter().flatten().any(|it| std::ptr::eq(*it, attribute));
        let is_misplaced = misplaced.iter().any(|it| std::ptr::eq(it.attribute, attribute));
        if verb::is_verb(attribute) || errors::is_errors(attribute) || is_misspelt || is_misplaced {
            continue;
        }
        match attribute.path().get_ident().map(Ident::to_string).as_deref() {
            Some("cfg") => kept.cfgs.push(attribute.clone()),
            Some("cfg_attr") if is_only_cfg(attribute) => kept.cfgs.push(attribute.clone()),
            Some(
                "doc" | "deprecated" | "must_use" | "allow" | "warn" | "deny" | "forbid"
                | "cfg_attr",
            ) => kept.shared.push(attribute.clone()),
            // A lint that is expected on the trait's method is allowed on its copies.
            Some("expect") => {
                let mut allow = attribute.clone();
                if let Meta::List(list) = &mut allow.meta {
                    list.path = syn::Ident::new("allow", list.path.span()).into();
                }
                kept.shared.push(allow);
                kept.others.push(attribute.clone());
            }
            _ => kept.others.push(attribute.clone()),
        }
    }
    kept
}

/// The parts of a return type.
pub(crate) fn returned(output: &ReturnType, runtime: &TokenStream) -> Returned {
    let whole = match output {
        // A response that borrows is already an error, and would cause several more.
        ReturnType::Type(_, ty) if borrows(ty).is_some() => {
            let lifetime = Lifetime::new("'static", Span::call_site());
            let owned = with_lifetime(ty.to_token_stream(), &lifetime, |_| true);
            syn::parse2(owned).unwrap_or_else(|_| (**ty).clone())
        }
        // So is a response whose type cannot be named.
        ReturnType::Type(_, ty) if unnamed(ty).is_some() => {
            future_output(ty).unwrap_or_else(|| syn::parse_quote!(#runtime::Result<()>))
        }
        // So is an `Option` around the `Result`.
        ReturnType::Type(_, ty) if result_in_an_option(ty).is_some() => {
            result_in_an_option(ty).unwrap_or_else(|| (**ty).clone())
        }
        // A stream in a `Result` is an error, and is treated as a stream from here on.
        ReturnType::Type(_, ty) => stream_in_a_result(ty).unwrap_or_else(|| (**ty).clone()),
        ReturnType::Default => syn::parse_quote!(#runtime::Result<()>),
    };
    let (mut value, mut error, mut name) = (None, None, None);
    if let Type::Path(path) = peeled(&whole)
        && let Some(last) = path.path.segments.last()
    {
        name = Some(last.ident.clone());
        if let PathArguments::AngleBracketed(arguments) = &last.arguments {
            let mut types = arguments.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty.clone()),
                _ => None,
            });
            if last.ident == "Result" {
                (value, error) = (types.next(), types.next());
            } else if STREAMS.iter().any(|stream| last.ident == stream) {
                error = types.nth(1);
            }
        }
    }
    Returned { whole, value, error, name }
}

/// The word `impl` in a type.
pub(crate) fn unnamed(ty: &Type) -> Option<Ident> {
    fn first(tokens: TokenStream) -> Option<Ident> {
        tokens.into_iter().find_map(|token| match token {
            TokenTree::Ident(word) if word == "impl" => Some(word),
            TokenTree::Group(group) => first(group.stream()),
            _ => None,
        })
    }
    first(ty.to_token_stream())
}

/// The output of `impl Future<Output = ..>`.
pub(crate) fn future_output(ty: &Type) -> Option<Type> {
    let Type::ImplTrait(bounds) = peeled(ty) else { return None };
    output(&bounds.bounds, &["Future"])
}

/// The associated type of the first of these traits.
fn output(bounds: &Punctuated<TypeParamBound, Token![+]>, traits: &[&str]) -> Option<Type> {
    bounds.iter().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else { return None };
        let last = bound.path.segments.last()?;
        if !traits.iter().any(|name| last.ident == name) {
            return None;
        }
        let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
        arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(output)
                if output.ident == "Output" || output.ident == "Item" =>
            {
                Some(output.ty.clone()).filter(|ty| unnamed(ty).is_none())
            }
            _ => None,
        })
    })
}

/// The last segment of the path of a type, and the types in its brackets.
fn generic(ty: &Type) -> Option<(String, Vec<Type>)> {
    let Type::Path(path) = peeled(ty) else { return None };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    });
    Some((last.ident.to_string(), types.collect()))
}

/// The stream in `Result<Pages<T>>`, which should be returned without the `Result`.
pub(crate) fn stream_in_a_result(ty: &Type) -> Option<Type> {
    let (name, types) = generic(ty)?;
    let stream = types.into_iter().next().filter(|_| name == "Result")?;
    let (name, _) = generic(&stream)?;
    STREAMS.contains(&&*name).then_some(stream)
}

/// `Option<Result<T>>`, turned inside out.
pub(crate) fn result_in_an_option(ty: &Type) -> Option<Type> {
    let Type::Path(path) = peeled(ty) else { return None };
    path.path.segments.last().filter(|last| last.ident == "Option")?;
    let (_, types) = generic(ty)?;
    let mut result = types.into_iter().next()?;
    generic(&result).filter(|(name, _)| name == "Result")?;
    let Type::Path(path) = &mut result else { return None };
    let PathArguments::AngleBracketed(list) = &mut path.path.segments.last_mut()?.arguments else {
        return None;
    };
    let GenericArgument::Type(value) = list.args.first_mut()? else { return None };
    *value = syn::parse_quote!(::core::option::Option<#value>);
    Some(result)
}

/// The value in `Call<T>`, or the output of a boxed future or the item of a boxed stream.
pub(crate) fn boxed_output(ty: &Type) -> Option<Type> {
    let (name, types) = generic(ty)?;
    let last = types.into_iter().next();
    match &*name {
        "Call" | "BoxFuture" | "LocalBoxFuture" | "BoxStream" | "LocalBoxStream" => last,
        "Pin" => boxed_output(&last?),
        "Box" => output_of_an_object(&last?),
        _ => None,
    }
}

/// The output of `dyn Future<Output = ..>`, or the item of `dyn Stream<Item = ..>`.
fn output_of_an_object(ty: &Type) -> Option<Type> {
    let Type::TraitObject(object) = peeled(ty) else { return None };
    output(&object.bounds, &["Future", "Stream"])
}

/// The name of a parameter; `None` if it is a pattern.
pub(crate) fn plain_name(pat: &Pat) -> Option<&Ident> {
    match pat {
        Pat::Ident(pat)
            if pat.by_ref.is_none() && pat.mutability.is_none() && pat.subpat.is_none() =>
        {
            Some(&pat.ident)
        }
        _ => None,
    }
}

fn plain(signature: &Signature) -> Signature {
    let mut plain = signature.clone();
    plain.asyncness = None;
    plain.constness = None;
    plain.abi = None;
    plain.safety = syn::Safety::Default;
    plain.variadic = None;
    let receiver: FnArg = match signature.receiver() {
        Some(receiver) if is_shared(receiver) => FnArg::Receiver(receiver.clone()),
        Some(receiver) => {
            let word = &receiver.self_token;
            syn::parse_quote_spanned!(word.span()=> &self)
        }
        None => syn::parse_quote!(&self),
    };
    let typed = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed.clone()),
        FnArg::Receiver(_) => None,
    });
    plain.inputs = std::iter::once(receiver)
        .chain(typed.enumerate().map(|(at, mut typed)| {
            let name =
                plain_name(&typed.pat).cloned().unwrap_or_else(|| format_ident!("argument_{at}"));
            typed.pat = Box::new(syn::parse_quote!(#name));
            typed.attrs = {
                let naming = param::Naming { parameter: "", case: None, lost: &[] };
                param::parse(&typed.attrs, &naming, &Diagnostics::silent()).kept
            };
            FnArg::Typed(typed)
        }))
        .collect();
    plain
}

fn is_only_cfg(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else {
        return false;
    };
    let parser = syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated;
    let Ok(metas) = syn::parse::Parser::parse2(parser, list.tokens.clone()) else {
        return false;
    };
    metas.len() > 1 && metas.iter().skip(1).all(|meta| meta.path().is_ident("cfg"))
}

/// Whether it is `&self`.
pub(crate) fn is_shared(receiver: &syn::Receiver) -> bool {
    matches!(receiver.kind, syn::ReceiverKind::Reference(_, _, None))
}
