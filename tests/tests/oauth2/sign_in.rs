//! How a sign-in ends, whatever the browser and the server do.

use std::time::Duration;

use perennial::oauth2::presets::Preset;
use perennial::oauth2::{Browser, OAuth2, Provider};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

/// A server that answers each request to its token endpoint with tokens, and what is sent for a device code.
fn server(device: &Value) -> (Server, OAuth2) {
    let server = Server::start(Protocol::oauth2());
    for route in ["POST /device", "POST /tokens"] {
        server.open(route);
    }
    server.on("POST /device").response(Reply::json(device));
    let tokens = json!({"access_token": "a", "token_type": "Bearer", "refresh_token": "r"});
    server.on("POST /tokens").response(Reply::json(&tokens));
    let at = |path: &str| -> &'static str { server.url(path).leak() };
    let preset = Preset::new("http://127.0.0.1", at("/tokens"))
        .authorization("http://127.0.0.1/authorize")
        .device(at("/device"));
    let oauth = OAuth2::public(Provider::from_preset(preset).unwrap(), "cli");
    (server, oauth)
}

/// The loopback address, and the parameter `state`, of the address that a user visits.
fn asked(url: &str) -> (String, String) {
    let asked = Url::parse(url).unwrap();
    let of = |name: &str| asked.query_pairs().find(|(it, _)| it == name).unwrap().1.into_owned();
    let back = Url::parse(&of("redirect_uri")).unwrap();
    (format!("127.0.0.1:{}", back.port().unwrap()), of("state"))
}

/// Sends one request, and nothing after it; returns the whole response.
async fn sent(address: String, request: String) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}

#[tokio::test]
async fn a_browser_that_requests_nothing_after_the_redirect_has_its_page_and_signs_in() {
    let (server, oauth) = server(&json!({}));
    for (parameters, is_signed_in) in [
        ("code=c&state=STATE", true),
        ("error=access_denied&state=STATE", false),
        ("state=STATE", false),
    ] {
        for is_posted in [false, true] {
            let mut browser = None;
            let signed_in = oauth.sign_in_with_browser(Browser::any_port().path("/back"), |url| {
                let (address, state) = asked(url);
                let sent_back = parameters.replace("STATE", &state);
                let request = if is_posted {
                    let length = sent_back.len();
                    format!("POST /back HTTP/1.1\r\ncontent-length: {length}\r\n\r\n{sent_back}")
                } else {
                    format!("GET /back?{sent_back} HTTP/1.1\r\nhost: {address}\r\n\r\n")
                };
                browser = Some(tokio::spawn(sent(address, request)));
            });
            let signed_in = signed_in.await;
            assert_eq!(signed_in.is_ok(), is_signed_in, "{parameters}: {signed_in:?}");
            if let Err(error) = signed_in {
                assert_eq!(error.is_denied(), parameters.contains("denied"), "{error}");
                assert!(!error.is_timeout(), "{error}");
            }
            let page = browser.unwrap().await.unwrap();
            assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
            let title = if is_signed_in { "<h1>Signed in</h1>" } else { "<h1>Not signed in</h1>" };
            assert!(page.contains(title), "{page}");
        }
    }
    assert_eq!(server.count("POST /tokens"), 2);
}

#[tokio::test]
async fn a_request_with_another_state_is_refused_while_the_sign_in_waits() {
    let (server, oauth) = server(&json!({}));
    let mut browser = None;
    let signed_in = oauth.sign_in_with_browser(Browser::any_port(), |url| {
        let (address, state) = asked(url);
        browser = Some(tokio::spawn(async move {
            let begun = &state[..state.len() - 1];
            for other in [
                "code=x",
                "code=x&state=",
                "code=x&state=other",
                "error=access_denied",
                "error=access_denied&state=other&iss=https%3A%2F%2Fevil.example",
                &format!("code=x&state={begun}"),
                &format!("code=x&state={begun}%"),
                &format!("code=x&state={state}{state}"),
            ] {
                let length = other.len();
                for request in [
                    format!("GET /?{other} HTTP/1.1\r\nhost: {address}\r\n\r\n"),
                    format!("OPTIONS /?{other} HTTP/1.1\r\nhost: {address}\r\n\r\n"),
                    format!("POST / HTTP/1.1\r\ncontent-length: {length}\r\n\r\n{other}"),
                ] {
                    let page = sent(address.clone(), request).await;
                    assert!(page.starts_with("HTTP/1.1 400 "), "{other}: {page}");
                    assert!(page.contains("<h1>Not part of this sign-in</h1>"), "{other}: {page}");
                }
            }
            sent(address, format!("GET /?code=c&state={state} HTTP/1.1\r\n\r\n")).await
        }));
    });
    assert_eq!(signed_in.await.unwrap().access(), "a");
    let page = browser.unwrap().await.unwrap();
    assert!(page.contains("<h1>Signed in</h1>"), "{page}");
    assert_eq!(server.count("POST /tokens"), 1);
}

