//! Types that are created from tokens and from failed calls.

use serde::de::DeserializeOwned;

use crate::types::error::Error;
use crate::types::tokens::Tokens;

/// The parameters of a `refresh` method, which are created from the tokens.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a `refresh` method",
    label = "expected a type that is created from the tokens",
    note = "implement `From<&perennial::Tokens>` for `{Self}`"
)]
pub trait FromTokens {
    /// Makes it.
    fn from_tokens(tokens: &Tokens) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: for<'a> From<&'a Tokens>> FromTokens for T {
    fn from_tokens(tokens: &Tokens) -> Self {
        tokens.into()
    }
}

/// A variant of the user's error: one without a value, or one with a value that is decoded from the
/// body. `M` tells these apart.
#[diagnostic::on_unimplemented(
    message = "this variant cannot be created from a response",
    label = "expected a variant without a value, or with one that is decoded from the body",
    note = "derive `serde::Deserialize` for its value"
)]
pub trait Variant<E, M> {
    /// Makes it; `None` if the body is not what it holds.
    fn of(self, error: &Error) -> Option<E>;
}

/// A variant without a value.
#[derive(Debug)]
pub enum Alone {}

#[diagnostic::do_not_recommend]
impl<E> Variant<E, Alone> for E {
    fn of(self, _: &Error) -> Option<E> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl<E, T: DeserializeOwned, F: FnOnce(T) -> E> Variant<E, T> for F {
    fn of(self, error: &Error) -> Option<E> {
        error.body().ok().map(self)
    }
}
