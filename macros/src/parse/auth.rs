//! Parses `auth(..)`: how a call carries a token, and which responses mean that the token has expired.

use std::time::Duration;

use syn::{Lit, LitStr};

use super::option::{Body, Key, Opt, Options, Value};
use super::rule::rule;
use super::value::{count, duration, duration_of, header_name, header_value};
use super::{advice, key};
use crate::diagnostic::{At, Diagnostics};
use crate::model::auth::{Credential, Early, Placement, Rule};
use crate::model::tokens::TokenPlace;
use crate::suggest::text_of;

const KNOWN: &[&str] = &[
    "name",
    "oauth2",
    "bearer",
    "basic",
    "header",
    "scheme",
    "query",
    "cookie",
    "field",
    "expired",
    "logout",
    "insufficient_scope",
    "early",
    "renewed",
    "grace",
    "window",
    "key",
];
const EXAMPLE: &str = "auth(bearer, expired(status = 401))";

/// Whether the option switches off credentials by name: `auth("csrf" = off)`.
pub(super) fn drops(option: &Opt) -> bool {
    let names_one = |it: &Opt| matches!(it.key, Key::Text(_)) || (it.is_off() && !it.is("early"));
    matches!(&option.body, Body::List(list) if list.iter().any(names_one))
}

/// The names of these credentials.
pub(super) fn dropped(option: &Opt, diagnostics: &Diagnostics) -> Vec<LitStr> {
    let example = r#"auth("csrf" = off)"#;
    let list = option.list(example, diagnostics).unwrap_or_default();
    let one = |entry: &Opt| match &entry.key {
        Key::Text(name) if entry.is_off() => Some(name.clone()),
        Key::Name(name) if entry.is_off() => {
            let text = format!(
                "expected the name of a credential in quotes\nhelp: write `auth(\"{name}\" = off)`"
            );
            diagnostics.fail("wrong-value", entry, text)
        }
        _ => {
            let text = format!(
                "`{}` declares a credential, but another entry switches one off\n\
                 help: write a separate `{example}`",
                text_of(entry)
            );
            diagnostics.fail("wrong-value", entry, text)
        }
    };
    list.iter().filter_map(one).collect()
}

