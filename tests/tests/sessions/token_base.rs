//! Responses to a refresh that say where the API is from now on.

use std::sync::Arc;

use axum::routing::{get, post};
use perennial::store::FileStore;
use perennial::{ErrorKind, Pages, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Payload, Protocol, Reply, Server};
use serde_json::{Value, json};

#[api_client(
    base = "/services/data",
    envelope(code = "0.errorCode", message = "0.message", ok = absent),
    auth(bearer, expired(status = 401, code = "INVALID_SESSION_ID"))
)]
pub trait Crm {
    #[post("/oauth2/token", refresh, host = "login", tokens(base = "instance_url"), fields("grant_type" = "refresh_token"))]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get("/accounts")]
    async fn accounts(&self) -> Result<Vec<u64>>;
    #[get("/query", page(link = "next", items = "records"))]
    fn query(&self) -> Pages<u64>;
    #[get(url)]
    async fn at(&self, #[url] address: &str) -> Result<Vec<u64>>;
    #[get("/versions", public)]
    async fn versions(&self) -> Result<Vec<u64>>;
}

struct World {
    /// Where the API is at first.
    first: Server,
    /// Where it is from the first refresh on.
    moved: Arc<Server>,
    login: Server,
}

fn api() -> Server {
    let body = json!([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}]);
    let expired = Reply::rejection(401, &body);
    let protocol = Protocol {
        base: "/services/data",
        expired: expired.clone(),
        unknown: expired,
        ..Protocol::pairs()
    };
    let server = Server::start(protocol);
    server.open("/versions");
    server.route("/versions", get(|| async { Payload(json!([59])) }));
    server.route("/accounts", get(|| async { Payload(json!([1, 2])) }));
    server
}

fn world() -> World {
    let (first, moved, login) = (api(), Arc::new(api()), Server::start(Protocol::pairs()));
    login.open("/oauth2/token");
    let issuer = Arc::clone(&moved);
    login.route(
        "/oauth2/token",
        post(move || {
            let access = issuer.issue("ann").access;
            let body = json!({"access_token": access, "instance_url": issuer.origin()});
            std::future::ready(Payload(body))
        }),
    );
    World { first, moved, login }
}

impl World {
    fn client(&self, store: Option<FileStore>) -> CrmClient {
        let builder = CrmClient::builder(self.first.origin()).host("login", self.login.origin());
        match store {
            Some(store) => builder.store(store).build().unwrap(),
            None => builder.build().unwrap(),
        }
    }

    /// A client that is signed in at the first address, where its token has expired.
    async fn expired(&self, store: Option<FileStore>) -> CrmClient {
        let client = self.client(store);
        let old = Tokens::new(self.first.issue("ann").access).with_refresh("r-1");
        client.session().login(old).await.unwrap();
        self.first.expire_all();
        client
    }
}

#[tokio::test]
async fn the_replay_and_all_later_calls_go_where_the_refresh_says() {
    let world = world();
    let client = world.expired(None).await;
    assert_eq!(client.accounts().await.unwrap(), [1, 2]);
    assert_eq!(client.accounts().await.unwrap(), [1, 2]);
    world.moved.expire_all();
    assert_eq!(client.accounts().await.unwrap(), [1, 2]);

    let targets = |server: &Server| -> Vec<_> {
        server.recorded().into_iter().map(|it| it.target.clone()).collect()
    };
    assert_eq!(targets(&world.first), ["/services/data/accounts"]);
    assert_eq!(targets(&world.moved), vec!["/services/data/accounts"; 4]);
    assert_eq!(targets(&world.login), vec!["/oauth2/token"; 2]);
    assert!(world.login.recorded().iter().all(|it| it.header("authorization").is_none()));

    // Calls without a token know nothing of it.
    assert_eq!(client.versions().await.unwrap(), [59]);
    assert_eq!(targets(&world.first).len(), 2);
}

