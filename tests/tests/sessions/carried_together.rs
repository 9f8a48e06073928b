//! Credentials that some methods do not carry, and a refresh that carries another credential: the CSRF tokens of OData.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::response::IntoResponse;
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode};
use perennial::{ErrorKind, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Payload, Protocol, Server};
use serde_json::{Value, json};

#[api_client(
    auth(name = "session", bearer, expired(status = 401), logout(status = 410)),
    auth(
        name = "csrf",
        header = "X-CSRF-Token",
        expired(status = 403, header("X-CSRF-Token" = "Required"))
    )
)]
pub trait OData {
    #[post("/renew", refresh("session"), public)]
    async fn renew(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get(
        "/odata",
        refresh("csrf", with = "session"),
        public,
        headers("X-CSRF-Token" = "Fetch"),
        tokens(access = header("X-CSRF-Token"))
    )]
    async fn fetch(&self) -> Result<()>;
    #[get("/fast", auth("csrf" = off))]
    async fn read(&self) -> Result<Value>;
    #[get("/ended", auth("csrf" = off))]
    async fn read_after_the_end(&self) -> Result<Value>;
    #[post("/products")]
    async fn create(&self) -> Result<Value>;
}

struct World {
    server: Arc<Server>,
    /// The number of the CSRF token that is good.
    good: Arc<AtomicUsize>,
    /// The session also expires when a CSRF token is refused, so many times.
    expires: Arc<AtomicUsize>,
    client: ODataClient,
}

async fn world() -> World {
    let server = Arc::new(Server::start(Protocol::pairs()));
    let (good, expires) = (Arc::new(AtomicUsize::new(1)), Arc::new(AtomicUsize::new(0)));
    server.open("/renew");
    let issuer = Arc::clone(&server);
    server.route(
        "/renew",
        post(move || {
            std::future::ready(Payload(json!({"access_token": issuer.issue("ann").access})))
        }),
    );
    let number = Arc::clone(&good);
    server.route(
        "/odata",
        get(move |headers: HeaderMap| {
            assert_eq!(headers["x-csrf-token"], "Fetch");
            let token = format!("csrf-{}", number.load(Ordering::SeqCst));
            std::future::ready(([("x-csrf-token", token)], "metadata"))
        }),
    );
    let (number, api, left) = (Arc::clone(&good), Arc::clone(&server), Arc::clone(&expires));
    server.route(
        "/products",
        post(move |headers: HeaderMap| {
            let expected = format!("csrf-{}", number.load(Ordering::SeqCst));
            let response = if headers["x-csrf-token"] == *expected {
                Payload(json!("created")).into_response()
            } else {
                if left
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |it| it.checked_sub(1))
                    .is_ok()
                {
                    api.expire_all();
                }
                (StatusCode::FORBIDDEN, [("x-csrf-token", "Required")]).into_response()
            };
            std::future::ready(response)
        }),
    );
    let client = ODataClient::builder(server.origin()).build().unwrap();
    let tokens = Tokens::new(server.issue("ann").access).with_refresh("r-1");
    client.session().login(tokens).await.unwrap();
    World { server, good, expires, client }
}

impl World {
    fn sent(&self, target: &str) -> usize {
        self.server.recorded().iter().filter(|it| it.target == target).count()
    }
}

#[tokio::test]
async fn a_method_does_not_carry_the_credential_that_it_switches_off() {
    let world = world().await;
    world.client.read().await.unwrap();
    assert_eq!((world.sent("/odata"), world.sent("/fast")), (0, 1));
    world.client.create().await.unwrap();
    world.server.expire_all();
    world.client.read().await.unwrap();
    let reads = world.server.recorded().into_iter().filter(|it| it.target == "/fast");
    assert!(reads.into_iter().all(|it| it.header("x-csrf-token").is_none()));
    assert_eq!((world.sent("/odata"), world.sent("/renew")), (1, 1));
}

#[tokio::test]
async fn a_refresh_carries_the_other_credential_and_is_made_once_for_all() {
    let world = world().await;
    let calls = futures::future::join_all((0..20).map(|_| world.client.create())).await;
    assert!(calls.iter().all(std::result::Result::is_ok), "{calls:?}");
    assert_eq!((world.sent("/odata"), world.sent("/products")), (1, 20));

    world.good.store(2, Ordering::SeqCst);
    world.client.create().await.unwrap();
    assert_eq!((world.sent("/odata"), world.sent("/products")), (2, 22));
    assert_eq!(world.sent("/renew"), 0);
    let access = world.client.session().tokens().unwrap();
    let expected = format!("Bearer {}", access.access());
    for fetch in world.server.recorded().into_iter().filter(|it| it.target == "/odata") {
        assert_eq!(fetch.header("authorization"), Some(&*expected));
    }
}

