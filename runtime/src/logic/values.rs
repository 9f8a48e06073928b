//! Types that can be a path segment, a query value or a header.
//!
//! A parameter may be a single value, an `Option` or a list. The marker `M` of a trait distinguishes these, since
//! to the compiler any `Display` type could be any of them. It is always inferred.

mod form;
mod scalar;

use std::borrow::Cow;
use std::fmt::{Display, Write};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use http::header::InvalidHeaderValue;
use http::{Extensions, HeaderMap, HeaderValue};
#[cfg(feature = "serve")]
use serde::Serialize;

use super::encode::{EncodeError, Encoding, query_name};
use crate::types::Never;
use crate::types::tokens::{BasicAuth, RefreshToken};
use form::Decoy;
#[cfg(feature = "serve")]
pub(crate) use form::ValueProbe;
pub use form::{
    Both, Displayed, OptionalPathValue, PathValue, QueryValue, Serialized, kinds, probe, probe_of,
};
pub(crate) use scalar::Unfit;

/// How several values of one name are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListStyle {
    /// `id=1&id=2`.
    Repeat,
    /// `id=1,2`.
    Comma,
    /// `id=1|2`; the bar is encoded, since it is not allowed in a URL.
    Pipe,
}

/// A value that is displayed in a query or a form: any `Display` type, an `Option` of it, which is left out if it
/// is `None`, and a list of it, which is left out if it is empty. `M` distinguishes these.
pub trait QueryText<M> {
    /// Whether it is a list.
    const IS_LIST: bool = false;

    /// Gives each value to `each`.
    fn visit(&self, each: &mut dyn FnMut(&dyn Display));
}

/// One value.
#[derive(Debug)]
pub enum One {}

/// A value that may be missing.
#[derive(Debug)]
pub struct Maybe<M>(PhantomData<M>);

/// A list of values.
#[derive(Debug)]
pub struct Many<M>(PhantomData<M>);

