//! `key = "repository:{name}:pull"`: how a call says which token of a credential it needs.

use syn::LitStr;

/// The key of a token, built from the parameters of a method.
#[derive(Clone)]
pub(crate) struct KeyTemplate {
    pub(crate) literal: LitStr,
    pub(crate) pieces: Vec<KeyPiece>,
}

/// A part of a key.
#[derive(Clone)]
pub(crate) enum KeyPiece {
    Text(String),
    /// The value of the parameter of this name.
    Param(String),
}

impl KeyTemplate {
    /// The names of the parameters that it contains.
    pub(crate) fn params(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            KeyPiece::Param(name) => Some(name.as_str()),
            KeyPiece::Text(_) => None,
        })
    }
}
