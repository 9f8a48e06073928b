//! Declarations of every kind of token lifecycle; neither the server nor the drill rejects any of them.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

use perennial::{IntoTokens, RefreshToken, Result, Tokens, api_client};
use perennial_test::Server;
use serde::Serialize;

/// As in the guide: the login of the fake returns any token, and the refresh takes a refresh token.
#[api_client(base = "/v1", auth(bearer, expired(status = 401)), serve)]
pub trait Usual {
    #[post("/login", login)]
    async fn login(&self, #[query] user: &str) -> Result<Tokens>;
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get("/stock/{id}")]
    async fn stock(&self, id: u64) -> Result<u64>;
}

pub struct Fake;

impl Usual for Fake {
    async fn login(&self, _: &str) -> Result<Tokens> {
        Ok(Tokens::new("the server issues its own"))
    }
    async fn refresh(&self, _: RefreshToken) -> Result<Tokens> {
        Ok(Tokens::new("the server issues its own"))
    }
    async fn stock(&self, id: u64) -> Result<u64> {
        Ok(id * 2)
    }
}

perennial_test::drill!(the_usual_fake: UsualClient, Fake);

#[tokio::test]
async fn a_fake_that_grants_no_refresh_token_gets_those_of_the_server() {
    let server = Server::serve::<UsualClient, _>(Fake);
    let shop = UsualClient::builder(server.origin()).build().unwrap();
    shop.login("ann").await.unwrap();
    for _ in 0..3 {
        server.expire_all();
        assert_eq!(shop.stock(7).await.unwrap(), 14);
    }
    server.assert_count("POST /refresh", 3);
    assert_eq!(server.rotations(), 3);
}

#[tokio::test]
#[should_panic(expected = "below the base `/v1`")]
async fn counting_a_route_with_the_base_says_that_there_is_no_such_route() {
    let server = Server::serve::<UsualClient, _>(Fake);
    let shop = UsualClient::builder(server.origin()).build().unwrap();
    shop.login("ann").await.unwrap();
    server.assert_count("POST /v1/login", 1);
}

/// A fake whose login returns its own type. Its refresh token is none that the server has issued.
#[derive(Debug, Serialize, serde::Deserialize)]
pub struct Pass {
    jwt: String,
}

impl IntoTokens for Pass {
    fn into_tokens(self) -> Tokens {
        Tokens::new(self.jwt).with_refresh("of-nobody")
    }
}

#[api_client(auth(bearer, expired(status = 401)), serve)]
pub trait Own {
    #[post("/login", login)]
    async fn login(&self) -> Result<Pass>;
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get("/stock/{id}")]
    async fn stock(&self, id: u64) -> Result<u64>;
}

impl Own for Fake {
    async fn login(&self) -> Result<Pass> {
        Ok(Pass { jwt: "any".to_owned() })
    }
    async fn refresh(&self, _: RefreshToken) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn stock(&self, id: u64) -> Result<u64> {
        Ok(id)
    }
}

#[tokio::test]
async fn a_rejected_refresh_says_why() {
    let server = Server::serve::<OwnClient, _>(Fake);
    let shop = OwnClient::builder(server.origin()).build().unwrap();
    shop.login().await.unwrap();
    server.expire_all();
    let error = shop.stock(7).await.unwrap_err().to_string();
    assert!(error.contains("no token that this server issued came with the refresh"), "{error}");

    server.revoke_all();
    shop.login().await.unwrap();
    server.revoke_all();
    let error = shop.stock(7).await.unwrap_err().to_string();
    assert!(error.contains("came with the refresh"), "{error}");
}

/// A refresh that presents the access token in the field of the refresh token.
#[derive(Debug, Serialize, serde::Deserialize)]
pub struct Wrong {
    refresh_token: String,
}

impl From<&Tokens> for Wrong {
    fn from(tokens: &Tokens) -> Self {
        Self { refresh_token: tokens.access().to_owned() }
    }
}

#[api_client(auth(bearer, expired(status = 401)), serve)]
pub trait Mistaken {
    #[post("/login", login)]
    async fn login(&self) -> Result<Tokens>;
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[json] body: &Wrong) -> Result<Tokens>;
    #[get("/stock/{id}")]
    async fn stock(&self, id: u64) -> Result<u64>;
}

impl Mistaken for Fake {
    async fn login(&self) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn refresh(&self, _: &Wrong) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn stock(&self, id: u64) -> Result<u64> {
        Ok(id)
    }
}

#[tokio::test]
async fn an_access_token_in_the_field_of_a_refresh_token_renews_nothing() {
    let served = Server::serve::<MistakenClient, _>(Fake);
    let declared = Server::declared::<MistakenClient>();
    declared.offer("/stock/{id}", 7.into());
    for server in [served, declared] {
        let shop = MistakenClient::builder(server.origin()).build().unwrap();
        shop.login().await.unwrap();
        server.expire_all();
        let error = shop.stock(7).await.unwrap_err().to_string();
        assert!(error.contains("an access token in the field of a refresh token"), "{error}");
        assert_eq!(server.rotations(), 0);
    }
}

/// The cookie that is renewed is also presented for a refresh.
#[api_client(auth(cookie = "sid", expired(status = 401)), tokens(access = cookie("sid")), serve)]
pub trait Cookies {
    #[post("/login", login)]
    async fn login(&self) -> Result<()>;
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<()>;
    #[get("/stock/{id}")]
    async fn stock(&self, id: u64) -> Result<u64>;
}

impl Cookies for Fake {
    async fn login(&self) -> Result<()> {
        Ok(())
    }
    async fn refresh(&self) -> Result<()> {
        Ok(())
    }
    async fn stock(&self, id: u64) -> Result<u64> {
        Ok(id)
    }
}

