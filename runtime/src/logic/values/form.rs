//! The text form of a value in a call: its serde form if it has one, so that a value looks the same in a path, a
//! query and a body; otherwise its `Display`.
//!
//! The compiler selects it: a method of a [`ValueProbe`] of the type is called through as many references as there
//! are [`kinds`], and the first impl that fits is used. So types with only one of the two forms are accepted as
//! well.

use std::fmt::Display;
use std::marker::PhantomData;
use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::QueryText;
use super::scalar::{Unfit, visit, visit_one};

/// A probe that asks a type for its form.
#[derive(Debug)]
pub struct ValueProbe<T: ?Sized>(PhantomData<T>);

/// A probe of the type of this value, if it cannot be named.
pub const fn probe<T: ?Sized>(_: &T) -> ValueProbe<T> {
    ValueProbe(PhantomData)
}

/// A probe of a type.
pub const fn probe_of<T: ?Sized>() -> ValueProbe<T> {
    ValueProbe(PhantomData)
}

/// The serde form; or `Display` if that is not a text.
#[derive(Debug, Clone, Copy)]
pub struct Both;
/// The serde form.
#[derive(Debug, Clone, Copy)]
pub struct Serialized;
/// The `Display` form.
#[derive(Debug, Clone, Copy)]
pub struct Displayed;

/// A query value or a form field, in the form `F`. `M` distinguishes single values, options and lists.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a query value or a form field",
    label = "expected a type that implements `Serialize` or `Display`",
    note = "pass a string, a number, an `Option`, a slice or a `Vec`, or implement `Serialize` or `Display`",
    note = "for a time or a duration, pass the number or the text that the server reads",
    note = "for a struct, write `#[query(flatten)]`, or `#[form]` for a body"
)]
pub trait QueryValue<F, M> {
    /// Passes each text to `each`.
    ///
    /// # Errors
    ///
    /// If the serde form is not a text.
    fn texts(form: F, value: &Self, each: &mut dyn FnMut(&dyn Display)) -> Result<(), Unfit>;
}

