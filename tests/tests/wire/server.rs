//! The server itself, asked by a plain client.

use std::time::Duration;

use perennial_tests::{Carrier, Issued, Payload, Placement, Protocol, Reply, Server, Verdict};
use reqwest::{Client, Method, Response, redirect};
use serde_json::{Value, json};
use tokio::time::Instant;

fn client() -> Client {
    Client::builder().redirect(redirect::Policy::none()).no_proxy().build().unwrap()
}

async fn call(server: &Server, path: &str, issued: &Issued) -> Response {
    client().get(server.url(path)).header("x-token", &issued.access).send().await.unwrap()
}

async fn renew(server: &Server, token: &str) -> Value {
    let request = client().post(server.url("/refreshtoken")).header("x-token", token);
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn the_server_responds_exactly_as_the_article_says() {
    let server = Server::start(Protocol::article());
    server.live_for(Duration::from_secs(2));
    let login = client().post(server.url("/login")).json(&json!({"user": "ann"}));
    let granted: Value = login.send().await.unwrap().json().await.unwrap();
    let token = granted["data"]["token"].as_str().unwrap();
    let expected = json!({
        "code": 0, "message": "ok", "data": {"token": token, "tokenExprieIn": 2},
    });
    assert_eq!(granted, expected);
    server.expire_all();
    let request = client().get(server.url("/orders/7")).header("x-token", token);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let expected = json!({"code": 1234, "message": "token expired", "data": {}});
    assert_eq!(response.json::<Value>().await.unwrap(), expected);
    let renewed = renew(&server, token).await;
    assert_eq!(renewed["code"], 0);
    assert_ne!(renewed["data"]["token"], token);
    assert_eq!((server.logins(), server.refreshes(), server.expiries()), (1, 1, 1));
}

#[tokio::test]
async fn everything_that_arrives_is_recorded() {
    let server = Server::start(Protocol::article());
    let issued = server.issue("ann");
    let request = client().put(server.url("/echo/a?b=c")).header("x-token", &issued.access);
    let echo: Value = request.body("body").send().await.unwrap().json().await.unwrap();
    assert_eq!(echo["data"]["user"], "ann");
    let recorded = &server.recorded_on("PUT /echo/a")[0];
    assert_eq!(recorded.target, "/api/echo/a?b=c");
    assert_eq!(recorded.body, "body");
    assert_eq!(recorded.header("x-token"), Some(issued.access.as_str()));
    assert_eq!((recorded.user(), recorded.generation()), (Some("ann"), Some(1)));
    assert_eq!(server.carrying(&issued.access), 1);
}

#[tokio::test]
async fn a_reused_token_revokes_its_family_and_is_counted() {
    let server = Server::start(Protocol::article());
    server.expect_reuse();
    let issued = server.issue("ann");
    let renewed = renew(&server, &issued.access).await;
    assert_eq!(renew(&server, &issued.access).await["code"], 1001);
    assert_eq!(server.reuses(), 1);
    let new = renewed["data"]["token"].as_str().unwrap();
    assert_eq!(renew(&server, new).await["code"], 1001);
    assert_eq!((server.refreshes(), server.rotations()), (3, 1));
}

#[tokio::test]
#[should_panic(expected = "a used refresh token was sent again, 1 time(s)")]
async fn a_server_that_saw_a_reuse_panics_when_it_is_dropped() {
    let server = Server::start(Protocol::article());
    let issued = server.issue("ann");
    renew(&server, &issued.access).await;
    renew(&server, &issued.access).await;
}

#[tokio::test]
async fn within_its_grace_a_used_token_gets_the_same_response() {
    let grace = Some(Duration::from_secs(10));
    let server = Server::start(Protocol { grace, ..Protocol::article() });
    let issued = server.issue("ann");
    let first = renew(&server, &issued.access).await;
    assert_eq!(renew(&server, &issued.access).await, first);
    assert_eq!((server.rotations(), server.reuses()), (1, 0));
}

#[tokio::test]
async fn an_old_token_that_was_replaced_is_late() {
    let server = Server::start(Protocol::article());
    let issued = server.issue("ann");
    renew(&server, &issued.access).await;
    call(&server, "/fast", &issued).await;
    assert_eq!((server.expiries(), server.late()), (1, 1));
    assert_eq!(
        server.recorded_on("/fast")[0].verdict,
        Verdict::Expired { user: "ann".to_owned(), generation: 1, late: true }
    );
}

#[tokio::test]
async fn tokens_expire_after_their_uses_or_always() {
    let server = Server::start(Protocol::article());
    server.expire_after_uses(1);
    let issued = server.issue("ann");
    assert_eq!(call(&server, "/fast", &issued).await.json::<Value>().await.unwrap()["code"], 0);
    assert_eq!(call(&server, "/fast", &issued).await.json::<Value>().await.unwrap()["code"], 1234);
    server.always_expired(true);
    let fresh = server.issue("ann");
    assert_eq!(call(&server, "/fast", &fresh).await.json::<Value>().await.unwrap()["code"], 1234);
}

#[tokio::test(start_paused = true)]
async fn a_token_expires_on_a_paused_clock() {
    let server = Server::start(Protocol::article());
    server.live_for(Duration::from_secs(3600));
    let issued = server.issue("ann");
    assert_eq!(call(&server, "/fast", &issued).await.json::<Value>().await.unwrap()["code"], 0);
    tokio::time::advance(Duration::from_secs(3600)).await;
    assert_eq!(call(&server, "/fast", &issued).await.json::<Value>().await.unwrap()["code"], 1234);
}

#[tokio::test]
async fn a_hold_responds_when_it_is_released() {
    let server = Server::start(Protocol::article());
    let issued = server.issue("ann");
    let hold = server.hold("/slow");
    let (one, two) = (call(&server, "/slow", &issued), call(&server, "/slow", &issued));
    let script = async {
        hold.arrived(2).await;
        // Judged on arrival: what happens now is not seen by the calls that are held.
        server.expire_all();
        hold.release_one();
        hold.release();
    };
    let (one, two, ()) = tokio::join!(one, two, script);
    assert_eq!(one.json::<Value>().await.unwrap()["code"], 0);
    assert_eq!(two.json::<Value>().await.unwrap()["code"], 0);
}

#[tokio::test]
async fn a_request_that_is_held_back_is_checked_when_it_is_released() {
    let server = Server::start(Protocol::article());
    let issued = server.issue("ann");
    let hold = server.on("/slow").hold_back();
    let script = async {
        hold.arrived(1).await;
        server.expire_all();
        hold.release();
    };
    let (response, ()) = tokio::join!(call(&server, "/slow", &issued), script);
    assert_eq!(response.json::<Value>().await.unwrap()["code"], 1234);
}

#[tokio::test]
async fn a_call_is_processed_even_if_the_client_hangs_up() {
    let server = Server::start(Protocol::article());
    let issued = server.issue("ann");
    let hold = server.on_refresh().hold_back();
    tokio::select! {
        _ = renew(&server, &issued.access) => unreachable!("the response is held"),
        () = hold.arrived(1) => {}
    }
    hold.release();
    while server.rotations() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.rotations(), 1);
}

