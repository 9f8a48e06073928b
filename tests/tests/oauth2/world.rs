//! The provider, a person at a browser, and an API that takes the provider's tokens.

use std::process::Stdio;
use std::time::Duration;

use futures::future::join_all;
use perennial::oauth2::huskarl::core::jwk::PublicJwk;
use perennial::oauth2::{Browser, OAuth2, OAuth2Error, PrivateKey, Provider};
use perennial::{Result, Tokens, api_client};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

#[derive(Debug, Deserialize, PartialEq)]
pub struct Me {
    pub sub: String,
}

#[api_client(base = "/api", auth(oauth2))]
pub trait Api {
    #[get("/me")]
    async fn me(&self) -> Result<Me>;
    /// For whom the token is meant.
    #[get("/me", allow(duplicate_endpoint))]
    async fn audience(&self) -> Result<Audience>;
    #[post("/notes")]
    async fn note(&self, #[body] text: &str) -> Result<()>;
    #[post("/notes", replay = off, allow(duplicate_endpoint))]
    async fn note_once(&self, #[body] text: &str) -> Result<()>;
}

#[derive(Debug, Deserialize)]
pub struct Audience {
    pub aud: Option<String>,
}

/// Control of the provider, apart from the protocol.
#[api_client(base = "/control")]
pub trait Control {
    #[get("/expire")]
    async fn expire(&self, #[query] client: &str) -> Result<()>;
    #[get("/counts")]
    async fn counts(&self, #[query] client: &str) -> Result<Counts>;
    /// Has the API take no more proofs with the nonce so far.
    #[get("/turn")]
    async fn turn(&self, #[query] client: &str) -> Result<()>;
}

/// The provider's registration of clients (RFC 7591).
#[api_client]
trait Registration {
    #[post("/reg")]
    async fn register(&self, #[json] client: &NewClient<'_>) -> Result<Registered>;
}

#[derive(Serialize)]
struct NewClient<'a> {
    token_endpoint_auth_method: &'a str,
    grant_types: &'a [&'a str],
    response_types: &'a [&'a str],
    redirect_uris: &'a [&'a str],
    jwks: Value,
}

#[derive(Deserialize)]
struct Registered {
    client_id: String,
}

#[derive(Debug, Deserialize)]
pub struct Counts {
    pub refreshes: u64,
    /// How often tokens were issued.
    pub granted: u64,
    pub reuses: u64,
    pub revocations: u64,
    pub notes: Vec<String>,
    pub challenges: u64,
}

pub struct World {
    pub issuer: String,
    sign_in: String,
    pub control: ControlClient,
}

impl World {
    pub fn or_skip() -> Option<Self> {
        let (Ok(issuer), Ok(sign_in)) = (std::env::var("OIDC"), std::env::var("SIGN_IN")) else {
            let missing = "skipped: no OpenID provider; start one with `ci/oidc.sh start`";
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{missing}");
            eprintln!("{missing}");
            return None;
        };
        let control = ControlClient::builder(&issuer).build().unwrap();
        Some(Self { issuer, sign_in, control })
    }

    pub async fn provider(&self) -> Provider {
        Provider::discover(&self.issuer).await.unwrap()
    }

    /// One of the clients for which a person signs in.
    pub async fn client(&self, id: &str) -> OAuth2 {
        let oauth = OAuth2::public(self.provider().await, id).scopes(["openid", "offline_access"]);
        oauth.sign_in_timeout(Duration::from_secs(60))
    }

    /// Registers a client that has this key (RFC 7591), and returns its id.
    pub async fn register(&self, key: &PrivateKey, grant: &str) -> String {
        let registration = RegistrationClient::builder(&self.issuer).build().unwrap();
        let public = PublicJwk::from(key.as_private_jwk());
        let client = NewClient {
            token_endpoint_auth_method: "private_key_jwt",
            grant_types: &[grant],
            response_types: &[],
            redirect_uris: &[],
            jwks: json!({"keys": [public]}),
        };
        registration.register(&client).await.unwrap().client_id
    }

    /// Signs in as `user` on another device, which shows what the prompt says.
    pub async fn device(&self, oauth: &OAuth2, user: &str) -> Tokens {
        let mut person = None;
        let tokens = oauth.sign_in_with_device(|prompt| {
            let more = [prompt.user_code.as_str()];
            person = Some(self.person(&prompt.verification_uri, user, &more));
        });
        let tokens = tokens.await.unwrap();
        person.unwrap().wait().await.unwrap();
        tokens
    }

    pub fn api(&self, oauth: &OAuth2) -> ApiClient {
        ApiClient::builder(&self.issuer).oauth2(oauth).build().unwrap()
    }

    /// A person who signs in as `user`.
    pub fn person(&self, url: &str, user: &str, more: &[&str]) -> Child {
        let (program, script) = self.sign_in.split_once(' ').unwrap();
        Command::new(program)
            .args([script, url, user])
            .args(more)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    pub async fn browser(&self, oauth: &OAuth2, more: &[&str]) -> Result<Tokens, OAuth2Error> {
        let mut person = None;
        let browser = Browser::any_port();
        let tokens = oauth
            .sign_in_with_browser(browser, |url| person = Some(self.person(url, "ann", more)))
            .await;
        person.unwrap().wait().await.unwrap();
        tokens
    }
}

/// One refresh for many calls, and the session lives on.
pub async fn survives_expiries(world: &World, client: &str, api: &ApiClient) {
    for round in 1..=3 {
        let before = world.control.counts(client).await.unwrap().refreshes;
        world.control.expire(client).await.unwrap();
        for me in join_all((0..64).map(|_| api.me().into_future())).await {
            assert_eq!(me.unwrap(), Me { sub: "ann".to_owned() });
        }
        let after = world.control.counts(client).await.unwrap().refreshes;
        assert_eq!(after - before, 1, "round {round}");
    }
    assert!(api.session().is_signed_in());
}
