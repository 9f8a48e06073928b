//! The secrets of a call: a server may quote them, and no error shows them.

use std::fmt;

use http::HeaderMap;
use http::header::COOKIE;
use percent_encoding::percent_decode_str;

use super::parts::{Body, MediaType, Parts, Secret};
use crate::logic::mask::{self, is_secret_name};
use crate::logic::{envelope, excerpt, query};
use crate::ports::response::Received;
use crate::session::{AttemptTokens, Session};
use crate::types::endpoint::{Endpoint, Role, TokenPart, TokenPlace};
use crate::types::error::{Error, ErrorKind};
use crate::types::parse;
use crate::types::secret::Hidden;
use crate::types::set_cookie::cookie;
use crate::types::tokens::{Loose, Tokens, names_token};

#[cfg(feature = "serve")]
mod layer;
#[cfg(feature = "serve")]
pub use layer::Secrets;

/// Masks secrets in the texts of an error.
pub(crate) fn hide(error: Error, parts: &Parts, tokens: &AttemptTokens) -> Error {
    hide_with(error, parts, tokens, std::iter::empty())
}

/// The same for the error of a response that brought these tokens, which the session may not have yet.
pub(crate) fn hide_with(
    error: Error,
    parts: &Parts,
    tokens: &AttemptTokens,
    brought: impl Iterator<Item = Vec<u8>>,
) -> Error {
    let is_returned = matches!(
        error.kind(),
        ErrorKind::Status | ErrorKind::Api | ErrorKind::SessionLost | ErrorKind::InsufficientScope
    );
    let secrets = with_brought(parts, tokens, brought);
    mask::hide(if is_returned { quoted(error, &secrets) } else { error }, &secrets)
}

/// The same for the error of a response that reported an expired token. Most of these are only the reason of a replay, so
/// the text of the response is read when one is returned.
pub(crate) fn hide_returned(
    error: Error,
    parts: &Parts,
    tokens: &AttemptTokens,
    brought: impl Iterator<Item = Vec<u8>>,
) -> Error {
    let secrets = with_brought(parts, tokens, brought);
    mask::hide(quoted(error, &secrets), &secrets)
}

fn with_brought(
    parts: &Parts,
    tokens: &AttemptTokens,
    brought: impl Iterator<Item = Vec<u8>>,
) -> Vec<Vec<u8>> {
    let mut secrets = of(parts, tokens);
    secrets.extend(brought);
    secrets
}

/// The same for an error without a response, which may quote the request in its sources as well.
pub(crate) fn hide_deep(error: Error, parts: &Parts, tokens: &AttemptTokens) -> Error {
    mask::hide_deep(error, &of(parts, tokens))
}

/// The error of a response, with the server's text if its envelope has none.
fn quoted(error: Error, secrets: &[Vec<u8>]) -> Error {
    if error.message().is_some() {
        return error;
    }
    let hide = |text: &str, longest| mask::concealed(text, secrets, longest);
    let words = error.as_raw().and_then(|response| excerpt::words(response.body, hide));
    match words {
        Some(words) => error.with_message(words),
        None => error,
    }
}

/// The same for a refresh, whose tokens may no longer be those of the session.
pub(crate) fn hide_refresh(
    error: Error,
    parts: &Parts,
    tokens: &AttemptTokens,
    previous: &Tokens,
) -> Error {
    let mut secrets = of_refresh(parts, previous);
    secrets.extend(of(parts, tokens));
    mask::hide(error, &secrets)
}

/// The secrets of a refresh that uses these tokens.
pub(crate) fn of_refresh(parts: &Parts, previous: &Tokens) -> Vec<Vec<u8>> {
    let mut secrets = of(parts, &AttemptTokens::default());
    secrets.push(previous.access().into());
    secrets.extend(previous.refresh().map(Into::into));
    add_passwords(&mut secrets);
    secrets
}

