//! The owned type as which an argument is parsed, since a request cannot lend to the implementation.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::visit_mut::VisitMut;
use syn::{GenericArgument, Ident, Lifetime, PathArguments, Type};

use crate::model::shape::peeled;

/// A type with its named lifetimes elided, since a request is not generic over those of a method.
pub(super) fn elided(ty: &Type) -> Type {
    struct Elide;

    impl VisitMut for Elide {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                lifetime.ident = Ident::new("_", lifetime.ident.span());
            }
        }
    }

    let mut ty = ty.clone();
    Elide.visit_type_mut(&mut ty);
    ty
}

/// An expression that is built from an expression.
pub(super) type Conversion = Box<dyn Fn(&TokenStream) -> TokenStream>;

/// The owned type as which an argument is parsed, and how the declared type is created from it.
pub(super) struct Owned {
    pub(super) ty: TokenStream,
    /// Collects the list of references that the value consists of.
    pub(super) collected: Option<Conversion>,
    /// Creates the value that is passed instead.
    pub(super) view: Option<Conversion>,
}

impl Owned {
    fn moved(ty: &Type) -> Self {
        Self { ty: ty.to_token_stream(), collected: None, view: None }
    }

    fn viewed(ty: TokenStream, view: impl Fn(&TokenStream) -> TokenStream + 'static) -> Self {
        Self { ty, collected: None, view: Some(Box::new(view)) }
    }
}

pub(super) fn owned(ty: &Type) -> Owned {
    let ty = peeled(ty);
    if let Type::Reference(reference) = ty {
        return match peeled(&reference.elem) {
            Type::Slice(slice) => owned_slice(peeled(&slice.elem)),
            Type::Path(path) if path.path.is_ident("str") => {
                Owned::viewed(quote!(::std::string::String), |it| quote!(&*#it))
            }
            elem => Owned::viewed(elem.to_token_stream(), |it| quote!(&#it)),
        };
    }
    match (inner(ty, "Option"), inner(ty, "Vec")) {
        (Some(inner), _) => owned_option(ty, inner),
        (_, Some(inner)) => match owned(inner) {
            Owned { ty: item, collected: None, view: Some(view) } => {
                let items = quote!(::std::vec::Vec<#item>);
                Owned::viewed(items, move |it| collect(it, &view))
            }
            _ => Owned::moved(ty),
        },
        _ => Owned::moved(ty),
    }
}

fn owned_slice(item: &Type) -> Owned {
    match owned(item) {
        Owned { ty: item, collected: None, view: Some(view) } => Owned {
            ty: quote!(::std::vec::Vec<#item>),
            collected: Some(Box::new(move |it| collect(it, &view))),
            view: Some(Box::new(|it| quote!(&*#it))),
        },
        _ => Owned::viewed(quote!(::std::vec::Vec<#item>), |it| quote!(&*#it)),
    }
}

fn owned_option(ty: &Type, inner: &Type) -> Owned {
    fn mapped(conversion: Conversion) -> Conversion {
        let item = Ident::new("item", Span::mixed_site());
        Box::new(move |it| {
            let converted = conversion(&quote!((*#item)));
            quote!(#it.as_ref().map(|#item| #converted))
        })
    }
    match owned(inner) {
        Owned { view: None, .. } => Owned::moved(ty),
        Owned { ty, collected, view } => Owned {
            ty: quote!(::core::option::Option<#ty>),
            collected: collected.map(mapped),
            view: view.map(mapped),
        },
    }
}

fn collect(items: &TokenStream, view: &Conversion) -> TokenStream {
    let item = Ident::new("item", Span::mixed_site());
    let viewed = view(&quote!((*#item)));
    quote!(#items.iter().map(|#item| #viewed).collect::<::std::vec::Vec<_>>())
}

/// The argument of a generic type with this name.
fn inner<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    }
}
