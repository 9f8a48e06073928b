//! Several credentials in one client: each has its own codes, its own refresh and its own queue.

use std::sync::Arc;

use crate::support::{Told, tokens};
use perennial::store::{StoreError, Stored, TokenStore, Version};
use perennial::{BoxFuture, ErrorKind, Event, EventKind, Result, Tokens, api_client};
use perennial_tests::{Carrier, Placement, Protocol, Reply, Server};
use serde_json::json;

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(code = 1001)),
    auth(name = "device", header = "X-Device", expired(code = 5678), logout(code = 5001)),
    allow(duplicate_endpoint)
)]
pub trait Fleet {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[post("/device/refresh", refresh("device"))]
    async fn refresh_device(&self) -> Result<Tokens>;

    /// Carries both.
    #[get("/both")]
    async fn both(&self) -> Result<String>;

    #[get("/user", auth(header = "X-Token", expired(code = 1234), logout(code = 1001)))]
    async fn user(&self) -> Result<String>;

    #[get(
        "/device",
        auth(name = "device", header = "X-Device", expired(code = 5678), logout(code = 5001))
    )]
    async fn device(&self) -> Result<String>;
}

struct Scene {
    server: Server,
    fleet: FleetClient,
    told: Told,
}

impl Scene {
    async fn new() -> Self {
        let device = Protocol {
            placement: Placement::Header("x-device"),
            renewal: Carrier::Access,
            refresh: "POST /device/refresh",
            login: "POST /device/login",
            logout: "",
            expired: Reply::json(&json!({"code": 5678, "message": "device token expired"})),
            unknown: Reply::json(&json!({"code": 5001, "message": "unknown device"})),
            refresh_refused: Reply::json(&json!({"code": 5001, "message": "unknown device"})),
            ..Protocol::article()
        };
        let server = Server::with_credentials([Protocol::article(), device]);
        for path in ["/both", "/user", "/device"] {
            server.offer(path, json!("ok"));
        }
        server.ask("/both", &[0, 1]);
        server.ask("/device", &[1]);
        let told = Told::default();
        let http = reqwest::Client::builder().no_proxy();
        let fleet = told.watch(FleetClient::builder(server.origin()).http(http)).build().unwrap();
        fleet.session().login(tokens(&server.issue("ann"))).await.unwrap();
        let issued = server.credential(1).issue("phone");
        fleet.session().credential("device").unwrap().login(tokens(&issued)).await.unwrap();
        Self { server, fleet, told }
    }

    fn refreshes(&self) -> (usize, usize) {
        (self.server.tokens().refreshes(), self.server.credential(1).refreshes())
    }
}

#[tokio::test]
async fn each_code_finds_the_refresh_that_it_belongs_to() {
    let scene = Scene::new().await;
    scene.server.credential(1).expire_all();
    scene.fleet.device().await.unwrap();
    assert_eq!(scene.refreshes(), (0, 1));
    scene.server.expire_all();
    scene.fleet.user().await.unwrap();
    assert_eq!(scene.refreshes(), (1, 1));
    scene.fleet.both().await.unwrap();
    assert_eq!(scene.refreshes(), (1, 1));
}

#[tokio::test]
async fn two_expiries_at_the_same_time_do_not_wait_for_each_other() {
    let scene = Scene::new().await;
    scene.server.expire_all();
    scene.server.credential(1).expire_all();
    let hold = scene.server.hold_refresh();
    let user = tokio::spawn(scene.fleet.user());
    hold.arrived(1).await;
    // The refresh of the user is under way and stays so; the device does not notice.
    scene.fleet.device().await.unwrap();
    scene.fleet.device().await.unwrap();
    assert_eq!(scene.refreshes(), (1, 1));
    assert!(scene.fleet.session().stats().refreshing);
    assert!(!user.is_finished());
    hold.release();
    user.await.unwrap().unwrap();
    assert_eq!(scene.refreshes(), (1, 1));
}

#[tokio::test]
async fn a_call_that_carries_both_waits_for_the_expired_one() {
    let scene = Scene::new().await;
    scene.server.credential(1).expire_all();
    let hold = scene.server.on("POST /device/refresh").hold();
    let device = tokio::spawn(scene.fleet.device());
    hold.arrived(1).await;
    let both = tokio::spawn(scene.fleet.both());
    scene.told.until(|counts| counts.queued == 2).await;
    assert_eq!(scene.server.count("/both"), 0);
    scene.fleet.user().await.unwrap();
    hold.release();
    device.await.unwrap().unwrap();
    both.await.unwrap().unwrap();
    assert_eq!(scene.server.count("/both"), 1);
    assert_eq!(scene.refreshes(), (0, 1));
}

