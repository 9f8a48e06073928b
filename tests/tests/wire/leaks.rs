//! Errors show no secret, whatever the server quotes and however it spells it, and they say where and why.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use crate::support::Renewal;
use perennial::{Error, ErrorKind, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::json;

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(query = "access_token", expired(code = 1234)),
    allow(duplicate_endpoint, token_in_query)
)]
pub trait Shop {
    #[post("/login", login)]
    async fn login(&self, #[field] name: &str, #[field] password: &str) -> Result<Tokens>;
    #[post("/refreshtoken", refresh, public)]
    async fn refresh(&self, #[json] with: Renewal) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<String>;
    #[get("/fast")]
    async fn keyed(&self, #[header("X-Api-Key")] key: &str) -> Result<String>;
    #[get("/fast", public)]
    async fn open(&self, #[query] secret: &str, #[header("X-Api-Key")] key: &str)
    -> Result<String>;
    #[post("/fast")]
    async fn changed(&self, #[json] passwords: &serde_json::Value) -> Result<String>;
}

/// The ways in which a server may spell what it was sent.
const SPELLINGS: [fn(&str) -> String; 5] = [
    str::to_owned,
    |secret| {
        secret.bytes().fold(String::new(), |mut text, byte| {
            write!(text, "%{byte:02X}").unwrap();
            text
        })
    },
    |secret| url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
    |secret| {
        let quoted = serde_json::to_string(secret).unwrap();
        quoted[1..quoted.len() - 1].to_owned()
    },
    |secret| {
        secret.encode_utf16().fold(String::new(), |mut text, unit| {
            write!(text, "\\u{unit:04x}").unwrap();
            text
        })
    },
];

/// All that an error and its sources show.
pub(super) fn shown(error: &Error) -> String {
    let mut shown =
        format!("{error}\n{error:?}\n{error:#?}\n{:?}\n{:?}", error.message(), error.code());
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        write!(shown, "\n{error}\n{error:?}").unwrap();
        source = error.source();
    }
    shown
}

/// Secrets of many lengths, of the alphabets that a header can carry.
fn secrets() -> impl Iterator<Item = String> {
    const ALPHABETS: [&str; 4] = ["abcdefghij0123456789", "Ab9-_.~", "+/=aB3", "%2F\"\\'&?#=x"];
    let lengths = [6, 19, 63, 511, 2000];
    ALPHABETS.into_iter().flat_map(move |alphabet| {
        lengths.into_iter().map(move |length| {
            let mut state = length as u64 * 7919 + alphabet.len() as u64;
            let letters: Vec<char> = alphabet.chars().collect();
            (0..length)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    letters[(state >> 33) as usize % letters.len()]
                })
                .collect()
        })
    })
}

/// No piece of six characters of a secret is shown in any spelling, where such a piece is not common.
fn assert_hidden(secret: &str, error: &Error) {
    let shown = shown(error);
    for spelling in SPELLINGS {
        let spelled = spelling(secret);
        let piece: String = spelled.chars().take(40).collect();
        assert!(!shown.contains(&piece), "{piece} of {secret} is shown: {shown}");
        let end: String =
            spelled.chars().rev().take(40).collect::<Vec<_>>().into_iter().rev().collect();
        assert!(!shown.contains(&end), "{end} of {secret} is shown: {shown}");
    }
}

#[tokio::test]
async fn a_secret_that_a_server_quotes_appears_in_no_error_however_it_is_spelled() {
    let server = Server::start(Protocol::article());
    server.open("/fast");
    for secret in secrets() {
        for spelling in SPELLINGS {
            let quoted = spelling(&secret);
            let shop = ShopClient::builder(server.origin()).build().unwrap();
            let tokens = Tokens::new(&secret).with_refresh(format!("{secret}r"));
            shop.session().login(tokens).await.unwrap();
            for before in [0, 500] {
                server.behave();
                let message =
                    format!("{} {quoted} is not accepted, nor {quoted}", "x".repeat(before));
                let body = json!({"code": quoted, "message": message});
                server.on("/fast").response(Reply::json(&body));
                assert_hidden(&secret, &shop.fast().await.unwrap_err());
                assert_hidden(&secret, &shop.keyed(&secret).await.unwrap_err());
                assert_hidden(&secret, &shop.open(&secret, &secret).await.unwrap_err());
                let passwords = json!({"password": secret, "new_passwords": [{"x": secret}]});
                assert_hidden(&secret, &shop.changed(&passwords).await.unwrap_err());
                server.on_login().response(Reply::json(&body));
                assert_hidden(&secret, &shop.login("ann", &secret).await.unwrap_err());
                server.on_refresh().response(Reply::rejection(403, &body));
                assert_hidden(&secret, &shop.session().refresh().await.unwrap_err());
            }
        }
    }
}

#[tokio::test]
async fn a_short_secret_does_not_mangle_messages() {
    let server = Server::start(Protocol::article());
    server.open("/fast");
    let shop = ShopClient::builder(server.origin()).build().unwrap();
    shop.session().login(Tokens::new("a")).await.unwrap();
    server.on("/fast").response(Reply::json(&json!({"code": 7, "message": "it has ended"})));
    assert_eq!(shop.fast().await.unwrap_err().message(), Some("it has ended"));
}

#[tokio::test]
async fn a_builder_shows_no_password_of_an_address_that_is_refused_later() {
    for base in
        ["https://ann:hunter22@host.example", "https://host.example/?key=hunter22&token=hunter22"]
    {
        let builder = ShopClient::builder(base);
        assert!(!format!("{builder:?} {builder:#?}").contains("hunter22") || base.contains("key="));
        let refused = builder.build().unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Build);
        assert!(!shown(&refused).contains("hunter22"));
    }
}

#[tokio::test]
async fn an_error_says_where_and_why_at_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let shop = ShopClient::builder(&origin).build().unwrap();
    let error = shop.open("hunter22", "k").await.unwrap_err();
    let said = error.to_string();
    assert!(
        said.starts_with(&format!("Shop::open (GET {origin}/api/fast?secret=***): ")),
        "{said}"
    );
    assert!(said.to_lowercase().contains("connection refused"), "{said}");
    assert_eq!(said.to_lowercase().matches("refused").count(), 1, "{said}");
    assert_eq!(format!("{error:?}"), said);

