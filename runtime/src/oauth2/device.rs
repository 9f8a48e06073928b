//! Signing in on another device (RFC 8628).

use std::fmt;
use std::time::{Duration, SystemTime};

use huskarl::core::RetryAdvice;
use huskarl::grant::core::TokenResponse;
use huskarl::grant::device_authorization::{
    DEFAULT_MAX_TRANSIENT_POLL_FAILURES, DeviceAuthorizationGrant, PendingState, PollError,
    PollResult, StartInput,
};
use tokio::time::{Instant, sleep_until};
use url::Url;

use super::error::OAuth2Error;
use super::form_client::Ended;
use super::sign_in::of_subject;
use super::{OAuth2, bound_tokens};
use crate::types::tokens::Tokens;

const DEVICE: &str = "signing in on another device";

/// The prompt for signing in on another device: a URL, and a code to type there (RFC 8628, section 3.3).
///
/// `Display` is a sentence for a terminal, in which control characters from the server are escaped (`\u{1b}`).
///
/// ```
/// use perennial::Tokens;
/// use perennial::oauth2::{DevicePrompt, OAuth2, OAuth2Error};
///
/// async fn sign_in(oauth: &OAuth2) -> Result<Tokens, OAuth2Error> {
///     oauth.sign_in_with_device(|prompt: &DevicePrompt| println!("{prompt}")).await
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DevicePrompt {
    /// The http(s) URL to visit.
    pub verification_uri: String,
    /// The code to type there, as the server sent it.
    pub user_code: String,
    /// The URL to visit including the code, if the server provides an http(s) URL for that; suitable for a QR code.
    pub verification_uri_complete: Option<String>,
}

impl fmt::Display for DevicePrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verification_uri, user_code, .. } = self;
        write!(f, "Open {} and enter the code {}", shown(verification_uri), shown(user_code))
    }
}

impl OAuth2 {
    /// Signs in on another device (RFC 8628): the program shows the user a URL and a code, and polls the server at the
    /// interval that the server states (at least a second; five seconds by default) until the user has signed in.
    ///
    /// # Errors
    ///
    /// If the user denies access, the code expires (`expires_in`), the user does not sign in within
    /// [`sign_in_timeout`](OAuth2::sign_in_timeout), or the URL to visit is not an http(s) URL.
    pub async fn sign_in_with_device(
        &self,
        show: impl FnOnce(&DevicePrompt),
    ) -> Result<Tokens, OAuth2Error> {
        self.within_patience(DEVICE, self.poll_device(show)).await
    }

    async fn poll_device(&self, show: impl FnOnce(&DevicePrompt)) -> Result<Tokens, OAuth2Error> {
        let http = self.http();
        let failed = |error| http.failed(DEVICE, error);
        let key = self.new_key()?;
        let client = self.configuration(key.as_ref()).map_err(failed)?;
        let grant = DeviceAuthorizationGrant::builder_from_metadata(self.provider.metadata())
            .map_err(failed)?
            .client(&client)
            .http_client(http.clone())
            .build();
        let input = StartInput::builder()
            .maybe_scope(self.wanted_scopes())
            .maybe_resource(self.wanted_resources())
            .build();
        let started = grant.start(input).await.map_err(failed)?;
        let lifetime = started.expires_at.duration_since(SystemTime::now()).unwrap_or_default();
        let expiry = Instant::now() + lifetime;
        let mut pending = started.pending_state;
        let prompt = DevicePrompt {
            verification_uri: started.verification_uri,
            user_code: started.user_code,
            verification_uri_complete: started.verification_uri_complete.filter(|it| is_web(it)),
        };
        if !is_web(&prompt.verification_uri) {
            let text = format!("{:?} is not a web address", prompt.verification_uri);
            return Err(http.hidden(OAuth2Error::new(DEVICE, text)));
        }
        // Nobody can use a code that has expired.
        if !lifetime.is_zero() {
            show(&prompt);
        }
        let is_lost = || matches!(http.ended(), Ended::Lost);
        let polled = polled(&grant, &mut pending, expiry, is_lost).await;
        let response = polled.map_err(|error| match error {
            PollError::AccessDenied => OAuth2Error::new(DEVICE, error).with_code("access_denied"),
            PollError::TokenExpired => OAuth2Error::new(DEVICE, error).with_code("expired_token"),
            PollError::Exchange { source } => failed(source),
            other => http.hidden(OAuth2Error::new(DEVICE, other)),
        })?;
        let subject = self.subject(DEVICE, &response).await?;
        Ok(of_subject(bound_tokens(&response, key.as_ref()), subject.as_deref()))
    }
}

