//! A token goes to the client's own origin and to that of the address that came with it, and nowhere else.

use std::sync::Arc;

use axum::routing::{get, post};
use perennial::{Error, ErrorKind, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Payload, Protocol, Server};
use serde_json::{Value, json};

#[api_client(auth(bearer, expired(status = 401)), tokens(base = "instance_url"))]
pub trait Crm {
    #[post("/renew", refresh, public)]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get("/fast")]
    async fn accounts(&self) -> Result<Value>;
    #[get(url)]
    async fn at(&self, #[url] address: &str) -> Result<Value>;
}

/// An API that takes every call, and notes what it is sent.
fn open() -> Server {
    let server = Server::start(Protocol::pairs());
    for path in ["/any", "/renew", "/renew-a", "/renew-b", "/renew-c"] {
        server.open(path);
    }
    server.route("/any", get(|| async { Payload(json!("good")) }));
    server
}

/// The requests to a server, with these headers, as one text.
fn sent(server: &Server) -> String {
    let sent = server.recorded().into_iter().map(|it| {
        let headers = ["authorization", "x-a", "x-b"].map(|name| it.header(name).unwrap_or("-"));
        format!("{} {} {}\n", it.target, headers.join(" "), String::from_utf8_lossy(&it.body))
    });
    sent.collect()
}

fn refuses(outcome: Result<Value>, which: &str, server: &Server) {
    let error: Error = outcome.unwrap_err();
    let text = format!("{error:#}");
    assert!(text.contains(&format!("{which} is not sent to {}: ", server.origin())), "{text}");
}

struct World {
    own: Server,
    anns: Server,
    bens: Arc<Server>,
    client: CrmClient,
}

fn world() -> World {
    let (own, anns, bens) = (open(), open(), Arc::new(open()));
    let client = CrmClient::builder(own.origin()).build().unwrap();
    World { own, anns, bens, client }
}

#[tokio::test]
async fn a_call_to_an_address_carries_the_token_of_the_session_that_it_is_sent_in() {
    let World { own, anns, bens, client } = world();
    let ann = Tokens::new("ann-token").with_base(anns.origin());
    client.session().login(ann).await.unwrap();
    let ben = client.session().sibling();
    ben.login(Tokens::new("ben-token").with_base(bens.origin())).await.unwrap();

    let at_anns = format!("{}/any", anns.origin());
    client.at(&at_anns).in_session(&ben).await.unwrap();
    assert_eq!(sent(&anns), "/any - - - \n");
    // The other way round: what Ann may not know, Ben may.
    let at_bens = format!("{}/any", bens.origin());
    client.at(&at_bens).in_session(&ben).await.unwrap();
    assert_eq!(sent(&bens), "/any Bearer ben-token - - \n");
    client.at(&at_bens).in_session(&ben).in_session(client.session()).await.unwrap();
    assert_eq!(sent(&bens), "/any Bearer ben-token - - \n/any - - - \n");
    client.at(&at_anns).await.unwrap();
    assert_eq!(sent(&anns), "/any - - - \n/any Bearer ann-token - - \n");
    client.at(&format!("{}/any", own.origin())).in_session(&ben).await.unwrap();
    assert_eq!(sent(&own), "/any Bearer ben-token - - \n");
}

/// Lets a refresh at the client's own origin give a token that is good elsewhere.
fn renews(own: &Server, at: &Arc<Server>) {
    let issuer = Arc::clone(at);
    own.route(
        "/renew",
        post(move || {
            let access = issuer.issue("ann").access;
            let body = json!({"access_token": access, "instance_url": issuer.origin()});
            std::future::ready(Payload(body))
        }),
    );
}

#[tokio::test]
async fn a_call_to_the_old_address_gets_no_token_that_came_with_another() {
    let World { own, anns, bens, client } = world();
    renews(&own, &bens);
    let old = anns.issue("ann").access;
    anns.expire_all();
    let tokens = Tokens::new(&old).with_refresh("r-1").with_base(anns.origin());
    client.session().login(tokens).await.unwrap();
    let address = format!("{}/fast", anns.origin());
    refuses(client.at(&address).await, "the token", &anns);
    assert_eq!(sent(&anns), format!("/fast Bearer {old} - - \n"));
    // From now on that address is one like any other.
    client.at(&format!("{}/any", anns.origin())).await.unwrap();
    assert!(sent(&anns).ends_with("/any - - - \n"), "{}", sent(&anns));
    client.accounts().await.unwrap();
    assert_eq!(bens.recorded().len(), 1);
}

#[api_client(
    auth(name = "a", header = "X-A", expired(status = 401)),
    auth(name = "b", header = "X-B", expired(status = 403)),
    auth(name = "c", header = "X-C", expired(status = 402)),
    allow(duplicate_endpoint)
)]
pub trait Several {
    #[post("/renew-a", refresh("a"), public)]
    async fn renew_a(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[post("/renew-b", refresh("b", with = "a"), public, tokens(base = "instance_url"))]
    async fn renew_b(&self) -> Result<Tokens>;
    #[post("/renew-c", refresh("c", with = "b"))]
    async fn renew_c(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get("/any", auth("c" = off))]
    async fn both(&self) -> Result<Value>;
    #[get("/any", auth("b" = off, "c" = off))]
    async fn a(&self) -> Result<Value>;
    #[get("/any", auth("a" = off, "c" = off))]
    async fn b(&self) -> Result<Value>;
    #[get(url, auth("c" = off))]
    async fn at(&self, #[url] address: &str) -> Result<Value>;
    #[get(url, auth("b" = off, "c" = off))]
    async fn a_at(&self, #[url] address: &str) -> Result<Value>;
}

struct Apart {
    own: Server,
    other: Arc<Server>,
    client: SeveralClient,
}

impl Apart {
    fn nothing_at_the_other(&self) {
        assert_eq!(sent(&self.other), "");
    }

    async fn login(&self, credential: &str, tokens: Tokens) {
        let credential = self.client.session().credential(credential).unwrap();
        credential.login(tokens).await.unwrap();
    }
}

fn apart() -> Apart {
    let (own, other) = (open(), Arc::new(open()));
    let client = SeveralClient::builder(own.origin()).build().unwrap();
    Apart { own, other, client }
}

#[tokio::test]
async fn the_address_of_one_credential_gets_no_token_of_another() {
    let world = apart();
    let elsewhere = world.other.origin();
    world.own.route(
        "/renew-b",
        post(move || {
            let body = json!({"access_token": "b-token", "instance_url": elsewhere});
            std::future::ready(Payload(body))
        }),
    );
    world.login("a", Tokens::new("a-token").with_refresh("r-1")).await;
    refuses(world.client.both().await, "the token of `a`", &world.other);
    world.nothing_at_the_other();
    let address = format!("{}/any", world.other.origin());
    refuses(world.client.at(&address).await, "the token of `a`", &world.other);
    world.nothing_at_the_other();
    let error = world.client.both().build().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Argument), "{error}");

    // A method that carries one of them goes where that one may go.
    world.client.a().await.unwrap();
    world.client.b().await.unwrap();
    assert!(sent(&world.own).ends_with("/any - a-token - \n"), "{}", sent(&world.own));
    assert_eq!(sent(&world.other), "/any - - b-token \n");
    world.client.a_at(&address).await.unwrap();
    assert_eq!(sent(&world.other), "/any - - b-token \n/any - - - \n");
}

#[tokio::test]
async fn credentials_whose_addresses_share_an_origin_are_sent_together() {
    let world = apart();
    let base = world.other.origin();
    world.login("a", Tokens::new("a-token").with_base(&base)).await;
    world.login("b", Tokens::new("b-token").with_base(format!("{base}/other/path"))).await;
    world.client.both().await.unwrap();
    assert_eq!(sent(&world.other), "/any - a-token b-token \n");
    // The client's own origin may be named as well.
    world.login("a", Tokens::new("a-token").with_base(world.own.origin())).await;
    world.login("b", Tokens::new("b-token")).await;
    world.client.both().await.unwrap();
    assert_eq!(sent(&world.own), "/any - a-token b-token \n");
}

#[tokio::test]
async fn a_refresh_sends_no_old_token_to_the_address_of_another_credential() {
    let world = apart();
    world.login("b", Tokens::new("b-token").with_base(world.other.origin())).await;
    world.login("c", Tokens::new("c-token").with_refresh("c-refresh")).await;
    let c = world.client.session().credential("c").unwrap();
    let error = c.refresh().await.unwrap_err();
    let text = format!("{error:#}");
    assert!(text.contains("the token of `c` is not sent to"), "{text}");
    world.nothing_at_the_other();
    assert_eq!(sent(&world.own), "");
    assert!(c.is_signed_in());

    // With tokens that came from there it goes there.
    let at = world.other.origin();
    world.login("c", Tokens::new("c-token").with_refresh("c-refresh").with_base(at)).await;
    let body = json!({"access_token": "c-2", "refresh_token": "c-refresh-2"});
    world.other.route("/renew-c", post(move || std::future::ready(Payload(body))));
    c.refresh().await.unwrap();
    let target = "/renew-c - - b-token refresh_token=c-refresh\n";
    assert_eq!(sent(&world.other), target);
}
