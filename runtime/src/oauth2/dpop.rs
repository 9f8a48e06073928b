//! Tokens that are bound to a key (RFC 9449). The key is created at the sign-in and stored with the session's
//! tokens.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;
use http::uri::Scheme;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use huskarl::authorizer::{dpop_resend_advised, extract_dpop_nonce};
use huskarl::core::dpop::{ResourceDPoP, ResourceServerDPoP, SessionKeyedDPoP};
use huskarl::core::jwk::{Jwk, PrivateJwk};
use huskarl::core::secrets::SecretString;
use huskarl::grant::core::TokenResponse;
use huskarl::token::AccessToken;
use huskarl_crypto_native::asymmetric::signer::{GenerateAlgorithm, PrivateKey};
use url::Url;

use super::error::OAuth2Error;
use super::tokens;
use crate::ports::BoxFuture;
use crate::ports::proof::{KEY, Prove};
use crate::types::error::{BoxError, Error, ErrorKind, Result};
use crate::types::tokens::Tokens;

/// The name under which the key is saved while the access token is not bound to it.
const UNUSED_KEY: &str = "dpop_key_unused";

/// The nonces of resource servers, by origin.
type Nonces = Arc<RwLock<HashMap<(Option<Scheme>, Option<String>, Option<u16>), Arc<String>>>>;

/// The state that a client which binds its tokens keeps between requests.
#[derive(Default)]
pub(super) struct Proofs {
    /// Stores the nonces of the authorization server.
    pub(super) server: SessionKeyedDPoP,
    nonces: Nonces,
    /// The key that was used last, since parsing a key takes longer than signing.
    last: Mutex<Option<Arc<Signer>>>,
}

struct Signer {
    text: Box<str>,
    thumbprint: String,
    dpop: ResourceDPoP,
}

impl Proofs {
    fn signer(&self, text: &str) -> std::result::Result<Arc<Signer>, BoxError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signer) = last.as_ref().filter(|signer| &*signer.text == text) {
            return Ok(Arc::clone(signer));
        }
        let key = read(text)?;
        let thumbprint = key.as_private_jwk().thumbprint();
        let nonces = Arc::clone(&self.nonces);
        let dpop = ResourceDPoP::builder().signer(key).nonces(nonces).build();
        let signer = Arc::new(Signer { text: text.into(), thumbprint, dpop });
        *last = Some(Arc::clone(&signer));
        Ok(signer)
    }

    /// The signer with this key for a resource server, and the thumbprint of the key.
    pub(super) fn resource(
        &self,
        text: &str,
    ) -> std::result::Result<(ResourceDPoP, String), BoxError> {
        let signer = self.signer(text)?;
        Ok((signer.dpop.clone(), signer.thumbprint.clone()))
    }

    async fn sign(
        &self,
        key: &str,
        method: &Method,
        url: &Url,
        token: &Bytes,
    ) -> std::result::Result<HeaderValue, BoxError> {
        let signer = self.signer(key)?;
        let uri: Uri = url.as_str().parse()?;
        let token = SecretString::new(std::str::from_utf8(token)?);
        let proof = signer.dpop.proof(method, &uri, &token, &signer.thumbprint).await?;
        let proof = proof.ok_or("the key signs nothing")?;
        let mut proof = HeaderValue::from_str(proof.expose_secret())?;
        proof.set_sensitive(true);
        Ok(proof)
    }
}

impl Prove for Proofs {
    fn proof<'a>(
        &'a self,
        key: &'a str,
        method: &'a Method,
        url: &'a Url,
        token: Bytes,
    ) -> BoxFuture<'a, Result<HeaderValue>> {
        Box::pin(async move {
            self.sign(key, method, url, &token).await.map_err(|error| {
                Error::of_kind(ErrorKind::Argument)
                    .with_message("the proof of the token cannot be signed (RFC 9449)")
                    .with_source(error)
            })
        })
    }

    fn learn(&self, url: &Url, status: StatusCode, headers: &HeaderMap) -> bool {
        let Some(nonce) = extract_dpop_nonce(headers) else { return false };
        let Ok(uri) = url.as_str().parse::<Uri>() else { return false };
        let origin = (uri.scheme().cloned(), uri.host().map(str::to_owned), uri.port_u16());
        let mut nonces = self.nonces.write().unwrap_or_else(PoisonError::into_inner);
        nonces.insert(origin, Arc::new(nonce));
        dpop_resend_advised(status, headers)
    }
}