/// Polls until the user has signed in or the code has expired. No poll begins after that; one that began before is
/// not dropped, since its response may have the tokens.
///
/// A poll whose response is lost is followed by another one, after a longer pause (RFC 8628, section 3.5).
///
/// huskarl's own loop polls on after the expiry, and no more often than every five seconds.
async fn polled(
    grant: &DeviceAuthorizationGrant,
    pending: &mut PendingState,
    expiry: Instant,
    is_lost: impl Fn() -> bool,
) -> Result<TokenResponse, PollError> {
    let mut failures = 0;
    let mut wait = Duration::ZERO;
    loop {
        // A server that states an interval of zero is not asked without a pause.
        let interval = Duration::from_secs(pending.interval_secs.max(1).into());
        let next = Instant::now().checked_add(interval.max(wait));
        let Some(next) = next.filter(|next| *next < expiry) else {
            sleep_until(expiry).await;
            return Err(PollError::TokenExpired);
        };
        sleep_until(next).await;
        wait = Duration::ZERO;
        match grant.poll(pending, None).await {
            Ok(PollResult::Complete(response)) => return Ok(*response),
            Ok(PollResult::Pending) => failures = 0,
            Err(error) => {
                wait = match error.retry_advice() {
                    _ if failures == DEFAULT_MAX_TRANSIENT_POLL_FAILURES => return Err(error),
                    RetryAdvice::Retry { after } => after.unwrap_or_default(),
                    _ if is_lost() => interval.saturating_mul(2 << failures),
                    _ => return Err(error),
                };
                failures += 1;
            }
        }
    }
}

