//! The path of a request from its arrival to its response.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::future;
use http::request::Parts;
use http::{HeaderValue, Request, StatusCode, Uri, header};
use perennial::serve::{Disconnect, Granted, insert};
use serde_json::Value;
use tower::ServiceExt;

use crate::Reply;
use crate::credentials::Arrived;
use crate::granting::{granted, substituted};
use crate::issued::Verdict;
use crate::issuer::Issuer;
use crate::protocol::Placement;
use crate::record::{Part, Recorded};
use crate::reply::cut;
use crate::script::{Action, Edit, Step, When};
use crate::server::Shared;

/// The value of a success, as a handler returns it: the server puts it into the declared envelope.
///
/// ```
/// use axum::extract::Path;
/// use axum::routing::get;
/// use perennial_test::{Payload, Server};
/// use serde_json::json;
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
/// let server = Server::declared::<ShopClient>();
/// server.route("/stock/{id}", get(async |Path(id): Path<u64>| Payload(json!(id * 2))));
/// let shop = ShopClient::builder(server.origin()).build()?;
/// shop.login("ann").await?;
/// assert_eq!(shop.stock(7).await?, 14);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Payload(pub Value);

impl IntoResponse for Payload {
    /// The value is stored with the response until the server wraps it.
    fn into_response(self) -> Response {
        let mut response = Json(&self.0).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The user of a request, in its extensions when a handler receives it.
///
/// ```
/// use axum::Extension;
/// use axum::routing::get;
/// use perennial_test::{Caller, Payload, Server};
///
/// # use perennial::{Result, Tokens, api_client};
/// # #[api_client(auth(bearer, expired(status = 401)))]
/// # pub trait Shop {
/// #     #[post("/login", login)]
/// #     async fn login(&self, #[query] user: &str) -> Result<Tokens>;
/// #     #[post("/refresh", refresh)]
/// #     async fn refresh(&self) -> Result<Tokens>;
/// #     #[get("/me")]
/// #     async fn me(&self) -> Result<Option<String>>;
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = Server::declared::<ShopClient>();
/// let me = async |Extension(caller): Extension<Caller>| Payload(caller.user.into());
/// server.route("/me", get(me));
/// let shop = ShopClient::builder(server.origin()).build()?;
/// let ann = server.issue("ann");
/// shop.session().login(Tokens::new(ann.access)).await?;
/// assert_eq!(shop.me().await?.as_deref(), Some("ann"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The user of the token, if one was required.
    pub user: Option<String>,
    /// The number of the token set within its login.
    pub generation: Option<u64>,
}

/// No endpoint matches the request.
#[derive(Debug, Clone)]
pub(crate) struct Unmatched;

/// The connection is to be closed without a response.
#[derive(Debug)]
pub(crate) struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is closed without a response")
    }
}

impl std::error::Error for Closed {}

/// Passes a request through the server.
pub(crate) async fn conduct(shared: &Shared, request: Request<Body>) -> Result<Response, Closed> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Closed)?;
    let base = shared.issuers[0].protocol.base;
    let path = parts.uri.path();
    let below = path.strip_prefix(base).filter(|path| path.starts_with('/')).map(ToOwned::to_owned);
    let elsewhere = || shared.is_elsewhere(&parts.method, path).then(|| path.to_owned());
    let below = below.or_else(elsewhere);
    let path = below.clone().unwrap_or_else(|| path.to_owned());
    let arrived = Arrived {
        method: &parts.method,
        uri: &parts.uri,
        path: &path,
        headers: &parts.headers,
        body: &body,
    };
    let (part, credential) = shared.part(&arrived);
    let issuer = &shared.issuers[credential];
    let placements = shared.issuers.iter().map(|issuer| issuer.protocol.placement);
    // Before the arrival is recorded, since a test that waits for it may rely on its position in a script.
    let steps = shared.scripts.steps(&parts.method, &path, &parts.headers);
    let number = shared.journal.note(Recorded {
        at: tokio::time::Instant::now(),
        method: parts.method.clone(),
        // As it was sent: a proxy receives the whole address.
        target: parts.uri.to_string(),
        path: path.clone(),
        headers: parts.headers.clone(),
        body: body.clone(),
        part,
        token: arrived.access(issuer.protocol.placement),
        verdict: Verdict::Unchecked,
        unmatched: None,
        has_token_in_query: matches!(issuer.protocol.placement, Placement::Query(_)),
        carried: placements.map(|placement| arrived.access(placement)).collect(),
        verdicts: Vec::new(),
    });
    if let Some(reply) = take_steps(&steps, When::Before, None).await? {
        return Ok(reply);
    }
    let response = match (below, part) {
        (None, _) => StatusCode::NOT_FOUND.into_response(),
        (Some(_), Part::Call) => shared.call(parts, path, body, number).await,
        (Some(_), Part::Login) => shared.login(issuer, &arrived).await,
        (Some(_), Part::Refresh) => shared.refresh(issuer, &arrived).await,
        (Some(_), Part::Logout) => shared.logout(issuer, &arrived).await,
    };
    if response.extensions().get::<Disconnect>().is_some() {
        return Err(Closed);
    }
    let response = take_steps(&steps, When::After, Some(response)).await?;
    response.ok_or(Closed)
}