#[diagnostic::do_not_recommend]
impl<T: Display + ?Sized> QueryText<One> for T {
    fn visit(&self, each: &mut dyn FnMut(&dyn Display)) {
        each(&self);
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: QueryText<M>> QueryText<Maybe<M>> for Option<T> {
    const IS_LIST: bool = T::IS_LIST;

    fn visit(&self, each: &mut dyn FnMut(&dyn Display)) {
        if let Some(value) = self {
            value.visit(each);
        }
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: QueryText<M>> QueryText<Maybe<M>> for &Option<T> {
    const IS_LIST: bool = T::IS_LIST;

    fn visit(&self, each: &mut dyn FnMut(&dyn Display)) {
        (**self).visit(each);
    }
}

macro_rules! lists {
    ($([$($generics:tt)*] $list:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl<M, T: QueryText<M>, $($generics)*> QueryText<Many<M>> for $list {
            const IS_LIST: bool = true;

            fn visit(&self, each: &mut dyn FnMut(&dyn Display)) {
                for value in self.iter() {
                    value.visit(each);
                }
            }
        }
    )*};
}

lists! {
    [] [T],
    [] &[T],
    [] Vec<T>,
    [] &Vec<T>,
    [] Box<[T]>,
    [] &Box<[T]>,
    [] Rc<[T]>,
    [] Arc<[T]>,
    [const N: usize] [T; N],
    [const N: usize] &[T; N],
}

#[diagnostic::do_not_recommend]
impl<M, T: QueryText<M> + Clone> QueryText<Many<M>> for Cow<'_, [T]> {
    const IS_LIST: bool = true;

    fn visit(&self, each: &mut dyn FnMut(&dyn Display)) {
        for value in self.iter() {
            value.visit(each);
        }
    }
}

/// The texts of a value in its serde form, if it has one.
#[cfg(feature = "serve")]
pub(crate) fn texts_of<T: Serialize + ?Sized>(value: &T, takes_lists: bool) -> Option<Vec<String>> {
    let mut texts = Vec::new();
    let visited = scalar::visit(value, takes_lists, &mut |text| texts.push(text.to_string()));
    visited.ok().map(|()| texts)
}

/// Passes each text of a value to a function.
pub(crate) type Visit<'a> = &'a dyn Fn(&mut dyn FnMut(&dyn Display)) -> Result<(), Unfit>;

/// Appends all values of one name to a query or a form.
pub(crate) fn append_query(
    url: &mut String,
    has_query: &mut bool,
    name: &'static str,
    style: ListStyle,
    visit: Visit<'_>,
) -> Result<(), EncodeError> {
    let mut appending = Appending { url, has_query, name, style, is_first: true, result: Ok(()) };
    let visited = visit(&mut |value| appending.append(value));
    visited.map_err(|unfit| EncodeError::Unfit(name, unfit))?;
    appending.result
}

/// A bar as it is encoded, between values and within one.
const BAR: &str = "%7C";

/// The state for appending, in one place, so that it is compiled once for all types.
struct Appending<'a> {
    url: &'a mut String,
    has_query: &'a mut bool,
    name: &'static str,
    style: ListStyle,
    is_first: bool,
    result: Result<(), EncodeError>,
}

impl Appending<'_> {
    fn append(&mut self, value: &dyn Display) {
        let joint = match self.style {
            _ if self.is_first => None,
            ListStyle::Repeat => None,
            // Not encoded, so that it differs from a comma within a value.
            ListStyle::Comma => Some(","),
            ListStyle::Pipe => Some(BAR),
        };
        self.is_first = false;
        match joint {
            Some(joint) => self.url.push_str(joint),
            None => query_name(self.url, self.has_query, self.name),
        }
        let start = self.url.len();
        let written = write!(Encoding(self.url), "{value}");
        let result = match written {
            Err(_) => Err(EncodeError::Display(self.name)),
            Ok(()) if self.style == ListStyle::Pipe && self.url[start..].contains(BAR) => {
                Err(EncodeError::Separator(self.name))
            }
            Ok(()) => return,
        };
        if self.result.is_ok() {
            self.result = result;
        }
    }
}

/// A type that can be the value of a header: any `Display` type, a `HeaderValue`, and an `Option` of either, which
/// is left out if it is `None`. `M` distinguishes these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a header",
    label = "expected a type that implements `Display`",
    note = "pass a string, a number, a `HeaderValue` or an `Option`, or implement `Display` for your own type",
    note = "for a list, join it into one string"
)]
pub trait HeaderValueSource<M> {
    /// The value; `None` to leave the header out.
    ///
    /// # Errors
    ///
    /// If the text contains anything but visible ASCII, blanks and tabs, or begins or ends with a blank or a tab,
    /// which would get lost on the way. To send other bytes, pass a `HeaderValue`.
    fn header_value(&self) -> Result<Option<HeaderValue>, InvalidHeaderValue>;
}

/// A function in `headers(..)`. `M` distinguishes what it returns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot give the value of a header",
    label = "expected a function without arguments that returns the value",
    note = "return a string, a number or a `HeaderValue`, or an `Option` of one: `None` is left out",
    note = "the function cannot be `async`",
    note = "turn a `Result` into an `Option` with `.ok()`"
)]
pub trait HeaderFunction<M> {
    /// Calls it.
    ///
    /// # Errors
    ///
    /// As [`HeaderValueSource::header_value`].
    fn header(&self) -> Result<Option<HeaderValue>, InvalidHeaderValue>;
}

#[diagnostic::do_not_recommend]
impl<M, T: HeaderValueSource<M>, F: Fn() -> T> HeaderFunction<(M, T)> for F {
    fn header(&self) -> Result<Option<HeaderValue>, InvalidHeaderValue> {
        self().header_value()
    }
}

/// With a second impl, the compiler does not conclude that the first was meant, so that its error names the trait.
#[diagnostic::do_not_recommend]
impl<F: Never> HeaderFunction<Decoy<0>> for F {
    fn header(&self) -> Result<Option<HeaderValue>, InvalidHeaderValue> {
        Ok(None)
    }
}

/// A constant in `headers(..)`.
#[diagnostic::on_unimplemented(
    message = "a constant of the type `{Self}` cannot be the value of a header",
    label = "expected a `&'static str`",
    note = "write the value in quotes, or the name of a function that returns it"
)]
pub trait HeaderConstant {
    /// The value.
    fn text(self) -> &'static str;
}

#[diagnostic::do_not_recommend]
impl HeaderConstant for &'static str {
    fn text(self) -> &'static str {
        self
    }
}

