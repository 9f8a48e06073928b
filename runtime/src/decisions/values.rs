//! What can be a path segment, a query value or a header.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};
use std::rc::Rc;
use std::sync::Arc;

use http::HeaderValue;

use super::encode::{Encoding, query, query_name};

/// What can be a path segment: whatever can be displayed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a path segment",
    label = "a path segment is displayed as text",
    note = "pass a string, a number or a type that implements `Display`; an `Option` takes `{{name?}}` in the path"
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

/// How several values of one name are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListStyle {
    /// `id=1&id=2`.
    Repeat,
    /// `id=1,2`.
    Comma,
    /// `id=1|2`.
    Pipe,
}

/// What can be the value of a query parameter or a form field: whatever can be displayed, an
/// `Option` of it, which is left out if there is none, and a list of it. `M` tells these apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a query value",
    label = "a query value is displayed as text",
    note = "pass a string, a number or a type that implements `Display`, or an `Option`, a slice or a `Vec` of it",
    note = "a struct of several values takes `#[query(flatten)]`"
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
pub struct Maybe<M>(std::marker::PhantomData<M>);

/// A list.
#[derive(Debug)]
pub enum Many {}

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
        impl<T: Display, $($generics)*> QueryValue<Many> for $list {
            fn visit(&self, each: &mut dyn FnMut(&dyn Display)) {
                for value in self.iter() {
                    each(value);
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
    [] Rc<[T]>,
    [] Arc<[T]>,
    [const N: usize] [T; N],
    [const N: usize] &[T; N],
}

#[diagnostic::do_not_recommend]
impl<T: Display + Clone> QueryValue<Many> for Cow<'_, [T]> {
    fn visit(&self, each: &mut dyn FnMut(&dyn Display)) {
        for value in self.iter() {
            each(value);
        }
    }
}

/// Appends all values of one name to a query or a form.
pub(crate) fn append_query<M, V: QueryValue<M> + ?Sized>(
    url: &mut String,
    has_query: &mut bool,
    name: &str,
    value: &V,
    style: ListStyle,
) -> fmt::Result {
    let mut written = Ok(());
    let mut first = true;
    value.visit(&mut |value| {
        let joint = match style {
            ListStyle::Repeat => None,
            ListStyle::Comma => Some(','),
            ListStyle::Pipe => Some('|'),
        };
        let result = match joint {
            Some(joint) if !first => {
                write!(Encoding(url), "{joint}").and_then(|()| write!(Encoding(url), "{value}"))
            }
            Some(_) => {
                query_name(url, has_query, name);
                write!(Encoding(url), "{value}")
            }
            None => query(url, has_query, name, value),
        };
        first = false;
        if result.is_err() {
            written = result;
        }
    });
    written
}

/// What can be the value of a header: whatever can be displayed, a `HeaderValue`, and an `Option` of
/// either, which is left out if there is none. `M` tells these apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a header",
    label = "a header is displayed as text",
    note = "pass a string, a number, a `HeaderValue` or a type that implements `Display`, or an `Option` of it"
)]
pub trait HeaderValueSource<M> {
    /// The value; `None` to leave the header out.
    ///
    /// # Errors
    ///
    /// If the text holds a line break or another byte that cannot travel in a header.
    fn header_value(&self) -> Result<Option<HeaderValue>, http::header::InvalidHeaderValue>;
}

/// A value that is one already.
#[derive(Debug)]
pub enum Ready {}

#[diagnostic::do_not_recommend]
impl<T: Display + ?Sized> HeaderValueSource<One> for T {
    fn header_value(&self) -> Result<Option<HeaderValue>, http::header::InvalidHeaderValue> {
        HeaderValue::try_from(self.to_string()).map(Some)
    }
}

#[diagnostic::do_not_recommend]
impl HeaderValueSource<Ready> for HeaderValue {
    fn header_value(&self) -> Result<Option<HeaderValue>, http::header::InvalidHeaderValue> {
        Ok(Some(self.clone()))
    }
}

#[diagnostic::do_not_recommend]
impl HeaderValueSource<Ready> for &HeaderValue {
    fn header_value(&self) -> Result<Option<HeaderValue>, http::header::InvalidHeaderValue> {
        Ok(Some((*self).clone()))
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: HeaderValueSource<M>> HeaderValueSource<Maybe<M>> for Option<T> {
    fn header_value(&self) -> Result<Option<HeaderValue>, http::header::InvalidHeaderValue> {
        self.as_ref().map_or(Ok(None), HeaderValueSource::header_value)
    }
}