/// Runs the script. There is no response yet before the request is processed.
async fn take_steps(
    steps: &[Step],
    when: When,
    mut response: Option<Response>,
) -> Result<Option<Response>, Closed> {
    for step in steps.iter().filter(|step| step.when == when) {
        match &step.action {
            Action::Wait(delay) => tokio::time::sleep(delay(step.number)).await,
            Action::Hold(queue) => queue.wait().await,
            Action::Close => return Err(Closed),
            Action::Silence => future::pending().await,
            Action::Respond(reply) => response = Some(reply.clone().into_response()),
            // Its time is counted from the arrival of the request.
            Action::Chaos(_) => {}
            Action::Cut(length) => {
                if let Some(before) = response {
                    response = Some(cut_off(before, *length).await?);
                }
            }
            Action::Edit(edit) => {
                if let Some(before) = response {
                    response = Some(edited(before, edit).await?);
                }
            }
        }
    }
    Ok(response)
}

async fn edited(response: Response, edit: &Edit) -> Result<Response, Closed> {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Closed)?;
    let mut value = serde_json::from_slice(&body).unwrap_or_default();
    edit(&mut value);
    parts.headers.remove(header::CONTENT_LENGTH);
    Ok(Response::from_parts(parts, Body::from(value.to_string())))
}

async fn cut_off(response: Response, length: usize) -> Result<Response, Closed> {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Closed)?;
    let announced = HeaderValue::from(body.len().max(length + 1));
    parts.headers.insert(header::CONTENT_LENGTH, announced);
    Ok(Response::from_parts(parts, cut(body.slice(..length.min(body.len())))))
}

fn whole(response: http::Response<Bytes>) -> Response {
    response.map(Body::from)
}

impl Shared {
    async fn login(&self, issuer: &Issuer, arrived: &Arrived<'_>) -> Response {
        let (user, wrong) = arrived.who();
        let Some(served) = self.served(arrived.method, arrived.path) else {
            if wrong {
                return issuer.protocol.login_rejected.clone().into_response();
            }
            let places = self.granting(arrived.method, arrived.path);
            return granted(&issuer.protocol, &issuer.protocol.grant, &issuer.login(&user), places);
        };
        let response = served.handle(arrived.request()).await;
        match response.extensions().get::<Granted>().cloned() {
            Some(Granted(fake)) => {
                let places = self.granting(arrived.method, arrived.path);
                let adds = issuer.adds_refresh_token;
                whole(substituted(response, &fake, &issuer.login(&user), places, adds))
            }
            None => whole(response),
        }
    }

    async fn refresh(&self, issuer: &Issuer, arrived: &Arrived<'_>) -> Response {
        let access = arrived.access(issuer.protocol.placement);
        let served = match self.served(arrived.method, arrived.path) {
            Some(served) => Some(served.handle(arrived.request()).await),
            None => None,
        };
        let fake = match &served {
            Some(response) => match response.extensions().get::<Granted>().cloned() {
                Some(Granted(fake)) => Some(fake),
                // The implementation rejects the renewal, so nothing is used up.
                None => return whole(response.clone()),
            },
            None => None,
        };
        if let Some(fake) = &fake {
            issuer.grants_refresh_token(fake.refresh().is_some());
        }
        let paid = issuer.paid(arrived);
        let issued = match issuer.refresh(paid.as_deref(), access.as_deref()) {
            Ok(issued) => issued,
            Err(why) => {
                return self.rejected(issuer.protocol.refresh_rejected.clone(), why).await;
            }
        };
        let places = self.granting(arrived.method, arrived.path);
        match (served, fake) {
            (Some(response), Some(fake)) => {
                let adds = issuer.adds_refresh_token;
                whole(substituted(response, &fake, &issued, places, adds))
            }
            _ => {
                let protocol = &issuer.protocol;
                let grant = protocol.refresh_grant.as_ref().unwrap_or(&protocol.grant);
                granted(protocol, grant, &issued, places)
            }
        }
    }

