//! The code in the snapshots of the macro compiles.

#![allow(clippy::all, dead_code, unreachable_pub, unused_imports)]

mod article {
    use perennial::{Result, Tokens};
    use serde::{Deserialize, Serialize};

    #[derive(Serialize)]
    pub struct Credentials {
        name: String,
    }

    #[derive(Deserialize)]
    pub struct Order {
        id: u64,
    }

    include!("../../../macros/snapshots/article.rs");
}

mod everything {
    use perennial::declared::RawResponse;
    use perennial::{Bytes, Result, Tokens};
    use serde::{Deserialize, Serialize};

    #[derive(Serialize)]
    pub struct RefreshRequest {
        refresh_token: Option<String>,
    }

    impl From<&Tokens> for RefreshRequest {
        fn from(tokens: &Tokens) -> Self {
            Self { refresh_token: tokens.refresh().map(Into::into) }
        }
    }

    #[derive(Serialize)]
    pub struct Filter {
        color: String,
    }

    #[derive(Deserialize)]
    pub struct Item {
        id: u64,
    }

    pub enum ShopError {
        NotFound,
        Outage,
        QuotaExceeded(Quota),
        Other(perennial::Error),
    }

    #[derive(Deserialize)]
    pub struct Quota {
        left: u64,
    }

    impl From<perennial::Error> for ShopError {
        fn from(error: perennial::Error) -> Self {
            Self::Other(error)
        }
    }

    fn request_id() -> u64 {
        7
    }

    fn is_over(response: &RawResponse<'_>) -> bool {
        response.body.is_empty()
    }

    include!("../../../macros/snapshots/everything.rs");

    #[test]
    fn the_table_holds_the_declared_endpoints_that_are_compiled() {
        let names: Vec<_> = ShopClient::ENDPOINTS.iter().map(|endpoint| endpoint.name).collect();
        assert_eq!(
            names,
            ["refresh", "refresh_device", "logout", "item", "file", "rename", "properties"]
        );
        let item = &ShopClient::ENDPOINTS[3];
        assert_eq!((item.method, item.path), ("GET", "/shops/{shop}/items/{kind?}"));
        assert!(item.timeouts.total.is_none() && item.retry.is_none(), "{item}");
    }
}