#[tokio::test]
async fn a_call_whose_tokens_have_both_expired_renews_one_after_the_other() {
    let scene = Scene::new().await;
    scene.server.expire_all();
    scene.server.credential(1).expire_all();
    scene.fleet.both().await.unwrap();
    assert_eq!(scene.refreshes(), (1, 1));
    assert_eq!(scene.server.count("/both"), 3);
    scene.told.quiet().await;
    assert_eq!(scene.told.counts().replayed, 2);
}

#[tokio::test]
async fn twenty_calls_with_both_renew_each_once() {
    let scene = Scene::new().await;
    scene.server.expire_all();
    scene.server.credential(1).expire_all();
    let calls = (0..20).map(|_| scene.fleet.both());
    for response in futures::future::join_all(calls).await {
        response.unwrap();
    }
    assert_eq!(scene.refreshes(), (1, 1));
    assert!(scene.server.count("/both") <= 60);
    assert_eq!(scene.fleet.session().stats().waiting, 0);
}

#[tokio::test]
async fn the_code_of_a_token_that_was_not_carried_is_an_ordinary_refusal() {
    let scene = Scene::new().await;
    scene.server.on("/user").nth(1).response(Reply::json(&json!({"code": 5678})));
    let error = scene.fleet.user().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Api && error.has_code(5678), "{error}");
    assert_eq!(scene.refreshes(), (0, 0));
}

#[tokio::test]
async fn the_end_of_one_credential_leaves_the_other_alone() {
    let scene = Scene::new().await;
    scene.server.credential(1).revoke_all();
    assert!(scene.fleet.device().await.unwrap_err().kind() == ErrorKind::SessionLost);
    assert!(scene.fleet.both().await.unwrap_err().kind() == ErrorKind::SessionLost);
    assert_eq!(scene.server.count("/both"), 0);
    scene.fleet.user().await.unwrap();
    scene.server.expire_all();
    scene.fleet.user().await.unwrap();
    let issued = scene.server.credential(1).issue("phone");
    scene.fleet.session().credential("device").unwrap().login(tokens(&issued)).await.unwrap();
    scene.fleet.both().await.unwrap();
    assert_eq!(scene.refreshes(), (1, 0));
}

#[tokio::test]
async fn a_failed_refresh_of_one_is_no_rest_for_the_other() {
    let scene = Scene::new().await;
    scene.server.expire_all();
    scene.server.credential(1).expire_all();
    scene.server.on_refresh().response(Reply::status(503));
    assert!(scene.fleet.user().await.unwrap_err().kind() == ErrorKind::RefreshFailed);
    scene.fleet.device().await.unwrap();
    assert!(scene.fleet.both().await.unwrap_err().kind() == ErrorKind::RefreshFailed);
    assert_eq!(scene.refreshes().1, 1);
}

#[tokio::test]
async fn each_refresh_method_renews_its_own_token() {
    let scene = Scene::new().await;
    scene.fleet.refresh_device().await.unwrap();
    assert_eq!(scene.refreshes(), (0, 1));
    scene.fleet.refresh().await.unwrap();
    assert_eq!(scene.refreshes(), (1, 1));
    scene.fleet.both().await.unwrap();
    assert_eq!(scene.server.expiries(), 0);
}

#[tokio::test]
async fn another_user_on_the_same_device_keeps_the_device() {
    let scene = Scene::new().await;
    scene.server.expire_all();
    let hold = scene.server.hold_refresh();
    let waiting = tokio::spawn(scene.fleet.both());
    hold.arrived(1).await;
    scene.fleet.session().login(tokens(&scene.server.issue("bob"))).await.unwrap();
    assert!(waiting.await.unwrap().unwrap_err().kind() == ErrorKind::SessionChanged);
    hold.release();
    scene.fleet.both().await.unwrap();
    let users: Vec<_> = scene.server.recorded_on("/both");
    assert_eq!(users.len(), 2);
    assert_eq!(scene.server.credential(1).rotations(), 0);
}