/// Parses the option.
pub(super) fn parse(option: &Opt, diagnostics: &Diagnostics) -> Credential {
    let part = diagnostics.nested();
    let list = option.list(&example(option), &part).unwrap_or_default();
    let has_broken = list.iter().any(Opt::has_broken);
    let names_refresh = list.iter().any(|it| advice::is_of_refresh(&it.name()));
    let many = ["expired", "logout", "insufficient_scope"];
    let mut options = Options::new(list, KNOWN, &many, "the options of `auth` are", &part);
    let name = options.take("name").and_then(|it| it.string(r#"name = "device""#, &part));
    let url_at = options.find("query").or(options.find("field")).map(At::from);
    let of_refresh = ["early", "grace", "window"]
        .into_iter()
        .filter_map(|name| Some((name, At::from(options.find(name)?))))
        .collect();
    let oauth2 = options.take("oauth2");
    if let Some(oauth2) = &oauth2 {
        check_oauth2(oauth2, &part);
    }
    // Each option that is declared beside it replaces one of those that it is short for.
    let standard = |own: Vec<Opt>, rule_of: fn(&Opt) -> Rule| match &oauth2 {
        Some(oauth2) if own.is_empty() => vec![rule_of(oauth2)],
        _ => own.iter().filter_map(|it| rule(it, &part)).collect(),
    };
    let mut credential = Credential {
        name: name.map(|name| name.value()).unwrap_or_default(),
        placement: placement(&mut options, &part),
        expired: standard(options.take_all("expired"), Rule::invalid_token),
        logout: options.take_all("logout").iter().filter_map(|it| rule(it, &part)).collect(),
        insufficient_scope: standard(
            options.take_all("insufficient_scope"),
            Rule::insufficient_scope,
        ),
        early: options.take("early").map_or(Early::Default, |it| early(&it, &part)),
        renewed: options.take("renewed").and_then(|it| renewed(&it, &part)),
        grace: options.take("grace").and_then(|it| duration(&it, r#"grace = "10s""#, &part)),
        window: options.take("window").and_then(|it| window(&it, &part)),
        key: options.take("key").and_then(|it| key::parse(&it, &part)),
        at: At::from(option),
        url_at,
        of_refresh,
        is_oauth2: oauth2.is_some(),
        names_refresh,
        is_broken: false,
    };
    options.end(EXAMPLE, &part);
    credential.is_broken = has_broken | part.unless_wrong(()).is_none();
    credential
}

/// `auth = "bearer"` is probably intended as `auth(bearer)`.
fn example(option: &Opt) -> String {
    let word = match &option.body {
        Body::Value(value) => text_of(value).trim_matches('"').to_lowercase(),
        _ => String::new(),
    };
    match &*word {
        "bearer" | "basic" | "oauth2" => format!("auth({word})"),
        _ => EXAMPLE.to_owned(),
    }
}

/// The server, the client and the scopes are known only at run time.
fn check_oauth2(option: &Opt, diagnostics: &Diagnostics) {
    let text = match &option.body {
        Body::Flag | Body::Broken => return,
        Body::Value(_) => "`oauth2` takes no value",
        Body::List(_) => "`oauth2` takes no options",
    };
    let text = format!(
        "{text}\n\
         help: write `oauth2`, and pass the server, the client and the scopes to the client \
         builder, with `.oauth2(&oauth)`"
    );
    diagnostics.error("wrong-value", option, text);
}

fn placement(options: &mut Options, diagnostics: &Diagnostics) -> Placement {
    let bearer = options.take("bearer");
    let header = options.take("header");
    let scheme = options.take("scheme");
    let query = options.take("query");
    let (cookie, field) = (options.take("cookie"), options.take("field"));
    let basic = options.take("basic");
    if let Some(basic) = &basic {
        basic.flag(diagnostics);
    }
    if let Some(bearer) = &bearer {
        check_bearer(bearer, diagnostics);
    }
    let places = [&bearer, &basic, &header, &query, &cookie, &field];
    let places: Vec<_> = places.into_iter().flatten().collect();
    check_one_place(&places, scheme.as_ref(), diagnostics);
    let scheme = scheme
        .and_then(|it| it.string(r#"scheme = "Token""#, diagnostics))
        .and_then(|it| header_value(&it, diagnostics));
    if let Some(name) = query.and_then(|it| it.string(r#"query = "access_token""#, diagnostics)) {
        return Placement::Query(name.value());
    }
    if let Some(cookie) = cookie {
        let name = cookie.string(r#"cookie = "session""#, diagnostics);
        let name = name.and_then(|name| cookie_name(&name, diagnostics));
        return Placement::Cookie(name.unwrap_or_default());
    }
    if let Some(field) = field {
        let name = field.string(r#"field = "access_token""#, diagnostics);
        return Placement::Field(name.map(|name| name.value()).unwrap_or_default());
    }
    let scheme = if basic.is_some() { Some("Basic".to_owned()) } else { scheme };
    let name = header.filter(|_| basic.is_none());
    let name = name.and_then(|it| it.string(r#"header = "X-Token""#, diagnostics));
    let name = name.filter(|name| !has_scheme(name, diagnostics));
    match (name.and_then(|name| header_name(&name, diagnostics)), scheme) {
        (Some(name), scheme) => Placement::Header { name, scheme },
        (None, Some(scheme)) => {
            Placement::Header { name: "authorization".to_owned(), scheme: Some(scheme) }
        }
        (None, None) => Placement::Bearer,
    }
}

/// `header = "Authorization: Bearer"`: reported, since the name and the scheme are two options.
fn has_scheme(header: &LitStr, diagnostics: &Diagnostics) -> bool {
    let text = header.value();
    let Some((name, scheme)) = text.split_once(':') else { return false };
    let scheme = scheme.split_whitespace().next().unwrap_or_default();
    let way_out = match (name, scheme) {
        _ if scheme.eq_ignore_ascii_case("bearer") => "write `bearer`".to_owned(),
        (_, "") => format!("write `header = {name:?}`"),
        _ if scheme.contains(['{', '<', '$']) => format!("write `header = {name:?}`"),
        _ => format!("write `header = {name:?}, scheme = {scheme:?}`"),
    };
    let text = format!(
        "`header` takes a name alone, found `{text}`\n\
         help: {way_out}"
    );
    diagnostics.error("bad-header-name", header, text);
    true
}

fn check_bearer(bearer: &Opt, diagnostics: &Diagnostics) {
    let Body::Value(value) = &bearer.body else {
        bearer.flag(diagnostics);
        return;
    };
    // A name of a header, and not a token.
    let is_name = |text: &str| text.starts_with(char::is_uppercase) && text.len() < 32;
    let way_out = match value {
        Value::Lit(Lit::Str(name)) if is_name(&name.value()) => {
            format!("to send the token in this header, write `header = {}`", text_of(name))
        }
        _ => "write `bearer`, and pass the token to the session at run time, with \
              `session().login(Tokens::new(token))`"
            .to_owned(),
    };
    diagnostics.error("wrong-value", value, format!("`bearer` takes no value\nhelp: {way_out}"));
}

fn check_one_place(places: &[&Opt], scheme: Option<&Opt>, diagnostics: &Diagnostics) {
    if let [_, second, ..] = places {
        let text = "a token can be sent in only one place\n\
                    help: keep one of `bearer`, `basic`, `header`, `query`, `cookie` and `field`";
        diagnostics.error("two-placements", second, text);
    }
    let has_no_scheme = places.iter().any(|place| !place.is("header"));
    if let (Some(scheme), true) = (scheme, has_no_scheme) {
        let text = "`scheme` applies only to a token in a header\n\
                    help: write `scheme` alone, or with `header`";
        diagnostics.error("two-placements", scheme, text);
    }
}

/// The name of a cookie is an HTTP token, like that of a header, but its case matters (RFC 6265, section 4.1.1).
pub(super) fn cookie_name(literal: &LitStr, diagnostics: &Diagnostics) -> Option<String> {
    let name = literal.value();
    if let Some((before, _)) = name.split_once(['=', ';', ' ']) {
        let text =
            format!("`{name}` is not the name of a cookie\nhelp: write `cookie = {before:?}`");
        return diagnostics.fail("wrong-value", literal, text);
    }
    header_name(literal, diagnostics).map(|_| name)
}

fn early(option: &Opt, diagnostics: &Diagnostics) -> Early {
    match option.is_off() {
        true => Early::Off,
        false => {
            duration(option, r#"early = "30s""#, diagnostics).map_or(Early::Default, Early::By)
        }
    }
}

fn renewed(option: &Opt, diagnostics: &Diagnostics) -> Option<TokenPlace> {
    let example = r#"renewed(header = "new-token")"#;
    let list = option.list(example, diagnostics)?;
    let known = ["header", "cookie"];
    let is_unknown =
        |it: &Opt| matches!(it.key, Key::Name(_)) && !known.iter().any(|name| it.is(name));
    let has_unknown = list.iter().any(is_unknown);
    let mut options = Options::new(list, &known, &[], "the options of `renewed` are", diagnostics);
    let (header, cookie) = (options.take("header"), options.take("cookie"));
    let (Some(place), None) =
        (header.as_ref().or(cookie.as_ref()), header.as_ref().and(cookie.as_ref()))
    else {
        // One mistake is one error.
        if has_unknown {
            return None;
        }
        return option.wrong("a header or a cookie", example, diagnostics);
    };
    options.end(example, diagnostics);
    let name = place.string(example, diagnostics)?;
    match header.is_some() {
        true => header_name(&name, diagnostics).map(TokenPlace::Header),
        false => cookie_name(&name, diagnostics).map(TokenPlace::Cookie),
    }
}

fn window(option: &Opt, diagnostics: &Diagnostics) -> Option<(u32, Duration)> {
    let example = r#"window(5, "30s")"#;
    let list = option.list(example, diagnostics)?;
    let values: Vec<_> = list.iter().map(|option| &option.body).collect();
    let [Body::Value(Value::Lit(Lit::Int(number))), Body::Value(Value::Lit(Lit::Str(length)))] =
        values[..]
    else {
        return option.wrong("a count and a duration", example, diagnostics);
    };
    let refreshes = count(number, diagnostics)?;
    if refreshes == 0 {
        return option.wrong("a count above zero", example, diagnostics);
    }
    Some((refreshes, duration_of(length, &length.value(), diagnostics)?))
}
