//! Errors that users create: for fakes of an API, and for tests of error handling.

use std::borrow::Cow;

use bytes::Bytes;
use http::StatusCode;

use super::{Error, ErrorKind};
use crate::types::code::Code;
use crate::types::envelope::Scalar;

impl Error {
    /// Creates the rejection of a call with this status (`404`, or a `StatusCode`), of the kind [`ErrorKind::Status`],
    /// for a fake that fails.
    ///
    /// # Panics
    ///
    /// If the number is not a status: a number of three digits.
    #[must_use]
    pub fn of_status(status: impl IntoStatus) -> Self {
        let mut error = Self::of_kind(ErrorKind::Status);
        error.inner.status = Some(status.into_status());
        error
    }

    /// Creates the rejection of a call with this code in the envelope of a response with status 200, of the kind
    /// [`ErrorKind::Api`], for a fake that fails.
    ///
    /// ```
    /// use perennial::{Error, ErrorKind, Result, api_client};
    ///
    /// #[api_client]
    /// pub trait Shop {
    ///     #[get("/stock/{id}")]
    ///     async fn stock(&self, id: u64) -> Result<u64>;
    /// }
    ///
    /// /// The function under test: the stock, or none where the shop has no such item.
    /// async fn left(shop: &impl Shop, id: u64) -> Result<u64> {
    ///     match shop.stock(id).await {
    ///         Err(error) if error.has_code(2001) => Ok(0),
    ///         other => other,
    ///     }
    /// }
    ///
    /// /// A shop without a server, which fails in one way or the other.
    /// struct Fake;
    ///
    /// impl Shop for Fake {
    ///     async fn stock(&self, id: u64) -> Result<u64> {
    ///         match id {
    ///             1 => Err(Error::of_code(2001).with_message("no such thing")),
    ///             2 => Err(Error::of_status(502)),
    ///             3 => Err(Error::of_kind(ErrorKind::SessionLost)),
    ///             _ => Ok(7),
    ///         }
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// assert_eq!(left(&Fake, 1).await.unwrap(), 0);
    /// assert_eq!(left(&Fake, 2).await.unwrap_err().status().unwrap(), 502);
    /// assert!(left(&Fake, 3).await.unwrap_err().is_signed_out());
    /// # }
    /// ```
    #[must_use]
    pub fn of_code(code: impl Into<Scalar>) -> Self {
        let code = match code.into() {
            Scalar::Bool(code) => Code::Bool(code),
            Scalar::Int(code) => Code::Int(code),
            Scalar::Text(code) => Code::Text(Cow::Borrowed(code)),
        };
        let mut error = Self::of_kind(ErrorKind::Api).with_code(Some(code));
        error.inner.status = Some(StatusCode::OK);
        error
    }

    /// Returns this error with a response body, which [`bytes`](Error::bytes) and [`body`](Error::body) return.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.inner.body = body.into();
        self
    }
}

/// A status, as a number or as a `StatusCode`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a status",
    label = "write a number such as `404`, or a `StatusCode`"
)]
pub trait IntoStatus {
    /// The status.
    fn into_status(self) -> StatusCode;
}

#[diagnostic::do_not_recommend]
impl IntoStatus for StatusCode {
    fn into_status(self) -> StatusCode {
        self
    }
}

#[diagnostic::do_not_recommend]
impl IntoStatus for u16 {
    fn into_status(self) -> StatusCode {
        StatusCode::from_u16(self).expect("a status has three digits")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_error_that_a_user_makes_behaves_like_one_of_a_server() {
        let error = Error::of_code("QUOTA").with_message("quota exceeded").with_body("[1,2]");
        assert!(error.kind() == ErrorKind::Api && error.has_code("QUOTA"), "{error}");
        assert_eq!(error.status(), Some(StatusCode::OK));
        assert!(error.has_status(200) && error.has_status(StatusCode::OK));
        assert!(!error.has_status(404));
        assert_eq!(error.body::<Vec<u8>>().unwrap(), [1, 2]);
        assert_eq!(
            error.to_string(),
            "the server rejected the call, status 200, code QUOTA: quota exceeded"
        );
        assert!(Error::of_code(2001).has_code("2001"));
        let gone = Error::of_status(StatusCode::GONE);
        assert!(
            gone.kind() == ErrorKind::Status && gone.status() == Some(StatusCode::GONE),
            "{gone}"
        );
        assert_eq!(Error::of_kind(ErrorKind::Transport).kind(), ErrorKind::Transport);
        assert_eq!(Error::of_status(404).status(), Some(StatusCode::NOT_FOUND));
    }
}