impl fmt::Debug for Proofs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proofs").finish_non_exhaustive()
    }
}

/// A key for a new session: ES256, which every server that supports DPoP accepts.
pub(super) fn new_key() -> std::result::Result<PrivateKey, OAuth2Error> {
    PrivateKey::generate(GenerateAlgorithm::Es256, None)
        .map_err(|error| OAuth2Error::of("creating a key for the tokens", error))
}

/// The key of these tokens, if any. The refresh token may be bound to it even if the access token is not.
pub(super) fn key_of(tokens: &Tokens) -> std::result::Result<Option<PrivateKey>, OAuth2Error> {
    let used = tokens.extra(KEY).filter(|text| !text.is_empty());
    let Some(text) = used.or_else(|| tokens.extra(UNUSED_KEY)) else { return Ok(None) };
    read(text).map(Some).map_err(|error| OAuth2Error::new("reading the key of the tokens", error))
}

/// The tokens of a response, with their key. If a server does not bind the access token, its type says so; the key is
/// kept for the next refresh, since the refresh token may be bound to it.
pub(super) fn bound(response: &TokenResponse, key: &PrivateKey) -> Tokens {
    let is_bound = matches!(response.access_token(), AccessToken::DPoP(_));
    let tokens = tokens(response);
    if is_bound {
        tokens.with_extra(KEY, write(key))
    } else {
        tokens.with_extra(KEY, "").with_extra(UNUSED_KEY, write(key))
    }
}

fn write(key: &PrivateKey) -> String {
    serde_json::to_string(&Jwk::from(key.as_private_jwk())).expect("a JWK has nothing but texts")
}

fn read(text: &str) -> std::result::Result<PrivateKey, BoxError> {
    // The error of serde would quote the key.
    let jwk: Jwk = serde_json::from_str(text).map_err(|_| "the saved key is not a JWK")?;
    match jwk.private_jwk() {
        Some(PrivateJwk::Asymmetric(jwk)) => Ok(PrivateKey::from_jwk(*jwk)?),
        _ => Err("the saved key is not a private one".into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_key_is_the_same_after_it_was_saved() {
        let key = new_key().unwrap();
        let read = read(&write(&key)).unwrap();
        assert_eq!(key.as_private_jwk().thumbprint(), read.as_private_jwk().thumbprint());
        assert_eq!(write(&key), write(&read));
    }

    #[test]
    fn a_key_that_cannot_be_read_is_an_error_that_does_not_quote_it() {
        let public = Jwk::from(new_key().unwrap().as_private_jwk());
        let mut public = serde_json::to_value(&public).unwrap();
        public.as_object_mut().unwrap().remove("d").unwrap();
        for text in ["secret", "{\"kty\":\"secret\"}", "[]", &public.to_string()] {
            let tokens = Tokens::new("a").with_extra(KEY, text);
            let error = key_of(&tokens).unwrap_err().to_string();
            assert!(error.starts_with("reading the key of the tokens: "), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_nonce_is_stored_for_its_origin_and_a_demand_for_one_is_recognized() {
        let proofs = Proofs::default();
        let url: Url = "https://api.example/orders?page=2".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers
            .insert("www-authenticate", HeaderValue::from_static("DPoP error=\"use_dpop_nonce\""));
        assert!(!proofs.learn(&url, StatusCode::UNAUTHORIZED, &headers), "there is no nonce");
        headers.insert("dpop-nonce", HeaderValue::from_static("n-1"));
        assert!(proofs.learn(&url, StatusCode::UNAUTHORIZED, &headers));
        assert!(!proofs.learn(&url, StatusCode::OK, &headers));
        let nonces = proofs.nonces.read().unwrap();
        assert_eq!(nonces.values().map(|it| &***it).collect::<Vec<_>>(), ["n-1"]);
    }
}
