//! The constants: one for each endpoint, and the table of all of them.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;
use syn::ext::IdentExt;

use super::{Paths, credential};
use crate::attribute::Level;
use crate::attribute::auth::Credential;
use crate::attribute::endpoint::{Access, SessionRole, Target};
use crate::attribute::envelope::Envelope;
use crate::attribute::page::Page;
use crate::attribute::shared::{Replay, Retry, Timeouts};
use crate::attribute::value::{Scalar, ScalarKind};
use crate::model::{Api, Endpoint};

/// The line that says what a method sends: `` `GET /orders/{id}` ``.
pub(super) fn summary(endpoint: &Endpoint) -> String {
    match endpoint.template() {
        Some(template) => format!("`{} {}`", endpoint.verb.method, template.literal.value()),
        None => format!("`{}` to the URL that it is given", endpoint.verb.method),
    }
}

/// The names of the constants, each its own whatever the case of the methods' names is.
pub(super) fn names(endpoints: &[&Endpoint]) -> Vec<Ident> {
    let mut names: Vec<Ident> = Vec::new();
    for (at, endpoint) in endpoints.iter().enumerate() {
        let upper = endpoint.name().unraw().to_string().to_uppercase();
        let name = format_ident!("__{}", upper, span = endpoint.name().span());
        let is_taken = names.contains(&name);
        names.push(if is_taken {
            format_ident!("__{}_{}", upper, at, span = endpoint.name().span())
        } else {
            name
        });
    }
    names
}

