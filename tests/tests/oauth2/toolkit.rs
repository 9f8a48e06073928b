//! The same at another server that has nothing in common with the first: Django OAuth Toolkit.
//!
//! It names its endpoints for revocation and introspection in the document of RFC 8414 alone, sends no `iss`, and its
//! API refuses with 403 and without a challenge.

use futures::future::join_all;
use perennial::oauth2::{Browser, OAuth2, Provider};
use perennial::{ErrorKind, Result, api_client};
use serde::Deserialize;

use crate::world::{Me, World};

#[api_client(base = "/api", auth(oauth2, expired(status = 403)))]
pub trait Api {
    #[get("/me")]
    async fn me(&self) -> Result<Me>;
}

#[api_client(base = "/control")]
pub trait Control {
    #[get("/expire")]
    async fn expire(&self) -> Result<()>;
    #[get("/counts")]
    async fn counts(&self) -> Result<Counts>;
}

#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct Counts {
    used: u64,
    good: u64,
}

/// The origin of the second server.
fn origin_or_skip() -> Option<String> {
    let origin = std::env::var("TOOLKIT").ok();
    let missing = "skipped: no second server; start one with `ci/oidc.sh start`";
    assert!(origin.is_some() || std::env::var("CI").as_deref() != Ok("true"), "{missing}");
    if origin.is_none() {
        eprintln!("{missing}");
    }
    origin
}

// One test, since it lets all tokens of the server expire, and counts them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_signs_in_survives_expiries_and_signs_out() {
    let (Some(world), Some(origin)) = (World::or_skip(), origin_or_skip()) else { return };
    let control = ControlClient::builder(&origin).build().unwrap();
    let provider = Provider::discover(&format!("{origin}/o")).await.unwrap();
    assert!(provider.metadata().revocation_endpoint.is_some());
    let oauth = OAuth2::public(provider, "cli").scopes(["openid", "read"]);

    let before = control.counts().await.unwrap();
    let since = |used, good| Counts { used: before.used + used, good: before.good + good };
    let mut person = None;
    let browser = Browser::any_port();
    let tokens = oauth
        .sign_in_with_browser(browser, |url| person = Some(world.person(url, "ann", &[])))
        .await
        .unwrap();
    person.unwrap().wait().await.unwrap();
    assert!(tokens.extra("sub").is_some());
    let api = ApiClient::builder(&origin).oauth2(&oauth).build().unwrap();
    api.session().login(tokens).await.unwrap();
    let ann = || Me { sub: "ann".to_owned() };
    assert_eq!(api.me().await.unwrap(), ann());
    for round in 1..=3 {
        control.expire().await.unwrap();
        for me in join_all((0..64).map(|_| api.me().into_future())).await {
            assert_eq!(me.unwrap(), ann());
        }
        // Each refresh uses one refresh token and brings one.
        assert_eq!(control.counts().await.unwrap(), since(round, 1));
    }

    let tokens = api.session().tokens().unwrap();
    oauth.sign_out(api.session()).await.unwrap();
    assert_eq!(control.counts().await.unwrap(), since(4, 0));
    api.session().login(tokens).await.unwrap();
    let error = api.me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionLost, "{error}");

    // On another device, whose user signs in first and types the code then.
    let provider = Provider::discover(&format!("{origin}/o")).await.unwrap();
    // Its documents leave this endpoint out.
    let device = format!("{origin}/o/device-authorization/").parse().unwrap();
    let provider = provider.with_metadata(|it| it.device_authorization_endpoint = Some(device));
    let oauth = OAuth2::public(provider, "device").scopes(["read"]);
    let oauth = oauth.sign_in_timeout(std::time::Duration::from_secs(60));
    let api = ApiClient::builder(&origin).oauth2(&oauth).build().unwrap();
    api.session().login(world.device(&oauth, "ann").await).await.unwrap();
    for _ in 0..2 {
        assert_eq!(api.me().await.unwrap(), ann());
        control.expire().await.unwrap();
    }
    assert_eq!(api.me().await.unwrap(), ann());
    assert_eq!(api.session().stats().refreshes, 2);

    // A service, whose tokens it can ask about.
    let provider = Provider::discover(&format!("{origin}/o")).await.unwrap();
    let oauth = OAuth2::confidential(provider, "service", "service-secret").client_credentials();
    let api = ApiClient::builder(&origin).oauth2(&oauth).build().unwrap();
    for _ in 0..2 {
        assert_eq!(api.me().await.unwrap().sub, "service");
        control.expire().await.unwrap();
    }
    assert_eq!(api.me().await.unwrap().sub, "service");
    assert_eq!(api.session().stats().refreshes, 3);
}
