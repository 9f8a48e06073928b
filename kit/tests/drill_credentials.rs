//! The drill of declarations with several credentials, and of tokens that are sent where they do not belong.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

use std::panic::{AssertUnwindSafe, catch_unwind};

use perennial::{RefreshToken, Result, TokenKey, Tokens, api_client};
use perennial_test::{Protocol, Reply};
use serde_json::json;

/// As in the guide: both tokens come from elsewhere.
#[api_client(
    envelope(code = "code", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
    auth(name = "device", header = "X-Device", expired(code = 5678)),
    serve
)]
pub trait Kiosk {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[post("/device/refresh", refresh("device"))]
    async fn refresh_device(&self) -> Result<Tokens>;
    #[get("/menu")]
    async fn menu(&self) -> Result<Vec<String>>;
}

pub struct Fake;

impl Kiosk for Fake {
    async fn refresh(&self) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn refresh_device(&self) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn menu(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
}

perennial_test::drill!(a_kiosk_with_two_credentials: KioskClient, Fake);

/// Two pairs of tokens, a login for the first, and endpoints that need one of them or none.
#[api_client(
    auth(bearer, expired(status = 401)),
    auth(name = "device", header = "X-Device", expired(status = 419)),
    serve
)]
pub trait Pairs {
    #[post("/login", login)]
    async fn login(&self, #[field] user: &str) -> Result<Tokens>;
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[post("/device/refresh", refresh("device"), public)]
    async fn refresh_device(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get("/menu/{id}")]
    async fn menu(&self, id: u64) -> Result<u64>;
    #[get("/user", auth("device" = off))]
    async fn user(&self) -> Result<u64>;
    #[get("/health", public)]
    async fn health(&self) -> Result<u64>;
    #[get("/maybe", optional)]
    async fn maybe(&self) -> Result<u64>;
}

impl Pairs for Fake {
    async fn login(&self, _: &str) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn refresh(&self, _: RefreshToken) -> Result<Tokens> {
        Ok(Tokens::new("any").with_refresh("more"))
    }
    async fn refresh_device(&self, _: RefreshToken) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn menu(&self, id: u64) -> Result<u64> {
        Ok(id)
    }
    async fn user(&self) -> Result<u64> {
        Ok(1)
    }
    async fn health(&self) -> Result<u64> {
        Ok(1)
    }
    async fn maybe(&self) -> Result<u64> {
        Ok(1)
    }
}

perennial_test::drill!(two_pairs_of_tokens: PairsClient, Fake);

/// As in the guide: a token that never expires, and one that is fetched with it.
#[api_client(
    auth(name = "session", basic, logout(status = 401)),
    auth(
        name = "csrf",
        header = "X-CSRF-Token",
        expired(status = 403, header("X-CSRF-Token" = "Required")),
    ),
    serve
)]
pub trait OData {
    #[get(
        "/",
        refresh("csrf", with = "session"),
        public,
        headers("X-CSRF-Token" = "Fetch"),
        tokens(access = header("X-CSRF-Token")),
    )]
    async fn fetch(&self) -> Result<()>;
    #[get("/Products", auth("csrf" = off))]
    async fn products(&self) -> Result<String>;
    #[post("/Products")]
    async fn create(&self, #[field] name: &str) -> Result<String>;
}

impl OData for Fake {
    async fn fetch(&self) -> Result<()> {
        Ok(())
    }
    async fn products(&self) -> Result<String> {
        Ok(String::new())
    }
    async fn create(&self, name: &str) -> Result<String> {
        Ok(name.to_owned())
    }
}

perennial_test::drill!(a_token_that_is_fetched_with_another: ODataClient, Fake);

