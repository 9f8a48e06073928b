//! Encrypts records with XChaCha20-Poly1305.

use std::fmt;

use bytes::Bytes;
use chacha20poly1305::aead::{Aead, Generate, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};

use super::record::Unreadable;
use crate::ports::store::StoreError;
use crate::types::secret::Hidden;

/// The name of a key is the encryption of nothing with this fixed nonce. Tokens are encrypted with random nonces of
/// 192 bits, which never equal it.
const NAMING: [u8; 24] = *b"perennial: name of a key";

/// A key of 32 bytes that encrypts stored tokens.
///
/// The program provides the key: from a keychain, from a secret of the deployment, or derived from a password. `Debug`
/// does not show it.
///
/// ```
/// use perennial::store::{FileStore, StoreKey};
///
/// fn store(secret: [u8; 32]) -> FileStore {
///     FileStore::at("tokens.json").encrypted(StoreKey::new(secret))
/// }
/// ```
#[derive(Clone)]
pub struct StoreKey {
    cipher: XChaCha20Poly1305,
}

/// An encrypted record. The bytes are in hexadecimal.
#[derive(Serialize, Deserialize)]
pub(super) struct Sealed {
    cipher: String,
    /// The name of the key, which distinguishes a wrong key from damaged data.
    key: String,
    nonce: String,
    text: String,
}

#[derive(Serialize)]
struct Envelope {
    version: u32,
    sealed: Sealed,
}

impl StoreKey {
    /// Creates a key from its bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&Key::from(bytes)) }
    }

    pub(super) fn seal(
        &self,
        version: u32,
        plain: &[u8],
        name: &str,
    ) -> Result<Vec<u8>, StoreError> {
        let failed = |_| StoreError::failed("the token set cannot be encrypted");
        let nonce = XNonce::try_generate().map_err(StoreError::failed)?;
        let aad = authenticated(version, name);
        let payload = Payload { msg: plain, aad: &aad };
        let text = self.cipher.encrypt(&nonce, payload).map_err(failed)?;
        let sealed = Sealed {
            cipher: "xchacha20poly1305".to_owned(),
            key: self.name(),
            nonce: hex(&nonce),
            text: hex(&text),
        };
        serde_json::to_vec(&Envelope { version, sealed }).map_err(StoreError::failed)
    }

    pub(super) fn open(
        &self,
        sealed: &Sealed,
        version: u32,
        name: &str,
    ) -> Result<Vec<u8>, Unreadable> {
        if sealed.key != self.name() {
            return Err(Unreadable::Encrypted("they are encrypted with another key"));
        }
        let damaged = || Unreadable::Corrupt("it cannot be decrypted".to_owned());
        let nonce = unhex(&sealed.nonce).ok_or_else(damaged)?;
        let nonce = <[u8; 24]>::try_from(nonce).map_err(|_| damaged())?;
        let text = unhex(&sealed.text).ok_or_else(damaged)?;
        let payload = Payload { msg: &text, aad: &authenticated(version, name) };
        self.cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| damaged())
    }

    /// Distinguishes keys and reveals nothing about them.
    pub(super) fn name(&self) -> String {
        let tag = self.cipher.encrypt(&XNonce::from(NAMING), &b""[..]);
        // Encryption fails only for a text of many gigabytes.
        hex(&tag.unwrap_or_default())
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreKey").field(&Hidden).finish()
    }
}

/// The data that a seal authenticates in addition to the text.
fn authenticated(version: u32, name: &str) -> Vec<u8> {
    format!("perennial {version} {name}").into_bytes()
}

fn hex(bytes: &[u8]) -> String {
    format!("{:x}", Bytes::copy_from_slice(bytes))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::Tokens;
    use crate::store::{Stored, Version};
    use crate::stores::record::{Codec, Record};

    fn sealed_by(key: u8, name: &str) -> Vec<u8> {
        let version = Version { login: 1, generation: 1 };
        let tokens = Tokens::new("access-token").with_refresh("refresh-token");
        let stored = Stored::new(version, tokens, std::time::UNIX_EPOCH);
        codec(key).encode(&Record::Tokens(stored), name).unwrap()
    }

    fn codec(key: u8) -> Codec {
        Codec { key: Some(StoreKey::new([key; 32])) }
    }

    #[test]
    fn an_encrypted_record_shows_no_token_and_opens_with_its_key() {
        let bytes = sealed_by(1, "ann");
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(!text.contains("token\"") && !text.contains(&hex(b"access-token")), "{text}");
        assert_ne!(bytes, sealed_by(1, "ann"), "each seal has a nonce of its own");
        let Ok(Record::Tokens(stored)) = codec(1).decode(&bytes, "ann") else {
            panic!("it did not open")
        };
        assert_eq!(stored.tokens.access(), "access-token");
    }

    #[test]
    fn a_wrong_or_missing_key_is_distinguished_from_damage() {
        let bytes = sealed_by(1, "ann");
        for codec in [codec(2), Codec::default()] {
            assert!(matches!(codec.decode(&bytes, "ann"), Err(Unreadable::Encrypted(_))));
        }
        assert!(matches!(codec(1).decode(&bytes, "bob"), Err(Unreadable::Corrupt(_))));
        let text = String::from_utf8(bytes).unwrap();
        let at = text.find("\"text\":\"").unwrap() + 20;
        let mut changed = text.clone().into_bytes();
        changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
        assert!(matches!(codec(1).decode(&changed, "ann"), Err(Unreadable::Corrupt(_))));
    }

    #[test]
    fn debug_does_not_show_a_key() {
        assert_eq!(format!("{:?}", StoreKey::new([7; 32])), "StoreKey(***)");
    }
}
