//! Recognizes the operations that sign in and renew tokens.

use super::{Auth, Method, ours};
use crate::document::Document;
use crate::node::Node;
use crate::notes::Notes;
use crate::types::{Field, Kind, Ty, Types, is_required};

/// Facts from the user that the document does not contain.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Rules of `expired(..)`, as `code = 1234`.
    pub expired: Vec<String>,
    /// The operation that renews the token: verb and path.
    pub refresh: Option<(String, String)>,
    /// The operation that signs in: verb and path.
    pub login: Option<(String, String)>,
    /// The scheme before the token in `Authorization`.
    pub scheme: Option<String>,
}

/// Names of an access token that `Tokens` knows.
const ACCESS: &[&str] = &["access_token", "accessToken", "token", "jwt"];

/// Names of a refresh token.
const REFRESH: &[&str] = &["refresh_token", "refreshToken"];

/// Gives methods their role in the session.
///
/// # Errors
///
/// If the selected refresh has a parameter that cannot be created from tokens.
pub(super) fn apply(
    document: &Document<'_>,
    types: &Types<'_, '_>,
    list: &mut Vec<Method>,
    auth: &Auth,
    wishes: &Wishes,
    notes: &Notes,
) -> Result<Vec<(String, String)>, String> {
    let mut extras = Vec::new();
    if auth.credentials.is_empty() {
        return match wishes.refresh.is_some() || !wishes.expired.is_empty() {
            true => Err("the document declares no security scheme that a call could carry\n\
                         help: declare how the token is sent, as in `--scheme Bearer`"
                .to_owned()),
            false => Ok(extras),
        };
    }
    if wishes.login.is_none()
        && wishes.refresh.is_none()
        && declared(document, types, list, &mut extras)?
    {
        return Ok(extras);
    }
    let login = match &wishes.login {
        Some(wish) => Some(find(list, wish)?),
        None => list.iter().position(|it| {
            looks_like(it, types, &["login", "signin", "sign-in", "token", "authenticate"])
        }),
    };
    if let Some(at) = login {
        let method = &mut list[at];
        if wishes.login.is_none() {
            guess(method, notes, "it is a POST that returns an access token, so it signs in");
        }
        mark(method, "login");
        tokens_of(types, method, &mut extras);
    }
    let refresh = match &wishes.refresh {
        Some(wish) if is_elsewhere(document, wish) => {
            list.push(added(wish));
            None
        }
        Some(wish) => Some(find(list, wish)?),
        None => looking_like_a_refresh(list, types, login),
    };
    if let Some(at) = refresh {
        let method = &mut list[at];
        if wishes.refresh.is_none() {
            guess(
                method,
                notes,
                "its path ends in a refresh and it returns an access token, so it refreshes the session",
            );
        }
        renewal(types, method, false, &mut extras)?;
        tokens_of(types, method, &mut extras);
    }
    Ok(extras)
}

/// Whether an address is not in the document, where a refresh need not be.
fn is_elsewhere(document: &Document<'_>, (_, path): &(String, String)) -> bool {
    path.starts_with('/') && !document.operations.iter().any(|it| it.path == *path)
}

fn looking_like_a_refresh(
    list: &[Method],
    types: &Types<'_, '_>,
    login: Option<usize>,
) -> Option<usize> {
    let ends = ["refresh", "refresh-token", "refreshtoken", "refresh_token"];
    let mut others = list.iter().enumerate().filter(|(at, _)| Some(*at) != login);
    others.find(|(_, it)| looks_like(it, types, &ends)).map(|(at, _)| at)
}

/// The parts that an export declares; `false` if it declares none.
fn declared(
    document: &Document<'_>,
    types: &Types<'_, '_>,
    list: &mut [Method],
    extras: &mut Vec<(String, String)>,
) -> Result<bool, String> {
    let mut any = document.root.get("x-perennial").is_some();
    for operation in &document.operations {
        let Some(ours) = document.root.at(&operation.at).and_then(|it| it.get("x-perennial"))
        else {
            continue;
        };
        let Some(method) = list.iter_mut().find(|it| it.shown == operation.shown()) else {
            continue;
        };
        any = true;
        let guessed = ours.get("guessed").map(Node::list).unwrap_or_default();
        method.guesses.extend(guessed.iter().filter_map(Node::text).map(str::to_owned));
        match ours::role(ours, &operation.at)? {
            Some("login") => {
                mark(method, "login");
                tokens_of(types, method, extras);
            }
            Some("refresh") => {
                renewal(types, method, true, extras)?;
                tokens_of(types, method, extras);
            }
            Some(role) => mark(method, role),
            None => {}
        }
    }
    Ok(any)
}

