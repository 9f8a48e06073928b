//! The constants of `retry(..)`.

use proc_macro2::TokenStream;
use quote::quote;

use super::constant::{duration, path};
use super::{Paths, credential};
use crate::model::options::{Retry, RetryAfter, WaitPlace, WaitUnit};

/// The option as calls of the builder.
pub(super) fn options(retry: &Retry, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let Retry { limit, on, rules, after, backoff, .. } = retry;
    let on = on.as_ref().map(|on| {
        let (statuses, connect, timeout) = (&on.statuses, on.connect, on.timeout);
        quote!(.on(&[#(#statuses),*], #connect, #timeout))
    });
    let backoff = backoff.map(|(shortest, longest)| {
        let (shortest, longest) = (duration(shortest), duration(longest));
        quote!(.backoff(#shortest, #longest))
    });
    let rules = credential::rules(rules, paths).map(|rules| quote!(.rules(#rules)));
    let after = after.as_ref().map(|it| retry_after(it, paths));
    quote!(.retry(#private::Retry::new(#limit) #on #rules #after #backoff))
}

fn retry_after(after: &RetryAfter, paths: &Paths) -> TokenStream {
    let private = &paths.private;
    let place = match &after.place {
        WaitPlace::Header(name) => quote!(Header(#name)),
        WaitPlace::Body(place) => {
            let place = path(place);
            quote!(Body(#place))
        }
    };
    let unit = match after.unit {
        WaitUnit::Seconds => quote!(Seconds),
        WaitUnit::Millis => quote!(Millis),
        WaitUnit::Epoch => quote!(Epoch),
    };
    quote!(.after(#private::RetryAfter::new(#private::WaitPlace::#place, #private::WaitUnit::#unit)))
}
