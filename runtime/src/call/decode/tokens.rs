//! Tokens in the places that `tokens(..)` declares.

use http::HeaderMap;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::{Decode, Json, Keep, decode_json};
use crate::call::sink::{Decoded, TokensOutcome};
use crate::logic::{envelope, json};
use crate::ports::response::Received;
use crate::types::JsonPath;
use crate::types::endpoint::{Endpoint, TokenFields, TokenPlace};
use crate::types::error::{Error, ErrorKind};
use crate::types::login::Login;
use crate::types::tokens::{Loose, TokenResponse, Tokens};

/// The tokens of a session.
#[derive(Debug)]
pub struct OfTokens;
/// Tokens or a question.
#[derive(Debug)]
pub struct Asked;

impl Decode<OfTokens> for Tokens {
    fn decode<'a>(
        endpoint: &'static Endpoint,
        received: &'a mut Received,
        keep: &mut dyn Keep<Self>,
    ) -> Decoded<'a> {
        match endpoint.tokens {
            None => <Self as Decode<Json>>::decode(endpoint, received, keep),
            Some(fields) => match read(endpoint, fields, received) {
                Found::Tokens(tokens) => {
                    keep.keep(tokens);
                    Decoded::Taken
                }
                Found::Nothing => Decoded::Broken(nothing(endpoint, fields, &received.body)),
                Found::Broken(error) => Decoded::Broken(error),
                Found::Rejected => decode_json(endpoint, received, &mut nowhere()),
            },
        }
    }
}

impl<Q: DeserializeOwned> Decode<Asked> for Login<Q> {
    const ASKS: bool = true;

    fn decode<'a>(
        endpoint: &'static Endpoint,
        received: &'a mut Received,
        keep: &mut dyn Keep<Self>,
    ) -> Decoded<'a> {
        let Some(fields) = endpoint.tokens else {
            return <Self as Decode<Json>>::decode(endpoint, received, keep);
        };
        match read(endpoint, fields, received) {
            Found::Tokens(tokens) => {
                keep.keep(Self::SignedIn(tokens));
                Decoded::Taken
            }
            Found::Nothing => {
                let asked = &mut |question| keep.keep(Self::Asked(question));
                decode_json(endpoint, received, &mut envelope::decoding(asked))
            }
            Found::Broken(error) => Decoded::Broken(error),
            Found::Rejected => decode_json(endpoint, received, &mut nowhere()),
        }
    }
}

/// Finds the tokens in the response to a login or a refresh that declares their places, whatever type the method
/// returns.
pub(crate) fn decode_declared<T: Decode<K>, K>(
    endpoint: &'static Endpoint,
    received: &mut Received,
) -> TokensOutcome {
    declared(endpoint, received, T::ASKS)
}

fn declared(endpoint: &'static Endpoint, received: &Received, asks: bool) -> TokensOutcome {
    let fields = endpoint.tokens.unwrap_or(&TokenFields::USUAL);
    match read(endpoint, fields, received) {
        Found::Tokens(tokens) => TokensOutcome::Tokens(tokens),
        Found::Nothing if !asks => TokensOutcome::Broken(nothing(endpoint, fields, &received.body)),
        Found::Nothing | Found::Rejected => TokensOutcome::Rejected,
        Found::Broken(error) => TokensOutcome::Broken(error),
    }
}

enum Found {
    Tokens(Tokens),
    /// There is nothing in the place of the access token.
    Nothing,
    /// The envelope has a code that does not mean success.
    Rejected,
    Broken(Error),
}

fn read(endpoint: &'static Endpoint, fields: &TokenFields, received: &Received) -> Found {
    // Without an envelope, the body need not be JSON if the tokens are in headers.
    let needs_body = matches!(fields.access, None | Some(TokenPlace::Body(_)));
    // A login whose tokens come with a redirect has no such body either.
    let has_envelope = endpoint.envelope.is_some() && !received.status.is_redirection();
    if needs_body || has_envelope {
        match decode_json(endpoint, received, &mut nowhere()) {
            Decoded::Taken => {}
            Decoded::Rejected(_) => return Found::Rejected,
            Decoded::Broken(error) => return Found::Broken(error),
        }
    }
    match at_places(endpoint, fields, &received.headers, &received.body) {
        Ok(Some(tokens)) => Found::Tokens(tokens),
        Ok(None) => Found::Nothing,
        Err(wrong) => Found::Broken(broken(&wrong)),
    }
}

/// The tokens in these places of a response; `None` if there is no access token.
///
/// # Errors
///
/// The reason why the access token is invalid. It quotes no value.
pub(crate) fn at_places(
    endpoint: &Endpoint,
    fields: &TokenFields,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Option<Tokens>, String> {
    let data = endpoint.envelope.and_then(|envelope| envelope.data).unwrap_or_default();
    let text = |path: JsonPath| json::text_at(path, body);
    let body: Loose = envelope::piece(body).unwrap_or_default();
    (fields.code.read)(&TokenResponse { body: &body, data, text: &text, headers }, fields)
}

/// A value that is not needed.
fn nowhere() -> impl FnMut(&mut envelope::Json<'_>) -> serde_json::Result<()> {
    envelope::decoding(|IgnoredAny| ())
}

fn nothing(endpoint: &Endpoint, fields: &TokenFields, body: &[u8]) -> Error {
    let nothing = format!("there is no access token at {}", fields.access_name());
    let within = || {
        let TokenPlace::Body(place) = fields.access? else { return None };
        let path = [endpoint.envelope?.data?, place].concat();
        json::text_at(&path, body).map(|_| path.join("."))
    };
    match within() {
        Some(path) => broken(&format!(
            "{nothing}, but at `{path}`: places are declared from the top of the body"
        )),
        None => broken(&nothing),
    }
}

fn broken(wrong: &str) -> Error {
    Error::of_kind(ErrorKind::Decode).with_message(format!("it has no usable token: {wrong}"))
}
