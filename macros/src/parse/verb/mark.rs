//! Parses what a method is for the session: `login`, `refresh("csrf", with = "session")`, `logout`.

use syn::{Lit, LitStr};

use crate::diagnostic::{At, Diagnostics};
use crate::model::verb::{SessionMark, SessionRole};
use crate::parse::option::{Body, Key, Opt, Options, Value, first_text};

pub(super) fn mark(options: &mut Options, diagnostics: &Diagnostics) -> Option<SessionMark> {
    let mut found: Option<SessionMark> = None;
    for role in [SessionRole::Login, SessionRole::Refresh, SessionRole::Logout] {
        let Some(option) = options.take(role.word()) else {
            continue;
        };
        let at = At::from(&option);
        if let Body::List(list) = &option.body
            && role == SessionRole::Logout
            && list.iter().any(|it| matches!(it.key, Key::Name(_)))
        {
            let text = "`logout` on a method marks it as the method that signs out\n\
                        help: for a response that ends the session, write `auth(logout(..))` on \
                        the trait, or `rejected(..)` on the `refresh` method";
            diagnostics.error("misplaced-option", at, text);
            continue;
        }
        if let Some(first) = &found {
            let text = format!(
                "a method cannot be both `{}` and `{}`\nhelp: keep one of the two",
                first.role.word(),
                role.word()
            );
            diagnostics.error("two-parts", at, text);
            continue;
        }
        let with = with(role, &option, diagnostics);
        found = Some(SessionMark {
            role,
            credential: credential(role, &option, diagnostics),
            with,
            at,
        });
    }
    found
}

/// `refresh("csrf", with = "session")`: the other credentials that a refresh carries.
fn with(role: SessionRole, option: &Opt, diagnostics: &Diagnostics) -> Vec<LitStr> {
    let Body::List(list) = &option.body else { return Vec::new() };
    let Some(with) = list.iter().find(|it| it.is("with")) else { return Vec::new() };
    if role != SessionRole::Refresh {
        let text = format!(
            "`with` is an option of `refresh`\n\
             help: remove it, and declare in `auth(..)` what the `{}` method carries",
            role.word()
        );
        diagnostics.error("misplaced-option", with, text);
        return Vec::new();
    }
    let example = r#"with = "session""#;
    let one = |value: &Value| match value {
        Value::Lit(Lit::Str(name)) => Some(name.clone()),
        _ => with.wrong("the name of a credential", example, diagnostics),
    };
    with.values(example, diagnostics).unwrap_or_default().iter().filter_map(one).collect()
}

fn credential(role: SessionRole, option: &Opt, diagnostics: &Diagnostics) -> Option<LitStr> {
    let mut list = match &option.body {
        Body::Flag => return None,
        Body::List(list) => list.clone(),
        Body::Value(_) | Body::Broken => Vec::new(),
    };
    list.retain(|it| !it.is("with"));
    if let [Opt { key: Key::Name(name), body: Body::Flag, .. }] = &list[..]
        && !name.to_string().contains("token")
    {
        let text = format!(
            "expected the name of a credential in quotes\n\
             help: write `{}(\"{name}\")`",
            role.word()
        );
        diagnostics.error("wrong-value", name, text);
        return Some(LitStr::new(&name.to_string(), name.span()));
    }
    let name = first_text(&mut list).filter(|_| list.is_empty());
    if role == SessionRole::Refresh && list.iter().any(|it| matches!(it.key, Key::Name(_))) {
        let text = "`refresh(..)` takes the name of a credential\n\
                    help: write `refresh`, and `#[field] refresh_token: RefreshToken` as a parameter";
        diagnostics.error("wrong-value", option, text);
    } else if name.is_none() && !list.iter().any(Opt::is_broken) {
        let example = format!("{word}` or `{word}(\"device\")", word = role.word());
        option.wrong::<()>("the name of a credential, or no parentheses", &example, diagnostics);
    }
    name
}
