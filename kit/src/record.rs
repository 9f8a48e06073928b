//! The requests that arrived.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine as _, alphabet};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use perennial::serve::Secrets;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::Route;
use crate::issued::Verdict;

/// The role of a request in a session.
///
/// ```
/// use perennial_test::{Part, Server};
///
/// # use perennial::{Result, Tokens, api_client};
/// # #[api_client(auth(bearer, expired(status = 401)))]
/// # pub trait Shop {
/// #     #[post("/login", login)]
/// #     async fn login(&self, #[query] user: &str) -> Result<Tokens>;
/// #     #[post("/refresh", refresh)]
/// #     async fn refresh(&self) -> Result<Tokens>;
/// #     #[get("/stock/{id}")]
/// #     async fn stock(&self, id: u64) -> Result<u64>;
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let server = Server::declared::<ShopClient>();
/// # server.offer("/stock/{id}", 14.into());
/// # let shop = ShopClient::builder(server.origin()).build()?;
/// shop.login("ann").await?;
/// shop.stock(7).await?;
/// let parts: Vec<_> = server.recorded().iter().map(|request| request.part).collect();
/// assert_eq!(parts, [Part::Login, Part::Call]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// An ordinary call, public or not.
    Call,
    /// A login.
    Login,
    /// A refresh.
    Refresh,
    /// A logout.
    Logout,
}

/// One request, as it arrived.
///
/// ```
/// use perennial_test::Server;
///
/// # use perennial::{Result, Tokens, api_client};
/// # #[api_client(auth(bearer, expired(status = 401)))]
/// # pub trait Shop {
/// #     #[post("/login", login)]
/// #     async fn login(&self, #[query] user: &str) -> Result<Tokens>;
/// #     #[post("/refresh", refresh)]
/// #     async fn refresh(&self) -> Result<Tokens>;
/// #     #[get("/stock/{id}")]
/// #     async fn stock(&self, id: u64) -> Result<u64>;
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let server = Server::declared::<ShopClient>();
/// # server.offer("/stock/{id}", 14.into());
/// # let shop = ShopClient::builder(server.origin()).build()?;
/// # shop.login("ann").await?;
/// server.expire_all();
/// shop.stock(7).await?;
/// let requests = server.recorded_on("GET /stock/7");
/// assert_eq!(requests.iter().map(|one| one.generation()).collect::<Vec<_>>(), [Some(1), Some(2)]);
/// assert_eq!(requests[0].user(), Some("ann"));
/// let login = &server.recorded_on("POST /login")[0];
/// assert_eq!(login.query_as::<Vec<(String, String)>>(), [("user".to_owned(), "ann".to_owned())]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Recorded {
    /// When the request had arrived completely.
    pub at: Instant,
    /// The HTTP method.
    pub method: Method,
    /// The path and query as they were sent, including the base.
    pub target: String,
    /// The path after the base.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The role of the request in the session.
    pub part: Part,
    /// The access token that the request carried.
    pub token: Option<String>,
    /// The server's verdict on that token.
    pub verdict: Verdict,
    /// The most similar endpoint, for a request that matched none.
    pub unmatched: Option<String>,
    pub(crate) has_token_in_query: bool,
    /// The tokens that it carried where the credentials have theirs, by the index of the credential.
    pub(crate) carried: Vec<Option<String>>,
    /// The verdicts on those that were checked.
    pub(crate) verdicts: Vec<(usize, Verdict)>,
}

impl Recorded {
    /// The value of a header, if there is exactly one and it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).into_iter();
        let only = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(only)
    }

    /// The body as JSON; null if it is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether it carries one of these tokens anywhere, in any spelling: address, headers and body, encoded as in
    /// URLs, JSON or base64.
    pub(crate) fn contains_any(&self, tokens: &[String]) -> bool {
        let mut secrets = Secrets::default();
        tokens.iter().for_each(|token| secrets.add(token.as_bytes()));
        let headers = self.headers.values().map(HeaderValue::as_bytes);
        let mut texts = headers.chain([self.target.as_bytes(), &*self.body]);
        texts.any(|text| {
            let text = String::from_utf8_lossy(text);
            let is_in = |text: &str| secrets.hidden_in(text) != text;
            is_in(&text) || decoded_runs(&text).any(|text| is_in(&text))
        })
    }

    /// The JSON body as a value of this type.
    ///
    /// # Panics
    ///
    /// If it is not such a value.
    #[must_use]
    #[track_caller]
    pub fn body_as<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("the body of {self:?} is another value: {error}"))
    }

    /// The form in the body as a value of this type.
    ///
    /// # Panics
    ///
    /// If it is not such a value.
    #[must_use]
    #[track_caller]
    pub fn form_as<T: DeserializeOwned>(&self) -> T {
        serde_html_form::from_bytes(&self.body)
            .unwrap_or_else(|error| panic!("the form of {self:?} is another value: {error}"))
    }

    /// The query as a value of this type.
    ///
    /// # Panics
    ///
    /// If it is not such a value.
    #[must_use]
    #[track_caller]
    pub fn query_as<T: DeserializeOwned>(&self) -> T {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        serde_html_form::from_str(query)
            .unwrap_or_else(|error| panic!("the query of {self:?} is another value: {error}"))
    }

    /// Which token set of its login the request carried, if the token was ever issued.
    #[must_use]
    pub fn generation(&self) -> Option<u64> {
        match self.verdict {
            Verdict::Good { generation, .. } | Verdict::Expired { generation, .. } => {
                Some(generation)
            }
            Verdict::Unchecked | Verdict::Missing | Verdict::Unknown => None,
        }
    }

    /// Whose token the request carried, if the token was ever issued.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.verdict.user()
    }
}

