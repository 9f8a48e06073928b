//! Panics in the code that a declaration names, before and after a refresh is sent.

use std::sync::atomic::{AtomicU8, Ordering};

use perennial::declared::RawResponse;
use perennial::{ErrorKind, EventKind, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::support::{Told, cases, secs, timed, tokens};

const AMBIGUOUS: fn(&EventKind) -> bool =
    |kind| matches!(kind, EventKind::RotationAmbiguous { .. });

/// Its rules take for granted that the response is not that to a refresh.
#[api_client(auth(bearer, expired(status = 401), expired(when = stale), logout(when = blocked)))]
pub trait Presuming {
    #[post("/refresh", refresh, public, rejected(when = unknown))]
    async fn refresh(&self, #[json] with: Old) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[derive(Serialize)]
pub struct Old {
    refresh_token: String,
}

impl From<&Tokens> for Old {
    fn from(tokens: &Tokens) -> Self {
        Self { refresh_token: tokens.refresh().unwrap_or_default().to_owned() }
    }
}

fn presume(response: &RawResponse<'_>, rule: &str) -> bool {
    let text = String::from_utf8_lossy(response.body);
    assert!(!text.contains("refresh_token") && !text.contains(rule), "the rule panics");
    false
}

fn stale(response: &RawResponse<'_>) -> bool {
    presume(response, "odd for `expired")
}

fn blocked(response: &RawResponse<'_>) -> bool {
    presume(response, "odd for `logout")
}

fn unknown(response: &RawResponse<'_>) -> bool {
    presume(response, "odd for `rejected")
}

cases! {
    async fn tokens_that_a_refresh_returns_are_installed_although_a_rule_panics_at_the_response() {
        let (server, told) = (Server::start(Protocol::pairs()), Told::default());
        let shop = told.watch(PresumingClient::builder(server.origin())).build().unwrap();
        shop.session().login(tokens(&server.issue("ann"))).await.unwrap();
        for refreshes in 1..4 {
            server.expire_all();
            shop.fast().await.unwrap();
            assert_eq!((server.refreshes(), server.reuses()), (refreshes, 0));
        }
        assert_eq!(told.count(AMBIGUOUS), 0);
    }

    async fn a_rule_that_panics_at_the_response_to_a_refresh_is_named() {
        for (rule, status) in [("rejected", 200), ("logout", 200), ("expired", 200), ("rejected", 403)] {
            let (server, told) = (Server::start(Protocol::pairs()), Told::default());
            let shop = told.watch(PresumingClient::builder(server.origin())).build().unwrap();
            shop.session().login(tokens(&server.issue("ann"))).await.unwrap();
            server.expire_all();
            let odd = json!({"hint": format!("odd for `{rule}`")});
            server.on("/refresh").first(1).response(Reply::rejection(status, &odd));
            let error = shop.fast().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
            let text = error.to_string();
            assert!(text.contains(&format!("`{rule}(when = ..)` panicked")), "{text}");
            assert!(text.contains(&format!("status {status}")), "{text}");
            // A server that says no has not rotated.
            assert_eq!(told.count(AMBIGUOUS), usize::from(status == 200), "{text}");
            assert!(shop.session().is_signed_in());
        }
    }
}

/// Which part of the request panics.
static PANICS: AtomicU8 = AtomicU8::new(0);

fn panics_at(part: u8) {
    assert!(PANICS.load(Ordering::SeqCst) != part, "part {part} panics");
}

#[api_client(auth(bearer, expired(status = 401)))]
pub trait Mined {
    #[post("/refresh", refresh, public, headers("X-Sent" = sent))]
    async fn refresh(&self, #[json] with: Presented) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

fn sent() -> String {
    panics_at(1);
    "now".into()
}

pub struct Presented(String);

impl From<&Tokens> for Presented {
    fn from(tokens: &Tokens) -> Self {
        panics_at(2);
        Self(tokens.refresh().unwrap_or_default().to_owned())
    }
}

impl Serialize for Presented {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        panics_at(3);
        json!({"refresh_token": self.0}).serialize(serializer)
    }
}

timed! {
    async fn a_panic_before_a_refresh_is_sent_leaves_no_doubt_about_its_token() {
        let (server, told) = (Server::start(Protocol::pairs()), Told::default());
        let shop = told.watch(MinedClient::builder(server.origin())).build().unwrap();
        shop.session().login(tokens(&server.issue("ann"))).await.unwrap();
        for part in 1..4 {
            server.expire_all();
            PANICS.store(part, Ordering::SeqCst);
            let before = server.refreshes();
            let error = shop.fast().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
            assert!(error.to_string().contains("nothing was sent"), "{error}");
            assert_eq!((server.refreshes(), told.count(AMBIGUOUS)), (before, 0));
            PANICS.store(0, Ordering::SeqCst);
            tokio::time::sleep(secs(60)).await;
            shop.fast().await.unwrap();
            assert_eq!((server.refreshes(), server.reuses()), (before + 1, 0));
        }
    }
}