#[tokio::test]
async fn scripts_apply_to_the_requests_that_they_name() {
    let server = Server::start(Protocol::article());
    let issued = server.issue("ann");
    server.on("/fast").nth(2).response(Reply::status(503).header("retry-after", "7"));
    let statuses = [200, 503, 200];
    for status in statuses {
        assert_eq!(call(&server, "/fast", &issued).await.status(), status);
    }
    server.on("/slow").after(1).redirect(307, "/fast");
    assert_eq!(call(&server, "/slow", &issued).await.status(), 200);
    assert_eq!(call(&server, "/slow", &issued).await.headers()["location"], "/fast");
    server.behave();
    assert_eq!(call(&server, "/slow", &issued).await.status(), 200);
}

#[tokio::test]
async fn a_connection_is_closed_before_or_after_the_work() {
    let server = Server::start(Protocol::article());
    let issued = server.issue("ann");
    let refresh = || client().post(server.url("/refreshtoken")).header("x-token", &issued.access);
    server.on_refresh().nth(1).close();
    assert!(refresh().send().await.is_err());
    assert_eq!(server.rotations(), 0);
    server.on_refresh().nth(1).close_after();
    assert!(refresh().send().await.is_err());
    assert_eq!((server.refreshes(), server.rotations()), (2, 1));
}

#[tokio::test]
async fn a_response_breaks_off_or_is_edited() {
    let server = Server::start(Protocol::article());
    let issued = server.issue("ann");
    server.on("/fast").nth(1).response(Reply::broken("{\"code\":", 100));
    let broken = call(&server, "/fast", &issued).await;
    assert_eq!(broken.content_length(), Some(100));
    assert!(broken.bytes().await.is_err());
    server.on("/fast").edit(|body| body["data"] = json!(5));
    let edited: Value = call(&server, "/fast", &issued).await.json().await.unwrap();
    assert_eq!(edited["data"], 5);
    server.on("/slow").response(Reply::zeros(1 << 30));
    assert_eq!(call(&server, "/slow", &issued).await.content_length(), Some(1 << 30));
}

