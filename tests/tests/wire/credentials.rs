//! Several credentials in one client, and the lesser words of `auth(..)`.

use perennial::{AdoptedFrom, Event, Result, Tokens, api_client};
use perennial_tests::{Carrier, Payload, Placement, Protocol, Reply, Server};
use serde_json::{Value, json};

use crate::backends::WeChatClient;
use crate::world::{World, cases, tokens};

/// An API that asks for a user's token and for a device's.
#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
    auth(name = "device", header = "X-Device", expired(code = 5678))
)]
pub trait Fleet {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[post("/device/refresh", refresh("device"))]
    async fn refresh_device(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
    #[get("/slow")]
    async fn slow(&self) -> Result<Value>;
}

fn device() -> Protocol {
    Protocol {
        placement: Placement::Header("x-device"),
        renewal: Carrier::Access,
        login: "",
        refresh: "POST /device/refresh",
        logout: "",
        expired: Reply::json(&json!({"code": 5678, "message": "device expired", "data": {}})),
        ..Protocol::article()
    }
}

/// A server that asks for both tokens, and a client that has both.
async fn fleet() -> (Server, FleetClient) {
    let server = Server::with_credentials([Protocol::article(), device()]);
    server.ask("/fast", &[0, 1]);
    server.ask("/slow", &[0, 1]);
    let fleet = FleetClient::builder(server.origin()).build().unwrap();
    fleet.session().login(tokens(&server.issue("ann"))).await.unwrap();
    let own = tokens(&server.credential(1).issue("phone"));
    fleet.session().login_as("device", own).await.unwrap();
    (server, fleet)
}

/// The article with the words that few servers need.
#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(
        header = "X-Token",
        expired(code = 1234),
        logout(code = 1001),
        grace = "10s",
        renewed(header = "New-Token"),
    )
)]
pub trait Generous {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
    #[get("/slow")]
    async fn slow(&self) -> Result<Value>;
    #[get("/pushes")]
    async fn pushes(&self) -> Result<Value>;
    #[get("/health", optional)]
    async fn health(&self) -> Result<()>;
}

async fn generous(protocol: Protocol) -> (Server, GenerousClient) {
    let server = Server::start(protocol);
    let shop = GenerousClient::builder(server.origin()).build().unwrap();
    shop.session().login(tokens(&server.issue("ann"))).await.unwrap();
    (server, shop)
}

cases! {
    async fn a_code_finds_the_credential_that_it_belongs_to() {
        let (server, fleet) = fleet().await;
        server.credential(1).expire_all();
        fleet.fast().await.unwrap();
        assert_eq!((server.tokens().refreshes(), server.credential(1).refreshes()), (0, 1));
        server.tokens().expire_all();
        fleet.fast().await.unwrap();
        assert_eq!((server.tokens().refreshes(), server.credential(1).refreshes()), (1, 1));
        assert_eq!(server.sends(), 4);
    }

    async fn two_tokens_that_end_together_are_renewed_once_each() {
        let (server, fleet) = fleet().await;
        server.tokens().expire_all();
        server.credential(1).expire_all();
        let (fast, slow) = tokio::join!(fleet.fast(), fleet.slow());
        fast.unwrap();
        slow.unwrap();
        assert_eq!((server.tokens().refreshes(), server.credential(1).refreshes()), (1, 1));
    }

    async fn a_lost_answer_is_asked_for_once_more_within_the_grace_of_the_server() {
        let grace = Some(std::time::Duration::from_secs(10));
        let (server, shop) = generous(Protocol { grace, ..Protocol::article() }).await;
        server.expire_all();
        server.on_refresh().first(1).close_after();
        shop.fast().await.unwrap();
        assert_eq!((server.refreshes(), server.rotations(), server.reuses()), (2, 1, 0));
    }

    async fn a_token_that_the_server_pushes_is_taken_over() {
        let server = Server::start(Protocol::article());
        let adopted = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = std::sync::Arc::clone(&adopted);
        let shop = GenerousClient::builder(server.origin())
            .on_event(move |event| {
                if matches!(event, Event::Adopted { source: AdoptedFrom::Answer, .. }) {
                    count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                }
            })
            .build()
            .unwrap();
        shop.session().login(tokens(&server.issue("ann"))).await.unwrap();
        let next = server.issue("ann").access;
        let pushed = next.clone();
        let push = move || async move { ([("new-token", pushed)], Payload(json!("ok"))) };
        server.route("/pushes", axum::routing::get(push));
        shop.pushes().await.unwrap();
        shop.fast().await.unwrap();
        assert_eq!(server.recorded_on("/fast")[0].token, Some(next));
        assert_eq!(adopted.load(std::sync::atomic::Ordering::SeqCst), 1);
        assert_eq!(server.refreshes(), 0);
    }

    async fn a_word_about_an_old_token_ends_no_session() {
        let (server, shop) = generous(Protocol::article()).await;
        server.expire_all();
        let hold = server.on("/slow").first(1).hold();
        let gone = json!({"code": 1001, "message": "please log in", "data": {}});
        server.on("/slow").first(1).answer_after(Reply::json(&gone));
        let late = tokio::spawn(shop.slow().into_future());
        hold.arrived(1).await;
        shop.fast().await.unwrap();
        hold.release();
        // What this call gets is its own matter; the newer token is not touched by it.
        let _ = late.await.unwrap();
        assert!(shop.session().is_signed_in());
        shop.fast().await.unwrap();
    }

    async fn an_optional_token_goes_along_if_there_is_one() {
        let (server, shop) = generous(Protocol::article()).await;
        shop.health().await.unwrap();
        shop.session().logout().await.unwrap();
        shop.health().await.unwrap();
        let carried: Vec<_> =
            server.recorded_on("/health").iter().map(|one| one.token.is_some()).collect();
        assert_eq!(carried, [true, false]);
    }

    async fn a_token_in_the_query_stands_in_no_error() {
        let server = Server::start(Protocol::wechat());
        server.offer("/user/info", json!({"openid": "o1"}));
        let shop = WeChatClient::builder(server.origin()).build().unwrap();
        shop.info("o1").await.unwrap();
        let token = shop.session().tokens().unwrap().access().to_owned();
        let noise = token.rsplit('.').next().unwrap();
        for reply in [None, Some(Reply::status(500)), Some(Reply::html())] {
            server.behave();
            match reply {
                Some(reply) => server.on("/user/info").answer(reply),
                None => server.on("/user/info").close(),
            }
            let error = shop.info("o1").await.unwrap_err();
            let text = format!("{error} {error:?} {:?}", std::error::Error::source(&error));
            assert!(!text.contains(noise), "{text}");
        }
    }

    async fn without_the_word_a_pushed_token_is_left_alone() {
        let world = World::new().await;
        let other = world.server.issue("bob").access;
        let push = move || async move { ([("new-token", other)], Payload(json!("ok"))) };
        world.server.route("/pushes", axum::routing::get(push));
        world.server.on("/slow").redirect(302, "/api/pushes");
        world.shop.slow().await.unwrap();
        assert_eq!(world.access().as_deref(), Some(&*world.issued.access));
    }
}
