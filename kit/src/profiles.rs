//! Real backends, as far as tokens are concerned.

use serde_json::{Value, json};

use crate::Reply;
use crate::protocol::{Carrier, Envelope, Grant, Lifetime, Placement, Protocol, Shape};

impl Protocol {
    /// A plain pair of tokens: bearer, HTTP 401, a JSON refresh that rotates, and no envelope.
    ///
    /// ```
    /// use perennial_test::{Carrier, Protocol, Server};
    ///
    /// # use perennial::{Result, Tokens, api_client};
    /// #[api_client(auth(bearer, expired(status = 401)))]
    /// pub trait Shop {
    ///     #[post("/login", login)]
    ///     async fn login(&self, #[field] user: &str) -> Result<Tokens>;
    ///     #[post("/refresh", refresh, public)]
    ///     async fn refresh(&self, #[field("refresh_token")] token: perennial::RefreshToken) -> Result<Tokens>;
    ///     #[get("/stock/{id}")]
    ///     async fn stock(&self, id: u64) -> Result<u64>;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// // This one wants a form.
    /// let renewal = Carrier::Form("refresh_token");
    /// let server = Server::start(Protocol { renewal, ..Protocol::pairs() });
    /// server.offer("/stock/{id}", 14.into());
    /// let shop = ShopClient::builder(server.origin()).build()?;
    /// shop.login("ann").await?;
    /// server.expire_all();
    /// assert_eq!(shop.stock(7).await?, 14);
    /// assert_eq!(server.refreshes(), 1);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn pairs() -> Self {
        Self {
            base: "",
            login: "POST /login",
            refresh: "POST /refresh",
            logout: "POST /logout",
            placement: Placement::Bearer,
            renewal: Carrier::Json("refresh_token"),
            grant: Grant {
                shape: Shape::Enveloped,
                token: "access_token",
                refresh: Some("refresh_token"),
                lifetime: Lifetime::Seconds("expires_in"),
                extra: Value::Null,
            },
            refresh_grant: None,
            envelope: Envelope::none(),
            expired: Reply::rejection(401, &json!({"code": "TOKEN_EXPIRED"})),
            unknown: Reply::rejection(401, &json!({"code": "TOKEN_UNKNOWN"})),
            login_rejected: Reply::rejection(401, &json!({"code": "WRONG_PASSWORD"})),
            refresh_rejected: Reply::rejection(401, &json!({"code": "TOKEN_UNKNOWN"})),
            rotates: true,
            overlaps: false,
            same_token: false,
            grace: None,
            refresh_without_access: false,
            demands: None,
        }
    }

    /// The protocol of the project's README: HTTP 200 with the code 1234 for an expired token, and an access token in
    /// `X-Token` that also refreshes itself.
    #[must_use]
    pub fn article() -> Self {
        let says = |code: i64, message: &str| {
            Reply::json(&json!({"code": code, "message": message, "data": {}}))
        };
        Self {
            base: "/api",
            refresh: "POST /refreshtoken",
            placement: Placement::Header("x-token"),
            renewal: Carrier::Access,
            grant: Grant {
                shape: Shape::Enveloped,
                token: "token",
                refresh: None,
                // Spelled as in the article.
                lifetime: Lifetime::Seconds("tokenExprieIn"),
                extra: Value::Null,
            },
            envelope: Envelope { fields: json!({"code": 0, "message": "ok"}), data: vec!["data"] },
            expired: says(1234, "token expired"),
            unknown: says(1001, "please log in"),
            login_rejected: says(1002, "wrong password"),
            refresh_rejected: says(1001, "please log in"),
            ..Self::pairs()
        }
    }

    /// vue-element-admin: 50014 means expired, 50008 and 50012 end the session, and there is no refresh. The paths
    /// of its demo are below `/vue-element-admin`.
    #[must_use]
    pub fn vue_element_admin() -> Self {
        let says =
            |code: i64, message: &str| Reply::json(&json!({"code": code, "message": message}));
        Self {
            base: "/vue-element-admin",
            login: "POST /user/login",
            logout: "POST /user/logout",
            // Every 50014 leads to the login page.
            refresh: "",
            placement: Placement::Header("x-token"),
            renewal: Carrier::Access,
            grant: Grant {
                shape: Shape::Enveloped,
                token: "token",
                refresh: None,
                lifetime: Lifetime::Unstated,
                extra: Value::Null,
            },
            envelope: Envelope { fields: json!({"code": 20000}), data: vec!["data"] },
            expired: says(50014, "Token expired"),
            unknown: says(50008, "Illegal token"),
            login_rejected: says(60204, "Account and password are incorrect."),
            refresh_rejected: Reply::status(404),
            ..Self::pairs()
        }
    }

    /// soybean-admin: codes are strings; `"0000"` means success, 9999, 9998 and 3333 mean expired, 8888 ends the
    /// session.
    #[must_use]
    pub fn soybean_admin() -> Self {
        let says =
            |code: &str, msg: &str| Reply::json(&json!({"code": code, "msg": msg, "data": null}));
        Self {
            login: "POST /auth/login",
            refresh: "POST /auth/refreshToken",
            logout: "POST /auth/logout",
            renewal: Carrier::Json("refreshToken"),
            grant: Grant {
                shape: Shape::Enveloped,
                token: "token",
                refresh: Some("refreshToken"),
                lifetime: Lifetime::Unstated,
                extra: Value::Null,
            },
            envelope: Envelope { fields: json!({"code": "0000", "msg": "ok"}), data: vec!["data"] },
            expired: says("9999", "the token has expired"),
            unknown: says("8888", "the user's state has changed"),
            login_rejected: says("1001", "wrong password"),
            refresh_rejected: says("8888", "the user's state has changed"),
            ..Self::pairs()
        }
    }

    /// vben: HTTP 401; the refresh token is the cookie `jwt` and does not rotate; the response to a refresh is the
    /// access token alone.
    #[must_use]
    pub fn vben() -> Self {
        let says = |status: u16, error: &str| {
            let body = json!({"code": -1, "data": null, "error": error, "message": error});
            Reply::rejection(status, &body)
        };
        Self {
            base: "/api",
            login: "POST /auth/login",
            refresh: "POST /auth/refresh",
            logout: "POST /auth/logout",
            renewal: Carrier::Cookie("jwt"),
            grant: Grant {
                shape: Shape::Enveloped,
                token: "accessToken",
                refresh: None,
                lifetime: Lifetime::Unstated,
                extra: Value::Null,
            },
            refresh_grant: Some(Grant {
                shape: Shape::Text,
                token: "",
                refresh: None,
                lifetime: Lifetime::Unstated,
                extra: Value::Null,
            }),
            envelope: Envelope {
                fields: json!({"code": 0, "error": null, "message": "ok"}),
                data: vec!["data"],
            },
            expired: says(401, "Unauthorized Exception"),
            unknown: says(401, "Unauthorized Exception"),
            login_rejected: says(403, "Username or password is incorrect."),
            refresh_rejected: says(403, "Forbidden Exception"),
            rotates: false,
            ..Self::pairs()
        }
    }

    /// yudao, ruoyi-vue-pro: 401 in the body; the refresh token is in the query, and every call needs `tenant-id`.
    /// A refresh revokes the old access token before it issues the new one.
    #[must_use]
    pub fn yudao() -> Self {
        let says =
            |code: i64, msg: &str| Reply::json(&json!({"code": code, "msg": msg, "data": null}));
        Self {
            base: "/admin-api",
            login: "POST /system/auth/login",
            refresh: "POST /system/auth/refresh-token",
            logout: "POST /system/auth/logout",
            renewal: Carrier::Query("refreshToken"),
            grant: Grant {
                shape: Shape::Enveloped,
                token: "accessToken",
                refresh: Some("refreshToken"),
                lifetime: Lifetime::UntilMilliseconds("expiresTime"),
                extra: json!({"userId": 1}),
            },
            envelope: Envelope { fields: json!({"code": 0, "msg": ""}), data: vec!["data"] },
            expired: says(401, "账号未登录"),
            unknown: says(401, "账号未登录"),
            login_rejected: says(1_002_000_000, "登录失败，账号密码不正确"),
            refresh_rejected: says(400, "无效的刷新令牌"),
            demands: Some("tenant-id"),
            ..Self::pairs()
        }
    }

    /// WeChat: the token is in the query, a success has no code, and the client gets new tokens with its own
    /// credentials.
    #[must_use]
    pub fn wechat() -> Self {
        let says =
            |code: i64, message: &str| Reply::json(&json!({"errcode": code, "errmsg": message}));
        Self {
            base: "/cgi-bin",
            // The same endpoint issues the first token and all others.
            login: "",
            refresh: "GET /token",
            logout: "",
            placement: Placement::Query("access_token"),
            renewal: Carrier::Free,
            grant: Grant {
                shape: Shape::Bare,
                token: "access_token",
                refresh: None,
                lifetime: Lifetime::Seconds("expires_in"),
                extra: Value::Null,
            },
            expired: says(42001, "access_token expired"),
            unknown: says(40014, "invalid access_token"),
            login_rejected: Reply::status(404),
            refresh_rejected: says(40013, "invalid appid"),
            ..Self::pairs()
        }
    }

    /// Lark, for the user's token: the fields of a grant are next to the code, the lifetime is `expire` in seconds, and
    /// a rejection has status 400.
    #[must_use]
    pub fn lark() -> Self {
        let says = |code: i64, msg: &str| Reply::rejection(400, &json!({"code": code, "msg": msg}));
        Self {
            base: "/open-apis",
            login: "POST /authen/v1/access_token",
            refresh: "POST /authen/v1/refresh_access_token",
            logout: "POST /authen/v1/logout",
            grant: Grant {
                shape: Shape::Flat,
                token: "access_token",
                refresh: Some("refresh_token"),
                lifetime: Lifetime::Seconds("expire"),
                extra: Value::Null,
            },
            envelope: Envelope { fields: json!({"code": 0, "msg": "success"}), data: vec!["data"] },
            expired: says(99_991_671, "token expired"),
            unknown: says(10_012, "the app was removed"),
            login_rejected: says(20_003, "invalid code"),
            refresh_rejected: says(10_012, "the app was removed"),
            ..Self::pairs()
        }
    }

    /// Directus: 401 with `TOKEN_EXPIRED` deep in the body, milliseconds, and a refresh that rejects an expired
    /// `Authorization`.
    #[must_use]
    pub fn directus() -> Self {
        let says = |code: &str, message: &str| {
            let error = json!({"message": message, "extensions": {"code": code}});
            Reply::rejection(401, &json!({"errors": [error]}))
        };
        Self {
            login: "POST /auth/login",
            refresh: "POST /auth/refresh",
            logout: "POST /auth/logout",
            grant: Grant {
                shape: Shape::Enveloped,
                token: "access_token",
                refresh: Some("refresh_token"),
                lifetime: Lifetime::Milliseconds("expires"),
                extra: Value::Null,
            },
            envelope: Envelope { fields: json!({}), data: vec!["data"] },
            expired: says("TOKEN_EXPIRED", "Token expired."),
            // Calls do not say that a session has ended; the refresh does.
            unknown: says("TOKEN_EXPIRED", "Token expired."),
            login_rejected: says("INVALID_CREDENTIALS", "Invalid user credentials."),
            refresh_rejected: says("INVALID_CREDENTIALS", "Invalid user credentials."),
            refresh_without_access: true,
            ..Self::pairs()
        }
    }

    /// Matrix: `M_UNKNOWN_TOKEN` means expired with `soft_logout: true`, and signed out without it.
    #[must_use]
    pub fn matrix() -> Self {
        let says = |soft: Option<bool>| {
            let mut body =
                json!({"errcode": "M_UNKNOWN_TOKEN", "error": "Unrecognised access token"});
            if let Some(soft) = soft {
                body["soft_logout"] = soft.into();
            }
            Reply::rejection(401, &body)
        };
        let forbidden = json!({"errcode": "M_FORBIDDEN", "error": "Invalid username or password"});
        Self {
            base: "/_matrix/client/v3",
            grant: Grant {
                shape: Shape::Bare,
                token: "access_token",
                refresh: Some("refresh_token"),
                lifetime: Lifetime::Milliseconds("expires_in_ms"),
                extra: Value::Null,
            },
            expired: says(Some(true)),
            unknown: says(None),
            login_rejected: Reply::rejection(403, &forbidden),
            refresh_rejected: says(None),
            ..Self::pairs()
        }
    }

    /// OAuth 2 (RFC 6749 and 6750): one form endpoint for login and refresh; the error of a token is in one of two
    /// `WWW-Authenticate` headers.
    #[must_use]
    pub fn oauth2() -> Self {
        let challenge = |error: &str| {
            Reply::status(401)
                .header("www-authenticate", "Basic realm=\"shop\"")
                .header("www-authenticate", &format!("Bearer realm=\"shop\"{error}"))
        };
        let invalid_grant = Reply::rejection(400, &json!({"error": "invalid_grant"}));
        Self {
            login: "POST /token",
            refresh: "POST /token",
            logout: "POST /revoke",
            renewal: Carrier::Form("refresh_token"),
            grant: Grant {
                shape: Shape::Bare,
                token: "access_token",
                refresh: Some("refresh_token"),
                lifetime: Lifetime::Seconds("expires_in"),
                extra: json!({"token_type": "Bearer"}),
            },
            expired: challenge(", error=\"invalid_token\""),
            unknown: challenge(""),
            login_rejected: invalid_grant.clone(),
            refresh_rejected: invalid_grant,
            ..Self::pairs()
        }
    }
}
