//! What stands in the attributes: values that carry their tokens, and that report what is wrong
//! with them themselves.

pub(crate) mod api;
pub(crate) mod auth;
pub(crate) mod case;
pub(crate) mod endpoint;
pub(crate) mod envelope;
pub(crate) mod errors;
pub(crate) mod headers;
mod http;
pub(crate) mod option;
pub(crate) mod page;
pub(crate) mod param;
pub(crate) mod part;
pub(crate) mod shared;
pub(crate) mod template;
pub(crate) mod value;

/// An option that may be left to the level above, switched off, or given.
pub(crate) enum Level<T> {
    /// The level above decides.
    Inherit,
    /// `key = off`.
    Off,
    /// Given here.
    Set(T),
}

impl<T> Level<T> {
    /// What holds on this level, given what holds above.
    pub(crate) fn or<'a>(&'a self, above: Option<&'a T>) -> Option<&'a T> {
        match self {
            Self::Inherit => above,
            Self::Off => None,
            Self::Set(value) => Some(value),
        }
    }

    /// What is given here.
    pub(crate) fn given(&self) -> Option<&T> {
        self.or(None)
    }
}