    let server = Server::start(Protocol::article());
    server.open("/fast");
    let body = json!({"code": 2001, "message": "quota exceeded"});
    server.on("/fast").response(Reply::rejection(429, &body));
    let shop = ShopClient::builder(server.origin()).build().unwrap();
    let said = format!("{:?}", shop.open("x", "k").await.unwrap_err());
    for part in [&server.origin(), "429", "2001", "quota exceeded"] {
        assert!(said.contains(part), "{said}");
    }
}

#[tokio::test]
async fn a_secret_header_of_a_public_call_stays_at_its_origin() {
    let server = Server::start(Protocol::article());
    let other = Server::start(Protocol::article());
    for each in [&server, &other] {
        each.open("/fast");
        each.open("/moved");
    }
    server.on("/fast").redirect(302, &other.url("/moved"));
    other.on("/moved").response(Reply::json(&json!({"code": 0, "data": "there"})));
    let shop = ShopClient::builder(server.origin()).build().unwrap();
    assert_eq!(shop.open("x", "k-123456").await.unwrap(), "there");
    let arrived = other.recorded_on("/moved").pop().unwrap();
    assert_eq!(arrived.header("x-api-key"), None);
}

#[tokio::test]
async fn an_address_over_the_limit_is_found_before_a_refresh_is_made() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::builder(server.origin()).build().unwrap();
    shop.session().login(Tokens::new(server.issue("ann").access).with_refresh("r")).await.unwrap();
    shop.session().expire_now();
    let error = shop.fast().query("x", "y".repeat(70_000)).await.unwrap_err();
    assert_eq!((error.kind(), server.refreshes()), (ErrorKind::Argument, 0));
}

