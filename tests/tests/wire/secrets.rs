//! No token stands where a person or a log could read it.

use std::fmt::Debug;

use perennial::Tokens;
use perennial_tests::{Protocol, Reply, Server};
use serde_json::json;

use crate::backends::PairsClient;
use crate::shop::{ShopClient, Who};
use crate::world::{World, cases};

/// The parts of a token that nothing else resembles: all pieces of six characters of its last word.
fn pieces(token: &str) -> Vec<&str> {
    let noise = token.rsplit('.').next().unwrap();
    (0..=noise.len() - 6).map(|at| &noise[at..at + 6]).collect()
}

fn assert_silent(text: &str, token: &str) {
    for piece in pieces(token) {
        assert!(!text.contains(piece), "{piece} of a token stands in: {text}");
    }
}

fn debug(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

cases! {
    async fn no_type_shows_a_token() {
        let world = World::expired().await;
        let builder = ShopClient::builder(world.server.origin());
        let mut text = debug(&builder) + &debug(&world.shop) + &debug(world.session());
        text += &debug(&world.session().tokens());
        text += &debug(&world.session().stats());
        let call = world.shop.fast();
        text += &debug(&call);
        call.await.unwrap();
        text += &debug(&world.seen.events());
        text += &debug(&ShopClient::ENDPOINTS);
        assert_silent(&text, &world.issued.access);
        assert_silent(&text, &world.access().unwrap());
    }

    async fn no_error_shows_a_token() {
        let world = World::new().await;
        let token = world.issued.access.clone();
        let quoting = json!({"code": 7, "message": format!("no right for {token}"), "data": token});
        let replies = [
            Reply::json(&quoting),
            Reply::status(500),
            Reply::html(),
            Reply::text("application/json", format!("{{\"code\":0,\"data\":\"{token}")),
            Reply::broken(format!("{{\"code\":0,\"data\":\"{token}\""), 500),
            Reply::status(302).header("location", &format!("http://elsewhere.example/?t={token}")),
        ];
        for reply in replies {
            world.server.behave();
            world.server.on("/orders/{id}").answer(reply);
            let error = world.shop.order(7).await.unwrap_err();
            let mut text = format!("{error} {error:?} {error:#?}");
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                text += &format!("{cause} {cause:?}");
                source = cause.source();
            }
            assert_silent(&text, &token);
        }
    }

    async fn no_failed_refresh_shows_a_token() {
        let server = Server::start(Protocol::pairs());
        let shop = PairsClient::builder(server.origin()).build().unwrap();
        let issued = server.issue("ann");
        let refresh = issued.refresh.clone().unwrap();
        let tokens = Tokens::new(&*issued.access).with_refresh(&*refresh);
        shop.session().login(tokens).await.unwrap();
        server.expire_all();
        server.on_refresh().answer(Reply::refusal(400, &json!({"token": refresh})));
        let error = shop.fast().await.unwrap_err();
        let text = format!("{error} {error:?} {error:#?} {:?} {:?}", shop.session(), shop);
        assert_silent(&text, &issued.access);
        assert_silent(&text, &refresh);
    }

    async fn a_failed_login_does_not_repeat_the_password() {
        let world = World::new().await;
        world.server.on_login().answer(Reply::status(500));
        let who = Who { user: "ann".to_owned(), password: "correct horse battery".to_owned() };
        let error = world.shop.login(&who).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("correct horse"));
    }
}
