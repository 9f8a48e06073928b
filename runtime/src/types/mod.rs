//! Plain types that all other modules use.

/// Setters with which generated code fills these tables in constants. A struct literal would break with each new
/// field.
macro_rules! setters {
    ($table:ident { $($field:ident: $type:ty $(as $wrap:ident)?),* $(,)? }) => {
        impl $table {$(
            #[doc(hidden)]
            #[must_use]
            pub const fn $field(mut self, $field: $type) -> Self {
                self.$field = setters!(@ $field $($wrap)?);
                self
            }
        )*}
    };
    (@ $value:ident) => { $value };
    (@ $value:ident $wrap:ident) => { $wrap($value) };
}

pub(crate) use never::{Never, never, never_constants, never_met};
pub(crate) use setters;

pub(crate) mod attempt;
pub(crate) mod auth;
pub(crate) mod cause;
pub(crate) mod challenge;
pub(crate) mod code;
pub(crate) mod codec;
pub(crate) mod date;
pub(crate) mod endpoint;
pub(crate) mod envelope;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod login;
pub(crate) mod names;
mod never;
pub(crate) mod parse;
pub(crate) mod plain;
pub(crate) mod response;
pub(crate) mod secret;
pub(crate) mod session_id;
pub(crate) mod set_cookie;
pub(crate) mod span;
pub(crate) mod tokens;
pub(crate) mod url;

/// A place in a JSON body, from the outside in. A number is the index of an item in a list.
pub type JsonPath = &'static [&'static str];

/// The name under which `serde_json` passes numbers on if a crate has turned on its feature `arbitrary_precision`.
pub(crate) const EXACT_NUMBER: &str = "$serde_json::private::Number";