#[tokio::test]
async fn a_redirect_that_names_another_issuer_is_rejected_before_its_code_is_sent() {
    let (server, oauth) = server(&json!({}));
    for (issuer, is_signed_in) in [
        ("", true),
        ("&iss=http%3A%2F%2F127.0.0.1", true),
        ("&iss=http%3A%2F%2F127.0.0.1%2F", false),
        ("&iss=https%3A%2F%2Fevil.example", false),
        ("&iss=http%3A%2F%2F127.0.0.1&iss=https%3A%2F%2Fevil.example", false),
        ("&iss=", false),
    ] {
        let before = server.count("POST /tokens");
        let mut browser = None;
        let signed_in = oauth.sign_in_with_browser(Browser::any_port(), |url| {
            let (address, state) = asked(url);
            let request =
                format!("GET /?code=c&state={state}{issuer} HTTP/1.1\r\nhost: {address}\r\n\r\n");
            browser = Some(tokio::spawn(sent(address, request)));
        });
        let signed_in = signed_in.await;
        assert_eq!(signed_in.is_ok(), is_signed_in, "{issuer}: {signed_in:?}");
        if let Err(error) = signed_in {
            assert!(error.to_string().contains("the redirect names the issuer"), "{error}");
        }
        assert_eq!(server.count("POST /tokens") - before, usize::from(is_signed_in), "{issuer}");
        browser.unwrap().await.unwrap();
    }
}

#[tokio::test]
async fn an_issuer_in_a_redirect_is_not_compared_with_one_that_is_unknown() {
    let (server, _) = server(&json!({}));
    let token: &'static str = server.url("/tokens").leak();
    for unknown in ["", "https://login.microsoftonline.com/{tenantid}/v2.0"] {
        let preset = Preset::new(unknown, token).authorization("http://127.0.0.1/authorize");
        let oauth = OAuth2::public(Provider::from_preset(preset).unwrap(), "cli");
        let mut browser = None;
        let signed_in = oauth.sign_in_with_browser(Browser::any_port(), |url| {
            let (address, state) = asked(url);
            let named = "https%3A%2F%2Flogin.microsoftonline.com%2F1%2Fv2.0";
            let request = format!("GET /?code=c&state={state}&iss={named} HTTP/1.1\r\n\r\n");
            browser = Some(tokio::spawn(sent(address, request)));
        });
        assert_eq!(signed_in.await.unwrap().access(), "a");
        browser.unwrap().await.unwrap();
    }
}

