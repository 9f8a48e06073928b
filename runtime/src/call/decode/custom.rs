//! The values that types of the user make of a whole response.

use bytes::Bytes;

use super::{Decode, Keep, judge_code};
use crate::call::response::Response;
use crate::call::sink::{Decoded, ReadMode};
use crate::ports::response::Received;
use crate::types::endpoint::Endpoint;
use crate::types::error::{Error, ErrorKind};

/// The value that the user's own type makes of the response.
#[derive(Debug)]
pub struct Custom;

impl<T: FromResponse> Decode<Custom> for T {
    const READS: ReadMode = ReadMode::Whole;

    fn decode<'a>(
        endpoint: &'static Endpoint,
        received: &'a mut Received,
        keep: &mut dyn Keep<Self>,
    ) -> Decoded<'a> {
        if let Some(code) = judge_code(endpoint, received) {
            return Decoded::Rejected(code);
        }
        let response =
            Response::new(received.status, received.headers.clone(), received.raw().clone());
        match T::from_response(response) {
            Ok(value) => {
                keep.keep(value);
                Decoded::Taken
            }
            Err(error) => {
                Decoded::Broken(Error::of_kind(ErrorKind::Decode).with_quoting_source(error))
            }
        }
    }
}

/// A user's own type that is made from a whole response of up to `body_limit` bytes.
///
/// ```
/// use perennial::{Bytes, FromResponse, Response};
///
/// struct Table(Vec<Vec<String>>);
///
/// impl FromResponse for Table {
///     type Error = std::str::Utf8Error;
///
///     fn from_response(response: Response<Bytes>) -> Result<Self, Self::Error> {
///         let text = std::str::from_utf8(response.value())?;
///         let row = |line: &str| line.split(',').map(str::to_owned).collect();
///         Ok(Self(text.lines().map(row).collect()))
///     }
/// }
/// ```
pub trait FromResponse: Sized {
    /// Why the response cannot become this type.
    type Error: Into<Box<dyn std::error::Error + Send + Sync>>;

    /// Creates the value. If the API has an envelope, its code meant success.
    ///
    /// # Errors
    ///
    /// It becomes the source of an error of the kind [`ErrorKind::Decode`].
    fn from_response(response: Response<Bytes>) -> Result<Self, Self::Error>;
}
