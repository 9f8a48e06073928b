//! The same client, written in several ways, each as its own author would write it.

pub(crate) mod by_hand;
pub(crate) mod careful;
#[cfg(feature = "peers")]
pub(crate) mod feign;
pub(crate) mod generated;
#[cfg(feature = "peers")]
pub(crate) mod middleware;
#[cfg(feature = "peers")]
pub(crate) mod progenitor;
pub(crate) mod raw;

use serde::Deserialize;

/// The requested item.
#[derive(Debug, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: u64,
    pub(crate) customer: String,
    pub(crate) total: u64,
    pub(crate) currency: String,
    pub(crate) note: String,
}

impl Order {
    /// A number in which every field counts, so that none is optimized away.
    pub(crate) fn sum(&self) -> u64 {
        let texts = self.customer.len() + self.currency.len() + self.note.len();
        self.id + self.total + texts as u64
    }
}

/// The envelope of the server.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope<T> {
    pub(crate) code: i64,
    pub(crate) message: String,
    pub(crate) data: Option<T>,
}

/// The errors of a client written by hand.
#[derive(Debug)]
pub(crate) enum Failure {
    Http(reqwest::Error),
    Api {
        code: i64,
        message: String,
    },
    NoData,
    /// The refresh ended without an outcome.
    Aborted,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Http(error) => error.fmt(f),
            Self::Api { code, message } => write!(f, "code {code}: {message}"),
            Self::NoData => f.write_str("the response holds no data"),
            Self::Aborted => f.write_str("the refresh was dropped"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error)
    }
}

impl<T> Envelope<T> {
    /// The value, if the code is a good one.
    pub(crate) fn open(self) -> Result<T, Failure> {
        match self {
            Self { code: 0, data: Some(data), .. } => Ok(data),
            Self { code: 0, .. } => Err(Failure::NoData),
            Self { code, message, .. } => Err(Failure::Api { code, message }),
        }
    }
}
