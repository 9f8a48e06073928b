//! A server that pushes the next token along with its responses.

use perennial::{ErrorKind, Response, Result, Tokens, api_client};
use perennial_tests::{Placement, Protocol, Reply, Server};
use serde_json::{Value, json};

use crate::support::{SignedIn, cases, tokens};

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), renewed(header = "New-Token"))
)]
pub trait Pushing {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
    #[get("/slow")]
    async fn slow(&self) -> Result<Response<Value>>;
    #[get("/health", public)]
    async fn health(&self) -> Result<Value>;
    #[get(url)]
    async fn at(&self, #[url] url: &str) -> Result<Value>;
}

fn good(pushed: &str) -> Reply {
    Reply::json(&json!({"code": 0, "data": 1})).header("new-token", pushed)
}

fn access(shop: &PushingClient) -> Option<String> {
    shop.session().tokens().map(|tokens| tokens.access().to_owned())
}

cases! {
    async fn an_expired_response_that_carries_the_next_token_costs_no_refresh() {
        let (server, shop) = PushingClient::with_server().await;
        server.expire_all();
        let next = server.issue("ann").access;
        let over = Reply::json(&json!({"code": 1234})).header("new-token", &next);
        server.on("/fast").first(1).response(over);
        shop.fast().await.unwrap();
        assert_eq!((server.refreshes(), server.sends()), (0, 2));
        assert_eq!(access(&shop), Some(next));
    }

    async fn a_token_that_cannot_be_sent_is_not_taken() {
        let (server, shop) = PushingClient::with_server().await;
        let before = access(&shop);
        let none = ["Bearer", "Bearer ", "bearer", "null", "undefined", "None", "\"\"", "Bearer null"];
        for pushed in ["", " ", "\u{e9}", "deleted", "good; Path=/"].into_iter().chain(none) {
            server.behave();
            server.on("/fast").response(good(pushed));
            shop.fast().await.unwrap();
            assert_eq!(access(&shop), before, "{pushed:?}");
        }
    }

    async fn the_scheme_before_a_pushed_token_has_any_case() {
        let (server, shop) = PushingClient::with_server().await;
        for (pushed, taken) in [
            ("bearer next-1", "next-1"),
            ("BEARER  next-2", "next-2"),
            ("Bearer next-3", "next-3"),
            ("bearer-4", "bearer-4"),
        ] {
            server.behave();
            server.on("/fast").response(good(pushed));
            shop.fast().await.unwrap();
            assert_eq!(access(&shop).as_deref(), Some(taken));
        }
    }

    async fn no_token_is_adopted_from_a_response_to_a_call_without_one() {
        let (server, shop) = PushingClient::with_server().await;
        let other = Server::start(Protocol::article());
        let before = access(&shop);
        server.on("/health").response(good("from-a-public-call"));
        shop.health().await.unwrap();
        other.on("/fast").response(good("from-another-origin"));
        shop.at(&other.url("/fast")).await.unwrap();
        assert_eq!(access(&shop), before);
    }

    async fn a_token_in_a_response_header_is_hidden_where_headers_are_shown() {
        let (server, shop) = PushingClient::with_server().await;
        let with = |reply: Reply| {
            reply.header("new-token", "the-pushed-one").header("set-cookie", "jwt=the-pushed-one")
        };
        server.on("/slow").response(with(good("the-pushed-one")));
        server.on("/fast").response(with(Reply::status(500)));
        let (response, error) = (shop.slow().await.unwrap(), shop.fast().await.unwrap_err());
        assert_eq!(response.headers()["new-token"], "the-pushed-one");
        let shown = format!("{:?} {:?}", response.headers(), error.headers());
        assert!(shown.contains("set-cookie") && !shown.contains("pushed-one"), "{shown}");
    }

    async fn a_late_response_changes_nothing_for_a_session_that_signed_in_or_out_or_renewed_meanwhile() {
        for deed in ["login", "logout", "refresh"] {
            let (server, shop) = PushingClient::with_server().await;
            let hold = server.on("/slow").hold();
            server.on("/slow").response_after(good("too-late"));
            let late = tokio::spawn(shop.slow());
            hold.arrived(1).await;
            let session = shop.session();
            match deed {
                "login" => session.login(tokens(&server.issue("bob"))).await.unwrap(),
                "logout" => session.logout().await.unwrap(),
                _ => session.refresh().await.unwrap(),
            }
            let before = access(&shop);
            hold.release();
            late.await.unwrap().unwrap();
            assert_eq!(access(&shop), before, "{deed}");
        }
    }
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), renewed(header = "New-Token")),
    allow(expiry_without_refresh)
)]
pub trait Given {
    #[get("/fast", optional)]
    async fn fast(&self) -> Result<Value>;
    #[get("/slow")]
    async fn slow(&self) -> Result<Value>;
}

