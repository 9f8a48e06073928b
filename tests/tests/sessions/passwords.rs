//! A name and a password travel in base64. A server that quotes the password gets it into no error.

use perennial::{BasicAuth, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};

const PASSWORDS: [&str; 4] =
    ["correct-horse-battery", "p w spaces ok 1", "pass:with:colon-99", "tökén-ünïcode-8"];

/// In each spelling in which a server may quote it.
fn hides(error: &perennial::Error, password: &str) {
    let shown = format!("{error}\n{error:#}\n{error:?}");
    let json = serde_json::to_string(password).unwrap();
    for spelling in [password, json.trim_matches('"'), &password.replace(' ', "+")] {
        assert!(!shown.contains(spelling), "{spelling} is shown: {shown}");
    }
    assert!(shown.contains("wrong password"), "the server's words are lost: {shown}");
}

#[api_client(
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(basic, logout(status = 401))
)]
pub trait Printer {
    #[get("/fast")]
    async fn jobs(&self) -> Result<Value>;
}

#[tokio::test]
async fn a_password_that_a_server_quotes_appears_in_no_error() {
    let server = Server::start(Protocol::pairs());
    let client = PrinterClient::builder(server.origin()).build().unwrap();
    for password in PASSWORDS {
        for quoted in [password.to_owned(), password.replace(' ', "+"), format!("ann:{password}")] {
            let says = json!({"code": 7, "message": format!("wrong password {quoted} of ann")});
            for response in [
                Reply::json(&says),
                Reply::rejection(403, &says),
                // The last one ends the session, and is what later calls say.
                Reply::rejection(401, &says),
            ] {
                client.session().login(Tokens::basic("ann", password)).await.unwrap();
                server.behave();
                server.on("/fast").response(response);
                hides(&client.jobs().await.unwrap_err(), password);
            }
        }
    }
}

#[api_client(auth(bearer, expired(status = 401)))]
pub trait Music {
    #[post("/token", refresh, public)]
    async fn refresh(
        &self,
        #[header("Authorization")] client: BasicAuth,
        #[field] refresh_token: RefreshToken,
    ) -> Result<Tokens>;
    #[get("/fast")]
    async fn songs(&self) -> Result<Value>;
}

#[tokio::test]
async fn a_client_secret_that_a_token_endpoint_quotes_appears_in_no_error() {
    let server = Server::start(Protocol::pairs());
    for secret in PASSWORDS {
        let client = MusicClient::builder(server.origin())
            .value(BasicAuth::new("app", secret))
            .build()
            .unwrap();
        let says = format!("wrong password {secret} of app");
        for body in [
            json!({"error": "invalid_client", "error_description": says}),
            json!({"error": "invalid_grant", "error_description": says}),
        ] {
            let tokens = Tokens::new(server.issue("ann").access).with_refresh("r-1");
            client.session().login(tokens).await.unwrap();
            server.behave();
            server.expire_all();
            server.on("/token").response(Reply::rejection(400, &body));
            hides(&client.songs().await.unwrap_err(), secret);
            let by_hand = client.session().login(Tokens::new("t-1").with_refresh("r-2")).await;
            by_hand.unwrap();
            hides(&client.session().refresh().await.unwrap_err(), secret);
        }
    }
}

#[api_client(base = "/doors", auth(bearer, logout(status = 401)))]
pub trait Doors {
    #[post("/login/{ticket}/now", login)]
    async fn enter(&self, ticket: &str, #[query] user: &str, #[query] code: &str)
    -> Result<Tokens>;
}

#[tokio::test]
async fn a_code_in_the_address_of_a_login_is_in_no_error() {
    let server = Server::start(Protocol::pairs());
    server.open("POST /doors/login/t-77/now");
    server.on("POST /doors/login/t-77/now").response(Reply::status(403));
    let doors = DoorsClient::builder(server.origin()).build().unwrap();
    let error = doors.enter("t-77", "ann", "12 34").await.unwrap_err();
    let shown = format!("{error} {error:?} {error:#?}");
    assert!(shown.contains("/doors/login/***/now?user=***&code=***"), "{shown}");
    for secret in ["t-77", "12%2034", "12+34", "12 34"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
