//! Generates the implementations of serde's traits.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{Field, Form, Struct};

/// The code of a struct. It cannot fail.
pub(super) fn expand(item: &Struct) -> TokenStream {
    let json = {
        let runtime = &item.runtime;
        quote!(#runtime::__private::json)
    };
    let (write, read) = (write(item, &json), read(item, &json));
    quote!(#write #read)
}

fn own(item: &Struct) -> impl Iterator<Item = &Field> {
    item.fields.iter().filter(|it| it.form != Form::Flat)
}

fn flat(item: &Struct) -> impl Iterator<Item = &Field> {
    item.fields.iter().filter(|it| it.form == Form::Flat)
}

fn write(item: &Struct, json: &TokenStream) -> TokenStream {
    let name = &item.name;
    let tag = item.tag.iter().map(|(tag, value)| quote!((#tag, true, &#value),));
    let fields = own(item).map(|it| {
        let (field, wire, writes_null) = (&it.name, &it.wire, it.form == Form::Required);
        quote_spanned!(it.ty.span()=> (#wire, #writes_null, &self.#field),)
    });
    let fields = quote!(&[#(#tag)* #(#fields)*]);
    let beside: Vec<_> = flat(item)
        .map(|it| {
            let field = &it.name;
            quote_spanned!(it.ty.span()=> #json::to_value(&self.#field),)
        })
        .collect();
    let body = match beside.is_empty() {
        true => quote!(#json::write(to, #fields)),
        false => quote!(#json::write_with(to, #fields, [#(#beside)*])),
    };
    quote! {
        #[automatically_derived]
        impl #json::Serialize for #name {
            fn serialize<__S: #json::Serializer>(&self, to: __S) -> ::core::result::Result<__S::Ok, __S::Error> {
                #body
            }
        }
    }
}

fn read(item: &Struct, json: &TokenStream) -> TokenStream {
    let name = &item.name;
    let text = name.to_string();
    // The code has the span of the field's type, so that an error about that type is reported there.
    let place = |(at, it): (usize, &Field)| {
        Ident::new(&format!("__{at}"), Span::mixed_site().located_at(it.ty.span()))
    };
    let places: Vec<Ident> = item.fields.iter().enumerate().map(place).collect();
    let with_places = || item.fields.iter().zip(&places);
    let own = || with_places().filter(|(it, _)| it.form != Form::Flat);
    let lets = own().map(|(_, place)| quote!(let mut #place = ::core::option::Option::None;));
    let wires = own().map(|(it, _)| &it.wire);
    let slots = own().map(|(it, place)| match it.form {
        Form::Null => quote_spanned!(it.ty.span()=> &mut #json::Absent(&mut #place),),
        _ => quote_spanned!(it.ty.span()=> &mut #place,),
    });
    let arguments = quote!(from, <Self as #json::Object<'de>>::FIELDS, &mut [#(#slots)*]);
    let reader = match (flat(item).next().is_some(), item.is_closed) {
        (true, _) => quote!(let others = #json::read_all::<__A>(#arguments)?;),
        (false, true) => quote!(#json::read_closed::<__A>(#arguments)?;),
        (false, false) => quote!(#json::read::<__A>(#arguments)?;),
    };
    let beside = with_places().filter(|(it, _)| it.form == Form::Flat);
    let beside = beside
        .map(|(it, place)| quote_spanned!(it.ty.span()=> let #place = #json::rest(&others)?;));
    // All values are present and are unwrapped at once: if they were unwrapped one after another, the compiler
    // would generate code for each to drop all others.
    let settled: Vec<_> =
        own().filter(|(it, _)| it.form != Form::Null).map(|(_, place)| place).collect();
    let taken = (!settled.is_empty()).then(|| {
        quote! {
            let (#(::core::option::Option::Some(#settled),)*) = (#(#settled,)*) else {
                return #json::unsettled();
            };
        }
    });
    let fields = with_places().map(|(it, place)| {
        let field = &it.name;
        quote!(#field: #place,)
    });
    quote! {
        #[automatically_derived]
        impl<'de> #json::Object<'de> for #name {
            const NAME: &'static str = #text;
            const FIELDS: &'static [&'static str] = &[#(#wires),*];
            fn read<__A: #json::MapAccess<'de>>(from: __A) -> ::core::result::Result<Self, __A::Error> {
                #(#lets)*
                #reader
                #(#beside)*
                #taken
                ::core::result::Result::Ok(Self { #(#fields)* })
            }
        }
        #[automatically_derived]
        impl<'de> #json::Deserialize<'de> for #name {
            fn deserialize<__D: #json::Deserializer<'de>>(from: __D) -> ::core::result::Result<Self, __D::Error> {
                #json::object(from)
            }
        }
    }
}