perennial_test::drill!(a_cookie_that_renews_itself: CookiesClient, Fake);

/// One text for both tokens.
#[api_client(auth(bearer, expired(status = 401)), serve)]
pub trait Twins {
    #[post("/login", login)]
    async fn login(&self) -> Result<Tokens>;
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[query] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get("/stock/{id}")]
    async fn stock(&self, id: u64) -> Result<u64>;
}

impl Twins for Fake {
    async fn login(&self) -> Result<Tokens> {
        Ok(Tokens::new("any").with_refresh("any"))
    }
    async fn refresh(&self, _: RefreshToken) -> Result<Tokens> {
        Ok(Tokens::new("any").with_refresh("any"))
    }
    async fn stock(&self, id: u64) -> Result<u64> {
        Ok(id)
    }
}

perennial_test::drill!(one_text_for_both_tokens: TwinsClient, Fake);

#[tokio::test]
async fn a_fake_with_one_text_for_both_tokens_gets_both_of_the_server() {
    let server = Server::serve::<TwinsClient, _>(Fake);
    let shop = TwinsClient::builder(server.origin()).build().unwrap();
    shop.login().await.unwrap();
    let tokens = shop.session().tokens().unwrap();
    assert!(tokens.access().starts_with("access."), "{}", tokens.access());
    assert!(tokens.refresh().unwrap().starts_with("refresh."));
}

/// Tokens that the client gets with its own key, without a login.
#[api_client(auth(bearer, expired(status = 401)), serve)]
pub trait Keyed {
    #[post("/token", refresh, public)]
    async fn token(&self) -> Result<Tokens>;
    #[get("/stock/{id}")]
    async fn stock(&self, id: u64) -> Result<u64>;
}

impl Keyed for Fake {
    async fn token(&self) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn stock(&self, id: u64) -> Result<u64> {
        Ok(id)
    }
}

perennial_test::drill!(a_key_of_the_clients_own: KeyedClient, Fake);

#[tokio::test]
async fn a_client_with_its_own_key_signs_in_without_a_user() {
    let served = Server::serve::<KeyedClient, _>(Fake);
    let declared = Server::declared::<KeyedClient>();
    declared.offer("/stock/{id}", 7.into());
    for server in [served, declared] {
        let shop = KeyedClient::builder(server.origin()).build().unwrap();
        assert_eq!(shop.stock(7).await.unwrap(), 7);
        server.expire_all();
        assert_eq!(shop.stock(7).await.unwrap(), 7);
        server.revoke_all();
        let _ = shop.stock(7).await;
        assert_eq!(shop.stock(7).await.unwrap(), 7);
    }
}

/// Tokens from the page of another service, and a refresh there.
#[api_client(base = "/v1", auth(bearer, expired(status = 401)), serve)]
pub trait Elsewhere {
    #[post("https://id.example/oauth/token", refresh, public)]
    async fn renew(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get("/stock/{id}")]
    async fn stock(&self, id: u64) -> Result<u64>;
}

impl Elsewhere for Fake {
    async fn renew(&self, _: RefreshToken) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn stock(&self, id: u64) -> Result<u64> {
        Ok(id)
    }
}

perennial_test::drill!(a_refresh_at_another_host: ElsewhereClient, Fake);

/// Two credentials, the second of which needs no user.
#[api_client(
    auth(bearer, expired(status = 401)),
    auth(name = "app", header = "X-App", expired(status = 403)),
    serve
)]
pub trait Both {
    #[post("/login", login)]
    async fn login(&self) -> Result<Tokens>;
    #[post("/ra", refresh, public)]
    async fn renew(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[post("/rb", refresh("app"), public)]
    async fn renew_app(&self) -> Result<Tokens>;
    #[get("/stock/{id}")]
    async fn stock(&self, id: u64) -> Result<u64>;
}

impl Both for Fake {
    async fn login(&self) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn renew(&self, _: RefreshToken) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn renew_app(&self) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn stock(&self, id: u64) -> Result<u64> {
        Ok(id)
    }
}

#[tokio::test]
async fn a_second_credential_needs_no_token_to_be_renewed() {
    let server = Server::serve::<BothClient, _>(Fake);
    let shop = BothClient::builder(server.origin()).build().unwrap();
    shop.login().await.unwrap();
    assert_eq!(shop.stock(7).await.unwrap(), 7);
    server.credential(1).expire_all();
    server.expire_all();
    assert_eq!(shop.stock(8).await.unwrap(), 8);
    server.assert_count("POST /rb", 2);
    server.assert_count("POST /ra", 1);
}

/// Raw bytes in parts.
#[api_client(serve)]
pub trait Parts {
    #[post("/parts")]
    async fn parts(
        &self,
        #[part] bytes: Vec<u8>,
        #[part] more: Option<Vec<u8>>,
        #[part] texts: Vec<String>,
    ) -> Result<Vec<u8>>;
}

impl Parts for Fake {
    async fn parts(
        &self,
        mut bytes: Vec<u8>,
        more: Option<Vec<u8>>,
        texts: Vec<String>,
    ) -> Result<Vec<u8>> {
        bytes.extend(more.unwrap_or_default());
        bytes.extend(texts.concat().into_bytes());
        Ok(bytes)
    }
}

#[test]
fn a_program_that_is_not_async_is_tested_in_a_test_that_is_not() {
    let server = Server::serve::<PartsClient, _>(Fake);
    let api = PartsClient::builder(server.origin()).build().unwrap();
    assert_eq!(
        api.parts(vec![255, 0], Some(vec![3]), vec!["a".into(), "b".into()]).wait().unwrap(),
        [255, 0, 3, 97, 98]
    );
    assert_eq!(server.requests(), 1);
}