/// The constants of the endpoints, what they share, and the table.
pub(super) fn table(
    api: &Api,
    endpoints: &[&Endpoint],
    names: &[Ident],
    paths: &Paths,
) -> TokenStream {
    let (client, public, private) = (&api.client, &paths.public, &paths.private);
    let credentials = credential::list(&api.options.shared.credentials, paths);
    let envelope = api.options.shared.envelope.given().map(|it| {
        let envelope = of_envelope(it, paths);
        quote!(const __ENVELOPE: &'static #private::Envelope = &#envelope;)
    });
    let constants = endpoints.iter().zip(names).map(|(endpoint, name)| {
        let (cfgs, constant) = (&endpoint.shape.cfgs, constant(api, endpoint, paths));
        quote!(#(#cfgs)* const #name: &'static #private::Endpoint = &#constant;)
    });
    let rows = endpoints.iter().zip(names).map(|(endpoint, name)| {
        let cfgs = &endpoint.shape.cfgs;
        quote!(#(#cfgs)* *Self::#name)
    });
    quote! {
        #[allow(dead_code)]
        impl #client {
            /// What the API declares, one row for each endpoint.
            pub const ENDPOINTS: &'static [#public::Endpoint] = &[#(#rows),*];
            const __CREDENTIALS: &'static [#private::Credential] = #credentials;
            #envelope
            #(#constants)*
        }
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
    quote!(#private::Envelope::new(#code) #message #data .ok(&[#(#ok),*], #absent))
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

/// A length of time.
pub(super) fn duration(duration: std::time::Duration) -> TokenStream {
    // Nothing shorter than a millisecond can be written, and nothing that 64 bits cannot hold.
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
        access(endpoint, paths),
        part(api, endpoint, paths),
        credentials(&endpoint.verb.shared.credentials, &api.options.shared.credentials, paths),
        envelope(api, endpoint, paths),
        timeouts(api, endpoint, paths),
        retry(api, endpoint, paths),
        replay(api, endpoint, paths),
        endpoint.verb.idempotent.as_ref().map(|it| match &it.header {
            Some(header) => quote!(.idempotent(::core::option::Option::Some(#header))),
            None => quote!(.idempotent(::core::option::Option::None)),
        }),
        endpoint.verb.page.as_ref().map(|(page, _)| of_page(page, paths)),
    ];
    let options = options.iter().flatten();
    quote!(#private::Endpoint::new(#api_name, #name, #method, #path) #(#options)*)
}

fn access(endpoint: &Endpoint, paths: &Paths) -> Option<TokenStream> {
    let private = &paths.private;
    match endpoint.access() {
        Access::Required => None,
        Access::Optional => Some(quote!(.access(#private::Access::Optional))),
        Access::Public => Some(quote!(.access(#private::Access::Public))),
    }
}

fn part(api: &Api, endpoint: &Endpoint, paths: &Paths) -> Option<TokenStream> {
    let private = &paths.private;
    let role = match endpoint.role()? {
        SessionRole::Login => quote!(Login),
        SessionRole::Refresh => quote!(Refresh),
        SessionRole::Logout => quote!(Logout),
    };
    let credential = match api.credential_name(endpoint) {
        name if name.is_empty() => quote!(::core::option::Option::None),
        name => quote!(::core::option::Option::Some(#name)),
    };
    Some(quote!(.role(#private::Role::#role, #credential)))
}

fn credentials(own: &[Credential], shared: &[Credential], paths: &Paths) -> Option<TokenStream> {
    match (own, shared) {
        ([], []) => None,
        ([], _) => Some(quote!(.credentials(Self::__CREDENTIALS))),
        (own, _) => {
            let list = credential::list(own, paths);
            Some(quote!(.credentials(#list)))
        }
    }
}

fn envelope(api: &Api, endpoint: &Endpoint, paths: &Paths) -> Option<TokenStream> {
    match &endpoint.verb.shared.envelope {
        Level::Off => None,
        Level::Set(envelope) => {
            let envelope = of_envelope(envelope, paths);
            Some(quote!(.envelope(const { &#envelope })))
        }
        Level::Inherit => {
            api.options.shared.envelope.given().map(|_| quote!(.envelope(Self::__ENVELOPE)))
        }
    }
}

fn timeouts(api: &Api, endpoint: &Endpoint, paths: &Paths) -> Option<TokenStream> {
    let private = &paths.private;
    let above = api.options.shared.timeout.given();
    let own = &endpoint.verb.shared.timeout;
    let limits = match (own, above) {
        (Level::Off, _) => return None,
        // Of several limits a method may replace one and leave the others.
        (Level::Set(own), Some(above)) => Timeouts {
            total: own.total.or(above.total),
            attempt: own.attempt.or(above.attempt),
            connect: None,
        },
        (own, above) => *own.or(above)?,
    };
    let connect = above.and_then(|it| it.connect).map(|it| it.0);
    let set = [("total", limits.total), ("attempt", limits.attempt), ("connect", connect)];
    let set = set.into_iter().filter_map(|(name, limit)| {
        let (name, limit) = (format_ident!("{name}"), duration(limit?));
        Some(quote!(.#name(#limit)))
    });
    Some(quote!(.timeouts(#private::Timeouts::NONE #(#set)*)))
}

fn retry(api: &Api, endpoint: &Endpoint, paths: &Paths) -> Option<TokenStream> {
    let private = &paths.private;
    let Retry { limit, on, backoff, .. } =
        endpoint.verb.shared.retry.or(api.options.shared.retry.given())?;
    let on = on.as_ref().map(|on| {
        let (statuses, connect, timeout) = (&on.statuses, on.connect, on.timeout);
        quote!(.on(&[#(#statuses),*], #connect, #timeout))
    });
    let backoff = backoff.map(|(shortest, longest)| {
        let (shortest, longest) = (duration(shortest), duration(longest));
        quote!(.backoff(#shortest, #longest))
    });
    Some(quote!(.retry(#private::Retry::new(#limit) #on #backoff)))
}

fn replay(api: &Api, endpoint: &Endpoint, paths: &Paths) -> Option<TokenStream> {
    let private = &paths.private;
    match endpoint.verb.shared.replay.or(api.options.shared.replay)? {
        Replay::Always => None,
        Replay::Idempotent => Some(quote!(.replay(#private::Replay::Idempotent))),
        Replay::Off => Some(quote!(.replay(#private::Replay::Off))),
    }
}

fn of_page(page: &Page, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let page = match page {
        Page::Cursor { param, next, items } => {
            let (next, items) = (path(next), path(items));
            quote!(Cursor { param: #param, next: #next, items: #items })
        }
        Page::Offset { param, items } => {
            let items = path(items);
            quote!(Offset { param: #param, items: #items })
        }
        Page::Link { items } => {
            let items = path(items);
            quote!(Link { items: #items })
        }
    };
    quote!(.page(#private::Page::#page))
}