#[diagnostic::do_not_recommend]
impl<M, T: Serialize + QueryText<M> + ?Sized> QueryValue<Both, M> for T {
    fn texts(_: Both, value: &Self, each: &mut dyn FnMut(&dyn Display)) -> Result<(), Unfit> {
        // A value whose `Display` is one text is not a list, even if serde splits it into parts.
        let takes_lists = T::IS_LIST;
        // If the value turns out to have no serde form, nothing must have been passed on yet.
        if visit(value, takes_lists, &mut |_| {}).is_ok() {
            return visit(value, takes_lists, each);
        }
        value.visit(each);
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> QueryValue<Serialized, ()> for T {
    fn texts(_: Serialized, value: &Self, each: &mut dyn FnMut(&dyn Display)) -> Result<(), Unfit> {
        visit(value, true, &mut |_| {})?;
        visit(value, true, each)
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: QueryText<M> + ?Sized> QueryValue<Displayed, M> for T {
    fn texts(_: Displayed, value: &Self, each: &mut dyn FnMut(&dyn Display)) -> Result<(), Unfit> {
        value.visit(each);
        Ok(())
    }
}

/// A path segment in the form `F`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a path segment",
    label = "expected a type that implements `Serialize` or `Display`",
    note = "pass a string or a number, or implement `Serialize` or `Display` for `{Self}`",
    note = "for an `Option`, make the segment optional, as in `{{name?}}`"
)]
pub trait PathValue<F> {
    /// Passes the text to `one`.
    ///
    /// # Errors
    ///
    /// If the serde form is not exactly one text. Then nothing was passed on.
    fn text(form: F, value: &Self, one: &mut dyn FnMut(&dyn Display)) -> Result<(), Unfit>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + Display> PathValue<Both> for T {
    fn text(_: Both, value: &Self, one: &mut dyn FnMut(&dyn Display)) -> Result<(), Unfit> {
        visit_one(value, one).or_else(|_| {
            one(value);
            Ok(())
        })
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> PathValue<Serialized> for T {
    fn text(_: Serialized, value: &Self, one: &mut dyn FnMut(&dyn Display)) -> Result<(), Unfit> {
        visit_one(value, one)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Display> PathValue<Displayed> for T {
    fn text(_: Displayed, value: &Self, one: &mut dyn FnMut(&dyn Display)) -> Result<(), Unfit> {
        one(value);
        Ok(())
    }
}

/// An optional path segment in the form `F`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an optional path segment",
    label = "expected an `Option`",
    note = "pass an `Option`, or make the segment required, as in `{{name}}`"
)]
pub trait OptionalPathValue<F> {
    /// Passes the text to `one`, if there is a value.
    ///
    /// # Errors
    ///
    /// If the serde form is not exactly one text.
    fn optional_text(form: F, value: &Self, one: &mut dyn FnMut(&dyn Display))
    -> Result<(), Unfit>;
}

#[diagnostic::do_not_recommend]
impl<F, T: PathValue<F>> OptionalPathValue<F> for Option<T> {
    fn optional_text(
        form: F,
        value: &Self,
        one: &mut dyn FnMut(&dyn Display),
    ) -> Result<(), Unfit> {
        value.as_ref().map_or(Ok(()), |it| T::text(form, it, one))
    }
}

#[diagnostic::do_not_recommend]
impl<F, T: PathValue<F>> OptionalPathValue<F> for &Option<T> {
    fn optional_text(
        form: F,
        value: &Self,
        one: &mut dyn FnMut(&dyn Display),
    ) -> Result<(), Unfit> {
        value.as_ref().map_or(Ok(()), |it| T::text(form, it, one))
    }
}

/// A form that is never used. With two such impls, the compiler does not conclude that the only other impl was
/// meant, so that the error for these types names the trait.
#[derive(Debug)]
pub struct Decoy<const N: u8>;

macro_rules! decoys {
    ($($type:ty),*) => {$(
        decoys!(@ 0 $type);
        decoys!(@ 1 $type);
    )*};
    (@ $n:literal $type:ty) => {
        #[diagnostic::do_not_recommend]
        impl<T> PathValue<Decoy<$n>> for $type {
            fn text(
                _: Decoy<$n>,
                _: &Self,
                _: &mut dyn FnMut(&dyn Display),
            ) -> Result<(), Unfit> {
                Ok(())
            }
        }
    };
}

decoys!(Option<T>, &Option<T>, Vec<T>, &Vec<T>, &[T]);

/// Serde splits these into seconds and nanoseconds, which no server reads.
macro_rules! never_a_query {
    ($($type:ty),*) => {$(
        impl kinds::QueryNever for &&ValueProbe<$type> {}
        never_a_query!(@ 0 $type);
        never_a_query!(@ 1 $type);
    )*};
    (@ $n:literal $type:ty) => {
        #[diagnostic::do_not_recommend]
        impl QueryValue<Decoy<$n>, ()> for $type {
            fn texts(
                _: Decoy<$n>,
                _: &Self,
                _: &mut dyn FnMut(&dyn Display),
            ) -> Result<(), Unfit> {
                Ok(())
            }
        }
    };
}

never_a_query!(Duration, &Duration, Option<Duration>, SystemTime, &SystemTime, Option<SystemTime>);

/// The traits of a probe, the most specific first. They are imported anonymously where they are used, and their
/// functions have names that no user writes.
pub mod kinds {
    use super::{Both, Display, Displayed, QueryText, Serialize, Serialized, ValueProbe};

    macro_rules! forms {
        ($($(#[$doc:meta])* $kind:ident$(<$marker:ident>)?: $ask:ident -> $form:ident,)*) => {$(
            $(#[$doc])*
            pub trait $kind$(<$marker>)? {
                /// The form.
                fn $ask(&self) -> $form {
                    $form
                }
            }
        )*};
    }

    forms! {
        /// A type that can never be a query value, and has no form.
        QueryNever: __query_form -> Displayed,
        /// A query value with both forms.
        QueryBoth<M>: __query_form -> Both,
        /// A query value with the serde form only.
        QuerySerialized: __query_form -> Serialized,
        /// Any other query value.
        QueryDisplayed: __query_form -> Displayed,
        /// A type that can never be a path segment, and has no form.
        PathNever: __path_form -> Displayed,
        /// A path segment with both forms.
        PathBoth: __path_form -> Both,
        /// A path segment with the serde form only.
        PathSerialized: __path_form -> Serialized,
        /// Any other path segment.
        PathDisplayed: __path_form -> Displayed,
        /// An optional path segment with both forms.
        OptionalBoth: __optional_form -> Both,
        /// An optional path segment with the serde form only.
        OptionalSerialized: __optional_form -> Serialized,
        /// Any other optional path segment.
        OptionalDisplayed: __optional_form -> Displayed,
    }

    impl<M, T: Serialize + QueryText<M> + ?Sized> QueryBoth<M> for &&ValueProbe<T> {}
    impl<T: Serialize + ?Sized> QuerySerialized for &ValueProbe<T> {}
    impl<T: ?Sized> QueryDisplayed for ValueProbe<T> {}

    macro_rules! never {
        ($($type:ty),*) => {$(
            impl<T> PathNever for &&&ValueProbe<$type> {}
        )*};
    }

    never!(Option<T>, &Option<T>, Vec<T>, &Vec<T>, &[T]);

    impl<T: Serialize + Display + ?Sized> PathBoth for &&ValueProbe<T> {}
    impl<T: Serialize + ?Sized> PathSerialized for &ValueProbe<T> {}
    impl<T: ?Sized> PathDisplayed for ValueProbe<T> {}

    impl<T: Serialize + Display> OptionalBoth for &&ValueProbe<Option<T>> {}
    impl<T: Serialize + Display> OptionalBoth for &&ValueProbe<&Option<T>> {}
    impl<T: Serialize> OptionalSerialized for &ValueProbe<Option<T>> {}
    impl<T: Serialize> OptionalSerialized for &ValueProbe<&Option<T>> {}
    impl<T: ?Sized> OptionalDisplayed for ValueProbe<T> {}
}
