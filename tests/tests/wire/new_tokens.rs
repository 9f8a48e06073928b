//! A login or a refresh that fails although its response has tokens: no error shows them.

use perennial::{Error, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};

use crate::leaks::shown;

#[api_client(auth(bearer, expired(status = 401)))]
pub trait Usual {
    #[post("/login", login)]
    async fn login(&self) -> Result<Tokens>;
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
}

#[api_client(
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(bearer, expired(status = 401)),
    tokens(access = "data.of.login", refresh = header("X-Renewal"))
)]
pub trait Placed {
    #[post("/login", login)]
    async fn login(&self) -> Result<Value>;
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Value>;
}

/// The errors of a login and of a refresh with this response.
macro_rules! errors {
    ($client:ident, $reply:expr) => {{
        let server = Server::start(Protocol::article());
        for route in ["POST /login", "POST /refresh"] {
            server.open(route);
            server.on(route).response($reply);
        }
        let api = $client::builder(server.origin()).build().unwrap();
        let login = api.login().await.unwrap_err();
        api.session().login(Tokens::new("old-1").with_refresh("old-2")).await.unwrap();
        [login, api.session().refresh().await.unwrap_err()]
    }};
}

fn assert_hides(error: &Error) {
    let text = shown(error);
    assert!(text.contains("***"), "{text}");
    for token in ["new-471199", "renewal-4711"] {
        assert!(!text.contains(token), "{text}");
    }
}

#[tokio::test]
async fn no_error_of_a_login_or_a_refresh_shows_the_tokens_of_its_response() {
    let message = "failed after new-471199 and renewal-4711";
    for status in [400, 401, 500] {
        for body in [
            json!({"access_token": "new-471199", "refresh_token": "renewal-4711", "message": message}),
            json!({"error": message, "data": [{"jwt": "new-471199", "refreshToken": "renewal-4711"}]}),
        ] {
            for error in errors!(UsualClient, Reply::rejection(status, &body)) {
                assert_hides(&error);
            }
        }
    }
    for status in [200, 400, 500] {
        let body = json!({"code": 7, "message": message, "data": {"of": {"login": "new-471199"}}});
        let reply = Reply::rejection(status, &body).header("X-Renewal", "Bearer renewal-4711");
        for error in errors!(PlacedClient, reply.clone()) {
            assert_hides(&error);
        }
    }
}

#[tokio::test]
async fn a_message_about_a_token_that_was_not_issued_is_shown() {
    for (token, message) in
        [("it has expired", "it has expired"), ("expired", "the token is expired")]
    {
        let body = json!({"errors": {"token": [token]}, "message": message});
        for error in errors!(UsualClient, Reply::rejection(400, &body)) {
            assert!(error.to_string().contains(message), "{error}");
        }
    }
}

#[api_client(auth(bearer, expired(status = 401)))]
pub trait WithPassword {
    #[post("/login", login)]
    async fn login(&self, #[field] password: &str) -> Result<Tokens>;
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
}

#[tokio::test]
async fn the_text_of_a_login_without_tokens_shows_no_part_of_its_password_wherever_it_is_cut() {
    let server = Server::start(Protocol::article());
    server.open("POST /login");
    let api = WithPasswordClient::builder(server.origin()).build().unwrap();
    for before in 150..215 {
        server.behave();
        let message = format!("{} pass<b>  word is wrong", "x".repeat(before));
        server.on("POST /login").response(Reply::json(&json!({"message": message})));
        let error = api.login("pass<b>  word").await.unwrap_err();
        assert!(!shown(&error).contains("pass"), "{before}: {}", shown(&error));
    }
}
