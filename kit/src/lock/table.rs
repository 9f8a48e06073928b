//! The declaration as text: one line for each credential and each method. The same declaration always yields the
//! same text.

use std::fmt::{self, Display, Write};

use perennial::ApiClient;
use perennial::declared::{
    Access, Credential, Endpoint, Envelope, HeaderMatch, HeaderRule, Host, JsonPath, Placement,
    Role, Rule, Scalar, TokenPlace,
};

/// The beginning of lines that belong to no method.
pub(super) const SHARED: &str = "# ";

pub(super) fn table<C: ApiClient>() -> String {
    let mut text = String::new();
    for credential in C::API.declared_credentials() {
        let _ = writeln!(text, "{SHARED}{}", Auth(credential));
    }
    for endpoint in C::endpoints() {
        let base = C::API.declared_base();
        let _ = writeln!(text, "{}", Method { endpoint, base });
    }
    text
}

struct Method<'a> {
    endpoint: &'a Endpoint,
    base: &'a str,
}

impl Display for Method<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Endpoint { name, method, path, .. } = self.endpoint;
        write!(f, "{name} {method} ")?;
        match self.endpoint.host {
            Host::Named(host) => write!(f, "<{host}>{path}")?,
            Host::At(_) => f.write_str(path)?,
            _ => write!(f, "{}{path}", self.base)?,
        }
        match self.endpoint.access {
            Access::Public => f.write_str(" public")?,
            Access::Optional => f.write_str(" optional")?,
            _ => {}
        }
        match self.endpoint.role {
            Role::Login => f.write_str(" login")?,
            Role::Refresh => f.write_str(" refresh")?,
            Role::Logout => f.write_str(" logout")?,
            _ => {}
        }
        let is_public = self.endpoint.access == Access::Public;
        for credential in self.endpoint.credentials.iter().filter(|_| !is_public) {
            write!(f, " auth({})", credential.name)?;
        }
        if let Some(header) = self.endpoint.idempotency {
            write!(f, " idempotency({header})")?;
        }
        if let Some(envelope) = self.endpoint.envelope {
            write!(f, " {}", Shape(envelope))?;
        }
        if let Some(page) = self.endpoint.page {
            write!(f, " {page:?}")?;
        }
        if let Some(end) = self.endpoint.events_end {
            write!(f, " events(end = {end:?})")?;
        }
        if let Some(tokens) = self.endpoint.tokens {
            write!(f, " {tokens:?}")?;
        }
        if let Some(codec) = self.endpoint.codec {
            write!(f, " codec = {}", codec.media_type)?;
        }
        for value in self.endpoint.from_tokens {
            write!(f, " {:?} = {:?}", value.place, value.part)?;
        }
        Ok(())
    }
}

/// A credential, as it was declared.
struct Auth<'a>(&'a Credential);

impl Display for Auth<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Credential { name, expired, logout, insufficient_scope, .. } = self.0;
        write!(f, "auth({name}) ")?;
        match self.0.placement {
            Placement::Bearer => f.write_str("bearer")?,
            Placement::Header { name, scheme } => {
                write!(f, "header = {name}")?;
                if let Some(scheme) = scheme {
                    write!(f, " {scheme}")?;
                }
            }
            Placement::Query { name } => write!(f, "query = {name}")?,
            Placement::Cookie { name } => write!(f, "cookie = {name}")?,
            Placement::Field { name } => write!(f, "field = {name}")?,
            other => write!(f, "{other:?}")?,
        }
        let kinds =
            [("expired", expired), ("logout", logout), ("insufficient_scope", insufficient_scope)];
        for (kind, rules) in kinds {
            rules.iter().try_for_each(|rule| write!(f, " {kind}({})", Condition(rule)))?;
        }
        match self.0.renewed {
            Some(TokenPlace::Header(header)) => write!(f, " renewed({header})")?,
            Some(TokenPlace::Cookie(cookie)) => write!(f, " renewed(cookie = {cookie})")?,
            Some(other) => write!(f, " renewed({other:?})")?,
            None => {}
        }
        f.write_str(if self.0.keyed { " keyed" } else { "" })
    }
}

/// The parts of a rule, all of which must match.
struct Condition<'a>(&'a Rule);

impl Display for Condition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rule { codes, statuses, body, headers, when, .. } = self.0;
        let mut parts = Vec::new();
        if !statuses.is_empty() {
            parts.push(format!("status = {}", list(statuses.iter())));
        }
        if !codes.is_empty() {
            parts.push(format!("code = {}", list(codes.iter().map(Value))));
        }
        let value = |(path, value): &(JsonPath, Scalar)| {
            format!("body({} = {})", path.join("."), Value(value))
        };
        parts.extend(body.iter().map(value));
        parts.extend(headers.iter().map(header));
        // The address of a function has no meaning.
        parts.extend(when.map(|_| "when".to_owned()));
        f.write_str(&parts.join(", "))
    }
}

fn header(HeaderRule { name, value, .. }: &HeaderRule) -> String {
    match value {
        HeaderMatch::Equals(text) => format!("header({name} = {text:?})"),
        HeaderMatch::Contains(text) => format!("header({name} contains {text:?})"),
        _ => format!("header({name})"),
    }
}

struct Value<'a>(&'a Scalar);

impl Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Scalar::Bool(value) => write!(f, "{value}"),
            Scalar::Int(value) => write!(f, "{value}"),
            Scalar::Text(value) => write!(f, "{value:?}"),
            other => write!(f, "{other:?}"),
        }
    }
}

/// An envelope, as it was declared.
struct Shape<'a>(&'a Envelope);

impl Display for Shape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Envelope { code, message, data, ok, ok_absent, ok_without, .. } = self.0;
        write!(f, "envelope(code = {}", code.join("."))?;
        for (name, path) in [("message", message), ("data", data), ("ok_without", ok_without)] {
            if let Some(path) = path {
                write!(f, ", {name} = {}", path.join("."))?;
            }
        }
        write!(f, ", ok = {}", list(ok.iter().map(Value)))?;
        f.write_str(if *ok_absent { " or absent)" } else { ")" })
    }
}

fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<_> = items.into_iter().map(|item| item.to_string()).collect();
    if items.len() == 1 { items.concat() } else { format!("[{}]", items.join(", ")) }
}
