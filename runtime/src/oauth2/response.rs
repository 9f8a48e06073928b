//! Corrects deviations of providers from the RFC before a response is read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Request, StatusCode};
use huskarl::core::http::HttpResponse;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::form_client::is_form;
use crate::logic::mask;
use crate::types::secret::Hidden;

/// The field that replaces a lifetime that cannot be read.
pub(super) const UNREADABLE: &str = "expires_in_unreadable";

/// The parameters that are not secret. All others are masked if a server quotes them.
const PUBLIC: [&str; 14] = [
    "actor_token_type",
    "audience",
    "client_assertion_type",
    "client_id",
    "grant_type",
    "redirect_uri",
    "requested_token_type",
    "resource",
    "response_type",
    "scope",
    "subject_token_type",
    "token_type_hint",
    "user_code",
    "username",
];

/// The secrets of a request, which its response may quote.
pub(super) fn secrets(request: &Request<Bytes>) -> Vec<Vec<u8>> {
    let mut secrets = Vec::new();
    if let Some(value) = request.headers().get(AUTHORIZATION) {
        let value = value.as_bytes();
        let bare = value.iter().position(|byte| *byte == b' ').map_or(value, |at| &value[at + 1..]);
        secrets.push(bare.to_vec());
        secrets.extend(password(bare));
    }
    if is_form(request) {
        let pairs: Vec<_> = form_urlencoded::parse(request.body()).collect();
        let value = |wanted| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
        if let Some((id, password)) = value("client_id").zip(value("client_secret")) {
            secrets.extend(basic(id, password));
        }
        let pairs = pairs.iter().filter(|(name, _)| !PUBLIC.contains(&&**name));
        secrets.extend(pairs.map(|(_, value)| value.as_bytes().to_vec()));
    }
    secrets
}

/// The password in Basic credentials, which OAuth 2 encodes as in a form (RFC 6749, section 2.3.1), and the other
/// spellings of these credentials.
fn password(credentials: &[u8]) -> Vec<Vec<u8>> {
    let decoded = |part: &[u8]| {
        form_urlencoded::parse(part).next().map(|(text, _)| text.into_owned()).unwrap_or_default()
    };
    let Ok(pair) = STANDARD.decode(credentials) else { return Vec::new() };
    let Some(colon) = pair.iter().position(|byte| *byte == b':') else { return Vec::new() };
    let (id, password) = (decoded(&pair[..colon]), decoded(&pair[colon + 1..]));
    let mut secrets = vec![password.as_bytes().to_vec()];
    secrets.extend(basic(&id, &password));
    secrets
}

/// The spellings of an id and a password in Basic credentials. Not all parties encode them as in a form first.
fn basic(id: &str, password: &str) -> [Vec<u8>; 2] {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    [format!("{id}:{password}"), format!("{}:{}", encoded(id), encoded(password))]
        .map(|pair| STANDARD.encode(pair).into_bytes())
}

/// The tokens of a response.
pub(super) fn issued(response: &HttpResponse) -> Vec<Vec<u8>> {
    let body = without_mark(&response.body);
    let fields = serde_json::from_slice::<Map<String, Value>>(body).unwrap_or_default();
    let tokens = fields.iter().filter(|(name, _)| {
        matches!(name.as_str(), "access_token" | "refresh_token" | "id_token" | "device_code")
    });
    let texts = tokens.filter_map(|(_, token)| match token {
        Value::String(text) => Some(text.clone()),
        other => whole_number(other),
    });
    texts.map(String::into_bytes).collect()
}

/// A body without the byte order mark, which JSON does not allow (RFC 8259, section 8.1).
fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body)
}

fn whole_number(value: &Value) -> Option<String> {
    (value.is_i64() || value.is_u64()).then(|| value.to_string())
}

/// The response in the form that the RFC requires.
pub(super) fn evened_out(
    mut response: HttpResponse,
    secrets: &[Vec<u8>],
    final_errors: &[&str],
) -> HttpResponse {
    response.body = response.body.slice_ref(without_mark(&response.body));
    let fields = serde_json::from_slice::<Map<String, Value>>(&response.body).ok();
    let error = fields.as_ref().and_then(|it| it.get("error")?.as_str());
    let is_final = error.is_some_and(|it| it == "invalid_grant" || final_errors.contains(&it));
    let has_token = fields.as_ref().is_some_and(|it| it.get("access_token").is_some());
    // GitHub and others report errors with status 200, and some gateways with another status.
    if error.is_some() && !has_token && (is_final || response.status == StatusCode::OK) {
        response.status = StatusCode::BAD_REQUEST;
    }
    if !response.status.is_success() {
        let text = String::from_utf8_lossy(&response.body);
        response.body = mask::concealed(&text, secrets, usize::MAX).into();
    } else if let Some(fields) = fields.filter(|_| has_token)
        && let Some(mended) = mended(fields)
    {
        response.body = mended.into();
    }
    response
}

