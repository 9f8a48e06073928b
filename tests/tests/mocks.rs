//! A trait under `#[api_client]` beside a mock library: the attribute stands above `automock`, or the
//! mock is written down with `mock!`.

#![allow(missing_docs, clippy::unwrap_used)]

use std::future::ready;

use futures::{StreamExt, stream};
use mockall::predicate::eq;
use perennial::{Error, Result, Tokens, api_client};

#[api_client(base = "/api", auth(bearer, expired(status = 401)))]
#[cfg_attr(test, mockall::automock)]
pub trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/orders/{id}")]
    async fn order(&self, id: u64, #[query] tag: &str) -> Result<String>;
    #[get("/orders/{id}/total")]
    async fn total(&self, id: u64) -> Result<u32>;
    /// Stays as it is, and is mocked as well.
    fn name(&self) -> String {
        "shop".to_owned()
    }
}

#[api_client]
pub trait Stock {
    #[get("/items/{id}")]
    async fn item(&self, id: u64, #[query] lang: &str) -> Result<String>;
    #[get("/items")]
    async fn items(&self, #[query] tags: &[&'static str]) -> Result<Vec<String>>;
}

mockall::mock! {
    pub Stock {}

    impl Stock for Stock {
        async fn item(&self, id: u64, lang: &str) -> Result<String>;
        async fn items(&self, tags: &[&'static str]) -> Result<Vec<String>>;
    }
}

async fn sum(shop: &impl Shop) -> Result<u32> {
    let totals: Vec<_> = stream::iter([1, 2]).then(|id| shop.total(id)).collect().await;
    totals.into_iter().sum()
}

async fn labels(stock: &impl Stock) -> Result<String> {
    let items = stock.items(&["new"]).await?;
    Ok(format!("{} {}", stock.item(7, "en").await?, items.len()))
}

#[tokio::test]
async fn below_the_attribute_automock_sees_futures() {
    let mut shop = MockShop::new();
    shop.expect_total().with(eq(1)).times(1).returning(|_| Box::pin(ready(Ok(40))));
    shop.expect_total().with(eq(2)).times(1).returning(|_| Box::pin(ready(Ok(2))));
    shop.expect_name().return_const("mock".to_owned());
    assert_eq!((sum(&shop).await.unwrap(), shop.name()), (42, "mock".to_owned()));
}

#[tokio::test]
async fn a_mock_that_is_written_down_has_async_methods() {
    let mut stock = MockStock::new();
    stock
        .expect_items()
        .times(1)
        .returning(|tags| Ok(tags.iter().map(|it| (*it).into()).collect()));
    stock
        .expect_item()
        .withf(|id, lang| (*id, lang) == (7, "en"))
        .return_once(|_, _| Ok("tea".into()));
    assert_eq!(labels(&stock).await.unwrap(), "tea 1");
}

#[tokio::test]
async fn a_mock_stands_in_for_the_client_in_code_that_is_spawned() {
    let mut shop = MockShop::new();
    shop.expect_order().returning(|id, tag| Box::pin(ready(Ok::<_, Error>(format!("{id} {tag}")))));
    let task = tokio::spawn(async move { shop.order(7, "new").await });
    assert_eq!(task.await.unwrap().unwrap(), "7 new");
}
