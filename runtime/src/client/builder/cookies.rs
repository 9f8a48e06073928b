//! The cookie store of a client, and the cookies that belong to its sessions.

use std::sync::Arc;

use http::HeaderValue;
use reqwest::cookie::CookieStore;
use url::Url;

use super::ClientBuilder;
use crate::client::ApiClient;

impl<C: ApiClient> ClientBuilder<C> {
    /// Sets the store for the cookies that the server sets and the client sends, like reqwest's own `cookie_provider`.
    /// Refreshes share the store with the calls.
    ///
    /// A cookie that carries a token, as in `auth(cookie = "session")`, belongs to the session: the store neither
    /// gets nor sends it, so that a `public` call carries no token, and none is left after a logout. A call that
    /// carries the token in a cookie sends no cookies of the store.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use perennial::{api_client, reqwest::cookie::Jar, Result, Tokens};
    /// #[api_client(auth(cookie = "session", expired(status = 401)), tokens(access = cookie("session")))]
    /// pub trait Site {
    ///     #[post("/sign-in", login)]
    ///     async fn sign_in(&self, #[field] user: &str, #[field] password: &str) -> Result<()>;
    ///
    ///     /// It sends the refresh token, a cookie that is in the store.
    ///     #[post("/renew", refresh, public)]
    ///     async fn renew(&self) -> Result<()>;
    /// }
    ///
    /// # fn main() -> Result<()> {
    /// let site = SiteClient::builder("http://site.example")
    ///     .cookie_provider(Arc::new(Jar::default()))
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn cookie_provider<S: CookieStore + 'static>(mut self, store: Arc<S>) -> Self {
        self.plan.cookies = Some(store);
        self
    }
}

/// A cookie store without the cookies that carry tokens.
pub(super) struct Others {
    pub(super) store: Arc<dyn CookieStore>,
    /// The names of those that carry tokens.
    pub(super) tokens: Vec<&'static str>,
}

impl Others {
    /// Whether a cookie carries no token: `name=value`, and what follows in a `Set-Cookie`.
    fn is_other(&self, cookie: &[u8]) -> bool {
        let name = cookie.split(|byte| matches!(byte, b'=' | b';')).next().unwrap_or_default();
        !self.tokens.iter().any(|token| token.as_bytes() == name.trim_ascii())
    }
}

impl CookieStore for Others {
    fn set_cookies(&self, cookies: &mut dyn Iterator<Item = &HeaderValue>, url: &Url) {
        let mut others = cookies.filter(|cookie| self.is_other(cookie.as_bytes())).peekable();
        if others.peek().is_some() {
            self.store.set_cookies(&mut others, url);
        }
    }

    fn cookies(&self, url: &Url) -> Option<HeaderValue> {
        let cookies = self.store.cookies(url)?;
        let parts = || cookies.as_bytes().split(|byte| *byte == b';');
        if parts().all(|cookie| self.is_other(cookie)) {
            return Some(cookies);
        }
        let others: Vec<_> =
            parts().filter(|it| self.is_other(it)).map(<[u8]>::trim_ascii).collect();
        let mut value = HeaderValue::from_bytes(&others.join(&b"; "[..])).ok()?;
        value.set_sensitive(cookies.is_sensitive());
        (!value.is_empty()).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use reqwest::cookie::Jar;

    use super::*;

    fn of_tokens(tokens: &[&'static str]) -> (Others, Arc<Jar>) {
        let jar = Arc::new(Jar::default());
        (Others { store: jar.clone(), tokens: tokens.to_vec() }, jar)
    }

    fn site() -> Url {
        Url::parse("https://site.example/").unwrap()
    }

    fn sent(store: &dyn CookieStore) -> Option<String> {
        let cookies = store.cookies(&site())?;
        let mut cookies: Vec<_> = cookies.to_str().unwrap().split("; ").collect();
        cookies.sort_unstable();
        Some(cookies.join("; "))
    }

    #[test]
    fn the_cookies_of_tokens_are_not_stored() {
        let (store, jar) = of_tokens(&["sid", "access"]);
        let set = ["sid=1; Path=/", " sid = 2", "theme=dark", "sidecar=3", "access=4", "SID=5"];
        let set = set.map(HeaderValue::from_static);
        store.set_cookies(&mut set.iter(), &site());
        assert_eq!(sent(&*jar).unwrap(), "SID=5; sidecar=3; theme=dark");
        assert_eq!(sent(&store), sent(&*jar));
    }

    #[test]
    fn the_cookies_of_tokens_are_not_sent_from_a_store_that_has_them() {
        let (store, jar) = of_tokens(&["sid"]);
        jar.add_cookie_str("sid=1", &site());
        assert_eq!(sent(&store), None);
        jar.add_cookie_str("theme=dark", &site());
        jar.add_cookie_str("lang=en", &site());
        assert_eq!(sent(&store).unwrap(), "lang=en; theme=dark");
    }
}
