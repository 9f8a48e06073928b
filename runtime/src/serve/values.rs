//! Parses the texts of a request into the arguments of a method, in the form in which a client sends them: the
//! serde form of a value if it has one, otherwise its `Display`, which `FromStr` reverses.
//!
//! The compiler selects the form as it does for a client, with a probe of the type.

use std::any::Any;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::extract::{Rejection, Values, only};
use super::texts;
use crate::logic::values::{Both, Displayed, Many, Maybe, One, Serialized, texts_of};

/// A value that is parsed from text: any type with `FromStr`, an `Option` of it, and a list of it. `M`
/// distinguishes these.
pub trait FromTexts<M>: Sized {
    /// Whether it is a list.
    const IS_LIST: bool = false;

    /// Takes all texts of one name.
    ///
    /// # Errors
    ///
    /// Why they are not such a value.
    fn from_texts(texts: &[String]) -> Result<Self, String>;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr<Err: Display>> FromTexts<One> for T {
    fn from_texts(texts: &[String]) -> Result<Self, String> {
        only(texts, "value")?.parse().map_err(|error: T::Err| error.to_string())
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: FromTexts<M>> FromTexts<Maybe<M>> for Option<T> {
    const IS_LIST: bool = T::IS_LIST;

    fn from_texts(texts: &[String]) -> Result<Self, String> {
        if texts.is_empty() { Ok(None) } else { T::from_texts(texts).map(Some) }
    }
}

fn items<M, T: FromTexts<M>>(texts: &[String]) -> Result<Vec<T>, String> {
    texts.iter().map(|text| T::from_texts(std::slice::from_ref(text))).collect()
}

macro_rules! lists {
    ($($list:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<M, T: FromTexts<M>> FromTexts<Many<M>> for $list {
            const IS_LIST: bool = true;

            fn from_texts(texts: &[String]) -> Result<Self, String> {
                items(texts).map(Into::into)
            }
        }
    )*};
}

lists!(Vec<T>, Box<[T]>, Arc<[T]>);

#[diagnostic::do_not_recommend]
impl<M, T: FromTexts<M>, const N: usize> FromTexts<Many<M>> for [T; N] {
    const IS_LIST: bool = true;

    fn from_texts(texts: &[String]) -> Result<Self, String> {
        let items = items(texts)?;
        items.try_into().map_err(|_| format!("expected {N} values, found {}", texts.len()))
    }
}

/// A placeholder, a query value or a form field in the form `F`, parsed from a request. `M` distinguishes single
/// values, options and lists.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be parsed back from a request",
    label = "`serve` parses an argument in the form in which it is sent",
    note = "if the type implements `Serialize`, derive `serde::Deserialize`",
    note = "if it implements `Display`, implement `FromStr` as the reverse"
)]
pub trait FromValues<F, M>: Sized {
    /// Parses it.
    ///
    /// # Errors
    ///
    /// Why the request has no such value.
    fn from_values(form: F, values: &Values) -> Result<Self, Rejection>;
}

#[diagnostic::do_not_recommend]
impl<M, T: Serialize + DeserializeOwned + FromTexts<M>> FromValues<Both, M> for T {
    fn from_values(_: Both, values: &Values) -> Result<Self, Rejection> {
        let takes_lists = T::IS_LIST;
        texts::value(&values.texts, takes_lists).or_else(|error| {
            // A client uses `Display` only if there is no serde form that is a text.
            let parsed = T::from_texts(&values.texts).ok();
            let sent_so = parsed.filter(|value| {
                texts_of(value, takes_lists).is_none_or(|texts| texts == values.texts)
            });
            sent_so.ok_or_else(|| values.reject(error))
        })
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> FromValues<Serialized, ()> for T {
    fn from_values(_: Serialized, values: &Values) -> Result<Self, Rejection> {
        texts::value(&values.texts, true).map_err(|error| values.reject(error))
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: FromTexts<M>> FromValues<Displayed, M> for T {
    fn from_values(_: Displayed, values: &Values) -> Result<Self, Rejection> {
        T::from_texts(&values.texts).map_err(|error| values.reject(error))
    }
}

/// A header, parsed from a request: the reverse of its `Display`, or a `HeaderValue`, or an `Option` of either.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be parsed back from a header",
    label = "`serve` parses a header with `FromStr`",
    note = "implement `std::str::FromStr` for `{Self}` as the reverse of its `Display`"
)]
pub trait FromHeader<M>: Sized {
    /// Parses it.
    ///
    /// # Errors
    ///
    /// Why the request has no such header.
    fn from_header(values: &Values<HeaderValue>) -> Result<Self, Rejection>;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr<Err: Display> + 'static> FromHeader<One> for T {
    fn from_header(values: &Values<HeaderValue>) -> Result<Self, Rejection> {
        let value = only(&values.texts, "value").map_err(|why| values.reject(why))?;
        let mut found = None;
        // Unchanged, since it may contain bytes that are not text.
        if let Some(found) = (&mut found as &mut dyn Any).downcast_mut::<Option<HeaderValue>>() {
            *found = Some(value.clone());
        }
        if let Some(found) = found {
            return Ok(found);
        }
        let text = String::from_utf8_lossy(value.as_bytes());
        text.parse().map_err(|error: T::Err| values.reject(error))
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: FromHeader<M>> FromHeader<Maybe<M>> for Option<T> {
    fn from_header(values: &Values<HeaderValue>) -> Result<Self, Rejection> {
        if values.texts.is_empty() { Ok(None) } else { T::from_header(values).map(Some) }
    }
}

/// All headers of a request: a `HeaderMap`, or an `Option` of it.
pub trait FromHeaders {
    /// Takes them.
    fn from_headers(headers: &HeaderMap) -> Self;
}

impl FromHeaders for HeaderMap {
    fn from_headers(headers: &HeaderMap) -> Self {
        headers.clone()
    }
}

impl FromHeaders for Option<HeaderMap> {
    fn from_headers(headers: &HeaderMap) -> Self {
        Some(headers.clone())
    }
}

/// An argument that is not sent.
#[diagnostic::on_unimplemented(
    message = "a served request has no value for `{Self}`",
    label = "`serve` creates an `#[ext]` with `Default`",
    note = "implement `Default` for `{Self}`"
)]
pub trait NotSent {
    /// Creates it.
    fn made() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> NotSent for T {
    fn made() -> Self {
        Self::default()
    }
}

/// The traits of a probe, the most specific first. They are imported anonymously where they are used.
pub mod kinds {
    use super::{Both, DeserializeOwned, Displayed, FromTexts, Serialize, Serialized};
    use crate::logic::values::ValueProbe;

    /// A value with both forms.
    pub trait ParsedBoth<M> {
        /// The form.
        fn __parsed_form(&self) -> Both {
            Both
        }
    }

    /// A value with the serde form.
    pub trait ParsedSerialized {
        /// The form.
        fn __parsed_form(&self) -> Serialized {
            Serialized
        }
    }

    /// Any other value.
    pub trait ParsedDisplayed {
        /// The form.
        fn __parsed_form(&self) -> Displayed {
            Displayed
        }
    }

    impl<M, T: Serialize + DeserializeOwned + FromTexts<M>> ParsedBoth<M> for &&ValueProbe<T> {}
    impl<T: Serialize> ParsedSerialized for &ValueProbe<T> {}
    impl<T> ParsedDisplayed for ValueProbe<T> {}
}
