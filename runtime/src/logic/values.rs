//! What can be a path segment, a query value or a header.
//!
//! One parameter may be a value, an `Option` or a list. The marker `M` of a trait tells these apart,
//! since a type that can be displayed could be any of them as far as the compiler knows; it is always
//! inferred.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use http::header::InvalidHeaderValue;
use http::{Extensions, HeaderMap, HeaderValue};

use super::encode::{Encoding, query};

/// What can be a path segment: whatever can be displayed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a path segment",
    label = "expected a type that implements `Display`",
    note = "pass a string or a number, or implement `Display` for `{Self}`",
    note = "for an `Option`, write an optional segment: `{{name?}}`"
)]
pub trait PathValue {
    /// The value as text, before it is encoded.
    fn as_display(&self) -> &dyn Display;
}

#[diagnostic::do_not_recommend]
impl<T: Display> PathValue for T {
    fn as_display(&self) -> &dyn Display {
        self
    }
}

/// What can be an optional path segment: an `Option` of whatever can be displayed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an optional path segment",
    label = "expected an `Option`",
    note = "make it an `Option`, or the segment a required one: `{{name}}`"
)]
pub trait OptionalPathValue {
    /// The value as text, before it is encoded; `None` to leave the segment out.
    fn as_optional(&self) -> Option<&dyn Display>;
}

#[diagnostic::do_not_recommend]
impl<T: PathValue> OptionalPathValue for Option<T> {
    fn as_optional(&self) -> Option<&dyn Display> {
        self.as_ref().map(PathValue::as_display)
    }
}

#[diagnostic::do_not_recommend]
impl<T: OptionalPathValue> OptionalPathValue for &T {
    fn as_optional(&self) -> Option<&dyn Display> {
        (**self).as_optional()
    }
}

/// How several values of one name are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListStyle {
    /// `id=1&id=2`.
    Repeat,
    /// `id=1,2`.
    Comma,
    /// `id=1|2`, with the bar encoded, since it may not stand in a URL.
    Pipe,
}

/// What can be the value of a query parameter or a form field: whatever can be displayed, an
/// `Option` of it, which is left out if there is none, and a list of it, which is left out if it is
/// empty. `M` tells these apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a query value or a form field",
    label = "expected a type that implements `Display`",
    note = "pass a string, a number, an `Option`, a slice or a `Vec`, or implement `Display`",
    note = "for a struct, write `#[query(flatten)]`, or `#[form]` for a body"
)]
pub trait QueryValue<M> {
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
impl<T: Display + ?Sized> QueryValue<One> for T {
    fn visit(&self, each: &mut dyn FnMut(&dyn Display)) {
        each(&self);
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: QueryValue<M>> QueryValue<Maybe<M>> for Option<T> {
    fn visit(&self, each: &mut dyn FnMut(&dyn Display)) {
        if let Some(value) = self {
            value.visit(each);
        }
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: QueryValue<M>> QueryValue<Maybe<M>> for &Option<T> {
    fn visit(&self, each: &mut dyn FnMut(&dyn Display)) {
        (**self).visit(each);
    }
}

macro_rules! lists {
    ($([$($generics:tt)*] $list:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl<M, T: QueryValue<M>, $($generics)*> QueryValue<Many<M>> for $list {
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
impl<M, T: QueryValue<M> + Clone> QueryValue<Many<M>> for Cow<'_, [T]> {
    fn visit(&self, each: &mut dyn FnMut(&dyn Display)) {
        for value in self.iter() {
            value.visit(each);
        }
    }
}

/// Passes each value of one name on.
pub(crate) type Visit<'a> = &'a dyn Fn(&mut dyn FnMut(&dyn Display));

/// Appends all values of one name to a query or a form. It fails if a `Display` does.
pub(crate) fn append_query(
    url: &mut String,
    has_query: &mut bool,
    name: &str,
    style: ListStyle,
    visit: Visit<'_>,
) -> fmt::Result {
    let mut appending = Appending { url, has_query, name, style, is_first: true, result: Ok(()) };
    visit(&mut |value| appending.append(value));
    appending.result
}

/// What appending needs to know, in one place, so that it is compiled once for all types.
struct Appending<'a> {
    url: &'a mut String,
    has_query: &'a mut bool,
    name: &'a str,
    style: ListStyle,
    is_first: bool,
    result: fmt::Result,
}

impl Appending<'_> {
    fn append(&mut self, value: &dyn Display) {
        let joint = match self.style {
            _ if self.is_first => None,
            ListStyle::Repeat => None,
            // As it is, so that it differs from a comma within a value.
            ListStyle::Comma => Some(","),
            ListStyle::Pipe => Some("%7C"),
        };
        self.is_first = false;
        let written = match joint {
            Some(joint) => {
                self.url.push_str(joint);
                write!(Encoding(self.url), "{value}")
            }
            None => query(self.url, self.has_query, self.name, value),
        };
        self.result = self.result.and(written);
    }
}

/// What can be the value of a header: whatever can be displayed, a `HeaderValue`, and an `Option` of
/// either, which is left out if there is none. `M` tells these apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a header",
    label = "expected a type that implements `Display`",
    note = "pass a string, a number, a `HeaderValue` or an `Option`, or implement `Display`"
)]
pub trait HeaderValueSource<M> {
    /// The value; `None` to leave the header out.
    ///
    /// # Errors
    ///
    /// If the text holds anything but visible ASCII, blanks and tabs, or begins or ends with one of
    /// the latter, which get lost on the way. Whoever wants to send other bytes passes a `HeaderValue`.
    fn header_value(&self) -> Result<Option<HeaderValue>, InvalidHeaderValue>;
}

/// A value that is one already.
#[derive(Debug)]
pub enum Ready {}

#[diagnostic::do_not_recommend]
impl<T: Display + ?Sized> HeaderValueSource<One> for T {
    fn header_value(&self) -> Result<Option<HeaderValue>, InvalidHeaderValue> {
        let mut text = String::new();
        // A `Display` that fails is told like a text that cannot travel, and so is what is no ASCII:
        // servers disagree on what it says (RFC 9110, section 5.5).
        let is_written = write!(text, "{self}").is_ok();
        let is_whole = text.trim_matches([' ', '\t']).len() == text.len();
        let fits = is_written && is_whole && text.is_ascii();
        HeaderValue::from_str(if fits { &text } else { "\0" }).map(Some)
    }
}

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

/// What can be several headers: a `HeaderMap`, and an `Option` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a map of headers",
    label = "expected a `HeaderMap`",
    note = "pass a `&HeaderMap` or an `Option` of it; for one header, write `#[header(\"name\")]`"
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

/// What can be the address of a call.
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

/// What can be an extension of a request, by which layers find it.
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
