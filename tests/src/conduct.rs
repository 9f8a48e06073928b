//! What happens to a request, from its arrival to its response.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::future;
use http::request::Parts;
use http::{HeaderValue, Request, StatusCode, Uri, header};
use serde_json::Value;
use tower::ServiceExt;

use crate::Reply;
use crate::credentials::Arrived;
use crate::issuer::{Issued, Issuer, Verdict};
use crate::protocol::{Carrier, Grant, Protocol};
use crate::record::{Part, Recorded};
use crate::routes::{Caller, Payload};
use crate::script::{Action, Edit, Step, When};
use crate::server::Shared;

/// The connection is to be closed without a response.
#[derive(Debug)]
pub(crate) struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is closed without a response")
    }
}

impl std::error::Error for Closed {}

/// Takes a request through the server.
pub(crate) async fn conduct(
    shared: &Shared,
    request: Request<hyper::body::Incoming>,
) -> Result<Response, Closed> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(Body::new(body), usize::MAX).await.map_err(|_| Closed)?;
    let base = shared.issuers[0].protocol.base;
    let path = parts.uri.path();
    let below = path.strip_prefix(base).filter(|path| path.starts_with('/')).map(ToOwned::to_owned);
    let path = below.clone().unwrap_or_else(|| path.to_owned());
    let arrived = Arrived {
        method: &parts.method,
        uri: &parts.uri,
        path: &path,
        headers: &parts.headers,
        body: &body,
    };
    let (part, issuer) = shared.part(&arrived);
    // Before the arrival is recorded: a test that waits for it may rely on its position in a script.
    let steps = shared.scripts.steps(&parts.method, &path);
    let number = shared.journal.note(Recorded {
        at: tokio::time::Instant::now(),
        method: parts.method.clone(),
        target: parts.uri.to_string(),
        path: path.clone(),
        headers: parts.headers.clone(),
        body: body.clone(),
        part,
        token: arrived.access(issuer.protocol.placement),
        verdict: Verdict::Unasked,
    });
    if let Some(reply) = take_steps(&steps, When::Before, None).await? {
        return Ok(reply);
    }
    let response = match (below, part) {
        (None, _) => StatusCode::NOT_FOUND.into_response(),
        (Some(_), Part::Call) => shared.call(parts, path, body, number).await,
        (Some(_), Part::Login) => login(issuer, &arrived),
        (Some(_), Part::Refresh) => refresh(issuer, &arrived),
        (Some(_), Part::Logout) => {
            issuer.logout(arrived.access(issuer.protocol.placement).as_deref());
            Json(issuer.protocol.envelope.wrap(Value::Null)).into_response()
        }
    };
    let response = take_steps(&steps, When::After, Some(response)).await?;
    response.ok_or(Closed)
}

/// Does what the script says; before the request is processed the response is not there yet.
async fn take_steps(
    steps: &[Step],
    when: When,
    mut response: Option<Response>,
) -> Result<Option<Response>, Closed> {
    for step in steps.iter().filter(|step| step.when == when) {
        match &step.action {
            Action::Wait(delay) => tokio::time::sleep(delay(step.number)).await,
            Action::Hold(line) => line.wait().await,
            Action::Close => return Err(Closed),
            Action::Silence => future::pending().await,
            Action::Respond(reply) => response = Some(reply.clone().into_response()),
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

fn login(issuer: &Issuer, arrived: &Arrived<'_>) -> Response {
    let (user, wrong) = arrived.who();
    if wrong {
        return issuer.protocol.login_refused.clone().into_response();
    }
    granted(&issuer.protocol, &issuer.protocol.grant, &issuer.login(&user))
}

fn refresh(issuer: &Issuer, arrived: &Arrived<'_>) -> Response {
    let paid = arrived.paid(&issuer.protocol);
    let access = arrived.access(issuer.protocol.placement);
    match issuer.refresh(paid.as_deref(), access.as_deref()) {
        Some(issued) => {
            let protocol = &issuer.protocol;
            granted(protocol, protocol.refresh_grant.as_ref().unwrap_or(&protocol.grant), &issued)
        }
        None => issuer.protocol.refresh_refused.clone().into_response(),
    }
}

fn granted(protocol: &Protocol, grant: &Grant, issued: &Issued) -> Response {
    let mut response = match grant.render(issued, &protocol.envelope) {
        Ok(json) => Json(json).into_response(),
        Err(text) => Reply::text("text/plain", text).into_response(),
    };
    if let (Carrier::Cookie(name), Some(refresh)) = (protocol.renewal, &issued.refresh) {
        let cookie = HeaderValue::try_from(format!("{name}={refresh}; Path=/; HttpOnly"));
        response.headers_mut().extend(cookie.ok().map(|cookie| (header::SET_COOKIE, cookie)));
    }
    response
}

impl Shared {
    /// The part of a request, and the issuer that it is about.
    fn part(&self, arrived: &Arrived<'_>) -> (Part, &Issuer) {
        let parts = self.issuers.iter().map(|issuer| (arrived.part(&issuer.protocol), issuer));
        parts
            .into_iter()
            .find(|(part, _)| *part != Part::Call)
            .unwrap_or((Part::Call, &self.issuers[0]))
    }

    /// Judges the tokens of an ordinary call and lets the routes response.
    async fn call(&self, mut parts: Parts, path: String, body: Bytes, number: usize) -> Response {
        let mut caller = Caller::default();
        for issuer in self.asked(&parts.method, &path) {
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
            let verdict = issuer.judge(arrived.access(protocol.placement).as_deref());
            self.journal.judged(number, verdict.clone());
            match verdict {
                Verdict::Good { user, generation } => {
                    caller = Caller { user: Some(user), generation: Some(generation) };
                }
                Verdict::Expired { .. } => return protocol.expired.clone().into_response(),
                Verdict::Unasked | Verdict::Missing | Verdict::Unknown => {
                    return protocol.unknown.clone().into_response();
                }
            }
        }
        parts.extensions.insert(caller);
        parts.uri = below_base(&parts.uri, &path);
        let router = self.router();
        let response = router.oneshot(Request::from_parts(parts, Body::from(body))).await;
        let Ok(mut response) = response;
        match response.extensions_mut().remove::<Payload>() {
            Some(Payload(value)) => self.wrapped(value, response),
            None => response,
        }
    }

    /// Puts the value into the envelope and leaves status and headers as the route gave them.
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
