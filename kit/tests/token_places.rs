//! A server puts its own tokens in place of those of a fake, whatever `tokens(..)` declares and leaves out.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

use std::time::Duration;

use perennial::{Expiry, RefreshToken, Result, Tokens, api_client};
use perennial_test::Server;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A declaration with these options, its fake, and what the fake grants.
macro_rules! api {
    ($module:ident, [$($options:tt)*], [$($refresh:tt)*], $granted:ty, $value:expr) => {
        mod $module {
            use super::*;

            #[api_client($($options)*, serve)]
            pub trait Shop {
                #[post("/login", login)]
                async fn login(&self, #[field] user: &str) -> Result<$granted>;
                #[post("/refresh", refresh, public, $($refresh)*)]
                async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<$granted>;
                #[get("/documents")]
                async fn documents(&self) -> Result<Vec<String>>;
            }

            pub struct Fake;

            impl Shop for Fake {
                async fn login(&self, _: &str) -> Result<$granted> {
                    Ok($value)
                }
                async fn refresh(&self, _: RefreshToken) -> Result<$granted> {
                    Ok($value)
                }
                async fn documents(&self) -> Result<Vec<String>> {
                    Ok(Vec::new())
                }
            }
        }
    };
}

/// The result of a login, without a token.
#[derive(Debug, Serialize, Deserialize)]
pub struct Profile {
    name: String,
    note: String,
}

fn profile() -> Profile {
    Profile { name: "ann".into(), note: String::new() }
}

api!(
    unit,
    [auth(bearer, expired(status = 401)), tokens(unit = ms)],
    [],
    Tokens,
    Tokens::new("any")
);
api!(
    extra,
    [
        auth(bearer, expired(status = 401)),
        tokens(extra("tenant" = "account.tenant_id")),
        headers("X-Tenant" = tokens("tenant"))
    ],
    [],
    Tokens,
    Tokens::new("any")
);
api!(
    refresh,
    [auth(bearer, expired(status = 401)), tokens(refresh = "next.token")],
    [],
    Tokens,
    Tokens::new("any")
);
api!(
    base,
    [base = "/v1", auth(bearer, expired(status = 401))],
    [tokens(base = "instance_url")],
    Tokens,
    Tokens::new("any").with_refresh("more")
);
api!(
    access,
    [
        envelope(code = "code", data = "data", ok = 0),
        auth(bearer, expired(code = 1234)),
        tokens(access = "data.jwt")
    ],
    [],
    Tokens,
    Tokens::new("any")
);
api!(
    access_of_a_pair,
    [auth(bearer, expired(status = 401)), tokens(access = "jwt")],
    [],
    Tokens,
    Tokens::new("any").with_refresh("more")
);
api!(
    nothing,
    [
        envelope(code = "code", data = "data", ok = 0),
        auth(bearer, expired(code = 1234)),
        tokens(unit = ms)
    ],
    [],
    Profile,
    profile()
);
api!(
    header,
    [
        auth(bearer, expired(status = 401)),
        tokens(access = header("X-Token"), refresh = cookie("renewal"))
    ],
    [],
    String,
    "welcome".to_owned()
);

perennial_test::drill!(a_unit: unit::ShopClient, unit::Fake);
perennial_test::drill!(an_extra_value: extra::ShopClient, extra::Fake);
perennial_test::drill!(a_refresh_token: refresh::ShopClient, refresh::Fake);
perennial_test::drill!(a_base_of_the_refresh: base::ShopClient, base::Fake);
perennial_test::drill!(an_access_token: access::ShopClient, access::Fake);
perennial_test::drill!(an_access_token_of_a_pair: access_of_a_pair::ShopClient, access_of_a_pair::Fake);
perennial_test::drill!(a_result_without_tokens: nothing::ShopClient, nothing::Fake);
perennial_test::drill!(a_text_beside_headers: header::ShopClient, header::Fake);

#[tokio::test]
async fn the_rest_of_a_result_stays() {
    let server = Server::serve::<nothing::ShopClient, _>(nothing::Fake);
    let shop = nothing::ShopClient::builder(server.origin()).build().unwrap();
    let Profile { name, note } = shop.login("ann").await.unwrap();
    assert_eq!((&*name, &*note), ("ann", ""));

    let server = Server::serve::<header::ShopClient, _>(header::Fake);
    let shop = header::ShopClient::builder(server.origin()).build().unwrap();
    assert_eq!(shop.login("ann").await.unwrap(), "welcome");
    assert_eq!(shop.documents().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_lifetime_is_stated_in_the_declared_unit() {
    let lifetime = Duration::from_secs(90);
    let served = Server::serve::<unit::ShopClient, _>(unit::Fake);
    let declared = Server::declared::<unit::ShopClient>();
    for server in [served, declared] {
        server.tokens().state_lifetime(lifetime);
        let shop = unit::ShopClient::builder(server.origin()).build().unwrap();
        let granted = shop.login("ann").await.unwrap();
        assert!(matches!(granted.expiry(), Some(Expiry::In(it)) if it == lifetime), "{granted:?}");
    }
    let server = Server::serve::<access::ShopClient, _>(access::Fake);
    server.tokens().state_lifetime(lifetime);
    let body: Value = reqwest::Client::new()
        .post(format!("{}/login", server.origin()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("user=ann")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(body["data"]["expires_in"], 90, "{body}");
}