fn expired_with(pushed: &str) -> Reply {
    Reply::json(&json!({"code": 1234, "message": "expired"})).header("new-token", pushed)
}

cases! {
    async fn a_token_that_comes_with_its_expiry_is_adopted_where_nothing_else_renews() {
        let (server, shop) = GivenClient::with_server().await;
        server.expire_all();
        let next = server.issue("ann").access;
        server.on("/slow").first(1).response(expired_with(&next));
        shop.slow().await.unwrap();
        assert_eq!(server.sends(), 2);
        assert_eq!(shop.session().tokens().unwrap().access(), &*next);
        // The same token again brings nothing: without another it is the end.
        server.expire_all();
        server.on("/slow").first(1).response(expired_with(&next));
        assert_eq!(shop.slow().await.unwrap_err().kind(), ErrorKind::SessionLost);
    }

    async fn a_token_that_is_pushed_to_a_call_without_one_is_adopted() {
        let server = Server::start(Protocol::article());
        let shop = GivenClient::builder(server.origin()).build().unwrap();
        let first = server.issue("guest").access;
        server.on("/fast").first(1).response(expired_with(&first));
        shop.fast().await.unwrap();
        assert_eq!(shop.session().tokens().unwrap().access(), &*first);
        assert_eq!(server.recorded_on("/fast")[1].user(), Some("guest"));
        // Once: a server that goes on asking gets no third request.
        let other = GivenClient::builder(server.origin()).build().unwrap();
        server.on("/fast").response(expired_with(&first));
        other.fast().await.unwrap_err();
        assert_eq!(server.count("/fast"), 4);
    }
}

#[api_client(
    auth(cookie = "sid", expired(status = 401), renewed(cookie = "sid")),
    tokens(access = cookie("sid"))
)]
pub trait Rolling {
    #[post("/renew", refresh)]
    async fn renew(&self) -> Result<()>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

async fn rolling() -> (Server, RollingClient) {
    let protocol = Protocol { placement: Placement::Cookie("sid"), ..Protocol::pairs() };
    let server = Server::start(protocol);
    let site = RollingClient::signed_in(&server).await;
    (server, site)
}

fn of_site(site: &RollingClient) -> Option<String> {
    site.session().tokens().map(|tokens| tokens.access().to_owned())
}

cases! {
    async fn a_session_cookie_that_any_response_sets_is_the_next_token() {
        let (server, site) = rolling().await;
        let next = server.issue("ann").access;
        let sets = Reply::json(&json!(1)).header("set-cookie", &format!("sid={next}; Path=/; HttpOnly"));
        server.on("/fast").nth(1).response(sets);
        site.fast().await.unwrap();
        assert_eq!(of_site(&site).as_ref(), Some(&next));
        site.fast().await.unwrap();
        let sent = server.recorded_on("/fast");
        assert_eq!(sent[1].header("cookie"), Some(&*format!("sid={next}")));
    }

    async fn a_cookie_that_is_deleted_or_comes_with_a_rejection_is_not_the_next_token() {
        let (server, site) = rolling().await;
        let before = of_site(&site);
        let deleted = "sid=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0";
        server.on("/fast").nth(1).response(Reply::json(&json!(1)).header("set-cookie", deleted));
        site.fast().await.unwrap();
        assert_eq!(of_site(&site), before);

        // A framework that begins an anonymous session with each rejection.
        server.open("/renew");
        let renewed = server.issue("ann").access;
        let answer = Reply::json(&json!(1)).header("set-cookie", &format!("sid={renewed}"));
        server.on("/renew").response(answer);
        let anonymous = Reply::status(401).header("set-cookie", "sid=anonymous");
        server.on("/fast").nth(1).response(anonymous);
        site.fast().await.unwrap();
        assert_eq!(of_site(&site), Some(renewed));
        let sent = server.recorded();
        assert!(sent.iter().all(|it| it.header("cookie") != Some("sid=anonymous")));
    }
}
