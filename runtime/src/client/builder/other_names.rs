//! Names that the builders of other libraries have. The message of a bound that is never met says what to write.

use std::convert::Infallible;

use super::ClientBuilder;
use crate::types::never;

/// The bound of `new` with a base URL. The client's type is open until the bound is met, so that nothing that follows
/// is an error of its own.
#[diagnostic::on_unimplemented(
    message = "the trait of this client declares no host, so the client has no `new`",
    label = "write `builder(\"https://..\").build()?`, in place of `new(\"https://..\")`"
)]
pub trait DeclaredHost<Client> {
    /// Creates the client.
    fn client(self) -> Client;
}

/// It keeps the compiler from suggesting an implementation.
#[diagnostic::do_not_recommend]
impl<Client> DeclaredHost<Client> for Infallible {
    fn client(self) -> Client {
        match self {}
    }
}

/// The bound of timeouts in a builder.
#[diagnostic::on_unimplemented(
    message = "the trait declares its timeouts",
    label = "write `timeout = \"10s\"` in `#[api_client(..)]`, and remove this",
    note = "`timeout(total = \"10s\", connect = \"2s\")` limits connecting too, and `.timeout(..)` of a call that call alone"
)]
pub trait TimeoutOfABuilder {}

/// The bound of retries in a builder.
#[diagnostic::on_unimplemented(
    message = "the trait declares its retries",
    label = "write `retry(3)` in `#[api_client(..)]`, and remove this",
    note = "`.retry(3)` of a call is for that call alone"
)]
pub trait RetryOfABuilder {}

/// The bound of headers in a builder.
#[diagnostic::on_unimplemented(
    message = "the trait declares its headers",
    label = "write `headers(\"X-App\" = \"shop\")` in `#[api_client(..)]`, and remove this",
    note = "a value that is known later is a parameter, `#[header(\"X-Tenant\")] tenant: &str`, or is set by a layer",
    note = "the header of the token is `auth(bearer)` or `auth(header = \"X-Token\")`"
)]
pub trait HeaderOfABuilder {}

/// The bound of tokens in a builder.
#[diagnostic::on_unimplemented(
    message = "the trait declares how calls carry a token, and the session has the token",
    label = "write `auth(bearer)` in `#[api_client(..)]`, and remove this",
    note = "a method that is marked `login` brings the tokens; those from elsewhere are given to \
            `client.session().login(Tokens::new(\"..\")).await`"
)]
pub trait TokenOfABuilder {}

/// The bound of a second base URL.
#[diagnostic::on_unimplemented(
    message = "the base URL is the argument of `builder`",
    label = "write `builder(\"https://shop.example\")`, and remove this"
)]
pub trait BaseOfABuilder {}

/// The bound of reqwest's own settings.
#[diagnostic::on_unimplemented(
    message = "this is a setting of reqwest",
    label = "set it in `.http_with(|http| http.user_agent(\"shop/1\"))`, with this in place of `user_agent`",
    note = "`.http(reqwest::Client::builder())` takes a whole builder of reqwest"
)]
pub trait SettingOfReqwest {}

/// The bound of layers by other names.
#[diagnostic::on_unimplemented(
    message = "code around each request is a layer",
    label = "write `.layer(..)`, with a layer of tower",
    note = "the refresh needs none: it is declared with `auth(..)`, and a method that is marked `refresh`"
)]
pub trait LayerByAnotherName {}

/// The bound of hooks by other names.
#[diagnostic::on_unimplemented(
    message = "what happens in a session is an event",
    label = "write `.on_event(|event| ..)`, and match `&event.kind`",
    note = "`.on_logout(|why| ..)` is called when the user has to sign in again"
)]
pub trait HookByAnotherName {}

/// The bound of a login in a builder.
#[diagnostic::on_unimplemented(
    message = "a login is a call of the client that is built",
    label = "remove this, and await the method that is marked `login` after `.build()?`",
    note = "tokens from elsewhere are given to `client.session().login(Tokens::new(\"..\")).await`"
)]
pub trait LoginOfABuilder {}