#[tokio::test]
async fn a_browser_that_hangs_up_or_connects_in_advance_or_wants_an_icon_signs_in() {
    let (server, oauth) = server(&json!({}));
    let mut browser = None;
    let signed_in = oauth.sign_in_with_browser(Browser::any_port(), |url| {
        let (address, state) = asked(url);
        browser = Some(tokio::spawn(async move {
            // Opened first, and silent.
            let mut idle = TcpStream::connect(&address).await.unwrap();
            let icon = "GET /favicon.ico HTTP/1.1\r\n\r\n".to_owned();
            let icon = sent(address.clone(), icon).await;
            assert!(icon.starts_with("HTTP/1.1 404 "), "{icon}");
            let odd = sent(address.clone(), "\0\0\r\n\r\n".to_owned()).await;
            assert!(odd.starts_with("HTTP/1.1 400 "), "{odd}");
            let mut stream = TcpStream::connect(&address).await.unwrap();
            let request = format!("GET /?code=c&state={state} HTTP/1.1\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            drop(stream);
            // Nobody waited for this connection: it is closed with the port.
            let mut response = String::new();
            idle.read_to_string(&mut response).await.unwrap();
            assert_eq!(response, "");
        }));
    });
    assert_eq!(signed_in.await.unwrap().access(), "a");
    browser.unwrap().await.unwrap();
    assert_eq!(server.count("POST /tokens"), 1);
}

#[tokio::test]
async fn many_idle_connections_hold_up_no_redirect() {
    let (_server, oauth) = server(&json!({}));
    // Before any of them is closed because it is silent.
    let oauth = oauth.sign_in_timeout(Duration::from_secs(50));
    let mut browser = None;
    let signed_in = oauth.sign_in_with_browser(Browser::any_port(), |url| {
        let (address, state) = asked(url);
        browser = Some(tokio::spawn(async move {
            let mut idle = Vec::new();
            for _ in 0..150 {
                idle.push(TcpStream::connect(&address).await.unwrap());
            }
            let request = format!("GET /?code=c&state={state} HTTP/1.1\r\nhost: {address}\r\n\r\n");
            let page = sent(address, request).await;
            drop(idle);
            page
        }));
    });
    signed_in.await.unwrap();
    let page = browser.unwrap().await.unwrap();
    assert!(page.contains("<h1>Signed in</h1>"), "{page}");
}

#[tokio::test]
async fn a_device_code_that_has_expired_is_not_sent() {
    for (lifetime, is_shown) in [(0, false), (1, true)] {
        let (server, oauth) = server(&json!({
            "device_code": "d", "user_code": "u", "verification_uri": "https://id.example",
            "expires_in": lifetime, "interval": 5
        }));
        let mut shown = None;
        let ended = oauth.sign_in_with_device(|prompt| shown = Some(prompt.to_string())).await;
        let error = ended.unwrap_err();
        assert_eq!(error.code(), Some("expired_token"), "{error}");
        assert!(error.is_timeout(), "{error}");
        assert_eq!(shown.is_some(), is_shown);
        assert_eq!(server.count("POST /tokens"), 0);
    }
}

#[tokio::test]
async fn the_prompt_of_a_device_shows_no_control_characters_and_only_addresses_of_the_web() {
    let prompt = |address: &str, complete: &str| {
        json!({
            "device_code": "d", "user_code": "\u{1b}[2J\u{7}U\nC\u{202e}", "expires_in": 9,
            "verification_uri": address, "verification_uri_complete": complete, "interval": 1
        })
    };
    let (address, complete) = ("https://id.example/d", "https://id.example/d?c=1");
    let (_server, oauth) = server(&prompt(address, complete));
    let mut shown = None;
    oauth.sign_in_with_device(|prompt| shown = Some(prompt.clone())).await.unwrap();
    let shown = shown.unwrap();
    let text = r"Open https://id.example/d and enter the code \u{1b}[2J\u{7}U\nC\u{202e}";
    assert_eq!(shown.to_string(), text);
    assert_eq!(shown.verification_uri_complete.as_deref(), Some(complete));

    for odd in ["javascript:alert(1)", "https://x/\u{1b}[2J", "https://x/\n", "id.example", ""] {
        let (server, oauth) = self::server(&prompt(odd, complete));
        let ended = oauth.sign_in_with_device(|prompt| panic!("{prompt}")).await;
        let error = ended.unwrap_err().to_string();
        assert!(error.contains("is not a web address"), "{error}");
        assert!(!error.contains(char::is_control), "{error}");
        assert_eq!(server.count("POST /tokens"), 0);

        let (_server, oauth) = self::server(&prompt(address, odd));
        let mut shown = None;
        oauth.sign_in_with_device(|prompt| shown = Some(prompt.clone())).await.unwrap();
        assert_eq!(shown.unwrap().verification_uri_complete, None);
    }
}