/// A response with tokens, without fields that would cause all of it to be rejected: the server has issued the
/// tokens, and may have invalidated the previous ones. `None` if nothing needs correction.
fn mended(mut fields: Map<String, Value>) -> Option<String> {
    let number = fields.get("refresh_token").and_then(whole_number);
    let mut is_changed = number.is_some();
    if let Some(number) = number {
        fields.insert("refresh_token".to_owned(), number.into());
    }
    let before = fields.len();
    let is_text = |it: &Value| it.as_str().is_some_and(|text| !text.is_empty());
    for name in ["refresh_token", "id_token", "scope", "issued_token_type"] {
        if fields.get(name).is_some_and(|it| !is_text(it)) {
            fields.remove(name);
        }
    }
    is_changed |= before != fields.len();
    // RFC 6749, section 5.1, requires it. A server that leaves it out issues no other type.
    if fields.get("token_type").is_none_or(|it| !is_text(it)) {
        fields.insert("token_type".to_owned(), "Bearer".into());
        is_changed = true;
    }
    // An error would quote it, and it may be a token in the wrong field.
    if fields.get("token_type").and_then(Value::as_str).is_some_and(|it| !is_token_type(it)) {
        fields.insert("token_type".to_owned(), Hidden.to_string().into());
        is_changed = true;
    }
    if fields.get("expires_in").is_some_and(|it| !it.is_null() && !is_lifetime(it)) {
        fields.remove("expires_in");
        fields.insert(UNREADABLE.to_owned(), true.into());
        is_changed = true;
    }
    is_changed.then(|| Value::Object(fields).to_string())
}

/// Whether this is a token type: one that IANA lists, or a URI.
fn is_token_type(text: &str) -> bool {
    const KNOWN: [&str; 6] = ["bearer", "dpop", "pop", "mac", "jwt", "n_a"];
    KNOWN.iter().any(|known| text.eq_ignore_ascii_case(known))
        || text.starts_with("urn:ietf:params:oauth:")
}

/// Seconds, as a number or as text.
fn is_lifetime(value: &Value) -> bool {
    let seconds = match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_f64(),
    };
    seconds.is_some_and(|seconds: f64| seconds.is_finite() && seconds >= 0.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeSet;

    use http::HeaderMap;
    use serde_json::json;

    use super::*;

    fn response(body: &str) -> HttpResponse {
        let body = body.to_owned().into();
        HttpResponse { status: StatusCode::OK, headers: HeaderMap::new(), body }
    }

    fn of(status: u16, body: &Value) -> (u16, Value) {
        let response = HttpResponse {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: body.to_string().into(),
        };
        let response = evened_out(response, &[b"secret-1".to_vec()], &["bad_refresh_token"]);
        (response.status.as_u16(), serde_json::from_slice(&response.body).unwrap())
    }

    #[test]
    fn an_error_has_the_status_of_one_and_quotes_no_secret() {
        let quoted = json!({"error": "slow_down", "error_description": "for secret-1"});
        let masked = json!({"error": "slow_down", "error_description": "for ***"});
        assert_eq!(of(200, &quoted), (400, masked.clone()));
        assert_eq!(of(503, &quoted), (503, masked));
        for (status, error) in [(200, "bad_refresh_token"), (503, "invalid_grant")] {
            let error = json!({"error": error});
            assert_eq!(of(status, &error), (400, error));
        }
        let token = json!({"error": "none", "access_token": "a", "token_type": "Bearer"});
        assert_eq!(of(200, &token), (200, token));
    }

    #[test]
    fn a_token_is_not_lost_to_an_odd_field_beside_it() {
        let whole = json!({
            "access_token": "a", "token_type": "Bearer", "expires_in": "600", "refresh_token": "r",
            "scope": "x", "more": [1],
        });
        assert_eq!(of(200, &whole), (200, whole));
        let odd = json!({
            "access_token": "a", "expires_in": "soon", "refresh_token": "", "scope": ["x"],
        });
        let mended = json!({"access_token": "a", "token_type": "Bearer", UNREADABLE: true});
        assert_eq!(of(200, &odd), (200, mended));
        for lifetime in [json!(-1), json!({}), json!("NaN"), json!(true)] {
            let odd = json!({"access_token": "a", "token_type": "Bearer", "expires_in": lifetime});
            assert_eq!(of(200, &odd).1[UNREADABLE], true, "{odd}");
        }
    }

    #[test]
    fn a_refresh_token_that_is_an_integer_becomes_a_text() {
        let odd = json!({"access_token": "a", "token_type": "Bearer", "refresh_token": 918273645});
        assert_eq!(of(200, &odd).1["refresh_token"], "918273645");
        assert_eq!(issued(&response(&odd.to_string())), [&b"a"[..], b"918273645"]);
    }

    #[test]
    fn a_byte_order_mark_hides_no_token_and_no_error() {
        let token = json!({"access_token": "a", "token_type": "Bearer"}).to_string();
        let marked = response(&format!("\u{feff}{token}"));
        assert_eq!(issued(&marked), [b"a"]);
        assert_eq!(evened_out(marked, &[], &[]).body, token);
        let marked = response("\u{feff}{\"error\": \"invalid_grant\"}");
        assert_eq!(evened_out(marked, &[], &[]).status, StatusCode::BAD_REQUEST);
    }

    #[test]
    fn the_secrets_of_a_request_are_those_of_its_form_and_of_basic() {
        let form = "grant_type=refresh_token&refresh_token=r%2F1&client_id=cli&scope=a";
        let request = Request::post("https://id.example/token")
            .header("content-type", "application/x-www-form-urlencoded")
            // my-client:p/1, encoded as in a form
            .header("authorization", "Basic bXktY2xpZW50OnAlMkYx")
            .body(Bytes::from(form))
            .unwrap();
        let found = secrets(&request);
        let found: BTreeSet<_> = found.iter().map(|it| std::str::from_utf8(it).unwrap()).collect();
        // The credentials as they were sent, and as servers write them that do not encode them first.
        let expected = ["bXktY2xpZW50OnAlMkYx", "bXktY2xpZW50OnAvMQ==", "p/1", "r/1"];
        assert_eq!(found, BTreeSet::from(expected));
    }
}
