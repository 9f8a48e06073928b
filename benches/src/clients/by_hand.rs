//! reqwest with a typed envelope: what most people write first. It knows no refresh.

use super::{Envelope, Failure, Order};

/// A client with a fixed token.
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Client {
    pub(crate) fn new(http: reqwest::Client, base: &str, token: &str) -> Self {
        Self { http, base: base.to_owned(), token: token.to_owned() }
    }

    pub(crate) async fn order(&self, id: u64) -> Result<Order, Failure> {
        let url = format!("{}/orders/{id}", self.base);
        let response = self.http.get(url).header("X-Token", &self.token).send().await?;
        let envelope: Envelope<Order> = response.error_for_status()?.json().await?;
        envelope.open()
    }
}
