//! The server of the article, asked by a plain client.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::Duration;

use perennial_examples::server::{Options, Server};
use perennial_examples::timeline::Kind;
use reqwest::{Client, Method};
use serde_json::{Value, json};

async fn ask(server: &Server, method: Method, path: &str, token: &str) -> Value {
    let client = Client::builder().no_proxy().build().unwrap();
    let request = client.request(method, format!("{}/api{path}", server.url()));
    request.header("x-token", token).send().await.unwrap().json().await.unwrap()
}

async fn token(server: &Server, path: &str, old: &str) -> String {
    let granted = ask(server, Method::POST, path, old).await;
    granted["data"]["token"].as_str().unwrap().to_owned()
}

fn living(millis: u64) -> Options {
    Options { ttl: Duration::from_millis(millis), ..Options::default() }
}

#[tokio::test]
async fn it_responds_as_the_article_says() {
    let server = Server::start(Options::default()).await.unwrap();
    let granted = ask(&server, Method::POST, "/login", "").await;
    assert_eq!(granted["code"], 0);
    assert_eq!(granted["message"], "ok");
    assert_eq!(granted["data"]["tokenExprieIn"], 2);
    let order = ask(&server, Method::GET, "/orders/7", granted["data"]["token"].as_str().unwrap());
    let expected = json!({"code": 0, "message": "ok", "data": {"id": 7, "title": "order 7"}});
    assert_eq!(order.await, expected);
    assert_eq!(ask(&server, Method::GET, "/orders/7", "forged").await["code"], 1001);
}

#[tokio::test]
async fn an_expired_token_gets_the_code_and_can_be_refreshed() {
    let server = Server::start(living(50)).await.unwrap();
    let old = token(&server, "/login", "").await;
    tokio::time::sleep(Duration::from_millis(60)).await;
    let expected = json!({"code": 1234, "message": "token expired", "data": {}});
    assert_eq!(ask(&server, Method::GET, "/orders/7", &old).await, expected);
    let new = token(&server, "/refreshtoken", &old).await;
    assert_ne!(new, old);
    let counts = server.counts();
    assert_eq!((counts.calls, counts.expiries, counts.refreshes, counts.late), (1, 1, 1, 0));
}

#[tokio::test]
async fn a_second_refresh_with_one_token_ends_the_login() {
    let server = Server::start(living(60_000)).await.unwrap();
    let old = token(&server, "/login", "").await;
    let new = token(&server, "/refreshtoken", &old).await;
    assert_eq!(ask(&server, Method::POST, "/refreshtoken", &old).await["code"], 1001);
    assert_eq!(ask(&server, Method::GET, "/orders/7", &new).await["code"], 1001);
    let counts = server.counts();
    // The token had not expired: a client that renews a young token wastes a refresh.
    assert_eq!((counts.expiries, counts.refreshes, counts.reuses), (0, 2, 1));
}

#[tokio::test]
async fn a_late_call_gets_the_code_after_the_refresh_and_its_replay_is_counted() {
    let options = Options { late_percent: 100, ..living(300) };
    let server = Server::start(options).await.unwrap();
    let old = token(&server, "/login", "").await;
    tokio::time::sleep(Duration::from_millis(310)).await;
    let late = ask(&server, Method::GET, "/orders/7", &old);
    let renewal = async {
        while server.counts().calls == 0 {
            tokio::task::yield_now().await;
        }
        token(&server, "/refreshtoken", &old).await
    };
    let (late, new) = tokio::join!(late, renewal);
    assert_eq!(late["code"], 1234);
    assert_eq!(ask(&server, Method::GET, "/orders/7", &new).await["code"], 0);
    let counts = server.counts();
    assert_eq!((counts.calls, counts.replays, counts.late, counts.requests), (1, 1, 1, 3));
    let kinds: Vec<_> = server.events().iter().map(|event| event.kind).collect();
    let expected = [
        Kind::Sent,
        Kind::RefreshStarted,
        Kind::RefreshFinished,
        Kind::Late,
        Kind::Replayed,
        Kind::Done,
    ];
    assert_eq!(kinds, expected);
}