/// The decoded parts of a text that may be base64, in either alphabet.
fn decoded_runs(text: &str) -> impl Iterator<Item = String> {
    let is_of_run = |it: char| it.is_ascii_alphanumeric() || matches!(it, '+' | '/' | '-' | '_');
    let runs = text.split(move |it| !is_of_run(it));
    runs.map(|run| run.replace('-', "+").replace('_', "/")).flat_map(|run| {
        // A segment of a path before it is of the same letters.
        let from = move |at| {
            let run: &str = run.get(at..)?;
            // The last character of a run of this length encodes no whole byte.
            let whole = &run[..run.len() - usize::from(run.len() % 4 == 1)];
            let bytes = LENIENT.decode(whole).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        };
        (0..4).filter_map(from)
    })
}

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path, part, verdict, .. } = self;
        write!(f, "{method} {path} ({part:?}, {verdict:?})")
    }
}

/// Everything that arrived, in order.
pub(crate) struct Journal {
    entries: Mutex<Vec<Recorded>>,
    arrivals: watch::Sender<usize>,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self { entries: Mutex::default(), arrivals: watch::Sender::new(0) }
    }

    /// Records a request and returns its number, from 0.
    pub(crate) fn note(&self, request: Recorded) -> usize {
        let number = {
            let mut entries = self.entries();
            entries.push(request);
            entries.len() - 1
        };
        self.arrivals.send_modify(|arrivals| *arrivals += 1);
        number
    }

    pub(crate) fn unmatched(&self, number: usize, nearest: String) {
        self.entries()[number].unmatched = Some(nearest);
    }

    pub(crate) fn judged(&self, number: usize, credential: usize, verdict: Verdict) {
        let request = &mut self.entries()[number];
        request.verdicts.push((credential, verdict.clone()));
        request.verdict = verdict;
    }

    pub(crate) fn pick(&self, wanted: impl Fn(&Recorded) -> bool) -> Vec<Recorded> {
        self.entries().iter().filter(|request| wanted(request)).cloned().collect()
    }

    pub(crate) fn count(&self, wanted: impl Fn(&Recorded) -> bool) -> usize {
        self.entries().iter().filter(|request| wanted(request)).count()
    }

    pub(crate) async fn until(&self, route: &Route, wanted: usize) {
        let mut arrivals = self.arrivals.subscribe();
        let enough = |_: &usize| self.count(|one| route.matches(&one.method, &one.path)) >= wanted;
        // This journal owns the sender, so it outlives the wait.
        let _ = arrivals.wait_for(enough).await;
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Recorded>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};

    use super::*;

    fn recorded(target: &str, headers: HeaderMap, body: Vec<u8>) -> Recorded {
        Recorded {
            at: Instant::now(),
            method: Method::GET,
            target: target.to_owned(),
            path: String::new(),
            headers,
            body: body.into(),
            part: Part::Call,
            token: None,
            verdict: Verdict::Unchecked,
            unmatched: None,
            has_token_in_query: false,
            carried: Vec::new(),
            verdicts: Vec::new(),
        }
    }

    #[test]
    fn a_token_is_found_in_every_place_and_spelling() {
        let token = "refresh.\u{fc}nn/1+\"x\"";
        let percent: String = token.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let json = serde_json::to_string(token).unwrap();
        let basic = format!("Basic {}", STANDARD.encode(format!("client:{token}")));
        let bare = STANDARD_NO_PAD.encode(format!("x{token}"));
        let twice = URL_SAFE.encode(format!("{{\"t\":{json}}}"));
        for spelling in [token, &percent, &json, &basic, &bare, &twice] {
            let mut headers = HeaderMap::new();
            headers.insert("x-any", HeaderValue::from_bytes(spelling.as_bytes()).unwrap());
            for request in [
                recorded(&format!("/a/{spelling}/b"), HeaderMap::new(), Vec::new()),
                recorded(&format!("/a?x={spelling}&y"), HeaderMap::new(), Vec::new()),
                recorded("/", headers.clone(), Vec::new()),
                recorded("/", HeaderMap::new(), format!("--x\r\n\r\n{spelling}\r\n").into()),
                recorded("/", HeaderMap::new(), [&[0xff, 0], spelling.as_bytes()].concat()),
            ] {
                assert!(request.contains_any(&[token.to_owned()]), "{spelling} in {request:?}");
                assert!(!request.contains_any(&["refresh.ben.2".to_owned()]));
            }
        }
    }
}