#[tokio::test]
async fn events_of_a_credential_name_it() {
    let scene = Scene::new().await;
    scene.server.credential(1).expire_all();
    scene.fleet.device().await.unwrap();
    scene.server.credential(1).revoke_all();
    let error = scene.fleet.device().await.unwrap_err();
    assert_eq!(
        (error.kind() == ErrorKind::SessionLost, error.credential()),
        (true, Some("device")),
        "{error}"
    );
    // A call that finds the session ended learns of which credential, too.
    assert_eq!(scene.fleet.both().await.unwrap_err().credential(), Some("device"));
    let events = scene.told.events();
    let named = events.iter().filter_map(|event| match &event.kind {
        EventKind::Queued { .. } => Some(("queued", event.credential)),
        EventKind::Replayed { .. } => Some(("replayed", event.credential)),
        EventKind::SessionLost { reason, .. } => {
            assert_eq!(reason.credential(), Some(event.credential));
            Some(("lost", event.credential))
        }
        _ => None,
    });
    let told: Vec<_> = named.collect();
    assert_eq!(told, [("queued", "device"), ("replayed", "device"), ("lost", "device")]);
    assert_eq!(scene.told.reasons(), [Some("device")]);
}

/// Can keep nothing, of any credential.
struct Broken;

impl TokenStore for Broken {
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async { Ok(None) })
    }

    fn save<'a>(
        &'a self,
        _: &'a Stored,
        _: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Err(StoreError::failed("full")) })
    }

    fn clear(&self, _: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }

    fn for_credential(&self, _: &str) -> Option<Arc<dyn TokenStore>> {
        Some(Arc::new(Self))
    }
}

#[tokio::test]
async fn a_store_that_fails_names_the_credential_that_it_keeps() {
    let told = Told::default();
    let fleet = told.watch(FleetClient::builder("http://fleet.example").store(Broken));
    let fleet = fleet.build().unwrap();
    fleet.session().credential("device").unwrap().login(Tokens::new("t")).await.unwrap();
    let is_named = |event: &Event| match &event.kind {
        EventKind::StoreFailed { reason, .. } => {
            event.credential == "device" && reason.credential() == Some("device")
        }
        _ => false,
    };
    assert!(told.events().iter().any(is_named), "{:?}", told.events());
}

#[tokio::test]
async fn the_end_of_a_refused_refresh_names_its_credential() {
    let scene = Scene::new().await;
    scene.server.expire_all();
    scene.server.on_refresh().response(Reply::json(&json!({"code": 1001, "message": "over"})));
    let error = scene.fleet.user().await.unwrap_err();
    assert_eq!(
        (error.kind() == ErrorKind::SessionLost, error.credential()),
        (true, Some("")),
        "{error}"
    );
    assert_eq!(scene.told.reasons(), [Some("")]);
}

#[tokio::test]
async fn whatever_is_asked_of_a_session_can_be_asked_of_each_credential() {
    let scene = Scene::new().await;
    let session = scene.fleet.session();
    let device = session.credential("device").unwrap();
    assert_eq!(device.name(), "device");
    let before = device.tokens().unwrap();
    assert_ne!(Some(&before), session.tokens().as_ref());
    device.refresh().await.unwrap();
    assert_eq!(scene.refreshes(), (0, 1));
    assert_ne!(device.tokens().unwrap(), before);
    device.expire_now();
    scene.fleet.user().await.unwrap();
    assert_eq!(scene.refreshes(), (0, 1));
    scene.fleet.device().await.unwrap();
    assert_eq!(scene.refreshes(), (0, 2));
    device.logout().await.unwrap();
    assert!(!device.is_signed_in());
    assert!(session.credential("").unwrap().is_signed_in() && session.is_signed_in());
    assert_eq!(device.tokens(), None);
}

#[tokio::test]
async fn a_logout_ends_every_credential() {
    let scene = Scene::new().await;
    scene.fleet.session().logout().await.unwrap();
    assert!(scene.fleet.user().await.unwrap_err().is_signed_out());
    assert!(scene.fleet.device().await.unwrap_err().is_signed_out());
    assert_eq!(scene.server.requests(), 0);
}

#[tokio::test]
async fn a_name_that_was_not_declared_is_refused() {
    let scene = Scene::new().await;
    let error = scene.fleet.session().credential("robot").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
}