#[tokio::test(start_paused = true)]
async fn delays_run_on_the_clock_of_the_test() {
    let server = Server::start(Protocol::article());
    let issued = server.issue("ann");
    server.on("/slow").delay(Duration::from_secs(3600));
    let before = Instant::now();
    assert_eq!(call(&server, "/slow", &issued).await.status(), 200);
    assert!(before.elapsed() >= Duration::from_secs(3600));
}

#[tokio::test]
async fn a_request_without_a_response_ends_with_the_server() {
    let server = Server::start(Protocol::article());
    server.on("/health").never();
    let waiting = tokio::spawn(client().get(server.url("/health")).send());
    server.arrived("/health", 1).await;
    drop(server);
    assert!(waiting.await.unwrap().is_err());
}

#[tokio::test]
async fn a_port_is_shut_and_opened_again() {
    let server = Server::start(Protocol::article());
    server.shut().await;
    assert!(client().get(server.url("/health")).send().await.unwrap_err().is_connect());
    server.reopen();
    assert_eq!(client().get(server.url("/health")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn several_credentials_have_their_own_codes() {
    let device = Protocol {
        placement: Placement::Header("x-device"),
        renewal: Carrier::Access,
        refresh: "POST /device/refresh",
        login: "POST /device/login",
        logout: "",
        expired: Reply::json(&json!({"code": 5678})),
        ..Protocol::article()
    };
    let server = Server::with_credentials([Protocol::article(), device]);
    server.ask("/fast", &[0, 1]);
    let (user, own) = (server.issue("ann"), server.credential(1).issue("phone"));
    server.credential(1).expire_all();
    let request = client().get(server.url("/fast")).header("x-token", &user.access);
    let response = request.header("x-device", &own.access).send().await.unwrap();
    assert_eq!(response.json::<Value>().await.unwrap()["code"], 5678);
    let renewed = client().post(server.url("/device/refresh")).header("x-device", &own.access);
    assert_eq!(renewed.send().await.unwrap().json::<Value>().await.unwrap()["code"], 0);
    assert_eq!((server.credential(1).rotations(), server.tokens().rotations()), (1, 0));
}

#[tokio::test]
async fn a_test_adds_its_own_routes() {
    let server = Server::start(Protocol::article());
    let issued = server.issue("ann");
    server.offer("/me", json!({"name": "Ann"}));
    server.route("/raw", axum::routing::get(|| async { "as it is" }));
    server.route("/open", axum::routing::get(|| async { Payload(json!(1)) }));
    server.open("GET /open");
    let me: Value = call(&server, "/me", &issued).await.json().await.unwrap();
    assert_eq!(me, json!({"code": 0, "message": "ok", "data": {"name": "Ann"}}));
    assert_eq!(call(&server, "/raw", &issued).await.text().await.unwrap(), "as it is");
    assert_eq!(client().get(server.url("/open")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn streams_pages_and_uploads_are_served() {
    let server = Server::start(Protocol::article());
    let issued = server.issue("ann");
    let ask = |path: &str| client().get(server.url(path)).header("x-token", &issued.access);
    let part = ask("/download?bytes=600").header("range", "bytes=250-252").send().await.unwrap();
    assert_eq!(part.headers()["content-range"], "bytes 250-252/600");
    assert_eq!(part.bytes().await.unwrap().as_ref(), [250, 0, 1]);
    let events = ask("/events?count=3").header("last-event-id", "2").send().await.unwrap();
    assert_eq!(events.text().await.unwrap(), "id: 3\ndata: {\"n\":3}\n\n");
    assert!(ask("/events?cut=2").send().await.unwrap().bytes().await.is_err());
    let lines = ask("/ndjson?count=2").send().await.unwrap().text().await.unwrap();
    assert_eq!(lines, "{\"n\":1}\n{\"n\":2}\n");
    let page: Value = ask("/pages/cursor?cursor=c4").send().await.unwrap().json().await.unwrap();
    assert_eq!(page["data"], json!({"items": [5], "next": null}));
    let linked = ask("/pages/link?page=1").send().await.unwrap();
    assert_eq!(linked.headers()["link"], "<?page=2>; rel=\"next\", </>; rel=\"start\"");
    let form = reqwest::multipart::Form::new().text("note", "hello");
    let upload = client().request(Method::POST, server.url("/upload")).multipart(form);
    let upload = upload.header("x-token", &issued.access).send().await.unwrap();
    assert_eq!(upload.json::<Value>().await.unwrap()["data"][0]["text"], "hello");
}
