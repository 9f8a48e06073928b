//! Logins that ask back, and what else comes with tokens.

use perennial::store::{FileStore, TokenStore};
use perennial::{ErrorKind, IntoTokens, Login, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::cases;

#[derive(Debug, PartialEq, Deserialize)]
pub struct Challenge {
    challenge: String,
    session: String,
}

#[derive(Debug, Serialize)]
pub struct Code {
    session: String,
    code: &'static str,
}

/// A login that brings more than tokens.
#[derive(Debug, Deserialize)]
pub struct Granted {
    access_token: String,
    instance_url: Option<String>,
}

impl IntoTokens for Granted {
    fn into_tokens(self) -> Tokens {
        let tokens = Tokens::new(self.access_token);
        match self.instance_url {
            Some(url) => tokens.with_extra("instance_url", url),
            None => tokens,
        }
    }
}

/// The parameter of a refresh that is made of it.
#[derive(Debug, Serialize)]
pub struct At {
    host: String,
}

impl From<&Tokens> for At {
    fn from(tokens: &Tokens) -> Self {
        Self { host: tokens.extra("instance_url").unwrap_or("none").to_owned() }
    }
}

#[api_client(
    base = "/api",
    auth(header = "X-Token", expired(body("code" = 1234))),
    allow(duplicate_endpoint)
)]
pub trait Bank {
    #[post("/login", login)]
    async fn login(&self, #[json] who: &Value) -> Result<Login<Challenge>>;
    #[post("/login", login)]
    async fn confirm(&self, #[json] code: &Code) -> Result<Tokens>;
    #[post("/login", login)]
    async fn granted(&self, #[json] who: &Value) -> Result<Granted>;
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self, #[json] at: At) -> Result<Granted>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

cases! {
    async fn a_login_that_asks_for_more_signs_in_after_it() {
        let server = Server::start(Protocol::article());
        let bank = BankClient::builder(server.origin()).build().unwrap();
        let question = json!({"challenge": "mfa", "session": "s-1"});
        server.on_login().first(1).response(Reply::json(&question));
        let Login::Asked(asked) = bank.login(&json!({"user": "ann"})).await.unwrap() else {
            panic!("it was a question")
        };
        assert_eq!(asked, Challenge { challenge: "mfa".to_owned(), session: "s-1".to_owned() });
        assert!(!bank.session().is_signed_in());
        assert_eq!(bank.fast().await.unwrap_err().kind(), ErrorKind::SignedOut);
        let good = json!({"access_token": server.issue("ann").access});
        server.on_login().first(1).response(Reply::json(&good));
        let code = Code { session: asked.session, code: "123456" };
        bank.confirm(&code).await.unwrap();
        bank.fast().await.unwrap();
    }

    async fn a_login_that_may_ask_back_signs_in_at_once_where_it_does_not() {
        let server = Server::start(Protocol::article());
        let bank = BankClient::builder(server.origin()).build().unwrap();
        let good = json!({"access_token": server.issue("ann").access});
        server.on_login().first(1).response(Reply::json(&good));
        let login = bank.login(&json!({"user": "ann"})).await.unwrap();
        assert!(matches!(login, Login::SignedIn(_)), "{login:?}");
        bank.fast().await.unwrap();
        server.on_login().first(1).response(Reply::json(&json!({"odd": 1})));
        let error = bank.login(&json!({"user": "ann"})).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    }

    async fn extra_values_of_the_tokens_are_stored_and_reach_the_refresh() {
        let server = Server::start(Protocol::article());
        let folder = format!("perennial-extra-{}-{:?}", std::process::id(), std::thread::current().id());
        let folder = std::env::temp_dir().join(folder);
        let store = FileStore::at(folder.join("tokens.json"));
        let bank = BankClient::builder(server.origin()).store(store.clone()).build().unwrap();
        let eu5 = "https://eu5.example";
        let good = json!({"access_token": server.issue("ann").access, "instance_url": eu5});
        server.on_login().first(1).response(Reply::json(&good));
        bank.granted(&json!({"user": "ann"})).await.unwrap();
        let stored = store.load().await.unwrap().unwrap();
        assert_eq!(stored.tokens.extra("instance_url"), Some(eu5));
        // The refresh is made of it, and what it does not bring anew stays.
        let renewed = json!({"access_token": server.issue("ann").access});
        server.on_refresh().first(1).response(Reply::json(&renewed));
        bank.session().expire_now();
        bank.fast().await.unwrap();
        let sent = &server.recorded_on("/refreshtoken")[0];
        assert_eq!(sent.json(), json!({"host": eu5}));
        assert_eq!(bank.session().tokens().unwrap().extra("instance_url"), Some(eu5));
        let stored = store.load().await.unwrap().unwrap();
        assert_eq!(stored.tokens.extra("instance_url"), Some(eu5));
        std::fs::remove_dir_all(folder).unwrap();
    }

    async fn the_first_calls_of_a_client_with_its_own_credentials_make_one_fetch() {
        let server = Server::start(Protocol::article());
        let token = server.issue("app").access;
        let fetched = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = std::sync::Arc::clone(&fetched);
        let fetch = move |_: Option<Tokens>| {
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let token = token.clone();
            async move {
                tokio::task::yield_now().await;
                Ok(Tokens::new(token))
            }
        };
        let bank = BankClient::builder(server.origin()).refresh(fetch).build().unwrap();
        let calls = futures::future::join_all((0..20).map(|_| bank.fast())).await;
        assert!(calls.into_iter().all(|call| call.is_ok()));
        let fetches = fetched.load(std::sync::atomic::Ordering::SeqCst);
        assert_eq!((fetches, server.logins(), server.sends()), (1, 0, 20));
    }
}
