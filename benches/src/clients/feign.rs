//! feignhttp. Its host and its token come from a context.

use feignhttp::{Context, FeignClientBuilder as _, feign};

use super::{Envelope, Order};
use crate::Outcome;

#[derive(Context)]
struct Shared {
    #[url_path]
    host: String,
    #[header("x-token")]
    token: String,
}

#[feign(url = "http://{host}")]
pub(crate) trait Shop {
    #[get("/orders/{id}")]
    async fn order(&self, #[path] id: u64) -> feignhttp::Result<Envelope<Order>>;
}

/// A client with a fixed token.
pub(crate) struct Client(Shop);

impl Client {
    pub(crate) fn new(base: &str, token: &str) -> Outcome<Self> {
        let host = base.trim_start_matches("http://").to_owned();
        let context = Shared { host, token: token.to_owned() };
        Ok(Self(Shop::builder().context(context).build()?))
    }

    pub(crate) async fn order(&self, id: u64) -> Outcome<Order> {
        Ok(self.0.order(id).await?.open()?)
    }
}