/// Whether this is an address of `http` or `https`, without the characters that `Url` would drop.
fn is_web(address: &str) -> bool {
    !address.contains(|it: char| it.is_control() || it.is_whitespace())
        && Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// The text with what a terminal might obey escaped, such as control characters and changes of the direction.
fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '"' | '\'' | '\\' => shown.push(char),
            other => shown.extend(other.escape_debug()),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex};

    use bytes::Bytes;
    use http::{HeaderMap, Request, StatusCode};
    use huskarl::core::client_auth::NoAuth;
    use huskarl::core::http::{HttpClient, HttpResponse, Idempotency};
    use huskarl::core::platform::MaybeSendBoxFuture;

    use super::*;

    /// A token endpoint, and when it was polled. A poll takes some seconds.
    #[derive(Clone)]
    struct Endpoint {
        responses: Arc<Mutex<Vec<(u64, &'static str)>>>,
        polled: Arc<Mutex<Vec<u64>>>,
        is_lost: Arc<AtomicBool>,
        start: Instant,
    }

    impl HttpClient for Endpoint {
        fn execute(
            &self,
            _: Request<Bytes>,
            _: Idempotency,
        ) -> MaybeSendBoxFuture<'_, Result<HttpResponse, huskarl::core::Error>> {
            Box::pin(async {
                self.polled.lock().unwrap().push(self.start.elapsed().as_secs());
                let next = self.responses.lock().unwrap().pop();
                let (takes, body) = next.unwrap_or((0, "authorization_pending"));
                tokio::time::sleep(Duration::from_secs(takes)).await;
                let (status, body) = match body {
                    "tokens" => (200, r#"{"access_token":"a","token_type":"Bearer"}"#.to_owned()),
                    "unavailable" => (503, String::new()),
                    "lost" => {
                        self.is_lost.store(true, Ordering::Relaxed);
                        return Err(huskarl::core::Error::new(RetryAdvice::No, "it broke off"));
                    }
                    error => (400, format!(r#"{{"error":"{error}"}}"#)),
                };
                let status = StatusCode::from_u16(status).unwrap();
                Ok(HttpResponse { status, headers: HeaderMap::new(), body: body.into() })
            })
        }
    }

    /// When the endpoint was polled, when the sign-in ended, and its access token or error.
    async fn ended(
        interval: u32,
        lifetime: u64,
        responses: &[(u64, &'static str)],
    ) -> (Vec<u64>, u64, Result<String, PollError>) {
        let start = Instant::now();
        let responses = responses.iter().rev().copied().collect();
        let endpoint = Endpoint {
            responses: Arc::new(Mutex::new(responses)),
            polled: Arc::default(),
            is_lost: Arc::default(),
            start,
        };
        let grant = DeviceAuthorizationGrant::builder()
            .client_id("cli")
            .client_auth(NoAuth)
            .http_client(endpoint.clone())
            .token_endpoint("https://id.example/token".parse().unwrap())
            .device_authorization_endpoint("https://id.example/device".parse().unwrap())
            .build();
        let mut pending = PendingState::builder().device_code("d").interval_secs(interval).build();
        let expiry = start + Duration::from_secs(lifetime);
        let is_lost = || endpoint.is_lost.swap(false, Ordering::Relaxed);
        let response = polled(&grant, &mut pending, expiry, is_lost).await;
        let token = response.map(|it| it.access_token().token().expose_secret().to_owned());
        let polled = endpoint.polled.lock().unwrap().clone();
        (polled, start.elapsed().as_secs(), token)
    }

    #[tokio::test(start_paused = true)]
    async fn an_expired_code_ends_the_sign_in_at_that_time_and_is_not_sent_again() {
        for (interval, lifetime, expected) in [
            (1, 4, vec![1, 2, 3]),
            (2, 5, vec![2, 4]),
            (5, 5, vec![]),
            (9, 6, vec![]),
            (1, 0, vec![]),
            (0, 3, vec![1, 2]),
            (u32::MAX, 7, vec![]),
        ] {
            let (polled, at, ended) = ended(interval, lifetime, &[]).await;
            assert_eq!((polled, at), (expected, lifetime), "{interval}");
            assert!(matches!(ended, Err(PollError::TokenExpired)), "{ended:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_interval_is_that_of_the_server_and_grows_when_the_server_says_so() {
        let responses = [(0, "authorization_pending"), (0, "slow_down"), (0, "tokens")];
        let (polled, at, ended) = ended(2, 60, &responses).await;
        assert_eq!((polled, at), (vec![2, 4, 11], 11));
        assert_eq!(ended.unwrap(), "a");
    }

    #[tokio::test(start_paused = true)]
    async fn tokens_that_are_on_their_way_when_the_code_expires_are_not_lost() {
        let (polled, at, ended) = ended(1, 2, &[(4, "tokens")]).await;
        assert_eq!((polled, at), (vec![1], 5));
        assert_eq!(ended.unwrap(), "a");
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_unavailable_six_times_in_a_row_ends_the_sign_in() {
        let once = [(0, "unavailable"); 5];
        let recovered = [&once[..], &[(0, "authorization_pending")], &once, &[(0, "tokens")]];
        assert_eq!(ended(1, 60, &recovered.concat()).await.2.unwrap(), "a");
        let (polled, _, ended) = ended(1, 60, &[(0, "unavailable"); 9]).await;
        assert_eq!(polled.len(), 6);
        assert!(matches!(ended, Err(PollError::Exchange { .. })), "{ended:?}");
    }
    #[tokio::test(start_paused = true)]
    async fn a_poll_whose_response_is_lost_is_followed_by_a_later_one_and_a_rejected_one_by_none() {
        let responses = [(0, "lost"), (0, "lost"), (0, "authorization_pending"), (0, "tokens")];
        let (polled, _, ended) = ended(2, 60, &responses).await;
        assert_eq!((polled, ended.unwrap()), (vec![2, 6, 14, 16], "a".to_owned()));
        let (polled, ..) = self::ended(2, 600, &[(0, "lost"); 9]).await;
        assert_eq!(polled.len(), 6);
        let (polled, ..) = self::ended(2, 60, &[(0, "invalid_grant")]).await;
        assert_eq!(polled, [2]);
    }
}