/// The longest word that a server writes in the place of a token: `token_not_provided`.
const LONGEST_WORD: usize = 20;

/// The secrets of a login and of its response.
pub(crate) fn of_login(parts: &Parts, passes: &AttemptTokens, received: &Received) -> Vec<Vec<u8>> {
    let mut secrets = of(parts, passes);
    secrets.extend(of_grant(parts.endpoint, &received.headers, &received.body));
    secrets
}

/// The tokens in the response to a login or a refresh, which the server may quote in its message: those under the usual
/// names, and in the declared places.
pub(crate) fn of_grant(endpoint: &Endpoint, headers: &HeaderMap, body: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    if !matches!(endpoint.role, Role::Login | Role::Refresh) {
        return found;
    }
    let body: Loose = envelope::piece(body).unwrap_or_default();
    of_names(&body, names_token, false, &mut found);
    let fields = endpoint.tokens;
    for place in fields.into_iter().flat_map(|it| [it.access, it.refresh]).flatten() {
        match place {
            TokenPlace::Body(path) => {
                let value = body.find(path).unwrap_or(&Loose::Null);
                of_names(value, names_token, true, &mut found);
            }
            TokenPlace::Header(name) => {
                let values = headers.get_all(name).into_iter();
                found.extend(values.map(|value| bare(value.as_bytes()).to_vec()));
            }
            TokenPlace::Cookie(name) => {
                found.extend(cookie(headers, name).map(|value| value.as_bytes().to_vec()));
            }
        }
    }
    // One or several words are what the server says about a token.
    let is_word = |text: &[u8]| {
        text.len() <= LONGEST_WORD && text.iter().all(|it| it.is_ascii_lowercase() || *it == b'_')
    };
    found.retain(|text| !text.contains(&b' ') && !is_word(text));
    found
}

impl Parts {
    /// Hides the values of an address to which a redirect led, if their names denote a secret.
    pub(super) fn hide_query(&mut self, query: &str) {
        for (name, text) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            if text.is_empty() || !is_secret_name(name) {
                continue;
            }
            let secrets = &mut self.extras().secrets;
            if !secrets.iter().any(|secret| &*secret.text == text) {
                secrets.push(Secret { at: None, text: text.into() });
            }
        }
    }

    /// The address of the call without the declared secrets.
    pub(crate) fn masked_url(&self) -> String {
        let mut url = self.url.clone();
        let secrets = self.extras.as_ref().map_or(&[] as &[Secret], |extras| &extras.secrets);
        let mut anywhere = Vec::new();
        // From the last to the first, so that the positions stay valid.
        for Secret { at, text } in secrets.iter().rev() {
            let begins = |at: &usize| url.get(*at..).is_some_and(|rest| rest.starts_with(&**text));
            let there = at.filter(begins);
            if let Some(at) = there {
                url.replace_range(at..at + text.len(), &Hidden.to_string());
            }
            // The next page may be at another address, which may contain the secret twice. A short secret can
            // mangle only that address.
            if there.is_none() || text.len() >= LONG {
                anywhere.push(text);
            }
        }
        for text in anywhere {
            url = url.replace(&**text, &Hidden.to_string());
        }
        match self.endpoint.role {
            Role::Login => without_values(&url, self.endpoint.path),
            _ => {
                // A refresh has the token wherever its parameters put it.
                let mut secrets = Vec::new();
                of_session(self.client.session(), self.endpoint, &mut secrets);
                mask::concealed(&url, &secrets, usize::MAX)
            }
        }
    }

    /// The address of the call as errors show it.
    pub(crate) fn shown_address(&self) -> String {
        mask::address(&self.masked_url())
    }
}