/// A value that already is one.
#[derive(Debug)]
pub enum Ready {}

#[diagnostic::do_not_recommend]
impl<T: Display + ?Sized> HeaderValueSource<One> for T {
    fn header_value(&self) -> Result<Option<HeaderValue>, InvalidHeaderValue> {
        let mut text = String::new();
        // A `Display` that fails is reported like text that a header cannot carry, and so is text that is not
        // ASCII: servers disagree on its meaning (RFC 9110, section 5.5).
        let is_written = write!(text, "{self}").is_ok();
        let is_whole = text.trim_matches([' ', '\t']).len() == text.len();
        let fits = is_written && is_whole && text.is_ascii();
        HeaderValue::from_str(if fits { &text } else { "\0" }).map(Some)
    }
}

/// They are not `Display`, so that they are not written to a log by accident.
macro_rules! secrets {
    ($($type:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl HeaderValueSource<Ready> for $type {
            fn header_value(&self) -> Result<Option<HeaderValue>, InvalidHeaderValue> {
                // Without the secret there is nothing to send, and an empty header says nothing.
                let text = match self.reveal() {
                    "" => "\0",
                    text => text,
                };
                let mut value = HeaderValue::from_str(text)?;
                value.set_sensitive(true);
                Ok(Some(value))
            }
        }
    )*};
}

secrets!(RefreshToken, BasicAuth);

#[diagnostic::do_not_recommend]
impl HeaderValueSource<Ready> for HeaderValue {
    fn header_value(&self) -> Result<Option<HeaderValue>, InvalidHeaderValue> {
        Ok(Some(self.clone()))
    }
}

#[diagnostic::do_not_recommend]
impl HeaderValueSource<Ready> for &HeaderValue {
    fn header_value(&self) -> Result<Option<HeaderValue>, InvalidHeaderValue> {
        Ok(Some((*self).clone()))
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: HeaderValueSource<M>> HeaderValueSource<Maybe<M>> for Option<T> {
    fn header_value(&self) -> Result<Option<HeaderValue>, InvalidHeaderValue> {
        self.as_ref().map_or(Ok(None), HeaderValueSource::header_value)
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: HeaderValueSource<M>> HeaderValueSource<Maybe<M>> for &Option<T> {
    fn header_value(&self) -> Result<Option<HeaderValue>, InvalidHeaderValue> {
        (**self).header_value()
    }
}

/// A type that can be several headers: a `HeaderMap`, and an `Option` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a map of headers",
    label = "expected a `HeaderMap`",
    note = "pass a `&HeaderMap` or an `Option` of it",
    note = "for one header, write `#[header(\"name\")]`"
)]
pub trait HeadersSource {
    /// The headers; `None` to leave them out.
    fn header_map(&self) -> Option<&HeaderMap>;
}

#[diagnostic::do_not_recommend]
impl HeadersSource for HeaderMap {
    fn header_map(&self) -> Option<&HeaderMap> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: HeadersSource + ?Sized> HeadersSource for &T {
    fn header_map(&self) -> Option<&HeaderMap> {
        (**self).header_map()
    }
}

#[diagnostic::do_not_recommend]
impl<T: HeadersSource> HeadersSource for Option<T> {
    fn header_map(&self) -> Option<&HeaderMap> {
        self.as_ref()?.header_map()
    }
}

/// A type that can be the address of a call.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the URL of a call",
    label = "expected a string or a `Url`",
    note = "pass a `&str`, a `String` or a `Url`"
)]
pub trait UrlValue {
    /// The address as text.
    fn as_address(&self) -> &str;
}

#[diagnostic::do_not_recommend]
impl<T: AsRef<str> + ?Sized> UrlValue for T {
    fn as_address(&self) -> &str {
        self.as_ref()
    }
}

/// A type that can be an extension of a request, in which layers find it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an extension of a request",
    label = "expected a type that is `Clone + Send + Sync + 'static`",
    note = "derive `Clone`, and use `Arc` instead of `Rc` or a reference"
)]
pub trait ExtensionValue {
    /// Adds it to the extensions of a request.
    fn insert(self, extensions: &mut Extensions);
}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> ExtensionValue for T {
    fn insert(self, extensions: &mut Extensions) {
        extensions.insert(self);
    }
}

#[cfg(test)]
mod tests;
