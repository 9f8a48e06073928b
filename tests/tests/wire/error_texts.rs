//! The text of an error: where, why, and what to do.

use perennial::{Lines, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};

#[api_client(auth(bearer, expired(status = 419)))]
pub trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/api/fast")]
    async fn fast(&self) -> Result<u64>;
    #[get("/api/fast", allow(duplicate_endpoint))]
    async fn with(&self, #[query] access_token: &str) -> Result<u64>;
}

/// The error of a call with this response, without the part that says where.
async fn said(reply: Reply) -> String {
    let server = Server::start(Protocol::article());
    server.open("/fast");
    server.on("/fast").response(reply);
    let shop = ShopClient::builder(server.origin()).build().unwrap();
    shop.session().login("an-access-token").await.unwrap();
    let error = shop.fast().await.unwrap_err();
    assert_eq!(format!("{error:?}"), error.to_string());
    let place = format!("Shop::fast (GET {}): ", server.url("/fast"));
    error.to_string().strip_prefix(&place).unwrap().to_owned()
}

#[tokio::test]
async fn an_error_has_the_text_of_the_server() {
    let json = |status, body: Value| Reply::rejection(status, &body);
    for (reply, words) in [
        (json(404, json!({"error": "no such order"})), "status 404: no such order"),
        (json(422, json!({"title": "Invalid", "detail": "it is 0"})), "status 422: it is 0"),
        (json(400, json!({"errors": [{"message": "bad id"}]})), "status 400: bad id"),
        (
            Reply::text("text/plain", "id is negative").with_status(400),
            "status 400: id is negative",
        ),
        (Reply::html().with_status(502), "status 502: Please wait"),
        // A body that describes nothing may be anything, and is not shown.
        (json(500, json!({"name": "ann"})), "status 500"),
        (Reply::status(503), "status 503"),
    ] {
        assert_eq!(said(reply).await, format!("the server rejected the call, {words}"));
    }
}

#[tokio::test]
async fn the_text_of_the_server_shows_no_secret() {
    let server = Server::start(Protocol::article());
    server.open("/fast");
    let body = json!({"message": "an-access-token and s3cr3t+s3cr3t are unknown"});
    server.on("/fast").response(Reply::rejection(403, &body));
    let shop = ShopClient::builder(server.origin()).build().unwrap();
    shop.session().login("an-access-token").await.unwrap();
    let error = shop.with("s3cr3t+s3cr3t").await.unwrap_err().to_string();
    assert!(error.ends_with("status 403: *** and *** are unknown"), "{error}");
}

#[tokio::test]
async fn a_response_without_a_value_says_why() {
    let empty = "the response does not match the declared type, status 200: the body is empty; return `()`, or an \
                 `Option` if there is a body at times";
    assert_eq!(said(Reply::status(200)).await, empty);
    let packed = Reply::text("application/json", vec![31_u8, 139, 8, 0]);
    let packed = said(packed.header("content-encoding", "unheard-of")).await;
    let way_out = "(the body is compressed: enable the feature `unheard-of` of perennial)";
    assert!(packed.ends_with(way_out), "{packed}");
}

