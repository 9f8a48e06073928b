//! A server that quotes a secret where a value cannot be decoded gets it into no error, neither whole nor in part.

use std::fmt::Write as _;

use perennial::{
    Error, ErrorKind, Events, FromResponse, Lines, Response, Result, Tokens, api_client,
};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::json;

use super::leaks::shown;

#[derive(Debug, serde::Deserialize)]
#[allow(dead_code)]
pub struct Typed {
    id: u32,
}

/// A type with an error of its own, which quotes.
#[derive(Debug)]
pub struct Own;

impl FromResponse for Own {
    type Error = serde_json::Error;

    fn from_response(response: Response<perennial::Bytes>) -> serde_json::Result<Self> {
        serde_json::from_slice::<Typed>(response.value()).map(|_| Self)
    }
}

#[api_client(
    base = "/api",
    auth(header = "X-Token", expired(status = 401)),
    secret(pin),
    allow(duplicate_endpoint)
)]
pub trait Quoting {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn value(&self, #[query] pin: &str) -> Result<Typed>;
    #[get("/fast")]
    async fn list(&self, #[query] pin: &str) -> Result<Vec<Typed>>;
    #[get("/fast")]
    async fn own(&self, #[query] pin: &str) -> Result<Own>;
    #[get("/fast")]
    fn lines(&self, #[query] pin: &str) -> Lines<Typed>;
    #[get("/fast")]
    fn events(&self, #[query] pin: &str) -> Events<Typed>;
    #[get("/fast", codec = perennial::codec::Xml)]
    async fn xml(&self, #[query] pin: &str) -> Result<Typed>;
    #[get("/fast", codec = perennial::codec::MessagePack)]
    async fn packed(&self, #[query] pin: &str) -> Result<Typed>;
    #[get("/fast", codec = perennial::codec::Cbor)]
    async fn cbor(&self, #[query] pin: &str) -> Result<Typed>;
}

async fn signed_in(server: &Server, token: &str) -> QuotingClient {
    server.open("/fast");
    let client = QuotingClient::builder(server.origin()).build().unwrap();
    client.session().login(Tokens::new(token)).await.unwrap();
    client
}

/// Not even six letters of it are shown, of which it has a few that stand in no message.
fn assert_hidden(secret: &str, what: &str, error: &Error) {
    let shown = shown(error);
    let letters: Vec<char> = secret.chars().collect();
    for piece in letters.windows(6) {
        let piece: String = piece.iter().collect();
        assert!(!shown.contains(&piece), "{what}: `{piece}` of `{secret}` is shown:\n{shown}");
    }
}

/// As a server writes it in JSON.
fn in_json(secret: &str) -> String {
    let quoted = serde_json::to_string(secret).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

fn in_units(secret: &str) -> String {
    secret.encode_utf16().fold(String::new(), |mut text, unit| {
        write!(text, "\\u{unit:04x}").unwrap();
        text
    })
}

/// Bodies that do not decode as the type, with the secret near the place where this shows.
fn bodies(quoted: &str, pad: &str) -> [String; 8] {
    [
        format!(r#"{{"{pad}":0,"id":"{quoted}"}}"#),
        format!(r#"{{"id":true,"{pad}":"{quoted}"}}"#),
        format!(r#"{{"{pad}":"{quoted}","id":[]}}"#),
        format!(r#"{{"a":{{"{quoted}":{{"{pad}":1}}}},"id":"x"}}"#),
        format!(r#"[{{"id":1,"note":"{quoted}{pad}"}},{{"id":"{quoted}"}}]"#),
        format!(r#"{{"id":1,"note":"{pad}{quoted}" oops"#),
        format!(r#""{pad}{quoted}""#),
        format!("{pad}{quoted}"),
    ]
}

/// Secrets of many lengths and alphabets; the token of a header is of visible ASCII.
fn secrets() -> Vec<(bool, String)> {
    const ALPHABETS: [(bool, &str); 6] = [
        (true, "qwzxkj0123456789"),
        (true, "Qz9-_.~Xw"),
        (true, "+/=qZ3Xw"),
        (true, "qZ:@|&;'(3"),
        (false, "qüzß€x漢 w"),
        (false, "qz \"\\\u{301}x\u{200b}\tw"),
    ];
    let mut all = Vec::new();
    for (is_token, alphabet) in ALPHABETS {
        let letters: Vec<char> = alphabet.chars().collect();
        for length in [6, 28, 64, 300] {
            let mut state = length as u64 * 7919 + letters.len() as u64;
            let secret: String = (0..length)
                .map(|at| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let pick = (state >> 33) as usize % letters.len();
                    // A header begins and ends with neither blank.
                    letters[if at == 0 || at + 1 == length { 0 } else { pick }]
                })
                .collect();
            all.push((is_token, secret));
        }
    }
    all.push((false, "correct horse battery staple".to_owned()));
    all.push((true, "s3ss10n-abc123".to_owned()));
    all
}

/// The errors of each kind of call to which the server sends this body.
async fn errors(server: &Server, client: &QuotingClient, pin: &str, body: &str) -> Vec<Error> {
    let mut errors = Vec::new();
    server.behave();
    server.on("/fast").response(Reply::text("application/json", body.to_owned()));
    errors.extend(client.value(pin).await.err());
    errors.extend(client.list(pin).await.err());
    errors.extend(client.own(pin).await.err());
    if !body.contains('\n') {
        errors.extend(client.lines(pin).next().await.unwrap().err());
        server.behave();
        let event = format!("data: {body}\n\n");
        server.on("/fast").response(Reply::text("text/event-stream", event));
        let mut events = client.events(pin).reconnect(false);
        errors.extend(events.next().await.and_then(Result::err));
    }
    errors
}

#[tokio::test]
async fn no_part_of_a_secret_is_shown_wherever_it_is_near_the_mistake() {
    let server = Server::start(Protocol::article());
    for (is_token, secret) in secrets() {
        let (token, pin) = if is_token { (&*secret, "7") } else { ("t", &*secret) };
        let client = signed_in(&server, token).await;
        // A server may pass on the JSON of another one as a text.
        let passed_on = in_json(&in_json(&secret).replace('/', "\\/"));
        for quoted in [in_json(&secret), in_units(&secret), passed_on] {
            for pad in [0, 38] {
                for body in bodies(&quoted, &"-".repeat(pad)) {
                    let errors = errors(&server, &client, pin, &body).await;
                    assert!(!errors.is_empty(), "{body}");
                    for error in errors {
                        assert_hidden(&secret, &body, &error);
                        if quoted != secret {
                            assert_hidden(&quoted, &body, &error);
                        }
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn an_error_in_a_stream_shows_its_text_without_secrets() {
    let server = Server::start(Protocol::article());
    let client = signed_in(&server, "s3ss10n-abc123").await;
    let said =
        json!({"error": {"message": "the session s3ss10n-abc123 and the PIN 471199 are unknown"}});
    server.on("/fast").response(Reply::text("text/event-stream", format!("data: {said}\n\n")));
    let mut events = client.events("471199").reconnect(false);
    let error = events.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.message(), Some("the session *** and the PIN *** are unknown"));
    // The item is there as it came.
    assert_eq!(error.body::<serde_json::Value>().unwrap(), said);
    // A token that was renewed meanwhile is as secret as the one that the stream was opened with.
    client.session().login(Tokens::new("another-token:77")).await.unwrap();
    server.behave();
    let late = "data: {\"id\":1}\n\ndata: \"another-token:77 s3ss10n-abc123\"\n\n";
    server.on("/fast").response(Reply::text("text/event-stream", late));
    let mut events = client.events("471199").reconnect(false);
    events.next().await.unwrap().unwrap();
    client.session().login(Tokens::new("the|third|token")).await.unwrap();
    let error = events.next().await.unwrap().unwrap_err();
    assert_hidden("another-token:77", "late", &error);
}

#[tokio::test]
async fn a_mistake_in_another_format_quotes_no_secret() {
    use perennial::codec::{Cbor, Codec, MessagePack};
    let server = Server::start(Protocol::article());
    let secret = "correct horse battery staple";
    let client = signed_in(&server, "t").await;
    let value = json!({"id": secret});
    let xml = format!("<a><id>{secret}</id></a>");
    for (media_type, body) in [
        ("application/xml", xml.into_bytes()),
        ("application/cbor", Cbor::encode(&value).unwrap()),
        ("application/msgpack", MessagePack::encode(&value).unwrap()),
    ] {
        server.behave();
        server.on("/fast").response(Reply::text(media_type, body));
        let error = match media_type {
            "application/xml" => client.xml(secret).await,
            "application/cbor" => client.cbor(secret).await,
            _ => client.packed(secret).await,
        };
        let error = error.unwrap_err();
        assert!(error.is_decode(), "{error}");
        assert_hidden(secret, media_type, &error);
    }
}

#[tokio::test]
async fn a_page_in_html_that_quotes_a_secret_with_brackets_shows_none_of_it() {
    let server = Server::start(Protocol::article());
    let secret = "horse<battery>staple";
    let client = signed_in(&server, "t").await;
    let page = format!("<html><p>the PIN {secret} is wrong</p></html>");
    server.on("/fast").response(Reply::text("text/html", page).with_status(403));
    let error = client.value(secret).await.unwrap_err();
    assert!(error.to_string().contains("the PIN *** is wrong"), "{error}");
    assert_hidden("staple", "html", &error);
}
