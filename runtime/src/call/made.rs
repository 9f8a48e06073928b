//! Arguments that the runtime creates for a refresh, and variants that it creates for a failed call.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::client::Client;
use crate::types::cause::RefreshCause;
use crate::types::error::{Error, ErrorKind, Result};
use crate::types::tokens::Tokens;

/// Types that are created from the tokens.
pub trait FromTokens {
    /// Creates the value.
    fn from_tokens(tokens: &Tokens) -> Self;
}

impl<T: for<'a> From<&'a Tokens>> FromTokens for T {
    fn from_tokens(tokens: &Tokens) -> Self {
        tokens.into()
    }
}

/// Types that are created from the cause of a refresh.
pub trait FromCause {
    /// Creates the value.
    fn from_cause(cause: &RefreshCause) -> Self;
}

impl<T: for<'a> From<&'a RefreshCause>> FromCause for T {
    fn from_cause(cause: &RefreshCause) -> Self {
        cause.into()
    }
}

/// The tokens create the parameters of a `refresh` method: those of the type `T`. `S` says where the value comes from.
///
/// It is a trait of the tokens, and not of `T`: for `T`, the compiler would suggest a reference, which can be cloned too.
#[diagnostic::on_unimplemented(
    message = "`{T}` cannot be a parameter of a `refresh` method",
    label = "expected an owned type that is created from the tokens, or passed to the builder",
    note = "to create it from the tokens, implement `From<&perennial::Tokens>` for `{T}`, or take a \
            `perennial::RefreshToken`",
    note = "to create it from the call that needs the token, implement `From<&perennial::RefreshCause>` for `{T}`",
    note = "to pass a value to the builder, derive `Clone` for `{T}`, and write `.value(..)`"
)]
pub trait RefreshArgument<T, S> {
    /// Creates the argument.
    fn create(source: S, client: &Client, renewal: &Renewing<'_>) -> Result<T>;

    /// The name of the type, if the builder was not given a value.
    fn missing(source: S, client: &Client) -> Option<&'static str>;
}

/// The source of the arguments of one refresh.
#[derive(Debug)]
pub struct Renewing<'a> {
    pub(crate) tokens: &'a Tokens,
    pub(crate) cause: &'a RefreshCause,
}

/// The value is created from the cause.
#[derive(Debug, Clone, Copy)]
pub struct Caused;

/// The value is created from the tokens.
#[derive(Debug, Clone, Copy)]
pub struct Created;

/// The builder was given the value.
#[derive(Debug, Clone, Copy)]
pub struct Given;

#[diagnostic::do_not_recommend]
impl<T: FromTokens> RefreshArgument<T, Created> for Tokens {
    fn create(_: Created, _: &Client, renewal: &Renewing<'_>) -> Result<T> {
        Ok(T::from_tokens(renewal.tokens))
    }

    fn missing(_: Created, _: &Client) -> Option<&'static str> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<T: FromCause> RefreshArgument<T, Caused> for Tokens {
    fn create(_: Caused, _: &Client, renewal: &Renewing<'_>) -> Result<T> {
        Ok(T::from_cause(renewal.cause))
    }

    fn missing(_: Caused, _: &Client) -> Option<&'static str> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> RefreshArgument<T, Given> for Tokens {
    fn create(_: Given, client: &Client, _: &Renewing<'_>) -> Result<T> {
        client.value().cloned().ok_or_else(|| {
            let name = std::any::type_name::<T>();
            Error::of_kind(ErrorKind::Build)
                .with_message(format!("the builder has no value of type `{name}`"))
        })
    }

    fn missing(_: Given, client: &Client) -> Option<&'static str> {
        client.value::<T>().is_none().then(std::any::type_name::<T>)
    }
}

/// Finds out where the value of a parameter comes from.
#[derive(Debug)]
pub struct Source<T>(PhantomData<fn() -> T>);

impl<T> Source<T> {
    /// A probe of `T`.
    pub const NEW: Self = Self(PhantomData);
}

/// A type that is created from the cause of the refresh.
pub trait FromRefresh {
    /// Names the source.
    fn __perennial_source(&self) -> Caused;
}

impl<T: FromCause> FromRefresh for &&Source<T> {
    fn __perennial_source(&self) -> Caused {
        Caused
    }
}

/// A type that is created from the tokens.
pub trait FromSession {
    /// Names the source.
    fn __perennial_source(&self) -> Created;
}

/// Any other type.
pub trait FromBuilder {
    /// Names the source.
    fn __perennial_source(&self) -> Given;
}

impl<T: FromTokens> FromSession for &Source<T> {
    fn __perennial_source(&self) -> Created {
        Created
    }
}

impl<T> FromBuilder for Source<T> {
    fn __perennial_source(&self) -> Given {
        Given
    }
}

/// Whether a source needs tokens.
pub trait NeedsTokens {
    /// Returns whether it does.
    const NEEDS_TOKENS: bool;
}

impl NeedsTokens for Created {
    const NEEDS_TOKENS: bool = true;
}

/// It needs no tokens itself. A refresh that reads tokens for another argument has them.
impl NeedsTokens for Caused {
    const NEEDS_TOKENS: bool = false;
}

impl NeedsTokens for Given {
    const NEEDS_TOKENS: bool = false;
}

/// Whether a parameter needs tokens.
#[must_use]
pub fn needs_tokens<S: NeedsTokens>(_: S) -> bool {
    S::NEEDS_TOKENS
}

/// A variant of the user's error: one without a value, or one with a value that is decoded from the
/// body. `M` tells these apart.
#[diagnostic::on_unimplemented(
    message = "this variant cannot be created from a response",
    label = "expected a variant without a value, or with a value that is decoded from the body",
    note = "if the type of its value is yours, derive `serde::Deserialize` for it",
    note = "for a `perennial::Error`, remove the arm: `From<perennial::Error>` converts every other error"
)]
pub trait Variant<E, M> {
    /// Creates the error.
    ///
    /// # Errors
    ///
    /// Why the body does not match the variant's value.
    fn of(self, error: &Error) -> Result<E, String>;
}

/// A variant without a value.
#[derive(Debug)]
pub enum Alone {}

#[diagnostic::do_not_recommend]
impl<E> Variant<E, Alone> for E {
    fn of(self, _: &Error) -> Result<E, String> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<E, T: DeserializeOwned, F: FnOnce(T) -> E> Variant<E, T> for F {
    fn of(self, error: &Error) -> Result<E, String> {
        let value = serde_json::from_slice(error.bytes());
        value.map(self).map_err(|why| mismatch(std::any::type_name::<T>(), error.bytes(), &why))
    }
}

/// Why a body does not match the value of a variant. It quotes nothing of the body, which may hold a secret.
fn mismatch(name: &str, body: &[u8], why: &serde_json::Error) -> String {
    let (line, column) = (why.line(), why.column());
    let what = match why.classify() {
        _ if body.is_empty() => "it is empty".to_owned(),
        Category::Data => format!("its JSON does not match at line {line} column {column}"),
        _ => format!("it is not JSON at line {line} column {column}"),
    };
    let name = name.split('<').next().and_then(|path| path.rsplit("::").next()).unwrap_or(name);
    format!("the body is not the `{name}` of its variant in `#[errors(..)]`: {what}")
}
