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

struct Scenario {
    server: Server,
    fleet: FleetClient,
    told: Told,
}

impl Scenario {
    async fn new() -> Self {
        let device = Protocol {
            placement: Placement::Header("x-device"),
            renewal: Carrier::Access,
            refresh: "POST /device/refresh",
            login: "POST /device/login",
            logout: "",
            expired: Reply::json(&json!({"code": 5678, "message": "device token expired"})),
            unknown: Reply::json(&json!({"code": 5001, "message": "unknown device"})),
            refresh_rejected: Reply::json(&json!({"code": 5001, "message": "unknown device"})),
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
    let scenario = Scenario::new().await;
    scenario.server.credential(1).expire_all();
    scenario.fleet.device().await.unwrap();
    assert_eq!(scenario.refreshes(), (0, 1));
    scenario.server.expire_all();
    scenario.fleet.user().await.unwrap();
    assert_eq!(scenario.refreshes(), (1, 1));
    scenario.fleet.both().await.unwrap();
    assert_eq!(scenario.refreshes(), (1, 1));
}

#[tokio::test]
async fn two_expiries_at_the_same_time_do_not_wait_for_each_other() {
    let scenario = Scenario::new().await;
    scenario.server.expire_all();
    scenario.server.credential(1).expire_all();
    let hold = scenario.server.hold_refresh();
    let user = tokio::spawn(scenario.fleet.user());
    hold.arrived(1).await;
    // The refresh of the user is under way and stays so; the device does not notice.
    scenario.fleet.device().await.unwrap();
    scenario.fleet.device().await.unwrap();
    assert_eq!(scenario.refreshes(), (1, 1));
    assert!(scenario.fleet.session().stats().refreshing);
    assert!(!user.is_finished());
    hold.release();
    user.await.unwrap().unwrap();
    assert_eq!(scenario.refreshes(), (1, 1));
}

#[tokio::test]
async fn a_call_that_carries_both_waits_for_the_expired_one() {
    let scenario = Scenario::new().await;
    scenario.server.credential(1).expire_all();
    let hold = scenario.server.on("POST /device/refresh").hold();
    let device = tokio::spawn(scenario.fleet.device());
    hold.arrived(1).await;
    let both = tokio::spawn(scenario.fleet.both());
    scenario.told.until(|counts| counts.queued == 2).await;
    assert_eq!(scenario.server.count("/both"), 0);
    scenario.fleet.user().await.unwrap();
    hold.release();
    device.await.unwrap().unwrap();
    both.await.unwrap().unwrap();
    assert_eq!(scenario.server.count("/both"), 1);
    assert_eq!(scenario.refreshes(), (0, 1));
}

#[tokio::test]
async fn a_call_whose_tokens_have_both_expired_renews_one_after_the_other() {
    let scenario = Scenario::new().await;
    scenario.server.expire_all();
    scenario.server.credential(1).expire_all();
    scenario.fleet.both().await.unwrap();
    assert_eq!(scenario.refreshes(), (1, 1));
    assert_eq!(scenario.server.count("/both"), 3);
    scenario.told.quiet().await;
    assert_eq!(scenario.told.counts().replayed, 2);
}

#[tokio::test]
async fn twenty_calls_with_both_renew_each_once() {
    let scenario = Scenario::new().await;
    scenario.server.expire_all();
    scenario.server.credential(1).expire_all();
    let calls = (0..20).map(|_| scenario.fleet.both());
    for response in futures::future::join_all(calls).await {
        response.unwrap();
    }
    assert_eq!(scenario.refreshes(), (1, 1));
    assert!(scenario.server.count("/both") <= 60);
    assert_eq!(scenario.fleet.session().stats().waiting, 0);
}

#[tokio::test]
async fn the_code_for_a_token_that_was_not_carried_is_an_ordinary_rejection() {
    let scenario = Scenario::new().await;
    scenario.server.on("/user").nth(1).response(Reply::json(&json!({"code": 5678})));
    let error = scenario.fleet.user().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Api && error.has_code(5678), "{error}");
    assert_eq!(scenario.refreshes(), (0, 0));
}

#[tokio::test]
async fn the_end_of_one_credential_does_not_affect_the_other() {
    let scenario = Scenario::new().await;
    scenario.server.credential(1).revoke_all();
    assert!(scenario.fleet.device().await.unwrap_err().kind() == ErrorKind::SessionLost);
    assert!(scenario.fleet.both().await.unwrap_err().kind() == ErrorKind::SessionLost);
    assert_eq!(scenario.server.count("/both"), 0);
    scenario.fleet.user().await.unwrap();
    scenario.server.expire_all();
    scenario.fleet.user().await.unwrap();
    let issued = scenario.server.credential(1).issue("phone");
    scenario.fleet.session().credential("device").unwrap().login(tokens(&issued)).await.unwrap();
    scenario.fleet.both().await.unwrap();
    assert_eq!(scenario.refreshes(), (1, 0));
}

#[tokio::test]
async fn a_failed_refresh_of_one_credential_is_not_a_cooldown_for_another() {
    let scenario = Scenario::new().await;
    scenario.server.expire_all();
    scenario.server.credential(1).expire_all();
    scenario.server.on_refresh().response(Reply::status(503));
    assert!(scenario.fleet.user().await.unwrap_err().kind() == ErrorKind::RefreshFailed);
    scenario.fleet.device().await.unwrap();
    assert!(scenario.fleet.both().await.unwrap_err().kind() == ErrorKind::RefreshFailed);
    assert_eq!(scenario.refreshes().1, 1);
}

#[tokio::test]
async fn each_refresh_method_renews_its_own_token() {
    let scenario = Scenario::new().await;
    scenario.fleet.refresh_device().await.unwrap();
    assert_eq!(scenario.refreshes(), (0, 1));
    scenario.fleet.refresh().await.unwrap();
    assert_eq!(scenario.refreshes(), (1, 1));
    scenario.fleet.both().await.unwrap();
    assert_eq!(scenario.server.expiries(), 0);
}

#[tokio::test]
async fn another_user_on_the_same_device_keeps_the_device() {
    let scenario = Scenario::new().await;
    scenario.server.expire_all();
    let hold = scenario.server.hold_refresh();
    let waiting = tokio::spawn(scenario.fleet.both());
    hold.arrived(1).await;
    scenario.fleet.session().login(tokens(&scenario.server.issue("bob"))).await.unwrap();
    assert!(waiting.await.unwrap().unwrap_err().kind() == ErrorKind::SessionChanged);
    hold.release();
    scenario.fleet.both().await.unwrap();
    let users: Vec<_> = scenario.server.recorded_on("/both");
    assert_eq!(users.len(), 2);
    assert_eq!(scenario.server.credential(1).rotations(), 0);
}

#[tokio::test]
async fn events_of_a_credential_name_it() {
    let scenario = Scenario::new().await;
    scenario.server.credential(1).expire_all();
    scenario.fleet.device().await.unwrap();
    scenario.server.credential(1).revoke_all();
    let error = scenario.fleet.device().await.unwrap_err();
    assert_eq!(
        (error.kind() == ErrorKind::SessionLost, error.credential()),
        (true, Some("device")),
        "{error}"
    );
    // A call that finds the session ended learns of which credential, too.
    assert_eq!(scenario.fleet.both().await.unwrap_err().credential(), Some("device"));
    let events = scenario.told.events();
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
    assert_eq!(scenario.told.reasons(), [Some("device")]);
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
async fn the_end_of_a_rejected_refresh_names_its_credential() {
    let scenario = Scenario::new().await;
    scenario.server.expire_all();
    scenario.server.on_refresh().response(Reply::json(&json!({"code": 1001, "message": "over"})));
    let error = scenario.fleet.user().await.unwrap_err();
    assert_eq!(
        (error.kind() == ErrorKind::SessionLost, error.credential()),
        (true, Some("")),
        "{error}"
    );
    assert_eq!(scenario.told.reasons(), [Some("")]);
}

#[tokio::test]
async fn everything_that_a_session_can_do_each_credential_can_do() {
    let scenario = Scenario::new().await;
    let session = scenario.fleet.session();
    let device = session.credential("device").unwrap();
    assert_eq!(device.name(), "device");
    let before = device.tokens().unwrap();
    assert_ne!(Some(&before), session.tokens().as_ref());
    device.refresh().await.unwrap();
    assert_eq!(scenario.refreshes(), (0, 1));
    assert_ne!(device.tokens().unwrap(), before);
    device.expire_now();
    scenario.fleet.user().await.unwrap();
    assert_eq!(scenario.refreshes(), (0, 1));
    scenario.fleet.device().await.unwrap();
    assert_eq!(scenario.refreshes(), (0, 2));
    device.logout().await.unwrap();
    assert!(!device.is_signed_in());
    assert!(session.credential("").unwrap().is_signed_in() && session.is_signed_in());
    assert_eq!(device.tokens(), None);
}

#[tokio::test]
async fn a_logout_ends_every_credential() {
    let scenario = Scenario::new().await;
    scenario.fleet.session().logout().await.unwrap();
    assert!(scenario.fleet.user().await.unwrap_err().is_signed_out());
    assert!(scenario.fleet.device().await.unwrap_err().is_signed_out());
    assert_eq!(scenario.server.requests(), 0);
}

#[tokio::test]
async fn a_name_that_was_not_declared_is_rejected() {
    let scenario = Scenario::new().await;
    let error = scenario.fleet.session().credential("robot").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
}
