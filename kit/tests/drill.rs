//! The drill passes for correct declarations, and finds each mistake.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

use std::panic::{AssertUnwindSafe, catch_unwind};

use perennial::body::StreamBody;
use perennial::{IntoTokens, RefreshToken, Result, Tokens, api_client};
use perennial_test::{Placement, Protocol, Reply};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The body of a refresh with the refresh token.
#[derive(Serialize, Deserialize)]
pub struct Renew {
    refresh_token: String,
}

impl From<&Tokens> for Renew {
    fn from(tokens: &Tokens) -> Self {
        Self { refresh_token: tokens.refresh().unwrap_or_default().to_owned() }
    }
}

/// The same, with the wrong token.
#[derive(Serialize, Deserialize)]
pub struct RenewWithAccess {
    refresh_token: String,
}

impl From<&Tokens> for RenewWithAccess {
    fn from(tokens: &Tokens) -> Self {
        Self { refresh_token: tokens.access().to_owned() }
    }
}

/// The access token, which some servers renew.
#[derive(Serialize, Deserialize)]
pub struct RenewAccess {
    token: String,
}

impl From<&Tokens> for RenewAccess {
    fn from(tokens: &Tokens) -> Self {
        Self { token: tokens.access().to_owned() }
    }
}

/// A grant whose refresh token is dropped.
#[derive(Serialize, Deserialize)]
pub struct Forgetful {
    token: String,
    renewal: String,
}

impl IntoTokens for Forgetful {
    fn into_tokens(self) -> Tokens {
        Tokens::new(self.token)
    }
}

/// A grant of which the wrong token is kept.
#[derive(Serialize, Deserialize)]
pub struct Constant {
    token: String,
    renewal: String,
}

impl IntoTokens for Constant {
    fn into_tokens(self) -> Tokens {
        Tokens::new("another").with_refresh(self.renewal)
    }
}