#[tokio::test]
async fn the_other_credential_is_renewed_if_it_has_expired_during_the_refresh() {
    let world = world().await;
    world.client.create().await.unwrap();
    world.good.store(2, Ordering::SeqCst);
    world.expires.store(1, Ordering::SeqCst);
    world.client.create().await.unwrap();
    // Rejected, fetched with an expired session, renewed, fetched again, and replayed.
    assert_eq!((world.sent("/products"), world.sent("/odata"), world.sent("/renew")), (3, 3, 1));
    assert!(world.client.session().is_signed_in());
}

#[tokio::test]
async fn no_token_is_fetched_while_signed_out_of_the_credential_that_it_needs() {
    let world = world().await;
    world.client.session().logout().await.unwrap();
    let error = world.client.create().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::SignedOut), "{error}");
    assert_eq!(world.server.recorded().len(), 0);
}

#[tokio::test]
async fn a_token_that_was_fetched_for_one_user_is_not_sent_for_the_next() {
    for signs_out in [false, true] {
        let world = world().await;
        let session = world.client.session();
        world.client.create().await.unwrap();
        if signs_out {
            session.logout().await.unwrap();
        }
        // The token of the first user is good no more: a call that carried it would be refused.
        world.good.store(2, Ordering::SeqCst);
        session.login(Tokens::new(world.server.issue("ben").access)).await.unwrap();
        world.client.create().await.unwrap();
        assert_eq!((world.sent("/odata"), world.sent("/products")), (2, 2), "{signs_out}");
        let fetches = world.server.recorded().into_iter().filter(|it| it.target == "/odata");
        let users: Vec<_> = fetches.map(|it| it.user().map(str::to_owned)).collect();
        assert_eq!(users, [Some("ann".to_owned()), Some("ben".to_owned())]);
    }
}

#[tokio::test]
async fn a_pending_fetch_of_the_previous_user_is_discarded() {
    let world = world().await;
    let held = world.server.on("/odata").first(1).hold();
    let early = tokio::spawn(world.client.create().into_future());
    held.arrived(1).await;
    let access = world.server.issue("ben").access;
    world.client.session().login(Tokens::new(access)).await.unwrap();
    assert_eq!(early.await.unwrap().unwrap_err().kind(), ErrorKind::SessionChanged);
    held.release();
    world.client.create().await.unwrap();
    let sent = world.server.recorded();
    let users = |target| {
        let of_target = sent.iter().filter(move |it| it.target == target);
        of_target.map(|it| it.user().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (users("/odata"), users("/products")),
        (vec!["ann".into(), "ben".into()], vec!["ben".into()])
    );
}

#[tokio::test]
async fn calls_that_wait_for_the_other_credential_get_the_reason_why_the_session_ended() {
    for signs_out in [false, true] {
        let world = world().await;
        world.server.route("/ended", get(|| std::future::ready(StatusCode::GONE)));
        let held = world.server.on("/odata").first(1).hold();
        let early = tokio::spawn(world.client.create().into_future());
        held.arrived(1).await;
        let expected = if signs_out {
            world.client.session().logout().await.unwrap();
            ErrorKind::SessionChanged
        } else {
            world.client.read_after_the_end().await.unwrap_err();
            ErrorKind::SessionLost
        };
        let error = early.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), expected, "{error}");
        held.release();
    }
}

#[tokio::test]
async fn a_token_that_belongs_to_another_is_not_stored() {
    let folder = std::env::temp_dir().join(format!("perennial-derived-{}", std::process::id()));
    let world = world().await;
    let store = perennial::store::FileStore::at(folder.join("tokens.json"));
    let client = ODataClient::builder(world.server.origin()).store(store).build().unwrap();
    client.session().login(Tokens::new(world.server.issue("ann").access)).await.unwrap();
    client.create().await.unwrap();
    let files = std::fs::read_dir(&folder).unwrap();
    let names: Vec<_> = files.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(names.iter().any(|it| it == "tokens.json"), "{names:?}");
    assert!(!names.iter().any(|it| it.contains("csrf")), "{names:?}");
}
