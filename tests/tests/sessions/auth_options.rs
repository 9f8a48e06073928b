//! The less common options of `auth(..)`.

use perennial::{AdoptedFrom, EventKind, Result, Tokens, api_client};
use perennial_tests::{Payload, Protocol, Reply, Server};
use serde_json::{Value, json};

use crate::support::{SignedIn, World, cases, secs, timed, tokens};

/// The article with the options that few servers need.
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
    generous_within(std::time::Duration::from_secs(10), protocol).await
}

/// The same, with so much time for a refresh.
async fn generous_within(
    limit: std::time::Duration,
    protocol: Protocol,
) -> (Server, GenerousClient) {
    let server = Server::start(protocol);
    let shop = GenerousClient::signed_in_with(&server, |it| it.refresh_timeout(limit)).await;
    (server, shop)
}

cases! {
    async fn a_refresh_with_a_lost_response_is_sent_once_more_within_the_grace_of_the_server() {
        let grace = Some(std::time::Duration::from_secs(10));
        let (server, shop) = generous(Protocol { grace, ..Protocol::article() }).await;
        server.expire_all();
        server.on_refresh().first(1).close_after();
        shop.fast().await.unwrap();
        assert_eq!((server.refreshes(), server.rotations(), server.reuses()), (2, 1, 0));
    }

    async fn a_token_that_the_server_pushes_is_adopted() {
        let server = Server::start(Protocol::article());
        let adopted = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = std::sync::Arc::clone(&adopted);
        let shop = GenerousClient::builder(server.origin())
            .on_event(move |event| {
                if matches!(event.kind, EventKind::Adopted { source: AdoptedFrom::Response, .. }) {
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

    async fn a_response_about_an_old_token_ends_no_session() {
        let (server, shop) = generous(Protocol::article()).await;
        server.expire_all();
        let hold = server.on("/slow").first(1).hold();
        let gone = json!({"code": 1001, "message": "please log in", "data": {}});
        server.on("/slow").first(1).response_after(Reply::json(&gone));
        let late = tokio::spawn(shop.slow());
        hold.arrived(1).await;
        shop.fast().await.unwrap();
        hold.release();
        // What this call gets is its own matter; the newer token is not touched by it.
        let _ = late.await.unwrap();
        assert!(shop.session().is_signed_in());
        shop.fast().await.unwrap();
    }

    async fn an_optional_token_is_sent_if_there_is_one() {
        let (server, shop) = generous(Protocol::article()).await;
        shop.health().await.unwrap();
        shop.session().logout().await.unwrap();
        shop.health().await.unwrap();
        let carried: Vec<_> =
            server.recorded_on("/health").iter().map(|one| one.token.is_some()).collect();
        assert_eq!(carried, [true, false]);
    }

    async fn without_the_declaration_a_pushed_token_is_ignored() {
        let world = World::new().await;
        let other = world.server.issue("bob").access;
        let push = move || async move { ([("new-token", other)], Payload(json!("ok"))) };
        world.server.route("/pushes", axum::routing::get(push));
        world.server.on("/slow").redirect(302, "/api/pushes");
        world.shop.slow().await.unwrap();
        assert_eq!(world.access().as_deref(), Some(&*world.issued.access));
    }
}

timed! {
    async fn a_refresh_with_a_lost_response_is_not_sent_again_after_the_grace_of_the_server() {
        for (seconds, refreshes) in [(9, 2), (11, 1)] {
            let grace = Some(secs(60));
            let limit = secs(15);
            let (server, shop) =
                generous_within(limit, Protocol { grace, ..Protocol::article() }).await;
            server.expire_all();
            server.on_refresh().first(1).delay(secs(seconds));
            server.on_refresh().first(1).close_after();
            assert_eq!(shop.fast().await.is_ok(), refreshes == 2, "{seconds}");
            assert_eq!(server.refreshes(), refreshes, "{seconds}");
        }
    }
}