#[tokio::test]
async fn a_body_that_is_a_file_or_a_text_leads_to_the_type_that_takes_it() {
    let said =
        async |media_type: &str, body: &'static [u8]| said(Reply::text(media_type, body)).await;
    let image = said("image/png", b"\x89PNG").await;
    let bytes = "(the response is image/png) (for the body as it is, return `perennial::Bytes`, or \
                 `perennial::Download` to read it in pieces)";
    assert!(image.ends_with(bytes), "{image}");
    assert!(image.contains("near `\u{fffd}PNG`"), "{image}");
    assert!(said("application/pdf", b"%PDF").await.contains("perennial::Bytes"));
    let text = said("text/plain; charset=utf-8", b"pong").await;
    assert!(text.ends_with("(for the text as it is, return `String`)"), "{text}");
    for (media_type, body) in
        [("text/html", "<p>"), ("application/json", "{"), ("text/plain", r#"{"id": 7}"#)]
    {
        let said = said(media_type, body.as_bytes()).await;
        assert!(!said.contains("as it is"), "{said}");
    }
}

/// With an envelope, a `String` is its data.
#[api_client(envelope(code = "code", data = "data", ok = 0))]
pub trait Enveloped {
    #[get("/api/fast")]
    async fn text(&self) -> Result<String>;
    #[get("/api/fast", allow(duplicate_endpoint))]
    async fn number(&self) -> Result<u64>;
}

#[tokio::test]
async fn a_text_in_place_of_an_envelope_leads_to_a_method_without_one() {
    let server = Server::start(Protocol::article());
    server.open("/fast");
    server.on("/fast").response(Reply::text("text/plain", "pong"));
    let api = EnvelopedClient::builder(server.origin()).build().unwrap();
    for error in [api.text().await.unwrap_err(), api.number().await.unwrap_err()] {
        let help =
            "(for the text as it is, return `String`, and declare `envelope = off` on the method)";
        assert!(error.to_string().ends_with(help), "{error}");
    }
}

#[tokio::test]
async fn a_code_that_often_means_success_leads_to_ok_and_others_do_not() {
    let server = Server::start(Protocol::article());
    server.open("/fast");
    let api = EnvelopedClient::builder(server.origin()).build().unwrap();
    let help = "; if this code means success, list it in `ok` of the envelope, in quotes if it is a string";
    for (code, leads) in
        [(json!(200), true), (json!("0000"), true), (json!(7), false), (json!("QUOTA"), false)]
    {
        server.behave();
        server.on("/fast").response(Reply::json(&json!({"code": code, "data": 7})));
        let error = api.number().await.unwrap_err().to_string();
        assert_eq!(error.ends_with(help), leads, "{error}");
    }
}

/// A form, and a login.
#[api_client(auth(bearer))]
pub trait Forms {
    #[post("/api/fast")]
    async fn form(&self, #[form] body: &str) -> Result<()>;
    #[post("/api/login", login)]
    async fn login(&self, #[field] password: &str) -> Result<Tokens>;
    #[get("/api/fast", public)]
    fn lines(&self) -> Lines<Value>;
    #[get("/api/fast", public, allow(duplicate_endpoint))]
    fn numbers(&self) -> Lines<u64>;
}

#[tokio::test]
async fn a_form_that_is_encoded_already_leads_to_a_body() {
    let api = FormsClient::builder("http://shop.example").build().unwrap();
    let error = api.form("a=b").await.unwrap_err().to_string();
    let help = "(for a form that is encoded already, write `#[body(\"application/x-www-form-urlencoded\")]`)";
    assert!(error.contains(help), "{error}");
}

#[tokio::test]
async fn a_login_without_tokens_says_what_the_server_says_and_shows_no_secret() {
    let server = Server::start(Protocol::article());
    server.open("/login");
    let body = json!({"success": false, "message": "s3cr3t-s3cr3t is wrong"});
    server.on("/login").response(Reply::json(&body));
    let api = FormsClient::builder(server.origin()).build().unwrap();
    let error = api.login("s3cr3t-s3cr3t").await.unwrap_err().to_string();
    assert!(error.contains("it has no usable token"), "{error}");
    let help = "; if the tokens have other names or paths, declare them with `tokens(..)`";
    assert!(error.ends_with(&format!(": *** is wrong{help}")), "{error}");
    assert!(!api.session().is_signed_in());
}

#[tokio::test]
async fn lines_of_a_body_that_is_one_list_lead_to_a_vec() {
    let server = Server::start(Protocol::article());
    server.open("/fast");
    server.on("/fast").response(Reply::text("application/json", "[1, 2]\n"));
    let api = FormsClient::builder(server.origin()).build().unwrap();
    let help = "(each line is one value: for a body that is one list, return `Result<Vec<_>>`)";
    let error = api.numbers().next().await.unwrap().unwrap_err().to_string();
    assert!(error.contains(help), "{error}");
    // A line may be a list.
    assert_eq!(api.lines().next().await.unwrap().unwrap(), json!([1, 2]));
}

#[test]
#[should_panic(expected = "a route begins with a slash: write `/fast`")]
fn a_route_of_the_test_server_without_a_slash_is_corrected() {
    Server::start(Protocol::article()).offer("fast", json!(7));
}

/// A value of the builder that is a text.
#[api_client(auth(bearer, expired(status = 401)))]
pub trait Valued {
    #[post("/refresh", refresh)]
    async fn refresh(&self, #[field] client_id: &str) -> Result<Tokens>;
}

#[test]
fn a_string_constant_is_the_value_of_a_parameter_that_is_a_text() {
    assert!(ValuedClient::builder("http://shop.example").build().is_err());
    ValuedClient::builder("http://shop.example").value("app").build().unwrap();
}

#[tokio::test]
async fn a_redirect_to_a_server_that_is_down_names_its_address() {
    let server = Server::start(Protocol::article());
    server.open("/fast");
    // A port that was free a moment ago.
    let down = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let target = format!("http://{down}/moved?access_token=s3cr3t&page=2#top");
    server.on("/fast").redirect(302, &target);
    let api = EnvelopedClient::builder(server.origin()).build().unwrap();
    let error = api.text().await.unwrap_err().to_string();
    let expected = format!(
        "Enveloped::text (GET {}): the server could not be reached: the redirect led to \
         http://{down}/moved?access_token=***&page=2: connection refused",
        server.url("/fast")
    );
    assert!(error.starts_with(&expected), "{error}");
}

/// Nothing renews its token.
#[api_client(auth(bearer, expired(status = 419)), allow(expiry_without_refresh))]
pub trait Unrenewed {
    #[get("/api/fast")]
    async fn fast(&self) -> Result<u64>;
}

#[tokio::test]
async fn a_token_that_nothing_renews_says_so_and_what_the_server_says() {
    let server = Server::start(Protocol::article());
    server.open("/fast");
    let body = json!({"message": "an-access-token is too old"});
    server.on("/fast").response(Reply::rejection(419, &body));
    let api = UnrenewedClient::builder(server.origin()).build().unwrap();
    api.session().login("an-access-token").await.unwrap();
    let error = api.fast().await.unwrap_err().to_string();
    let expected = "the session has ended, status 419: *** is too old; sign in again: nothing renews this token, \
                    since no method is marked `refresh`, and the builder has no `refresh(..)`";
    assert!(error.ends_with(expected), "{error}");
}

/// The server rejects each token, also the new one.
#[api_client(auth(bearer, expired(status = 419)))]
pub trait Renewed {
    #[post("/api/refreshtoken", refresh, public)]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get("/api/fast")]
    async fn fast(&self) -> Result<u64>;
}

#[tokio::test]
async fn a_token_that_is_still_rejected_after_its_refresh_says_what_the_server_says() {
    let server = Server::start(Protocol::article());
    server.open("/fast");
    server.open("/refreshtoken");
    server.on("/fast").response(Reply::rejection(419, &json!({"message": "account locked"})));
    server.on("/refreshtoken").response(Reply::json(&json!({"access_token": "next"})));
    let api = RenewedClient::builder(server.origin()).build().unwrap();
    let tokens = Tokens::new("an-access-token").with_refresh("a-refresh-token");
    api.session().login(tokens).await.unwrap();
    let error = api.fast().await.unwrap_err().to_string();
    let expected =
        "the server reports that the token has expired, status 419: account locked (sent 2 times)";
    assert!(error.ends_with(expected), "{error}");
}

#[tokio::test]
async fn a_refresh_that_is_rejected_like_a_call_leads_to_public_only_if_it_carried_the_token() {
    for (is_public, path) in [(false, "/refresh"), (true, "/api/refreshtoken")] {
        let server = Server::start(Protocol { base: "", ..Protocol::article() });
        server.open("/api/fast");
        server.open(path);
        let expired = Reply::rejection(419, &json!({"message": "token expired"}));
        server.on("/api/fast").response(expired.clone());
        server.on(path).response(expired);
        let tokens = Tokens::new("an-access-token").with_refresh("a-refresh-token");
        let error = match is_public {
            true => {
                let api = RenewedClient::builder(server.origin()).build().unwrap();
                api.session().login(tokens).await.unwrap();
                api.fast().await.unwrap_err()
            }
            false => {
                let api = ShopClient::builder(server.origin()).build().unwrap();
                api.session().login(tokens).await.unwrap();
                api.fast().await.unwrap_err()
            }
        };
        let error = error.to_string();
        let help = "; the refresh carried the access token: if the server rejects one that has expired, mark the \
                    refresh `public`, and send it the refresh token, as in `#[field] refresh_token: RefreshToken`";
        assert!(error.contains("status 419: token expired"), "{error}");
        assert_eq!(error.contains(help), !is_public, "{error}");
        assert!(error.ends_with("; sign in again"), "{error}");
    }
}

#[test]
fn a_base_without_a_scheme_says_which_was_meant() {
    for (base, meant) in [
        ("shop.example", "https://shop.example"),
        ("shop.example:8443/api", "https://shop.example:8443/api"),
        ("localhost:8080", "http://localhost:8080"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("/api", "https://host.example"),
        ("ftp://shop.example", "https://host.example"),
    ] {
        let error = ShopClient::builder(base).build().unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "the client cannot be built: the base `{base}` is not an http(s) URL: write it with scheme and \
                 host, such as `{meant}`"
            )
        );
    }
    let error = ShopClient::builder("ann:s3cr3t@shop.example").build().unwrap_err();
    assert!(!error.to_string().contains("s3cr3t"), "{error}");
}

#[api_client(auth(bearer, expired(status = 401)))]
pub trait Pairs {
    #[post("/refresh", refresh)]
    async fn refresh(&self, #[field] old_token: &str) -> Result<Tokens>;
}

#[test]
fn a_refresh_token_that_is_taken_as_a_text_is_named() {
    let error = PairsClient::builder("http://shop.example").build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the client cannot be built: the refresh needs a value of type `String`: pass it to `value`; for the refresh \
         token of the session, take a `RefreshToken` instead"
    );
}

#[tokio::test]
async fn a_call_without_a_login_says_how_to_sign_in() {
    let shop = ShopClient::builder("http://shop.example").build().unwrap();
    assert_eq!(
        shop.fast().await.unwrap_err().to_string(),
        "Shop::fast (GET http://shop.example/api/fast): nobody is signed in; call a `login` method, or \
         pass tokens to `session().login(..)`"
    );
}

#[tokio::test]
async fn https_to_a_server_without_tls_says_so() {
    let server = Server::start(Protocol::article());
    let origin = server.origin().replace("http://", "https://");
    let shop = ShopClient::builder(origin).build().unwrap();
    shop.session().login("an-access-token").await.unwrap();
    let error = shop.fast().await.unwrap_err().to_string();
    assert!(error.ends_with("try a base that begins with `http://`"), "{error}");
}

/// The mistakes of a declaration that only a response shows.
mod misread {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    pub struct ApiResponse<T> {
        #[expect(dead_code, reason = "it is what the envelope already read")]
        code: i32,
        #[expect(dead_code, reason = "it is what the envelope already gave")]
        data: T,
    }

    #[api_client(
        base = "/api",
        envelope(code = "code", message = "message", data = "data", ok = 0),
        auth(header = "Authorization", expired(code = 1234)),
        tokens(access = "accessTok")
    )]
    pub trait Misread {
        #[post("/login", login)]
        async fn login(&self) -> Result<Tokens>;
        #[post("/refresh", refresh)]
        async fn refresh(&self) -> Result<Tokens>;
        #[get("/fast")]
        async fn fast(&self) -> Result<u64>;
        #[get("/wrapped")]
        async fn wrapped(&self) -> Result<ApiResponse<Vec<u64>>>;
    }

    fn client(server: &Server) -> MisreadClient {
        MisreadClient::builder(server.origin()).build().unwrap()
    }

    #[tokio::test]
    async fn a_token_that_is_in_the_data_of_the_envelope_is_found_for_the_message() {
        let server = Server::start(Protocol::article());
        let body = json!({"code": 0, "message": "ok", "data": {"accessTok": "an-access-token"}});
        server.on_login().response(Reply::json(&body));
        let error = client(&server).login().await.unwrap_err().to_string();
        let words = "there is no access token at `accessTok`, but at `data.accessTok`: places are declared from the \
                     top of the body";
        assert!(error.ends_with(words), "{error}");
        assert!(!error.contains("an-access-token"), "{error}");
    }

    #[tokio::test]
    async fn a_type_that_contains_the_envelope_is_told_apart_from_one_that_does_not_match() {
        let server = Server::start(Protocol::article());
        let remark = "the type matches the whole body, but `envelope(data = ..)` already takes the value out of it: \
                      return the type of the value alone";
        server.open("/wrapped");
        for (data, is_wrapped) in [(json!([7]), true), (json!("seven"), false)] {
            let body = json!({"code": 0, "message": "ok", "data": data});
            server.on("/wrapped").first(1).response(Reply::json(&body));
            let shop = client(&server);
            shop.session().login("an-access-token").await.unwrap();
            let error = shop.wrapped().await.unwrap_err().to_string();
            assert!(error.contains("does not match the declared type"), "{error}");
            assert_eq!(error.contains(remark), is_wrapped, "{error}");
        }
    }

    #[tokio::test]
    async fn a_bare_token_in_authorization_is_mentioned_when_no_token_is_accepted() {
        let server = Server::start(Protocol::article());
        let expired = json!({"code": 1234, "message": "expired", "data": null});
        server.open("/fast");
        server.on("/fast").response(Reply::json(&expired));
        let tokens = json!({"code": 0, "accessTok": "another-access-token", "data": {}});
        server.on("/refresh").response(Reply::json(&tokens));
        let shop = client(&server);
        shop.session().login("an-access-token").await.unwrap();
        let error = shop.fast().await.unwrap_err().to_string();
        assert!(error.ends_with("for `Bearer <token>` write `auth(bearer)`, and for another word `scheme = \"Token\"`"), "{error}");
    }
}

#[tokio::test]
async fn no_text_of_a_server_drives_a_terminal() {
    let odd = "\u{1b}[2J\u{7}gone\r\nfor\tgood\u{9b}1m\u{202e}";
    let server = Server::start(Protocol::article());
    server.open("/fast");
    let shop = ShopClient::builder(server.origin()).build().unwrap();
    shop.session().login("an-access-token").await.unwrap();
    for reply in [
        Reply::rejection(500, &json!({"message": odd})),
        Reply::text("text/plain", odd).with_status(400),
        Reply::json(&json!(odd)),
        Reply::json(&json!({odd: odd})),
        Reply::status(302).header("location", "http://\u{9b}x/"),
    ] {
        server.on("/fast").response(reply);
        let error = shop.fast().await.unwrap_err();
        let shown = error.to_string();
        assert!(!shown.contains(|it: char| it.is_control() || it == '\u{202e}'), "{shown:?}");
        let shown = format!("{error:?}{error:#?}{}", error.message().unwrap_or_default());
        let is_kept = |it| matches!(it, '\n' | '\t');
        let drives = |it: char| (it.is_control() && !is_kept(it)) || it == '\u{202e}';
        assert!(!shown.contains(drives), "{shown:?}");
    }
    server.on("/fast").response(Reply::rejection(500, &json!({"message": odd})));
    let error = shop.fast().await.unwrap_err();
    let message = "\\u{1b}[2J\\u{7}gone for good\\u{9b}1m\\u{202e}";
    assert_eq!(error.message(), Some(message));
    assert!(error.to_string().ends_with(message), "{error}");
}