fn guess(method: &mut Method, notes: &Notes, why: &str) {
    notes.guessed(&*method.shown, why);
    method.guesses.push(why.to_owned());
}

fn find(list: &[Method], (verb, path): &(String, String)) -> Result<usize, String> {
    let shown = format!("{} {path}", verb.to_uppercase());
    list.iter().position(|it| it.shown == shown).ok_or_else(|| {
        let near = crate::near::near(&shown, list.iter().map(|it| &*it.shown));
        let help = near.map_or_else(String::new, |it| format!("\nhelp: did you mean `{it}`?"));
        format!("no operation is `{shown}`{help}")
    })
}

/// Whether it is a POST whose path ends like this, without a placeholder, and which returns an access token.
fn looks_like(method: &Method, types: &Types<'_, '_>, ends: &[&str]) -> bool {
    let last = method.path.rsplit('/').next().unwrap_or_default().to_lowercase();
    method.verb == "post"
        && ends.contains(&&*last)
        && !method.path.contains('{')
        && method.received.first().is_some_and(|ty| access_in(types, ty).is_some())
}

/// The path to the access token in a response, of one or two names.
fn access_in<'t>(types: &'t Types<'_, '_>, ty: &'t Ty) -> Option<Vec<&'t Field>> {
    if let Some(field) = types.field_named(ty, ACCESS) {
        return Some(vec![field]);
    }
    let Some(Kind::Struct { fields, .. }) = types.kind_of(ty) else { return None };
    let text = |it: &&Field| *types.behind(&it.ty) == Ty::Text;
    fields
        .iter()
        .find_map(|outer| Some(vec![outer, types.field_named(&outer.ty, ACCESS).filter(text)?]))
}

/// Inserts the role before the options, or replaces an existing one.
fn mark(method: &mut Method, part: &str) {
    method.options.retain(|it| {
        it != "optional" && !(part == "login" && (it == "public" || it.starts_with("auth(")))
    });
    method.options.insert(0, part.to_owned());
}

fn added((verb, path): &(String, String)) -> Method {
    Method {
        name: "refresh".to_owned(),
        docs: vec!["Renews the session.".to_owned()],
        verb: verb.clone(),
        path: path.clone(),
        options: vec!["refresh".to_owned()],
        returns: "Result<Tokens>".to_owned(),
        shown: format!("{} {path}", verb.to_uppercase()),
        ..Method::default()
    }
}

/// Turns the response into tokens: directly if it has the names that `Tokens` knows, otherwise with code.
fn tokens_of(types: &Types<'_, '_>, method: &mut Method, extras: &mut Vec<(String, String)>) {
    let Some(ty) = method.received.first() else {
        method.returns = "Result<Tokens>".to_owned();
        return;
    };
    match access_in(types, ty).as_deref() {
        Some([] | [_]) | None => method.returns = "Result<Tokens>".to_owned(),
        Some([outer, access, ..]) => {
            let name = types.name_of(types.behind(ty));
            let text = |it: &&Field| *types.behind(&it.ty) == Ty::Text;
            let refresh = types.field_named(&outer.ty, REFRESH).filter(text);
            let text = into_tokens(&name, outer, access, refresh);
            method.returns = format!("Result<{name}>");
            let key = format!("IntoTokens for {name}");
            if !extras.iter().any(|(other, _)| *other == key) {
                extras.push((key, text));
            }
        }
    }
}

fn into_tokens(name: &str, outer: &Field, access: &Field, refresh: Option<&Field>) -> String {
    let is_plain = |field: &Field| field.required && !field.nullable;
    let (open, close) = match is_plain(outer) {
        true => (format!("let inner = self.{};", outer.name), ""),
        false => (
            format!(
                "let Some(inner) = self.{} else {{ return Tokens::new(String::new()) }};",
                outer.name
            ),
            "",
        ),
    };
    let value = |field: &Field| match is_plain(field) {
        true => format!("inner.{}", field.name),
        false => format!("inner.{}.unwrap_or_default()", field.name),
    };
    let with = refresh.map_or_else(String::new, |it| format!(".with_refresh({})", value(it)));
    format!(
        "impl perennial::IntoTokens for {name} {{\n    fn into_tokens(self) -> Tokens {{\n        {open}{close}\n        \
         Tokens::new({}){with}\n    }}\n}}\n",
        value(access)
    )
}