/// A user, the program's own key, and a token for each repository.
#[api_client(
    auth(bearer, expired(status = 401)),
    auth(name = "app", header = "X-App", expired(status = 419)),
    auth(name = "repository", header = "X-Repository", key = "{name}", expired(status = 420)),
    serve
)]
pub trait Three {
    #[post("/login", login)]
    async fn login(&self) -> Result<Tokens>;
    #[post("/ra", refresh, public)]
    async fn renew(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[post("/rb", refresh("app"), public)]
    async fn renew_app(&self) -> Result<Tokens>;
    #[get("/rc", refresh("repository", with = "app"), public)]
    async fn renew_repository(&self, #[query] scope: TokenKey) -> Result<Tokens>;
    #[get("/stock/{name}")]
    async fn stock(&self, name: u64) -> Result<u64>;
}

impl Three for Fake {
    async fn login(&self) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn renew(&self, _: RefreshToken) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn renew_app(&self) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn renew_repository(&self, _: TokenKey) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn stock(&self, name: u64) -> Result<u64> {
        Ok(name)
    }
}

perennial_test::drill!(three_credentials_of_three_kinds: ThreeClient, Fake);

/// A token that is never renewed, a pair, and a token that is fetched with the pair.
#[api_client(
    auth(name = "key", header = "X-Key", logout(status = 403)),
    auth(name = "pair", bearer, expired(status = 401)),
    auth(name = "derived", header = "X-Derived", expired(status = 419)),
    serve
)]
pub trait Derived {
    #[post("/pair", refresh("pair"), public)]
    async fn renew(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[post("/derived", refresh("derived", with = "pair"), public)]
    async fn derive(&self) -> Result<Tokens>;
    #[get("/stock/{id}")]
    async fn stock(&self, id: u64) -> Result<u64>;
}

impl Derived for Fake {
    async fn renew(&self, _: RefreshToken) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn derive(&self) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn stock(&self, id: u64) -> Result<u64> {
        Ok(id)
    }
}

perennial_test::drill!(a_token_that_is_fetched_with_a_pair: DerivedClient, Fake);

/// A second credential that nothing renews.
#[api_client(
    auth(bearer, expired(status = 401)),
    auth(name = "device", header = "X-Device", expired(status = 419)),
    allow(expiry_without_refresh),
    serve
)]
pub trait Half {
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get("/login_attempts")]
    async fn login_attempts(&self) -> Result<u64>;
}

impl Half for Fake {
    async fn refresh(&self, _: RefreshToken) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn login_attempts(&self) -> Result<u64> {
        Ok(1)
    }
}

#[test]
fn a_second_credential_that_is_never_renewed_is_found() {
    let finding =
        finding(|| perennial_test::drill::run::<HalfClient, _>(|| Fake, |protocol| protocol));
    assert!(finding.contains("no method is marked `refresh(\"device\")`"), "{finding}");
}

/// The report of the drill.
fn finding(drill: impl Fn()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(drill)).expect_err("the drill finds nothing");
    panic.downcast_ref::<String>().expect("a panic has a text").clone()
}

#[test]
fn an_expiry_of_the_second_credential_that_is_declared_otherwise_is_found() {
    let drill = || {
        perennial_test::drill::run::<KioskClient, _>(
            || Fake,
            |protocol| match protocol.placement {
                perennial_test::Placement::Header("x-device") => {
                    Protocol { expired: Reply::json(&json!({"code": 9999})), ..protocol }
                }
                _ => protocol,
            },
        );
    };
    let finding = finding(drill);
    assert!(finding.contains("failed although"), "{finding}");
}

/// A client that sends its refresh token with every call, in the place that is given.
macro_rules! leaking {
    ($($test:ident: $module:ident, [$($leak:tt)*];)*) => {$(
        mod $module {
            use super::*;

            #[api_client(auth(bearer, expired(status = 401)), $($leak)*, serve)]
            pub trait Shop {
                #[post("/login", login)]
                async fn login(&self, #[field] user: &str) -> Result<Tokens>;
                #[post("/refresh", refresh, public)]
                async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
                #[post("/stock/{id}")]
                async fn stock(&self, id: u64, #[field] count: Option<u64>) -> Result<u64>;
            }

            impl Shop for Fake {
                async fn login(&self, _: &str) -> Result<Tokens> {
                    Ok(Tokens::new("any"))
                }
                async fn refresh(&self, _: RefreshToken) -> Result<Tokens> {
                    Ok(Tokens::new("any"))
                }
                async fn stock(&self, id: u64, _: Option<u64>) -> Result<u64> {
                    Ok(id)
                }
            }
        }

        #[test]
        fn $test() {
            let finding = finding(|| {
                perennial_test::drill::run::<$module::ShopClient, _>(|| Fake, |protocol| protocol);
            });
            assert!(finding.contains("a refresh token was sent to POST /stock/"), "{finding}");
        }
    )*};
}

leaking! {
    a_refresh_token_in_a_header_of_every_call: in_header, [headers("X-R" = tokens(refresh))];
    a_refresh_token_in_the_query_of_every_call: in_query, [queries("q" = tokens(refresh))];
    a_refresh_token_in_a_field_of_every_call: in_field, [fields("r" = tokens(refresh))];
}
