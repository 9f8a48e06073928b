//! The authentication of a document.

use crate::node::{Node, step};
use crate::notes::Notes;

/// The schemes that are needed together; empty if none is.
pub type Requirement<'a> = Vec<&'a str>;

/// How a credential is sent.
#[derive(Debug, Clone)]
pub struct Scheme<'a> {
    /// Its kind.
    pub kind: SchemeKind<'a>,
    /// `description`.
    pub description: &'a str,
    /// `tokenUrl` of a flow.
    pub token_url: Option<&'a str>,
    /// `refreshUrl` of a flow.
    pub refresh_url: Option<&'a str>,
}

/// The kind of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemeKind<'a> {
    /// `Authorization: Bearer ..`.
    Bearer,
    /// A bearer token of an OAuth 2 or OpenID Connect server.
    OAuth2,
    /// `Authorization: Basic ..`.
    Basic,
    /// `Authorization:` with another scheme.
    Http(&'a str),
    /// A header with this name.
    Header(&'a str),
    /// A query parameter with this name.
    Query(&'a str),
    /// A cookie with this name.
    Cookie(&'a str),
    /// A certificate of the client.
    Certificate,
}

/// `security` of a document or an operation; `None` if it is not specified.
pub(super) fn requirements(node: &Node) -> Option<Vec<Requirement<'_>>> {
    let list = match node.get("security")? {
        Node::List(list) => list,
        _ => return None,
    };
    Some(list.iter().map(|it| it.object().iter().map(|(name, _)| &**name).collect()).collect())
}

/// All schemes that can be read.
pub(super) fn schemes<'a>(
    root: &'a Node,
    components: &'a Node,
    notes: &Notes,
) -> Vec<(&'a str, Scheme<'a>)> {
    let all = components.get("securitySchemes").map(Node::object).unwrap_or_default();
    all.iter()
        .filter_map(|(name, node)| {
            let at = format!("/components/securitySchemes/{}", step(name));
            let node = match node.text_of("$ref") {
                Some(reference) => root.at(reference.strip_prefix('#')?)?,
                None => node,
            };
            Some((&**name, scheme(node, &at, notes)?))
        })
        .collect()
}

/// Whether it can be the name of a header or a cookie (RFC 9110, section 5.6.2).
fn is_token(name: &str) -> bool {
    name.bytes().all(|it| it.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&it))
}

/// Whether the only flow uses a user name and a password (RFC 6749, section 4.3).
fn has_passwords_alone(node: &Node) -> bool {
    let flows = node.get("flows").map(Node::object).unwrap_or_default();
    matches!(flows, [(name, _)] if name == "password")
}

fn scheme<'a>(node: &'a Node, at: &str, notes: &Notes) -> Option<Scheme<'a>> {
    let kind = match node.text_of("type").unwrap_or_default() {
        // A password is exchanged by the API's own login, and `ClientBuilder::oauth2` has no such flow.
        "oauth2" if has_passwords_alone(node) => SchemeKind::Bearer,
        "oauth2" | "openIdConnect" => SchemeKind::OAuth2,
        "mutualTLS" => SchemeKind::Certificate,
        "http" => match node.text_of("scheme").unwrap_or_default() {
            scheme if scheme.eq_ignore_ascii_case("bearer") => SchemeKind::Bearer,
            scheme if scheme.eq_ignore_ascii_case("basic") => SchemeKind::Basic,
            scheme => SchemeKind::Http(scheme),
        },
        "apiKey" => {
            let Some(name) = node.text_of("name").filter(|it| !it.is_empty()) else {
                notes.lost(at, "this scheme does not state the name under which the key is sent");
                return None;
            };
            if node.text_of("in") != Some("query") && !is_token(name) {
                notes.lost(at, format!("`{name}` is not the name of a header or a cookie"));
                return None;
            }
            match node.text_of("in") {
                Some("header") => SchemeKind::Header(name),
                Some("query") => SchemeKind::Query(name),
                Some("cookie") => SchemeKind::Cookie(name),
                _ => {
                    notes.lost(at, "this scheme does not state where the key is sent");
                    return None;
                }
            }
        }
        other => {
            notes.lost(at, format!("`{other}` is not a kind of security scheme"));
            return None;
        }
    };
    let flows = node.get("flows").map(Node::object).unwrap_or_default();
    let url = |word: &str| flows.iter().find_map(|(_, flow)| flow.text_of(word));
    Some(Scheme {
        kind,
        description: node.text_of("description").unwrap_or_default(),
        token_url: url("tokenUrl"),
        refresh_url: url("refreshUrl"),
    })
}