#[api_client(
    base = "/api",
    auth(header = "X-Token", expired(status = 401)),
    headers("X-Api-Key" = "CONSTKEY", "X-Secret" = key, "X-Version" = "2", "X-Locale" = locale),
    queries("api_key" = "CONSTKEY"),
    fields("client_secret" = key, "v" = "2"),
    allow(duplicate_endpoint)
)]
pub trait Keyed {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get(url)]
    async fn at(&self, #[header("X-Own-Key")] own: &str, #[url] url: &str) -> Result<String>;
    #[post(url)]
    async fn form_at(&self, #[field] own_secret: &str, #[url] url: &str) -> Result<String>;
    #[post(url, fields("client_secret" = key, "v" = "2"))]
    async fn json_at(&self, #[json] body: &serde_json::Value, #[url] url: &str) -> Result<String>;
    #[get("/fast")]
    async fn fast(&self) -> Result<String>;
}

fn key() -> String {
    "CONSTKEY".to_owned()
}

fn locale() -> &'static str {
    "fi"
}

#[tokio::test]
async fn a_built_request_shows_the_values_of_no_secret_header() {
    let server = Server::start(Protocol::article());
    let keyed = KeyedClient::builder(server.origin()).build().unwrap();
    keyed.session().login(Tokens::new("T0KEN")).await.unwrap();
    let call = keyed.at("own", &server.url("/fast"));
    let built = call.header("X-Session", "ADDED").build().await.unwrap();
    assert_eq!(built.headers()["x-api-key"], "CONSTKEY");
    let shown = format!("{:?} {built:?}", built.headers());
    for secret in ["CONSTKEY", "ADDED", "T0KEN"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    assert!(shown.contains("\"x-version\": \"2\""), "{shown}");
}

#[tokio::test]
async fn a_constant_key_is_not_sent_to_an_address_of_another_origin() {
    let (server, other) = (Server::start(Protocol::article()), Server::start(Protocol::article()));
    for each in [&server, &other] {
        each.open("/fast");
        each.on("/fast").response(Reply::text("text/plain", "here"));
    }
    let keyed = KeyedClient::builder(server.origin()).build().unwrap();
    keyed.session().login(Tokens::new("t")).await.unwrap();
    keyed.at("own", &other.url("/fast")).await.unwrap();
    let arrived = other.recorded_on("/fast").pop().unwrap();
    assert_eq!((arrived.header("x-api-key"), arrived.header("x-token")), (None, None));
    assert!(!arrived.target.contains("CONSTKEY"), "{}", arrived.target);
    // What the caller gives for this address goes there, and so do values that are not secret.
    assert_eq!(arrived.header("x-own-key"), Some("own"));
    assert_eq!(arrived.header("x-version"), Some("2"));
    assert_eq!((arrived.header("x-secret"), arrived.header("x-locale")), (None, Some("fi")));
    let body = serde_json::json!({"own_secret": "own"});
    keyed.form_at("own", &other.url("/fast")).await.unwrap();
    keyed.json_at(&body, &other.url("/fast")).await.unwrap();
    for arrived in &other.recorded_on("/fast")[1..] {
        let body = String::from_utf8_lossy(&arrived.body);
        assert!(body.contains("own") && body.contains("v") && !body.contains("CONSTKEY"), "{body}");
    }
    keyed.at("own", &server.url("/fast")).await.unwrap();
    keyed.fast().await.unwrap();
    keyed.form_at("own", &server.url("/fast")).await.unwrap();
    keyed.json_at(&body, &server.url("/fast")).await.unwrap();
    let arrived = server.recorded_on("/fast");
    for arrived in &arrived {
        assert_eq!(arrived.header("x-api-key"), Some("CONSTKEY"));
        assert_eq!(arrived.header("x-secret"), Some("CONSTKEY"));
    }
    for arrived in &arrived[2..] {
        assert!(String::from_utf8_lossy(&arrived.body).contains("CONSTKEY"));
    }
}

/// A refresh with its token wherever an API may want it.
#[api_client(base = "/api", auth(header = "X-Token", expired(status = 401)))]
pub trait Anywhere {
    #[get("/refresh/{rt}", refresh, public)]
    async fn refresh(&self, rt: RefreshToken, #[query] x: RefreshToken) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<String>;
    #[get("/check/{value}")]
    async fn check(&self, value: &str) -> Result<String>;
}

#[tokio::test]
async fn the_address_of_an_error_shows_no_token_of_the_session() {
    let server = Server::start(Protocol::article());
    server.on("GET /refresh/{rt}").response(Reply::status(500));
    let told = Arc::<Mutex<String>>::default();
    let events = Arc::clone(&told);
    let client = AnywhereClient::builder(server.origin())
        .on_event(move |event| events.lock().unwrap().push_str(&format!("{event:?} {event:#?}")))
        .build()
        .unwrap();
    let own = Tokens::new("access-own").with_refresh("next own/1");
    client.session().login(own).await.unwrap();
    client.session().expire_now();
    let errors = [client.fast().await.unwrap_err(), client.check("access-own").await.unwrap_err()];
    let texts = errors
        .iter()
        .map(shown)
        .chain([told.lock().unwrap().clone(), client.check("access-own").to_curl()]);
    for text in texts {
        assert!(text.contains("***"), "{text}");
        for secret in ["access-own", "next own", "next%20own", "next+own", "own/1", "own%2F1"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), renewed(header = "New-Token"))
)]
pub trait Quoted {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self, #[header("Cookie")] cookies: Option<&str>) -> Result<String>;
}

/// The message of the error when the server sends this response.
async fn message(server: &Server, cookies: Option<&str>, path: &str, reply: Reply) -> String {
    let quoted = QuotedClient::builder(server.origin()).build().unwrap();
    quoted.session().login(Tokens::new("t").with_refresh("r")).await.unwrap();
    server.open(path);
    server.on(path).response(reply);
    let error = quoted.fast(cookies).await.unwrap_err();
    error.message().unwrap().to_owned()
}

#[tokio::test]
async fn a_pushed_token_is_not_shown_in_the_error_of_its_response() {
    for status in [200, 400, 500] {
        let server = Server::start(Protocol::article());
        let body = json!({"code": 7, "message": "next is pushed-471199"});
        for pushed in ["pushed-471199", "Bearer pushed-471199"] {
            let reply = Reply::json(&body).with_status(status).header("new-token", pushed);
            assert_eq!(message(&server, None, "/fast", reply).await, "next is ***", "{status}");
        }
    }
}

#[tokio::test]
async fn a_single_cookie_of_a_call_is_shown_in_no_error() {
    let server = Server::start(Protocol::article());
    let reply = Reply::json(&json!({"code": 7, "message": "c00kie=1 is bad, and so is other-1"}));
    let cookies = Some("sid=c00kie=1; other=other-1");
    assert_eq!(message(&server, cookies, "/fast", reply).await, "*** is bad, and so is ***");
}

#[tokio::test]
async fn a_secret_in_the_address_of_a_redirect_is_shown_in_no_error() {
    let server = Server::start(Protocol::article());
    server.open("/fast");
    let target = "/api/moved?access_token=l0cation%2Fsecret&page=second-one";
    server.on("/fast").redirect(302, target);
    let text = "l0cation/secret and l0cation%2Fsecret on second-one";
    let reply = Reply::json(&json!({"code": 7, "message": text}));
    assert_eq!(message(&server, None, "/moved", reply).await, "*** and *** on second-one");
}

#[tokio::test]
async fn a_token_that_the_call_sent_before_its_refresh_is_shown_in_no_error() {
    let server = Server::start(Protocol::article());
    let quoted = QuotedClient::builder(server.origin()).build().unwrap();
    let old = server.issue("ann").access;
    quoted.session().login(Tokens::new(&old).with_refresh("refresh-471199")).await.unwrap();
    server.expire_all();
    let text = format!("{old} and refresh-471199 were rotated");
    server.on("/fast").nth(2).response(Reply::json(&json!({"code": 7, "message": text})));
    let error = quoted.fast(None).await.unwrap_err();
    assert_eq!(server.refreshes(), 1);
    assert_eq!(error.message(), Some("*** and *** were rotated"));
}