#[tokio::test]
async fn the_address_is_stored_and_loaded_with_the_tokens() {
    let world = world();
    let folder = std::env::temp_dir().join(format!("perennial-base-{}", std::process::id()));
    let store = || FileStore::at(folder.join("tokens.json"));
    let client = world.expired(Some(store())).await;
    client.accounts().await.unwrap();
    let tokens = client.session().tokens().unwrap();
    assert_eq!(tokens.base(), Some(&*world.moved.origin()));
    drop(client);

    let later = world.client(Some(store()));
    assert_eq!(later.accounts().await.unwrap(), [1, 2]);
    assert_eq!((world.first.recorded().len(), world.moved.recorded().len()), (1, 2));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn links_and_addresses_at_the_new_address_carry_the_token() {
    let world = world();
    let next = format!("{}/services/data/query-2", world.moved.origin());
    world.moved.route(
        "/query",
        get(move || std::future::ready(Payload(json!({"records": [1, 2], "next": next})))),
    );
    world.moved.route("/query-2", get(|| async { Payload(json!({"records": [3]})) }));
    let client = world.expired(None).await;
    let all: Vec<u64> = futures::TryStreamExt::try_collect(client.query()).await.unwrap();
    assert_eq!(all, [1, 2, 3]);

    let address = format!("{}/services/data/accounts", world.moved.origin());
    assert_eq!(client.at(&address).await.unwrap(), [1, 2]);
    assert_eq!(client.at("accounts").await.unwrap(), [1, 2]);
    // Another origin gets none, whatever it is.
    let error = client.at(&format!("{}/fast", world.login.origin())).await.unwrap_err();
    assert!(!matches!(error.kind(), ErrorKind::Expired), "{error}");
    assert!(world.login.recorded().iter().all(|it| it.header("authorization").is_none()));
}

#[tokio::test]
async fn an_invalid_address_is_an_error_and_gets_no_token() {
    let world = world();
    let client = world.client(None);
    for base in ["eu5.crm.example", "javascript:alert(1)", "https://a@evil.example", "http://h/?q"]
    {
        client.session().login(Tokens::new("secret-token").with_base(base)).await.unwrap();
        let error = client.accounts().await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Argument), "{error}");
        assert!(error.to_string().contains("the address of the API"), "{error}");
    }
    let secure = CrmClient::builder("https://first.example").host("login", "https://l.example");
    let secure = secure.build().unwrap();
    secure.session().login(Tokens::new("secret-token").with_base("http://h")).await.unwrap();
    let error = secure.accounts().await.unwrap_err();
    assert!(error.to_string().contains("from https to http"), "{error}");
    assert_eq!(world.first.recorded().len(), 0);
}

#[tokio::test]
async fn each_user_has_their_own_address() {
    let world = world();
    let client = world.client(None);
    let at = |server: &Server| Tokens::new(server.issue("ann").access).with_base(server.origin());
    client.session().login(at(&world.moved)).await.unwrap();
    let other = client.session().sibling();
    other.login(at(&world.first)).await.unwrap();
    client.accounts().await.unwrap();
    client.accounts().in_session(&other).await.unwrap();
    assert_eq!((world.first.recorded().len(), world.moved.recorded().len()), (1, 1));
    let request = client.accounts().build().await.unwrap();
    let expected = format!("{}/services/data/accounts", world.moved.origin());
    assert_eq!(request.uri().to_string(), expected);
}

#[tokio::test]
async fn a_rejection_keeps_the_text_of_an_error_in_a_list() {
    let world = world();
    let client = world.client(None);
    let token = Tokens::new(world.moved.issue("ann").access).with_base(world.moved.origin());
    client.session().login(token).await.unwrap();
    let body: Value = json!([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "too many"}]);
    world.moved.on("/accounts").response(Reply::rejection(403, &body));
    let error = client.accounts().await.unwrap_err();
    assert!(error.has_code("REQUEST_LIMIT_EXCEEDED"), "{error}");
    assert_eq!(error.message(), Some("too many"));
}

/// Another API, which the same user may use with the same token.
#[api_client(auth(bearer, expired(status = 401)), allow(expiry_without_refresh))]
pub trait Billing {
    #[get("/invoices")]
    async fn invoices(&self) -> Result<Vec<u64>>;
}

#[tokio::test]
async fn another_api_on_the_same_session_stays_where_it_is() {
    let world = world();
    let client = world.expired(None).await;
    client.accounts().await.unwrap();
    let billing = Server::start(Protocol::pairs());
    billing.open("/invoices");
    billing.route("/invoices", get(|| async { Payload(json!([7])) }));
    let invoices = BillingClient::with_session(billing.origin(), client.session()).unwrap();
    let moved = world.moved.recorded().len();
    assert_eq!(invoices.invoices().await.unwrap(), [7]);
    assert_eq!(world.moved.recorded().len(), moved);
    let accounts = CrmClient::builder(world.first.origin()).host("login", world.login.origin());
    let accounts = accounts.session(client.session()).build().unwrap();
    assert_eq!(accounts.accounts().await.unwrap(), [1, 2]);
    assert_eq!(world.moved.recorded().len(), moved + 1);
}

#[tokio::test]
async fn an_address_that_cannot_be_used_does_not_end_the_session() {
    for address in
        ["eu5.crm.example", "null", "https://u:p@crm.example", "https://h/?a=b", "ftp://h"]
    {
        let world = world();
        let client = world.expired(None).await;
        client.accounts().await.unwrap();
        let before = client.session().tokens().unwrap();
        world.moved.expire_all();
        let access = world.moved.issue("ann").access;
        let body = json!({"access_token": access, "instance_url": address});
        world.login.on("/oauth2/token").response(Reply::json(&body));
        assert_eq!(client.accounts().await.unwrap(), [1, 2], "{address}");
        let after = client.session().tokens().unwrap();
        assert_ne!(after.access(), before.access());
        assert_eq!(after.base(), before.base());

        // Without an address from before there is none to go on with.
        let client = world.expired(None).await;
        let error = client.accounts().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
        assert!(error.to_string().contains("the address of the API that came with"), "{error}");
        assert!(client.session().is_signed_in());
    }
}