/// The address of a login without its values, since a single-use code may have any name.
fn without_values(url: &str, template: &str) -> String {
    let (front, query) =
        url.split_once('?').map_or((url, None), |(front, query)| (front, Some(query)));
    let literal_query = template.find('?').filter(|at| !template[at + 1..].starts_with('}'));
    let template = literal_query.map_or(template, |at| &template[..at]);
    let hidden = Hidden.to_string();
    let mut segments: Vec<_> = front.split('/').collect();
    // From the end, since the base comes before it. The length of some values is not known.
    let varies = template.contains("{*") || template.contains("?}");
    for (segment, declared) in segments.iter_mut().rev().zip(template.split('/').rev()) {
        if declared.contains('{') || varies {
            *segment = &hidden;
        }
    }
    let query = query::changed(query, &mut |pair| {
        let name = pair.split_once('=').map_or("", |(name, _)| name);
        Some(format!("{name}={hidden}").into())
    });
    segments.join("/") + &query
}

/// From this length on, a secret is masked wherever it is found in an address.
const LONG: usize = 6;

/// The secrets that a server may quote in the items of a stream, for as long as the stream lasts.
pub(crate) struct StreamSecrets {
    session: Session,
    endpoint: &'static Endpoint,
    /// The secrets of the call, and of the session at its start.
    sent: Vec<Vec<u8>>,
}

impl fmt::Debug for StreamSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

impl StreamSecrets {
    pub(crate) fn of(parts: &Parts, tokens: &AttemptTokens) -> Self {
        let session = parts.client.session().clone();
        Self { session, endpoint: parts.endpoint, sent: of(parts, tokens) }
    }

    /// All of them, with the session's current secrets.
    pub(crate) fn now(&self) -> Vec<Vec<u8>> {
        let mut secrets = self.sent.clone();
        of_session(&self.session, self.endpoint, &mut secrets);
        secrets
    }
}

fn of_session(session: &Session, endpoint: &Endpoint, secrets: &mut Vec<Vec<u8>>) {
    for slot in 0..session.slots() {
        let tokens = [session.tokens_at(slot), session.former_tokens_at(slot)];
        for tokens in tokens.into_iter().flatten() {
            secrets.push(tokens.access().into());
            secrets.extend(tokens.refresh().map(Into::into));
            secrets.extend(of_extras(endpoint, &tokens));
        }
    }
}

/// All secrets that the attempt sent, and those of its session.
fn of(parts: &Parts, tokens: &AttemptTokens) -> Vec<Vec<u8>> {
    let mut secrets: Vec<Vec<u8>> = tokens.iter().map(|each| bare(&each.token).to_vec()).collect();
    of_session(parts.client.session(), parts.endpoint, &mut secrets);
    if let Some(extras) = &parts.extras {
        of_headers(&extras.headers, &mut secrets);
        secrets.extend(extras.pushed.iter().map(|pushed| pushed.token.as_bytes().to_vec()));
        for Secret { text, .. } in &extras.secrets {
            secrets.push(text.as_bytes().to_vec());
            let text: Vec<u8> = percent_decode_str(text).collect();
            // A server that receives a list may quote one of its values.
            let values = text.split(|byte| b",|".contains(byte)).filter(|value| !value.is_empty());
            secrets.extend(values.map(<[u8]>::to_vec));
            secrets.push(text);
        }
    }
    let hides_body = parts.extras.as_ref().is_some_and(|extras| extras.hides_body);
    if let Some((_, query)) = parts.url.split_once('?') {
        of_form(query.as_bytes(), false, &mut secrets);
    }
    match &parts.body {
        Body::Bytes { bytes, media_type: Some(MediaType::Form) } => {
            of_form(bytes, hides_body, &mut secrets);
        }
        Body::Bytes { bytes, media_type: Some(media_type) } if media_type.is_json() => {
            let body = std::str::from_utf8(bytes).unwrap_or_default();
            let body = serde_json::from_str(body).unwrap_or_default();
            of_json(&body, hides_body, &mut secrets);
        }
        Body::Bytes { bytes, .. } if hides_body => secrets.push(bytes.to_vec()),
        Body::Multipart(multipart) => {
            for (name, text) in multipart.texts() {
                of_value(name, text, hides_body, &mut secrets);
            }
        }
        _ => {}
    }
    add_passwords(&mut secrets);
    secrets
}

