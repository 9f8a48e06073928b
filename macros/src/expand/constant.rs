//! The constants: one for each endpoint, and the table of all.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;

use super::{Paths, credential, ends, retry};
use crate::model::options::{Envelope, Redirect, Replay, Timeouts, TokenPart};
use crate::model::page::{Page, PageCursor, PageParam, PagePlace, PageStep};
use crate::model::tokens::{TokenFields, TokenPlace};
use crate::model::value::{Scalar, ScalarKind};
use crate::model::verb::{Access, SessionRole, Target};
use crate::model::{Api, Endpoint};

/// The line of documentation about the request: `` `GET /orders/{id}` ``.
pub(super) fn summary(endpoint: &Endpoint) -> String {
    match endpoint.template() {
        Some(template) => format!("`{} {}`", endpoint.verb.method, template.literal.value()),
        None => format!("`{}` to the given URL", endpoint.verb.method),
    }
}

/// The name of an endpoint's constant.
pub(super) fn name(endpoint: &Endpoint) -> Ident {
    format_ident!("__endpoint_{}", endpoint.name().unraw(), span = endpoint.name().span())
}

/// The shared constants, and one for each endpoint. They are items of a private block, so that no name of the user
/// can collide with them.
pub(super) fn constants(api: &Api, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let credentials = credential::list(api.credentials(), paths);
    let envelope = api.options.shared.envelope.given().map(|it| {
        let envelope = of_envelope(it, paths);
        quote!(const __ENVELOPE: &'static #private::Envelope = &#envelope;)
    });
    let constants = api.endpoints().map(|endpoint| {
        let (cfgs, name) = (&endpoint.shape.cfgs, name(endpoint));
        let constant = constant(api, endpoint, paths);
        quote! {
            #(#cfgs)*
            #[allow(dead_code, non_upper_case_globals)]
            const #name: &'static #private::Endpoint = &#constant;
        }
    });
    quote! {
        #[allow(dead_code)]
        const __CREDENTIALS: &'static [#private::Credential] = #credentials;
        #envelope
        #(#constants)*
    }
}

/// The table of all endpoints.
pub(super) fn table(api: &Api, paths: &Paths) -> TokenStream {
    let public = &paths.public;
    let rows = api.endpoints().map(|endpoint| {
        let (cfgs, name) = (&endpoint.shape.cfgs, name(endpoint));
        quote!(#(#cfgs)* *#name)
    });
    quote! {
        /// The declared endpoints, one row for each.
        pub const ENDPOINTS: &'static [#public::declared::Endpoint] = &[#(#rows),*];
    }
}

/// The envelope of an API.
fn of_envelope(envelope: &Envelope, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let code = path(&envelope.code);
    let message = envelope.message.as_ref().map(|it| path(it)).map(|it| quote!(.message(#it)));
    let data = envelope.data.as_ref().map(|it| path(it)).map(|it| quote!(.data(#it)));
    let ok = envelope.ok.iter().map(|code| scalar(code, paths));
    let absent = envelope.ok_absent;
    let without =
        envelope.ok_without.as_ref().map(|it| path(it)).map(|it| quote!(.ok_without(#it)));
    quote!(#private::Envelope::new(#code) #message #data .ok(&[#(#ok),*], #absent) #without)
}

/// A path into a body.
pub(super) fn path(path: &[String]) -> TokenStream {
    quote!(&[#(#path),*])
}

/// A declared value.
pub(super) fn scalar(scalar: &Scalar, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    match &scalar.kind {
        ScalarKind::Bool(value) => quote!(#private::Scalar::Bool(#value)),
        ScalarKind::Int(value) => quote!(#private::Scalar::Int(#value)),
        ScalarKind::Text(value) => quote!(#private::Scalar::Text(#value)),
    }
}

/// A duration.
pub(super) fn duration(duration: std::time::Duration) -> TokenStream {
    // The shortest unit is a millisecond, and 64 bits can hold every duration that can be written.
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    match millis % 1000 {
        0 => {
            let seconds = millis / 1000;
            quote!(::core::time::Duration::from_secs(#seconds))
        }
        _ => quote!(::core::time::Duration::from_millis(#millis)),
    }
}

fn constant(api: &Api, endpoint: &Endpoint, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let (name, method) = (endpoint.name().unraw().to_string(), &endpoint.verb.method);
    let api_name = api.name.unraw().to_string();
    let path = match &endpoint.verb.target {
        Target::Path(template) => template.literal.value(),
        Target::Url(_) | Target::Unknown => String::new(),
    };
    let options = [
        host(endpoint, paths),
        access(endpoint, paths),
        session_role(endpoint, paths),
        credentials(api, endpoint, paths),
        envelope(api, endpoint, paths),
        timeouts(&endpoint.effective.timeouts, paths),
        endpoint.effective.retry.as_deref().map(|it| retry::options(it, paths)),
        replay(endpoint.effective.replay, paths),
        endpoint.effective.redirect.map(|it| redirect(it, paths)),
        endpoint.verb.idempotent.as_ref().map(|it| {
            let header = optional(it.header.as_deref());
            quote!(.idempotent(#header))
        }),
        endpoint.verb.page.as_ref().map(|(page, _)| of_page(page, paths)),
        endpoint.verb.events_end.as_ref().map(|(end, _)| quote!(.events_end(#end))),
        endpoint.effective.tokens.as_deref().map(|it| token_fields(it, paths)),
        from_tokens(endpoint, paths),
        endpoint.codec().map(|codec| {
            let start = ends(codec).0;
            let bounds = paths.bounds_at(start);
            let bound = if endpoint.verb.has_page { "PagedCoding" } else { "AnyCoding" };
            let bound = Ident::new(bound, start);
            quote_spanned!(start=> .codec(const { &<#codec as #bounds::#bound>::CODING }))
        }),
    ];
    let options = options.iter().flatten();
    quote!(#private::Endpoint::new(#api_name, #name, #method, #path) #(#options)*)
}

/// `Some(..)` or `None`, whatever is in scope.
fn optional(text: Option<&str>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    }
}

fn host(endpoint: &Endpoint, paths: &Paths) -> Option<TokenStream> {
    let private = &paths.private;
    let origin = endpoint.template().and_then(|template| template.origin.as_ref());
    match (&endpoint.verb.host, origin) {
        (Some(name), _) => Some(quote!(.host(#private::Host::Named(#name)))),
        (None, Some(origin)) => Some(quote!(.host(#private::Host::At(#origin)))),
        (None, None) => None,
    }
}

fn access(endpoint: &Endpoint, paths: &Paths) -> Option<TokenStream> {
    let private = &paths.private;
    match endpoint.effective.access {
        Access::Required => None,
        Access::Optional => Some(quote!(.access(#private::Access::Optional))),
        Access::Public => Some(quote!(.access(#private::Access::Public))),
    }
}

fn session_role(endpoint: &Endpoint, paths: &Paths) -> Option<TokenStream> {
    let private = &paths.private;
    let role = match endpoint.role()? {
        SessionRole::Login => quote!(Login),
        SessionRole::Refresh => quote!(Refresh),
        SessionRole::Logout => quote!(Logout),
    };
    let name = &endpoint.effective.credential;
    let credential = optional((!name.is_empty()).then_some(name));
    Some(quote!(.role(#private::Role::#role, #credential)))
}

fn credentials(api: &Api, endpoint: &Endpoint, paths: &Paths) -> Option<TokenStream> {
    if api.credentials().is_empty() {
        return None;
    }
    if Rc::ptr_eq(&endpoint.effective.credentials, &api.options.shared.credentials) {
        return Some(quote!(.credentials(__CREDENTIALS)));
    }
    let list = credential::list(endpoint.credentials(), paths);
    Some(quote!(.credentials(#list)))
}

fn envelope(api: &Api, endpoint: &Endpoint, paths: &Paths) -> Option<TokenStream> {
    let envelope = endpoint.effective.envelope.as_ref()?;
    if api.options.shared.envelope.given().is_some_and(|it| Rc::ptr_eq(it, envelope)) {
        return Some(quote!(.envelope(__ENVELOPE)));
    }
    let envelope = of_envelope(envelope, paths);
    Some(quote!(.envelope(const { &#envelope })))
}

fn timeouts(limits: &Timeouts, paths: &Paths) -> Option<TokenStream> {
    let private = &paths.private;
    let connect = limits.connect.map(|it| it.0);
    let set = [("total", limits.total), ("attempt", limits.attempt), ("connect", connect)];
    let set: Vec<_> = set
        .into_iter()
        .filter_map(|(name, limit)| {
            let (name, limit) = (format_ident!("{name}"), duration(limit?));
            Some(quote!(.#name(#limit)))
        })
        .collect();
    (!set.is_empty()).then(|| quote!(.timeouts(#private::Timeouts::NONE #(#set)*)))
}

fn replay(replay: Replay, paths: &Paths) -> Option<TokenStream> {
    let private = &paths.private;
    match replay {
        Replay::Always => None,
        Replay::Idempotent => Some(quote!(.replay(#private::Replay::Idempotent))),
        Replay::Off => Some(quote!(.replay(#private::Replay::Off))),
    }
}

fn redirect(redirect: Redirect, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let which = match redirect {
        Redirect::Off => quote!(Off),
        Redirect::Same => quote!(Same),
        Redirect::Follow => quote!(Follow),
    };
    quote!(.redirect(#private::Redirect::#which))
}

fn token_fields(fields: &TokenFields, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let place = |name: &str, place: &Option<TokenPlace>| {
        let (name, place) = (format_ident!("{name}"), token_place(place.as_ref()?, paths));
        Some(quote!(.#name(#place)))
    };
    let places = [
        place("access", &fields.access),
        place("refresh", &fields.refresh),
        place("expires_in", &fields.expires_in),
        place("expires_at", &fields.expires_at),
        place("base", &fields.base),
    ];
    let places = places.iter().flatten();
    let extra = (!fields.extra.is_empty()).then(|| {
        let extra = fields.extra.iter().map(|(name, place)| {
            let place = token_place(place, paths);
            quote!((#name, #place))
        });
        quote!(.extra(&[#(#extra),*]))
    });
    let unit = fields.unit.map(duration).map(|unit| quote!(.unit(#unit)));
    quote!(.tokens(const { &#private::TokenFields::USUAL #(#places)* #extra #unit }))
}

/// The values that each attempt takes from the tokens.
fn from_tokens(endpoint: &Endpoint, paths: &Paths) -> Option<TokenStream> {
    let private = &paths.private;
    let values = endpoint.token_values().map(|(place, name, part)| {
        let place = format_ident!("{place}");
        let part = match part {
            TokenPart::Access => quote!(Access),
            TokenPart::Refresh => quote!(Refresh),
            TokenPart::Extra(name) => quote!(Extra(#name)),
        };
        quote!(#private::FromTokens::new(#private::SentIn::#place(#name), #private::TokenPart::#part))
    });
    let values: Vec<_> = values.collect();
    (!values.is_empty()).then(|| quote!(.from_tokens(const { &[#(#values),*] })))
}

/// One place in a response.
pub(super) fn token_place(place: &TokenPlace, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let place = match place {
        TokenPlace::Body(place) => {
            let place = path(place);
            quote!(Body(#place))
        }
        TokenPlace::Header(name) => quote!(Header(#name)),
        TokenPlace::Cookie(name) => quote!(Cookie(#name)),
    };
    quote!(#private::TokenPlace::#place)
}

fn of_page(page: &Page, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let step = match &page.step {
        PageStep::Cursor { param, next } => {
            let param = page_param(param, paths);
            let next = match next {
                PageCursor::Body(place) => {
                    let place = path(place);
                    quote!(Body(#place))
                }
                PageCursor::Header(name) => quote!(Header(#name)),
                PageCursor::LastItem(place) => {
                    let place = path(place);
                    quote!(LastItem(#place))
                }
            };
            quote!(Cursor { param: #param, next: #private::PageCursor::#next })
        }
        PageStep::Offset { param, start } => {
            let param = page_param(param, paths);
            quote!(Offset { param: #param, start: #start })
        }
        PageStep::Number { param, start, last_page } => {
            let param = page_param(param, paths);
            let last_page = match last_page {
                Some(PagePlace::Body(place)) => {
                    let place = path(place);
                    quote!(::core::option::Option::Some(#private::PagePlace::Body(#place)))
                }
                Some(PagePlace::Header(name)) => {
                    quote!(::core::option::Option::Some(#private::PagePlace::Header(#name)))
                }
                None => quote!(::core::option::Option::None),
            };
            quote!(Number { param: #param, start: #start, last_page: #last_page })
        }
        PageStep::Link { next, keeps_host } => {
            let next = optional_path(next.as_deref());
            quote!(Link { next: #next, keeps_host: #keeps_host })
        }
    };
    let items = (!page.items.is_empty()).then(|| path(&page.items)).map(|it| quote!(.items(#it)));
    let more = page.more.as_ref().map(|flag| {
        let place = path(&flag.path);
        if flag.is_negated { quote!(.is_last(#place)) } else { quote!(.more(#place)) }
    });
    let ends = (!page.ends.is_empty()).then(|| {
        let ends = page.ends.iter().map(|it| scalar(it, paths));
        quote!(.ends(&[#(#ends),*]))
    });
    let absent = page.may_be_absent.then(|| quote!(.may_be_absent(true)));
    let size = page.size.as_ref().map(|it| page_param(it, paths)).map(|it| quote!(.size(#it)));
    quote!(.page(#private::Page::new(#private::PageStep::#step) #items #more #size #ends #absent))
}

fn page_param(param: &PageParam, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    match param {
        PageParam::Query(name) => quote!(#private::PageParam::Query(#name)),
        PageParam::Header(name) => quote!(#private::PageParam::Header(#name)),
        PageParam::Body(place) => {
            let place = path(place);
            quote!(#private::PageParam::Body(#place))
        }
    }
}

fn optional_path(place: Option<&[String]>) -> TokenStream {
    match place {
        Some(place) => {
            let place = path(place);
            quote!(::core::option::Option::Some(#place))
        }
        None => quote!(::core::option::Option::None),
    }
}
