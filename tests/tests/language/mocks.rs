//! A trait under `#[api_client]` without a server: a fake that is written by hand, and mocks of a library,
//! where the attribute is above `automock` or the mock is written down with `mock!`.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::{StreamExt, TryStreamExt, stream};
use mockall::predicate::eq;
use perennial::body::StreamBody;
use perennial::http::{self, StatusCode};
use perennial::stream::ServerEvent;
use perennial::{Download, Error, ErrorKind, Events, Lines, Pages, Result, Tokens, api_client};

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

/// The error of a stream is the user's own.
#[derive(Debug)]
pub enum Failure {
    Gone,
    Other(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

#[api_client]
#[cfg_attr(test, mockall::automock)]
pub trait Feed {
    #[get("/numbers", page(link))]
    #[errors(410 => Gone)]
    fn numbers(&self) -> Pages<u64, Failure>;
    #[get("/events")]
    fn events(&self) -> Events<u64>;
    #[get("/lines")]
    fn lines(&self) -> Lines<u64>;
    #[get("/file")]
    async fn file(&self) -> Result<Download>;
}

struct FakeFeed;

impl Feed for FakeFeed {
    fn numbers(&self) -> Pages<u64, Failure> {
        Pages::from_pages(stream::iter([Ok(vec![1, 2]), Ok(vec![]), Err(Failure::Gone)]))
    }

    fn events(&self) -> Events<u64> {
        let events = [ServerEvent::new(1), ServerEvent::new(2).with_name("end").with_id("b")];
        Events::from_stream(stream::iter(events.map(Ok)))
    }

    fn lines(&self) -> Lines<u64> {
        Lines::from_stream(stream::iter([Ok(1), Err(Error::of_status(StatusCode::GONE)), Ok(3)]))
    }

    async fn file(&self) -> Result<Download> {
        let response = http::Response::builder().header("ETag", "\"a\"").body("content").unwrap();
        Ok(Download::from_response(response))
    }
}

async fn first_numbers(feed: &impl Feed) -> (Vec<u64>, Option<Failure>) {
    let mut numbers = feed.numbers().header("X-Trace", "1");
    let mut got = Vec::new();
    while let Some(number) = numbers.next().await {
        match number {
            Ok(number) => got.push(number),
            Err(failure) => return (got, Some(failure)),
        }
    }
    (got, None)
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
async fn a_mock_replaces_the_client_in_spawned_code() {
    let mut shop = MockShop::new();
    shop.expect_order().returning(|id, tag| Box::pin(ready(Ok::<_, Error>(format!("{id} {tag}")))));
    let task = tokio::spawn(async move { shop.order(7, "new").await });
    assert_eq!(task.await.unwrap().unwrap(), "7 new");
}

#[tokio::test]
async fn a_fake_returns_pages_that_fail_with_the_error_of_the_method() {
    let (numbers, failure) = first_numbers(&FakeFeed).await;
    assert_eq!(numbers, [1, 2]);
    assert!(matches!(failure, Some(Failure::Gone)), "{failure:?}");
    let sizes: Vec<_> = FakeFeed.numbers().pages().map_ok(|page| page.len()).collect().await;
    assert!(matches!(sizes[..], [Ok(2), Ok(0), Err(Failure::Gone)]), "{sizes:?}");
}

#[tokio::test]
async fn a_fake_returns_events_and_lines_and_they_end_for_good() {
    let mut events = FakeFeed.events().reconnect(true).retry(3);
    let first = events.next().await.unwrap().unwrap();
    assert_eq!((&*first.name, first.id, first.data), ("message", None, 1));
    let last = events.next().await.unwrap().unwrap();
    assert_eq!((&*last.name, last.id.as_deref(), last.data), ("end", Some("b"), 2));
    assert!(events.next().await.is_none() && events.next().await.is_none());

    let lines: Vec<_> = FakeFeed.lines().collect().await;
    assert!(
        matches!(&lines[..], [Ok(1), Err(gone), Ok(3)] if gone.kind() == ErrorKind::Status),
        "{lines:?}"
    );
    assert_eq!(format!("{:?}", FakeFeed.lines()), "Lines(given)");
}

#[tokio::test]
async fn a_fake_returns_a_download_that_is_watched_and_saved_as_any_other() {
    let path = std::env::temp_dir().join(format!("perennial-fake-{}.txt", std::process::id()));
    let download = FakeFeed.file().await.unwrap();
    assert_eq!((download.status(), download.length()), (StatusCode::OK, Some(7)));
    assert_eq!(download.headers()["etag"], "\"a\"");
    let come = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&come);
    let watched = download.on_progress(move |it| seen.store(it.done, Ordering::Relaxed));
    assert_eq!(watched.save(&path).await.unwrap(), 7);
    assert_eq!(
        (come.load(Ordering::Relaxed), &*std::fs::read(&path).unwrap()),
        (7, &b"content"[..])
    );
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn a_mock_returns_a_download_that_breaks_off() {
    let mut feed = MockFeed::new();
    feed.expect_file().times(1).returning(|| {
        let pieces = stream::iter([Ok("con"), Err("cut")]);
        let response = http::Response::new(StreamBody::sized(7, pieces));
        Box::pin(ready(Ok(Download::from_response(response))))
    });
    let mut download = feed.file().await.unwrap().resumes(5);
    assert_eq!(download.length(), Some(7));
    assert_eq!(download.chunk().await.unwrap().unwrap(), "con");
    let broken = download.chunk().await.unwrap_err();
    assert!(broken.kind() == ErrorKind::Transport, "{broken}");
    assert!(download.chunk().await.is_err());
}
