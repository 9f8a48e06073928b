//! Calls that are waited for on threads without a runtime, with an expiry in the middle of them.

use std::io::{self, BufRead as _, Read as _};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use crate::support::{self, Told, World, tokens};
use perennial::{Download, Error, ErrorKind, Events, Lines, Pages, Result, Tokens, api_client};
use perennial::{blocking, stream::ServerEvent};
use perennial_tests::{Protocol, Reply, Server};
use tokio::runtime::{Builder, Runtime};

#[derive(Debug)]
pub struct Failure(ErrorKind);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error.kind())
    }
}

#[derive(serde::Deserialize, Debug, PartialEq)]
pub struct Numbered {
    n: u64,
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234))
)]
pub trait Feed {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<support::Order, Failure>;
    #[get("/pages/cursor", page(cursor = "cursor", next = "data.next", items = "data.items"))]
    fn numbers(&self) -> Pages<u64, Failure>;
    #[get("/events")]
    fn events(&self) -> Events<Numbered>;
    #[get("/ndjson?count=3")]
    fn log(&self) -> Lines<Numbered>;
    #[get("/download")]
    async fn archive(&self, #[query] bytes: u64) -> Result<Download>;
}

fn threaded() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// A client on a thread without a runtime, signed in at a server on a thread of its own.
fn signed_in() -> (Server, FeedClient) {
    let server = Server::start(Protocol::article());
    let feed = FeedClient::builder(server.origin()).build().unwrap();
    blocking::wait(feed.session().login(tokens(&server.issue("ann")))).unwrap();
    (server, feed)
}

/// The error within one of `io`.
fn within(error: &io::Error) -> ErrorKind {
    let error = error.get_ref().and_then(|it| it.downcast_ref::<Error>());
    error.expect("it has an error of this crate within").kind()
}

#[test]
fn a_call_is_waited_for_without_a_runtime_and_survives_an_expiry() {
    let (server, feed) = signed_in();
    assert_eq!(feed.order(1).wait().unwrap().id, 1);
    server.expire_all();
    assert_eq!(feed.order(2).wait().unwrap().id, 2);
    assert_eq!((server.refreshes(), server.count("GET /orders/2")), (1, 2));
    server.on("GET /orders/3").response(Reply::status(404));
    assert_eq!(feed.order(3).wait().unwrap_err().0, ErrorKind::Status);
    blocking::wait(feed.session().logout()).unwrap();
    assert_eq!(feed.order(4).wait().unwrap_err().0, ErrorKind::SignedOut);
}

#[test]
fn threads_that_wait_and_tasks_that_await_share_one_refresh() {
    let server = Server::start(Protocol::article());
    let told = Told::default();
    // However slow the machine is: the refresh waits for all of them.
    let patience = support::secs(600);
    let shop = support::builder(&server, &told).refresh_timeout(patience).build().unwrap();
    blocking::wait(shop.session().login(tokens(&server.issue("ann")))).unwrap();
    server.expire_all();
    let hold = server.hold_refresh();
    let runtime = threaded();
    let awaited: Vec<_> = (0..8).map(|id| runtime.spawn(shop.order(id))).collect();
    let waited: Vec<_> = (8..16)
        .map(|id| {
            let call = shop.order(id);
            thread::spawn(move || call.wait())
        })
        .collect();
    runtime.block_on(told.until(|counts| counts.queued == 16));
    hold.release();
    let awaited = awaited.into_iter().map(|call| runtime.block_on(call).unwrap());
    let waited = waited.into_iter().map(|call| call.join().unwrap());
    let ids: Vec<_> = awaited.chain(waited).map(|order| order.unwrap().id).collect();
    assert_eq!(ids, (0..16).collect::<Vec<_>>());
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
}

#[test]
fn a_list_in_pages_is_a_loop_and_survives_an_expiry_between_two_pages() {
    let (server, feed) = signed_in();
    let mut all = Vec::new();
    for number in feed.numbers() {
        all.push(number.unwrap());
        server.expire_all();
    }
    assert_eq!(all, [1, 2, 3, 4, 5]);
    // The first page came before the first expiry.
    assert_eq!(server.refreshes(), server.count("GET /pages/cursor") / 2);
    let mut pages = feed.numbers().pages().wait();
    assert!(!pages.next().unwrap().unwrap().is_empty());
    server.on("GET /pages/cursor").response(Reply::status(500));
    assert_eq!(pages.next().unwrap().unwrap_err().0, ErrorKind::Status);
    assert!(pages.next().is_none() && pages.next().is_none());
}

#[test]
fn events_are_a_loop_that_reconnects_after_an_expiry() {
    let (server, feed) = signed_in();
    let event = |n: u64| {
        Reply::text("text/event-stream", format!("retry: 100\nid: {n}\ndata: {{\"n\":{n}}}\n\n"))
    };
    server.on("GET /events").nth(1).response(event(1));
    server.on("GET /events").nth(3).response(event(2));
    server.on("GET /events").nth(4).response(Reply::status(204));
    let mut seen = Vec::new();
    for event in feed.events() {
        let ServerEvent { id, data, .. } = event.unwrap();
        seen.push((id.unwrap(), data.n));
        if seen.len() == 1 {
            server.expire_all();
        }
    }
    assert_eq!(seen, [("1".to_owned(), 1), ("2".to_owned(), 2)]);
    assert_eq!(server.refreshes(), 1);
    let lines: Result<Vec<_>> = feed.log().wait().map(|line| line.map(|line| line.n)).collect();
    assert_eq!(lines.unwrap(), [1, 2, 3]);
}

#[test]
fn a_download_is_a_reader_whose_rest_is_the_rest() {
    let (server, feed) = signed_in();
    server.expire_all();
    let mut archive = feed.archive(200_000).wait().unwrap();
    let mut start = [0; 300];
    archive.read_exact(&mut start).unwrap();
    assert_eq!((start[250], start[251], archive.position()), (250, 0, 300));
    let rest = blocking::wait(archive.bytes()).unwrap();
    assert_eq!((rest.len(), rest[0]), (199_700, 49));
    assert_eq!(server.refreshes(), 1);

    let text = Reply::text("text/plain", "one\ntwo\n");
    server.on("GET /download").response(text);
    let lines: io::Result<Vec<_>> = feed.archive(1).wait().unwrap().lines().collect();
    assert_eq!(lines.unwrap(), ["one", "two"]);
}

#[test]
fn a_reader_says_when_the_connection_broke_and_never_that_the_content_has_ended() {
    let (server, feed) = signed_in();
    server.on("GET /download").cut(1_000);
    let mut archive = feed.archive(200_000).wait().unwrap().resumes(0);
    let mut all = Vec::new();
    let error = archive.read_to_end(&mut all).unwrap_err();
    assert_eq!(within(&error), ErrorKind::Transport);
    assert!(archive.read(&mut [0; 8]).is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wait_in_an_async_program_is_an_error_and_sends_nothing() {
    let World { server, shop, issued, .. } = World::expired().await;
    let error = shop.order(1).wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Blocking);
    let text = error.to_string();
    assert!(text.contains("Shop::order") && text.contains("await the call instead"), "{text}");
    assert!(
        text.ends_with("or write `Handle::current().block_on(call)` in `spawn_blocking`"),
        "{text}"
    );
    let call = shop.order(1);
    let error = tokio::task::spawn_blocking(|| call.wait()).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Blocking);
    let error = blocking::wait(shop.session().refresh()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Blocking);

    let feed = FeedClient::builder(server.origin()).build().unwrap();
    feed.session().login(tokens(&issued)).await.unwrap();
    let mut numbers = feed.numbers().into_iter();
    assert_eq!(numbers.next().unwrap().unwrap_err().0, ErrorKind::Blocking);
    assert!(numbers.next().is_none());
    assert_eq!(server.requests(), 0);

    let mut archive = feed.archive(1_000).await.unwrap();
    assert_eq!(within(&archive.read(&mut [0; 8]).unwrap_err()), ErrorKind::Blocking);
    assert_eq!(archive.bytes().await.unwrap().len(), 1_000);
    assert_eq!(server.refreshes(), 1);
}

#[test]
fn a_hook_that_waits_gets_an_error_and_stops_no_refresh() {
    let server = Server::start(Protocol::article());
    let client = Arc::new(OnceLock::<FeedClient>::new());
    let kinds = Arc::new(Mutex::new(Vec::new()));
    let (inner, seen) = (Arc::clone(&client), Arc::clone(&kinds));
    let feed = FeedClient::builder(server.origin())
        .on_event(move |_| {
            let failure = inner.get().map(|feed| feed.order(1).wait().unwrap_err().0);
            seen.lock().unwrap().extend(failure);
        })
        .build()
        .unwrap();
    blocking::wait(feed.session().login(tokens(&server.issue("ann")))).unwrap();
    client.set(feed.clone()).unwrap();
    server.expire_all();
    assert_eq!(feed.order(2).wait().unwrap().id, 2);
    assert_eq!((server.refreshes(), server.count("GET /orders/1")), (1, 0));
    let kinds = kinds.lock().unwrap();
    assert!(
        !kinds.is_empty() && kinds.iter().all(|kind| *kind == ErrorKind::Blocking),
        "{kinds:?}"
    );
}

#[test]
fn a_refresh_that_blocks_the_thread_of_the_connections_holds_calls_up_for_its_time_alone() {
    let server = Server::start(Protocol::article());
    let (go_on, blocked) = mpsc::channel::<()>();
    let blocked = Mutex::new(blocked);
    let feed = FeedClient::builder(server.origin())
        .refresh_timeout(Duration::from_millis(50))
        .cooldown(Duration::from_secs(60), Duration::from_secs(60))
        .refresh(move |old: Option<Tokens>| {
            let _ = blocked.lock().unwrap().recv();
            std::future::ready(Ok(old.unwrap()))
        })
        .build()
        .unwrap();
    blocking::wait(feed.session().login(tokens(&server.issue("ann")))).unwrap();
    feed.session().expire_now();
    thread::scope(|threads| {
        for id in 0..3 {
            let feed = &feed;
            threads.spawn(move || {
                assert_eq!(feed.order(id).wait().unwrap_err().0, ErrorKind::RefreshFailed);
            });
        }
    });
    drop(go_on);
}

#[test]
fn a_fake_is_waited_for_as_well() {
    struct Fake;
    impl Feed for Fake {
        async fn refresh(&self) -> Result<Tokens> {
            Ok(Tokens::new("t"))
        }
        async fn order(&self, id: u64) -> Result<support::Order, Failure> {
            Ok(support::Order { id, title: String::new() })
        }
        fn numbers(&self) -> Pages<u64, Failure> {
            Pages::from_pages(futures::stream::iter([Ok(vec![1, 2]), Ok(vec![3])]))
        }
        fn events(&self) -> Events<Numbered> {
            Events::from_stream(futures::stream::empty())
        }
        fn log(&self) -> Lines<Numbered> {
            Lines::from_stream(futures::stream::empty())
        }
        async fn archive(&self, _: u64) -> Result<Download> {
            Ok(Download::from_response(http::Response::new("content")))
        }
    }
    assert_eq!(blocking::wait(Fake.order(7)).unwrap().id, 7);
    assert_eq!(Fake.numbers().wait().map(|it| it.unwrap()).sum::<u64>(), 6);
    let mut content = String::new();
    blocking::wait(Fake.archive(1)).unwrap().read_to_string(&mut content).unwrap();
    assert_eq!(content, "content");
}
