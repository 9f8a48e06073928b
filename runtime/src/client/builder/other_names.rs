//! Names that the builders of other libraries have. The message of a bound that is never met says what to write.

use std::convert::Infallible;

use super::ClientBuilder;
use crate::types::never;

/// The bound of `new` with a base URL. The client's type is open until the bound is met, so that nothing that follows
/// is an error of its own.
#[diagnostic::on_unimplemented(
    message = "the trait of this client declares no host, so the client has no `new`",
    label = "write `builder(\"https://..\").build()?` instead of `new(\"https://..\")`"
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
    message = "the trait declares the timeouts of its calls",
    label = "write `timeout = \"10s\"` in `#[api_client(..)]`, and remove this",
    note = "to limit connecting too, write `timeout(total = \"10s\", connect = \"2s\")`",
    note = "to limit a single call, write `.timeout(..)` on the call"
)]
pub trait TimeoutOfABuilder {}

/// The bound of retries in a builder.
#[diagnostic::on_unimplemented(
    message = "the trait declares the retries of its calls",
    label = "write `retry(3)` in `#[api_client(..)]`, and remove this",
    note = "to retry a single call, write `.retry(3)` on the call"
)]
pub trait RetryOfABuilder {}

/// The bound of headers in a builder.
#[diagnostic::on_unimplemented(
    message = "the trait declares the headers of its calls",
    label = "write `headers(\"X-App\" = \"shop\")` in `#[api_client(..)]`, and remove this",
    note = "for a value known at run time, take a parameter such as `#[header(\"X-Tenant\")] tenant: &str`, or write a \
            layer",
    note = "for the header of the token, write `auth(bearer)` or `auth(header = \"X-Token\")`"
)]
pub trait HeaderOfABuilder {}

/// The bound of tokens in a builder.
#[diagnostic::on_unimplemented(
    message = "the trait declares how calls carry the token, and the session supplies it",
    label = "write `auth(bearer)` in `#[api_client(..)]`, and remove this",
    note = "for tokens from a login, mark a method `login`",
    note = "for tokens from elsewhere, write `client.session().login(Tokens::new(\"..\")).await`"
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
    label = "write `.http_with(|http| http.user_agent(\"shop/1\"))`, with this setting instead of `user_agent`",
    note = "to pass a whole builder of reqwest, write `.http(reqwest::Client::builder())`"
)]
pub trait SettingOfReqwest {}

/// The bound of layers by other names.
#[diagnostic::on_unimplemented(
    message = "a layer runs code around each request",
    label = "write `.layer(..)` with a tower layer",
    note = "for the refresh, no layer is needed: declare `auth(..)`, and mark a method `refresh`"
)]
pub trait LayerByAnotherName {}

/// The bound of hooks by other names.
#[diagnostic::on_unimplemented(
    message = "a session reports what happens as events",
    label = "write `.on_event(|event| ..)`, and match `&event.kind`",
    note = "to learn when the user must sign in again, write `.on_logout(|why| ..)`"
)]
pub trait HookByAnotherName {}

/// The bound of a login in a builder.
#[diagnostic::on_unimplemented(
    message = "a login is a call of the client, not of its builder",
    label = "remove this, and after `.build()?` await the method that is marked `login`",
    note = "for tokens from elsewhere, write `client.session().login(Tokens::new(\"..\")).await`"
)]
pub trait LoginOfABuilder {}

/// The bound of settings of OAuth 2.
#[diagnostic::on_unimplemented(
    message = "this is a setting of `OAuth2`",
    label = "set it there, as in `oauth.dpop()`, and pass the result to `.oauth2(&oauth)`"
)]
pub trait SettingOfOAuth2 {}

/// The bound of a sign-in with OAuth 2.
#[cfg(not(feature = "oauth2"))]
#[diagnostic::on_unimplemented(
    message = "`.oauth2(..)` needs the feature `oauth2`",
    label = "add `features = [\"oauth2\"]` to `perennial` in `Cargo.toml`"
)]
pub trait SignInOfABuilder {}

/// The bound of compressing bodies.
#[cfg(not(feature = "gzip-requests"))]
#[diagnostic::on_unimplemented(
    message = "`.gzip_requests(..)` needs the feature `gzip-requests`",
    label = "add `features = [\"gzip-requests\"]` to `perennial` in `Cargo.toml`",
    note = "responses are decompressed without it"
)]
pub trait GzipOfABuilder {}

/// The bound of cookies.
#[cfg(not(any(feature = "cookies", target_family = "wasm")))]
#[diagnostic::on_unimplemented(
    message = "a cookie store needs the feature `cookies`",
    label = "add `features = [\"cookies\"]` to `perennial` in `Cargo.toml`, and write `.cookie_provider(store)` here"
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