/// One declaration and its fake: `$options` for the trait, the refresh method, and what it grants.
macro_rules! api {
    (
        $module:ident, [$($options:tt)*], login = $login:ident, refresh = [$($refresh:tt)*],
        ($($name:ident: $ty:ty)?) -> $granted:ty, $value:expr
    ) => {
        mod $module {
            use super::*;

            #[api_client($($options)*, serve, allow(expiry_without_refresh))]
            pub trait Shop {
                #[post("/login", $login)]
                async fn login(&self, #[query] user: &str) -> Result<$granted>;
                #[post("/refresh", $($refresh)*)]
                async fn refresh(&self $(, #[json] $name: &$ty)?) -> Result<$granted>;
                #[get("/orders/{id}")]
                async fn order(&self, id: u64) -> Result<Value>;
                #[post("/orders")]
                async fn place(&self, #[json] order: &Value) -> Result<Value>;
                #[get("/health", public)]
                async fn health(&self) -> Result<()>;
            }

            pub struct Fake;

            impl Shop for Fake {
                async fn login(&self, _: &str) -> Result<$granted> {
                    Ok($value)
                }
                async fn refresh(&self $(, $name: &$ty)?) -> Result<$granted> {
                    $(let _ = $name;)?
                    Ok($value)
                }
                async fn order(&self, _: u64) -> Result<Value> {
                    Ok(Value::Null)
                }
                async fn place(&self, _: &Value) -> Result<Value> {
                    Ok(Value::Null)
                }
                async fn health(&self) -> Result<()> {
                    Ok(())
                }
            }
        }
    };
}

api!(
    article,
    [
        base = "/api", envelope(code = "code", data = "data", ok = 0),
        auth(header = "X-Token", expired(code = 1234), logout(code = 1001))
    ],
    login = login, refresh = [refresh], () -> Tokens, Tokens::new("any")
);
api!(
    pairs,
    [auth(bearer, expired(status = 401))],
    login = login, refresh = [refresh, public], (body: Renew) -> Tokens,
    Tokens::new("any").with_refresh("more")
);
api!(
    wrong_token,
    [auth(bearer, expired(status = 401))],
    login = login, refresh = [refresh, public], (body: RenewWithAccess) -> Tokens,
    Tokens::new("any").with_refresh("more")
);
api!(
    wrong_token_of_a_fake_without_refresh_tokens,
    [auth(bearer, expired(status = 401))],
    login = login, refresh = [refresh, public], (body: RenewWithAccess) -> Tokens,
    Tokens::new("any")
);
api!(
    wrong_token_beside_the_header,
    [auth(bearer, expired(status = 401))],
    login = login, refresh = [refresh], (body: RenewWithAccess) -> Tokens, Tokens::new("any")
);
api!(
    access_token_in_a_body,
    [auth(bearer, expired(status = 401))],
    login = login, refresh = [refresh, public], (body: RenewAccess) -> Tokens, Tokens::new("any")
);
api!(
    no_token,
    [auth(bearer, expired(status = 401))],
    login = login, refresh = [refresh, public], () -> Tokens, Tokens::new("any")
);
api!(
    forgetful,
    [auth(bearer, expired(status = 401))],
    login = login, refresh = [refresh, public], (body: Renew) -> Forgetful,
    Forgetful { token: "any".into(), renewal: "more".into() }
);
api!(
    constant,
    [auth(bearer, expired(status = 401))],
    login = login, refresh = [refresh, public], (body: Renew) -> Constant,
    Constant { token: "any".into(), renewal: "more".into() }
);
api!(
    not_marked,
    [auth(bearer, expired(status = 401))],
    login = public, refresh = [refresh], () -> Tokens, Tokens::new("any")
);
api!(
    not_renewed,
    [auth(bearer, expired(status = 401))],
    login = login, refresh = [public], () -> Tokens, Tokens::new("any")
);
api!(
    ends_the_session,
    [
        envelope(code = "code", data = "data", ok = 0),
        auth(header = "X-Token", expired(code = 1235), logout(code = 1234))
    ],
    login = login, refresh = [refresh], () -> Tokens, Tokens::new("any")
);

perennial_test::drill!(the_article: article::ShopClient, article::Fake);
perennial_test::drill!(a_pair_of_tokens: pairs::ShopClient, pairs::Fake);
perennial_test::drill!(
    an_access_token_that_is_renewed_in_a_body: access_token_in_a_body::ShopClient,
    access_token_in_a_body::Fake
);

/// A call that is not replayed starts a refresh for which nothing waits.
#[api_client(auth(bearer, expired(status = 401)), serve)]
pub trait Upload {
    #[post("/login", login)]
    async fn login(&self, #[field] user: &str) -> Result<Tokens>;
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get("/count")]
    async fn count(&self) -> Result<u32>;
    #[post("/upload", replay = off)]
    async fn upload(&self, #[body] content: StreamBody) -> Result<u32>;
}

impl Upload for pairs::Fake {
    async fn login(&self, _: &str) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn refresh(&self, _: RefreshToken) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn count(&self) -> Result<u32> {
        Ok(1)
    }
    async fn upload(&self, _: StreamBody) -> Result<u32> {
        Ok(1)
    }
}

perennial_test::drill!(a_call_that_is_not_replayed: UploadClient, pairs::Fake);

/// No call is replayed.
#[api_client(auth(bearer, expired(status = 401)), replay = off, serve)]
pub trait Once {
    #[post("/login", login)]
    async fn login(&self, #[field] user: &str) -> Result<Tokens>;
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get("/count")]
    async fn count(&self) -> Result<u32>;
}

impl Once for pairs::Fake {
    async fn login(&self, _: &str) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn refresh(&self, _: RefreshToken) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }
    async fn count(&self) -> Result<u32> {
        Ok(1)
    }
}

perennial_test::drill!(calls_that_are_never_replayed: OnceClient, pairs::Fake);

/// The report of the drill.
fn finding(drill: impl Fn()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(drill)).expect_err("the drill finds nothing");
    panic.downcast_ref::<String>().expect("a panic has a text").clone()
}

macro_rules! finds {
    ($($test:ident: $module:ident, $truth:expr, $expected:literal;)*) => {$(
        #[test]
        fn $test() {
            let drill = || perennial_test::drill::run::<$module::ShopClient, _>(|| $module::Fake, $truth);
            let finding = finding(drill);
            assert!(finding.contains($expected), "{finding}");
        }
    )*};
}

fn as_declared(protocol: Protocol) -> Protocol {
    protocol
}

fn says(reply: Reply) -> impl Fn(Protocol) -> Protocol {
    move |protocol| Protocol { expired: reply.clone(), ..protocol }
}

finds! {
    an_expired_code_that_never_comes: article, says(Reply::json(&json!({"code": 4321}))), "failed although";
    an_expired_status_that_never_comes: pairs, says(Reply::status(419)), "failed although";
    a_refresh_that_carries_the_wrong_token: wrong_token, as_declared, "failed although";
    a_refresh_that_carries_the_wrong_token_to_a_fake_without_refresh_tokens:
        wrong_token_of_a_fake_without_refresh_tokens, as_declared, "failed although";
    a_refresh_that_carries_the_wrong_token_beside_the_header:
        wrong_token_beside_the_header, as_declared, "failed although";
    a_refresh_that_carries_no_token: no_token, as_declared, "failed although";
    a_refresh_token_that_is_forgotten: forgetful, as_declared, "failed although";
    a_grant_of_which_another_token_is_kept: constant, as_declared, "failed although";
    a_login_that_is_not_marked: not_marked, as_declared, "no method is marked `login`";
    a_refresh_that_is_not_marked: not_renewed, as_declared, "no method is marked `refresh`";
    an_expiry_that_is_declared_as_a_logout: ends_the_session, says(Reply::json(&json!({"code": 1234}))),
        "failed although";
    a_token_in_the_wrong_place: article, |protocol| Protocol { placement: Placement::Bearer, ..protocol },
        "failed although";
}

#[test]
fn a_finding_shows_the_shortest_case_and_how_to_run_it_again() {
    let drill = || {
        let truth = says(Reply::status(419));
        perennial_test::drill::run::<pairs::ShopClient, _>(|| pairs::Fake, truth);
    };
    let finding = finding(drill);
    assert!(finding.contains("the shortest case:\n  the token expires\n"), "{finding}");
    assert!(finding.contains("PERENNIAL_DRILL_SEED="), "{finding}");
}
