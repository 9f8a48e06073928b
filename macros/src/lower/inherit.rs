//! Inheritance, resolved once: an option of the trait is the default, a method replaces it, and a parameter
//! replaces both.

use std::rc::Rc;

use syn::LitStr;

use crate::model::Effective;
use crate::model::auth::Credential;
use crate::model::key::KeyTemplate;
use crate::model::options::{
    ApiOptions, Constants, Envelope, FixedHeader, FixedValue, HeaderSource, Level, Replay, Timeouts,
};
use crate::model::param::{Param, Role};
use crate::model::verb::{Access, SessionRole, Verb};

/// The options that apply to a method.
pub(super) fn effective(verb: &Verb, params: &[Param], api: &ApiOptions) -> Effective {
    let (own, above) = (&verb.shared, &api.shared);
    let is_dropped = |name: &str| own.dropped.iter().any(|it| it.value() == name);
    let credentials = match (own.credentials.is_empty(), own.dropped.is_empty()) {
        (true, true) => Rc::clone(&above.credentials),
        (true, false) => {
            Rc::new(above.credentials.iter().filter(|it| !is_dropped(&it.name)).cloned().collect())
        }
        (false, _) => Rc::clone(&own.credentials),
    };
    let access = match (verb.role(), &verb.access) {
        (Some(SessionRole::Login), _) => Access::Public,
        // No token is sent to another host.
        (Some(_), _) if verb.is_elsewhere() => Access::Public,
        (_, Some((access, _))) => *access,
        (_, None) => Access::Required,
    };
    let named = verb.mark.as_ref().and_then(|mark| mark.credential.as_ref()).map(LitStr::value);
    let first = || credentials.first().map(|first| first.name.clone());
    let is_grant = matches!(verb.role(), Some(SessionRole::Login | SessionRole::Refresh));
    let replay = own.replay.or(above.replay).unwrap_or(Replay::Always);
    let is_replayed = match replay {
        Replay::Always => true,
        Replay::Idempotent => verb.is_idempotent(),
        Replay::Off => false,
    };
    let can_expire = access != Access::Public
        && verb.role() != Some(SessionRole::Refresh)
        && credentials.iter().any(|it| !it.expired.is_empty());
    let key = key(verb, access, &credentials);
    Effective {
        access,
        key,
        codec: own.codec.or(above.codec.given()).cloned(),
        credential: named.or_else(first).unwrap_or_default(),
        envelope: envelope(&own.envelope, above.envelope.given()),
        timeouts: timeouts(verb, above.timeout.given()),
        retry: own.retry.or(above.retry.given()).cloned(),
        tokens: is_grant.then(|| own.tokens.or(above.tokens.given()).cloned()).flatten(),
        replay,
        secret: own.secret.iter().chain(&above.secret).cloned().collect(),
        redirect: own.redirect.or(above.redirect).map(|(redirect, _)| redirect),
        headers: headers(verb, params, api),
        queries: constants(&own.queries, &above.queries, |name| {
            params.iter().any(|it| match &it.role {
                Role::Query { name: own, .. } | Role::QueryJson(own) => own == name,
                _ => false,
            })
        }),
        fields: fields(verb, params, api),
        resends: (is_replayed && can_expire) || own.retry.given().is_some(),
        credentials,
    }
}

/// Only a call that carries the credential needs a key; a refresh receives one.
fn key(verb: &Verb, access: Access, credentials: &[Credential]) -> Option<(String, KeyTemplate)> {
    let is_call = access != Access::Public && verb.role() != Some(SessionRole::Refresh);
    let keyed = credentials.iter().find(|it| it.key.is_some()).filter(|_| is_call)?;
    let key = verb.key.or(keyed.key.as_ref())?;
    Some((keyed.name.clone(), key.clone()))
}

/// A method may replace one option of the envelope and inherit the others.
fn envelope(own: &Level<Rc<Envelope>>, above: Option<&Rc<Envelope>>) -> Option<Rc<Envelope>> {
    match (own, above) {
        (Level::Set(own), Some(above)) => Some(Rc::new(own.over(above))),
        (own, above) => own.or(above).cloned(),
    }
}

/// A method may replace one limit and inherit the others. The limit for connecting is shared by all methods. The
/// limits of calls do not apply to a refresh: it continues after the call that started it has timed out.
fn timeouts(verb: &Verb, above: Option<&Timeouts>) -> Timeouts {
    let mut inherited = above.copied().unwrap_or_default();
    if verb.role() == Some(SessionRole::Refresh) {
        (inherited.total, inherited.attempt) = (None, None);
    }
    match &verb.shared.timeout {
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
    let above = above.filter(|it| it.name != "content-type" || is_open_body(params));
    let is_param =
        |name: &str| params.iter().any(|it| matches!(&it.role, Role::Header(own) if own == name));
    let is_sent = |it: &&Rc<FixedHeader>| !matches!(it.value, HeaderSource::Off);
    above.chain(own).filter(is_sent).filter(|it| !is_param(&it.name)).cloned().collect()
}

/// Whether the trait may set the media type of the body: not if there is no body, and not if its role or the
/// parameter sets it.
fn is_open_body(params: &[Param]) -> bool {
    let mut roles = params.iter().map(|it| &it.role);
    roles.any(|it| matches!(it, Role::Json { media_type: None } | Role::Body { media_type: None }))
}

/// Constants of the trait are added to existing forms; those of a method create a form, or are members of its JSON.
fn fields(verb: &Verb, params: &[Param], api: &ApiOptions) -> Vec<Rc<FixedValue>> {
    let is_form = |it: &Param| matches!(it.role, Role::Form { .. } | Role::Field { .. });
    let (own, none) = (&verb.shared.fields, Constants::default());
    let has_json = params.iter().any(|it| matches!(it.role, Role::Json { .. }));
    let has_form = params.iter().any(is_form) || (!own.values.is_empty() && !has_json);
    let above = if has_form { &api.shared.fields } else { &none };
    constants(own, above, |name| {
        params.iter().any(|it| matches!(&it.role, Role::Field { name: own, .. } if own == name))
    })
}

fn constants(
    own: &Constants,
    above: &Constants,
    is_param: impl Fn(&str) -> bool,
) -> Vec<Rc<FixedValue>> {
    let inherited = above.values.iter().filter(|_| !own.off);
    let inherited = inherited.filter(|it| own.values.iter().all(|own| own.name != it.name));
    let is_sent = |it: &&Rc<FixedValue>| !matches!(it.value, HeaderSource::Off);
    inherited.chain(&own.values).filter(is_sent).filter(|it| !is_param(&it.name)).cloned().collect()
}
