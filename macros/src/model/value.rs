//! Values that carry their tokens.

use proc_macro2::TokenStream;
use quote::ToTokens;

/// A value in a body: a boolean, an integer or a string.
#[derive(Clone)]
pub(crate) struct Scalar {
    pub(crate) kind: ScalarKind,
    pub(crate) tokens: TokenStream,
}

/// The type of a scalar. An integer and its canonical decimal string are the same value in a body.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum ScalarKind {
    Bool(bool),
    Int(i64),
    Text(String),
}

impl ToTokens for Scalar {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.tokens.to_tokens(tokens);
    }
}

impl Scalar {
    /// Whether both match the same value in a body.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }

    fn canonical(&self) -> String {
        match &self.kind {
            ScalarKind::Bool(value) => format!("bool {value}"),
            ScalarKind::Int(value) => format!("{value}"),
            ScalarKind::Text(value) => value.clone(),
        }
    }
}

/// An HTTP status, with its token.
#[derive(Clone)]
pub(crate) struct Status {
    pub(crate) number: u16,
    pub(crate) tokens: TokenStream,
}

impl ToTokens for Status {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.tokens.to_tokens(tokens);
    }
}