/// An extra value of the tokens is secret if its name denotes a secret, here or where it is sent.
fn of_extras(endpoint: &Endpoint, tokens: &Tokens) -> Vec<Vec<u8>> {
    let values = endpoint.from_tokens.iter().filter_map(|value| match value.part {
        TokenPart::Extra(name) if is_secret_name(name) || is_secret_name(value.place.name()) => {
            tokens.extra(name)
        }
        _ => None,
    });
    values.map(Into::into).collect()
}

/// A server that receives a name and a password in base64 (RFC 7617) may quote the password in plain text.
fn add_passwords(secrets: &mut Vec<Vec<u8>>) {
    let passwords: Vec<_> = secrets.iter().filter_map(|secret| password(secret)).collect();
    secrets.extend(passwords);
}

/// The password, if this is the base64 of `name:password`.
fn password(secret: &[u8]) -> Option<Vec<u8>> {
    let padding = secret.iter().rev().take_while(|byte| **byte == b'=').count();
    let pair = parse::base64(&secret[..secret.len() - padding])?;
    let colon = pair.iter().position(|byte| *byte == b':')?;
    Some(pair[colon + 1..].to_vec())
}

/// The token without the scheme before it.
fn bare(value: &[u8]) -> &[u8] {
    value.iter().position(|byte| *byte == b' ').map_or(value, |blank| &value[blank + 1..])
}

fn of_headers(headers: &HeaderMap, secrets: &mut Vec<Vec<u8>>) {
    for (name, value) in headers {
        if value.is_sensitive() || is_secret_name(name.as_str()) {
            secrets.push(value.as_bytes().to_vec());
            secrets.push(bare(value.as_bytes()).to_vec());
        }
        if *name == COOKIE {
            // A server quotes one cookie of several.
            let cookies = value.as_bytes().split(|byte| *byte == b';');
            let values = cookies.filter_map(|cookie| cookie.splitn(2, |byte| *byte == b'=').nth(1));
            secrets.extend(values.map(|value| value.trim_ascii().to_vec()));
        }
    }
}

fn of_form(form: &[u8], is_secret: bool, secrets: &mut Vec<Vec<u8>>) {
    for (name, value) in form_urlencoded::parse(form) {
        of_value(&name, &value, is_secret, secrets);
    }
}

/// A value with a name, which may be JSON with such values in it.
fn of_value(name: &str, value: &str, is_secret: bool, secrets: &mut Vec<Vec<u8>>) {
    if is_secret || is_secret_name(name) {
        secrets.push(value.as_bytes().to_vec());
    } else if value.starts_with(['{', '[']) {
        of_json(&serde_json::from_str(value).unwrap_or_default(), false, secrets);
    }
}

fn of_json(value: &Loose, is_secret: bool, secrets: &mut Vec<Vec<u8>>) {
    of_names(value, is_secret_name, is_secret, secrets);
}

/// The values under names that denote a secret.
fn of_names(
    value: &Loose,
    denotes_secret: fn(&str) -> bool,
    is_secret: bool,
    secrets: &mut Vec<Vec<u8>>,
) {
    match value {
        Loose::Text(text) if is_secret => secrets.push(text.as_bytes().to_vec()),
        Loose::Integer(number) if is_secret => secrets.push(number.to_string().into_bytes()),
        Loose::List(items) => {
            items.iter().for_each(|item| of_names(item, denotes_secret, is_secret, secrets));
        }
        Loose::Object(fields) => {
            for (name, field) in fields {
                of_names(field, denotes_secret, is_secret || denotes_secret(name), secrets);
            }
        }
        _ => {}
    }
}
