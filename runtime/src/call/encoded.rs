//! Types that can be encoded as a body or as a query. The traits exist for their diagnostics.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::logic::encode;
use crate::types::codec::Codec;
use crate::types::error::BoxError;

/// A type that can be sent as JSON.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as JSON",
    label = "expected a type that implements `Serialize`",
    note = "if the type is yours, derive `serde::Serialize` for it and for the types in it"
)]
pub trait JsonBody {
    /// Encodes it.
    fn serialized(&self) -> Result<Vec<u8>, serde_json::Error>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> JsonBody for T {
    fn serialized(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}

/// A type that can be sent in a declared format.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be encoded",
    label = "expected a type that implements `Serialize`",
    note = "if the type is yours, derive `serde::Serialize` for it and for the types in it"
)]
pub trait EncodedBody {
    /// Encodes it.
    fn encoded<C: Codec>(&self) -> Encoded;
}

/// An encoded body, and its media type.
pub(crate) type Encoded = (Result<Vec<u8>, BoxError>, &'static str);

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> EncodedBody for T {
    fn encoded<C: Codec>(&self) -> Encoded {
        (C::encode(self).map_err(Into::into), C::MEDIA_TYPE)
    }
}

/// A type that can be sent as a form, or as the values of a query.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as a form or a query",
    label = "expected a type that implements `Serialize`",
    note = "if the type is yours, derive `serde::Serialize` for it and for the types in it"
)]
pub trait FormBody {
    /// Encodes it as a body.
    fn to_form(&self) -> Result<String, BoxError>;

    /// Encodes it as a query.
    fn to_query(&self) -> Result<String, BoxError>;

    /// Encodes it as either, with the names of nested fields in brackets, all below `name` if there is one.
    fn to_brackets(&self, name: Option<&'static str>) -> Result<String, BoxError>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> FormBody for T {
    fn to_form(&self) -> Result<String, BoxError> {
        encode::form(self).map_err(Into::into)
    }

    fn to_query(&self) -> Result<String, BoxError> {
        encode::query_fields(self).map_err(Into::into)
    }

    fn to_brackets(&self, name: Option<&'static str>) -> Result<String, BoxError> {
        match name {
            None => encode::brackets(self).map_err(Into::into),
            Some(name) => encode::brackets(&BTreeMap::from([(name, self)])).map_err(Into::into),
        }
    }
}