/// The bound of settings of OAuth 2.
#[diagnostic::on_unimplemented(
    message = "this is a setting of `OAuth2`",
    label = "set it there, as in `oauth.dpop()`, and give the result to `.oauth2(&oauth)`"
)]
pub trait SettingOfOAuth2 {}

/// The bound of a sign-in with OAuth 2.
#[cfg(not(feature = "oauth2"))]
#[diagnostic::on_unimplemented(
    message = "`.oauth2(..)` needs the feature `oauth2`",
    label = "write `features = [\"oauth2\"]` for perennial in `Cargo.toml`"
)]
pub trait SignInOfABuilder {}

/// The bound of compressing bodies.
#[cfg(not(feature = "gzip-requests"))]
#[diagnostic::on_unimplemented(
    message = "`.gzip_requests(..)` needs the feature `gzip-requests`",
    label = "write `features = [\"gzip-requests\"]` for perennial in `Cargo.toml`",
    note = "responses are decompressed without it"
)]
pub trait GzipOfABuilder {}

/// The bound of cookies.
#[cfg(not(any(feature = "cookies", target_family = "wasm")))]
#[diagnostic::on_unimplemented(
    message = "a cookie store needs the feature `cookies`",
    label = "write `features = [\"cookies\"]` for perennial in `Cargo.toml`, and `.cookie_provider(store)` here"
)]
pub trait CookiesOfABuilder {}

never! {
    impl[C] ClientBuilder<C> where TimeoutOfABuilder {
        timeout connect_timeout read_timeout request_timeout with_timeout
    }
    impl[C] ClientBuilder<C> where RetryOfABuilder { retry retries max_retries with_retry retry_policy }
    impl[C] ClientBuilder<C> where HeaderOfABuilder {
        header headers default_header default_headers with_header with_headers
    }
    impl[C] ClientBuilder<C> where TokenOfABuilder {
        auth bearer_auth basic_auth bearer_token token tokens access_token with_token api_key
    }
    impl[C] ClientBuilder<C> where BaseOfABuilder { base base_url url with_base_url endpoint }
    impl[C] ClientBuilder<C> where SettingOfReqwest {
        client http_client with_client user_agent proxy no_proxy identity
        danger_accept_invalid_certs add_root_certificate pool_idle_timeout pool_max_idle_per_host http1_only
        http2_prior_knowledge https_only resolve gzip brotli deflate zstd
    }
    impl[C] ClientBuilder<C> where LayerByAnotherName {
        with middleware interceptor add_interceptor request_interceptor response_interceptor wrap on_request on_response
    }
    impl[C] ClientBuilder<C> where HookByAnotherName {
        on_refresh on_refreshed on_token_refresh on_expired on_unauthorized on_login on_error on_replay on_retry
        on_session_lost on_change
    }
    impl[C] ClientBuilder<C> where LoginOfABuilder { login sign_in authenticate credentials with_credentials }
    impl[C] ClientBuilder<C> where SettingOfOAuth2 { dpop scopes audience }
}

#[cfg(not(feature = "oauth2"))]
never! {
    impl[C] ClientBuilder<C> where SignInOfABuilder { oauth2 }
}

#[cfg(not(feature = "gzip-requests"))]
never! {
    impl[C] ClientBuilder<C> where GzipOfABuilder { gzip_requests }
}

#[cfg(any(feature = "cookies", target_family = "wasm"))]
never! {
    impl[C] ClientBuilder<C> where SettingOfReqwest { cookie_store cookies cookie_jar }
}

#[cfg(not(any(feature = "cookies", target_family = "wasm")))]
never! {
    impl[C] ClientBuilder<C> where CookiesOfABuilder { cookie_provider cookie_store cookies cookie_jar }
}

#[cfg(target_family = "wasm")]
never! {
    impl[C] ClientBuilder<C> where SettingOfReqwest { cookie_provider }
}