    async fn logout(&self, issuer: &Issuer, arrived: &Arrived<'_>) -> Response {
        issuer.logout(arrived.access(issuer.protocol.placement).as_deref());
        match self.served(arrived.method, arrived.path) {
            Some(served) => whole(served.handle(arrived.request()).await),
            None => Json(issuer.protocol.envelope.wrap(Value::Null)).into_response(),
        }
    }

    /// The role of a request, and the index of its credential.
    fn part(&self, arrived: &Arrived<'_>) -> (Part, usize) {
        let mut parts = self.issuers.iter().map(|issuer| arrived.part(issuer)).zip(0..);
        parts.find(|(part, _)| *part != Part::Call).unwrap_or((Part::Call, 0))
    }

    /// Checks the tokens of an ordinary call and passes it to the implementation or the routes.
    async fn call(&self, mut parts: Parts, path: String, body: Bytes, number: usize) -> Response {
        let mut caller = Caller::default();
        for (credential, is_optional) in self.asked(&parts.method, &path) {
            let issuer = &self.issuers[credential];
            let arrived = Arrived {
                method: &parts.method,
                uri: &parts.uri,
                path: &path,
                headers: &parts.headers,
                body: &body,
            };
            let protocol = &issuer.protocol;
            if protocol.demands.is_some_and(|name| !parts.headers.contains_key(name)) {
                return StatusCode::BAD_REQUEST.into_response();
            }
            let access = arrived.access(protocol.placement);
            if is_optional && access.is_none() {
                continue;
            }
            let verdict = issuer.judge(access.as_deref());
            self.journal.judged(number, credential, verdict.clone());
            match verdict {
                Verdict::Good { user, generation } => {
                    caller = Caller { user: Some(user), generation: Some(generation) };
                }
                Verdict::Expired { .. } => return protocol.expired.clone().into_response(),
                Verdict::Unchecked | Verdict::Missing => {
                    let why = "no token came with the call where the declaration has it";
                    return self.rejected(protocol.unknown.clone(), why).await;
                }
                Verdict::Unknown => {
                    let why = "the token of the call was not issued by this server, or was revoked";
                    return self.rejected(protocol.unknown.clone(), why).await;
                }
            }
        }
        if let Some(served) = self.served(&parts.method, &path) {
            return whole(served.handle(Request::from_parts(parts, body)).await);
        }
        let asked = format!("{} {path}", parts.method);
        parts.extensions.insert(caller);
        parts.uri = below_base(&parts.uri, &path);
        let router = self.router();
        let response = router.oneshot(Request::from_parts(parts, Body::from(body))).await;
        let Ok(mut response) = response;
        if response.extensions().get::<Unmatched>().is_some() {
            self.journal.unmatched(number, self.nearest(&asked));
        }
        match response.extensions_mut().remove::<Payload>() {
            Some(Payload(value)) => self.wrapped(value, response),
            None => response,
        }
    }

    /// A rejection with the reason, if a declared server has a place for a message.
    async fn rejected(&self, reply: Reply, why: &str) -> Response {
        let response = reply.into_response();
        let Some(place) = self.place_of_message() else { return response };
        let (parts, body) = response.into_parts();
        let body = match to_bytes(body, usize::MAX).await {
            Ok(body) => body,
            // A scripted response that breaks off.
            Err(error) => return Response::from_parts(parts, Body::new(error.to_string())),
        };
        match serde_json::from_slice::<Value>(&body) {
            Ok(mut json) if json.is_object() => {
                insert(&mut json, place, why.into());
                let mut response = Response::from_parts(parts, Body::from(json.to_string()));
                response.headers_mut().remove(header::CONTENT_LENGTH);
                response
            }
            _ => Response::from_parts(parts, Body::from(body)),
        }
    }

    /// Puts the value into the envelope; status and headers stay as the route set them.
    fn wrapped(&self, value: Value, response: Response) -> Response {
        let (mut parts, _) = response.into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        let value = self.issuers[0].protocol.envelope.wrap(value);
        Response::from_parts(parts, Body::from(value.to_string()))
    }
}

fn below_base(uri: &Uri, path: &str) -> Uri {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Uri::try_from(format!("{path}{query}")).expect("a part of an address that came as one")
}