/// Makes a method the refresh: its body is created from the tokens, and so is each parameter that is the refresh token.
/// Those that an export declares may be values of the builder instead.
fn renewal(
    types: &Types<'_, '_>,
    method: &mut Method,
    is_declared: bool,
    extras: &mut Vec<(String, String)>,
) -> Result<(), String> {
    let is_public = method.options.iter().any(|it| it == "public");
    method.options.retain(|it| it != "public" && it != "optional" && !it.starts_with("auth("));
    method.options.insert(0, "refresh".to_owned());
    let is_body = |role: &str| role.starts_with("#[json") || role.starts_with("#[form");
    if let Some(other) = method.parameters.iter().find(|it| !is_declared && !is_body(&it.0)) {
        return Err(format!(
            "`{}` cannot be the refresh: nothing of the tokens is its parameter `{}`",
            method.shown, other.1
        ));
    }
    let body = method.parameters.iter_mut().find(|it| is_body(&it.0));
    if let (Some(parameter), Some(ty)) = (body, method.sent.first()) {
        let name = types.name_of(types.behind(ty));
        parameter.1 = "with".to_owned();
        parameter.2.clone_from(&name);
        extras.push((format!("From<&Tokens> for {name}"), from_tokens(types, ty, &name)?));
    }
    if is_public || !(is_declared || method.parameters.is_empty()) {
        method.options.insert(1, "public".to_owned());
    }
    Ok(())
}

/// A text as a value of a type that holds any text.
fn text_as(types: &Types<'_, '_>, ty: &Ty, text: &str) -> Option<String> {
    match (types.behind(ty), types.kind_of(ty)) {
        (Ty::Text, _) if text == "\"\"" => Some("String::new()".to_owned()),
        (Ty::Text, _) => Some(format!("{text}.to_owned()")),
        (Ty::Value, _) => Some(format!("{text}.into()")),
        (ty, Some(Kind::Texts { open: true, .. })) => {
            Some(format!("{}::from({text})", types.name_of(ty)))
        }
        _ => None,
    }
}

fn from_tokens(types: &Types<'_, '_>, ty: &Ty, name: &str) -> Result<String, String> {
    let Some(Kind::Struct { fields, flat: None, extra: None, .. }) = types.kind_of(ty) else {
        return Err(format!(
            "the body of the refresh, `{name}`, is not a struct that can be made of the tokens"
        ));
    };
    let required = |field: &Field| is_required(field, true);
    let token = fields
        .iter()
        .find(|it| REFRESH.contains(&&*it.wire))
        .or_else(|| fields.iter().find(|it| it.wire.to_lowercase().contains("token")));
    let mut lines = String::new();
    for field in fields {
        let value = match field {
            it if token == Some(it) => {
                text_as(types, &it.ty, "tokens.refresh().unwrap_or_default()").ok_or_else(|| {
                    format!(
                        "the field `{}` of the refresh's body cannot be a refresh token",
                        it.wire
                    )
                })?
            }
            it if required(it) && it.nullable => "None".to_owned(),
            it if !required(it) && it.wire != "grant_type" => {
                lines.push_str(&format!("            {}: None,\n", it.name));
                continue;
            }
            it => match types.kind_of(&it.ty) {
                Some(Kind::Texts { values, .. }) => {
                    let variant =
                        values.iter().find(|(_, text)| text == "refresh_token").or(values.first());
                    let Some((variant, _)) = variant else { continue };
                    format!("{}::{variant}", types.name_of(types.behind(&it.ty)))
                }
                _ => {
                    let text = if it.wire == "grant_type" { "\"refresh_token\"" } else { "\"\"" };
                    text_as(types, &it.ty, text).ok_or_else(|| {
                        format!(
                            "the field `{}` of the refresh's body cannot be made of the tokens",
                            it.wire
                        )
                    })?
                }
            },
        };
        let value = match (required(field), field.nullable) {
            (true, false) => value,
            (true, true) if value == "None" => value,
            (false, true) => format!("Some(Some({value}))"),
            _ => format!("Some({value})"),
        };
        lines.push_str(&format!("            {}: {value},\n", field.name));
    }
    Ok(format!(
        "impl From<&Tokens> for {name} {{\n    fn from(tokens: &Tokens) -> Self {{\n        Self {{\n{lines}        }}\n    }}\n}}\n"
    ))
}
