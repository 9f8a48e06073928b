//! Where the tokens of a request are.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri, header};
use serde_json::Value;

use crate::Route;
use crate::issuer::Issuer;
use crate::protocol::{Carrier, Placement, Protocol};
use crate::record::Part;

/// A request that has arrived completely.
pub(crate) struct Arrived<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

impl Arrived<'_> {
    /// The access token, if it is in the place that the protocol requires. Two tokens count as none: a server that
    /// accepted either would hide that a client sent both.
    pub(crate) fn access(&self, placement: Placement) -> Option<String> {
        match placement {
            Placement::Bearer => self.after_scheme("authorization", "Bearer"),
            Placement::Header(name) => self.only_header(name).map(ToOwned::to_owned),
            Placement::Scheme(name, scheme) => self.after_scheme(name, scheme),
            Placement::Query(name) => self.query(name),
            Placement::Cookie(name) => self.cookie(name),
            Placement::Field(name) => self.field(name),
        }
    }

    /// The value of this name in a form, a JSON object or the query, if there is exactly one.
    fn field(&self, name: &str) -> Option<String> {
        let of_json = self.json().and_then(|it| it.get(name)?.as_str().map(ToOwned::to_owned));
        let found = [self.form(name), of_json, self.query(name)];
        let mut found = found.into_iter().flatten();
        found.next().filter(|_| found.next().is_none())
    }

    /// The token that a refresh presents.
    pub(crate) fn paid(&self, protocol: &Protocol) -> Option<String> {
        match protocol.renewal {
            Carrier::Access => self.access(protocol.placement),
            Carrier::Json(name) => self.json()?.get(name)?.as_str().map(ToOwned::to_owned),
            Carrier::Form(name) => self.form(name),
            Carrier::Query(name) => self.query(name),
            Carrier::Cookie(name) => self.cookie(name),
            Carrier::Header(name) => self.only_header(name).map(ToOwned::to_owned),
            Carrier::Anywhere | Carrier::Free => None,
        }
    }

    /// The request as it arrived.
    pub(crate) fn request(&self) -> Request<Bytes> {
        let mut request = Request::new(Bytes::copy_from_slice(self.body));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }

    /// Every value in the request that may be a token, with the name of its header, cookie or field.
    pub(crate) fn values(&self) -> Vec<(String, String)> {
        let headers =
            self.headers.iter().filter_map(|(name, value)| Some((name, value.to_str().ok()?)));
        let mut values: Vec<(String, String)> = headers
            .flat_map(|(name, text)| {
                let token = text.split_once(' ').map(|(_, token)| token);
                [Some(text), token].map(|value| Some((name.to_string(), value?.to_owned())))
            })
            .flatten()
            .collect();
        values.extend(self.cookies().map(|(name, value)| (name.to_owned(), value.to_owned())));
        let forms = [self.uri.query().unwrap_or_default().as_bytes(), self.body];
        let fields = forms.into_iter().flat_map(url::form_urlencoded::parse);
        values.extend(fields.map(|(name, value)| (name.into_owned(), value.into_owned())));
        if let Some(json) = self.json() {
            texts("", &json, &mut values);
        }
        values
    }

    /// The role of this request. If login and refresh have the same endpoint, as in OAuth, the presented token
    /// distinguishes them.
    pub(crate) fn part(&self, issuer: &Issuer) -> Part {
        let is = |route: &Option<Route>| {
            route.as_ref().is_some_and(|route| route.matches(self.method, self.path))
        };
        let roles = &issuer.roles;
        if is(&roles.refresh) && (!is(&roles.login) || issuer.paid(self).is_some()) {
            Part::Refresh
        } else if is(&roles.login) {
            Part::Login
        } else if is(&roles.logout) {
            Part::Logout
        } else {
            Part::Call
        }
    }

    /// The user who signs in, and whether the password is `wrong`.
    pub(crate) fn who(&self) -> (String, bool) {
        let field = |name: &str| {
            let json = self.json();
            let text =
                json.as_ref().and_then(|json| json.get(name)?.as_str().map(ToOwned::to_owned));
            text.or_else(|| self.form(name)).or_else(|| self.query(name))
        };
        let names = ["user", "username", "userName", "name", "email"];
        let user = names.into_iter().find_map(field).unwrap_or_else(|| "ann".to_owned());
        (user, field("password").is_some_and(|password| password == "wrong"))
    }

    fn only_header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).into_iter();
        let only = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(only)
    }

    fn after_scheme(&self, name: &str, scheme: &str) -> Option<String> {
        let token = self.only_header(name)?.strip_prefix(scheme)?.strip_prefix(' ')?;
        Some(token.to_owned())
    }

    fn query(&self, name: &str) -> Option<String> {
        only(self.uri.query()?.as_bytes(), name)
    }

    fn form(&self, name: &str) -> Option<String> {
        let mime = self.only_header(header::CONTENT_TYPE.as_str())?;
        mime.starts_with("application/x-www-form-urlencoded").then(|| only(self.body, name))?
    }

    fn json(&self) -> Option<Value> {
        serde_json::from_slice(self.body).ok()
    }

    fn cookie(&self, name: &str) -> Option<String> {
        let mut own = self.cookies().filter(|(own, _)| *own == name);
        let (_, only) = own.next()?;
        own.next().is_none().then(|| only.to_owned())
    }

    fn cookies(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.headers.get_all(header::COOKIE).into_iter();
        let pairs = all.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split("; "));
        pairs.filter_map(|pair| pair.split_once('='))
    }
}

/// Whether a field of this name is for a refresh token.
pub(crate) fn names_a_refresh_token(name: &str) -> bool {
    let name = name.to_lowercase();
    ["refresh", "renew"].iter().any(|part| name.contains(part))
}

fn texts(name: &str, json: &Value, into: &mut Vec<(String, String)>) {
    match json {
        Value::String(text) => into.push((name.to_owned(), text.clone())),
        Value::Array(items) => items.iter().for_each(|item| texts(name, item, into)),
        Value::Object(fields) => fields.iter().for_each(|(name, item)| texts(name, item, into)),
        _ => {}
    }
}

/// The value of a field that a form or query contains exactly once.
fn only(form: &[u8], name: &str) -> Option<String> {
    let mut own = url::form_urlencoded::parse(form).filter(|(own, _)| own == name);
    let (_, only) = own.next()?;
    own.next().is_none().then(|| only.into_owned())
}
