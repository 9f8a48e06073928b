//! progenitor, from a description in OpenAPI. The token is a default header of reqwest's client, since
//! a description has no word for it that the generator reads.

use http::{HeaderMap, HeaderValue};

use super::{Failure, Order};
use crate::Outcome;

#[allow(missing_docs, unreachable_pub, dead_code, clippy::all)]
mod generated {
    progenitor::generate_api!(spec = "src/clients/shop.json");
}

/// A client with a fixed token.
pub(crate) struct Client {
    generated: generated::Client,
}

impl Client {
    pub(crate) fn new(http: reqwest::ClientBuilder, base: &str, token: &str) -> Outcome<Self> {
        let mut headers = HeaderMap::new();
        headers.insert("x-token", HeaderValue::from_str(token)?);
        let http = http.default_headers(headers).build()?;
        Ok(Self { generated: generated::Client::new_with_client(base, http) })
    }

    pub(crate) async fn order(&self, id: u64) -> Outcome<Order> {
        match self.generated.order(id).await?.into_inner() {
            generated::types::Answer { code: 0, data: Some(data), .. } => {
                let generated::types::Order { id, customer, total, currency, note } = data;
                Ok(Order { id, customer, total, currency, note })
            }
            generated::types::Answer { code: 0, .. } => Err(Failure::NoData.into()),
            generated::types::Answer { code, message, .. } => {
                Err(Failure::Api { code, message }.into())
            }
        }
    }
}
