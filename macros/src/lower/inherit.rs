//! Inheritance, resolved once: an option of the trait is the default, a method replaces it, and a parameter
//! replaces both.

use std::rc::Rc;

use syn::LitStr;

use crate::model::Effective;
use crate::model::options::{ApiOptions, FixedHeader, HeaderSource, Level, Replay, Timeouts};
use crate::model::param::{Param, Role};
use crate::model::verb::{Access, SessionRole, Verb};

/// The options that hold for a method.
pub(super) fn effective(verb: &Verb, params: &[Param], api: &ApiOptions) -> Effective {
    let (own, above) = (&verb.shared, &api.shared);
    let credentials = match own.credentials.is_empty() {
        true => Rc::clone(&above.credentials),
        false => Rc::clone(&own.credentials),
    };
    let access = match (verb.role(), &verb.access) {
        (Some(SessionRole::Login), _) => Access::Public,
        (_, Some((access, _))) => *access,
        (_, None) => Access::Required,
    };
    let named = verb.mark.as_ref().and_then(|mark| mark.credential.as_ref()).map(LitStr::value);
    let first = || credentials.first().map(|first| first.name.clone());
    let replay = own.replay.or(above.replay).unwrap_or(Replay::Always);
    let is_replayed = match replay {
        Replay::Always => true,
        Replay::Idempotent => verb.is_idempotent(),
        Replay::Off => false,
    };
    let can_expire = access != Access::Public
        && verb.role() != Some(SessionRole::Refresh)
        && credentials.iter().any(|it| !it.expired.is_empty());
    Effective {
        access,
        credential: named.or_else(first).unwrap_or_default(),
        envelope: own.envelope.or(above.envelope.given()).cloned(),
        timeouts: timeouts(&own.timeout, above.timeout.given()),
        retry: own.retry.or(above.retry.given()).cloned(),
        replay,
        headers: headers(verb, params, api),
        resends: (is_replayed && can_expire) || own.retry.given().is_some(),
        credentials,
    }
}

/// A method may replace one limit and inherit the others. The limit of a connect belongs to all methods.
fn timeouts(own: &Level<Timeouts>, above: Option<&Timeouts>) -> Timeouts {
    let inherited = above.copied().unwrap_or_default();
    match own {
        Level::Inherit => inherited,
        Level::Off => Timeouts::default(),
        Level::Set(own) => Timeouts {
            total: own.total.or(inherited.total),
            attempt: own.attempt.or(inherited.attempt),
            connect: inherited.connect,
        },
    }
}

fn headers(verb: &Verb, params: &[Param], api: &ApiOptions) -> Vec<Rc<FixedHeader>> {
    let own = &verb.shared.headers;
    let inherits = !verb.shared.headers_off;
    let above = api.shared.headers.iter().filter(|_| inherits);
    let above = above.filter(|it| own.iter().all(|own| own.name != it.name));
    let is_param =
        |name: &str| params.iter().any(|it| matches!(&it.role, Role::Header(own) if own == name));
    let is_sent = |it: &&Rc<FixedHeader>| !matches!(it.value, HeaderSource::Off);
    above.chain(own).filter(is_sent).filter(|it| !is_param(&it.name)).cloned().collect()
}
