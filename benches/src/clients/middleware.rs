//! reqwest-middleware, with a middleware that adds the token.

use async_trait::async_trait;
use http::Extensions;
use reqwest::{Request, Response, header::HeaderValue};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};

use super::{Envelope, Order};
use crate::Outcome;

struct Auth(HeaderValue);

#[async_trait]
impl Middleware for Auth {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        request.headers_mut().insert("x-token", self.0.clone());
        next.run(request, extensions).await
    }
}

/// A client with a fixed token.
pub(crate) struct Client {
    http: ClientWithMiddleware,
    base: String,
}

impl Client {
    pub(crate) fn new(http: reqwest::Client, base: &str, token: &str) -> Self {
        let token = HeaderValue::from_str(token).expect("the token can travel in a header");
        let http = ClientBuilder::new(http).with(Auth(token)).build();
        Self { http, base: base.to_owned() }
    }

    pub(crate) async fn order(&self, id: u64) -> Outcome<Order> {
        let url = format!("{}/orders/{id}", self.base);
        let response = self.http.get(url).send().await?.error_for_status()?;
        Ok(response.json::<Envelope<Order>>().await?.open()?)
    }
}
