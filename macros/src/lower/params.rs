//! Lowers the parameters: each gets its place in the request.

use syn::ext::IdentExt;
use syn::{FnArg, Ident, Pat, PatType, PathArguments, Signature, Type};

use super::shape::plain_name;
use crate::diagnostic::{At, Diagnostics};
use crate::model::case::Case;
use crate::model::param::{Param, Role};
use crate::model::shape::peeled;
use crate::model::template::{Placeholder, PlaceholderKind, Template};
use crate::model::verb::{Target, Verb};
use crate::parse::param::{self, Naming};
use crate::suggest::text_of;

/// Lowers the parameters, and reports placeholders without a parameter, and parameters without a placeholder or a
/// role.
pub(super) fn lower(
    signature: &Signature,
    verb: &Verb,
    case: Option<Case>,
    diagnostics: &Diagnostics,
) -> Vec<Param> {
    let template = match &verb.target {
        Target::Path(template) => Some(template),
        Target::Url(_) | Target::Unknown => None,
    };
    // If the path could not be parsed, any parameter may have a placeholder in it.
    let path_is_known = !verb.names_a_role
        && !matches!(verb.target, Target::Unknown)
        && template.is_none_or(|it| !it.is_broken);
    let typed: Vec<&PatType> = signature
        .inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(typed) => Some(typed),
            FnArg::Receiver(_) => None,
        })
        .collect();
    let lost = template.map(|it| lost(it, &typed)).unwrap_or_default();
    let meant = template.map(|it| placeholders(it, &typed, diagnostics)).unwrap_or_default();
    let one = |typed: &&PatType| {
        let meant = path_is_known.then_some(&*meant);
        one(typed, template, meant, (case, &lost), diagnostics)
    };
    typed.iter().filter_map(one).collect()
}

/// The names of the placeholders without a parameter.
fn lost(template: &Template, typed: &[&PatType]) -> Vec<String> {
    let has_one = |name: &str| {
        typed.iter().any(|it| plain_name(&it.pat).is_some_and(|it| it.unraw() == name))
    };
    let names = template.placeholders().map(|it| it.name.clone());
    names.filter(|name| !has_one(name)).collect()
}

/// `meant` are the parameters to which misspelled placeholders refer; `None` if the path is unknown.
fn one(
    typed: &PatType,
    template: Option<&Template>,
    meant: Option<&[String]>,
    (case, lost): (Option<Case>, &[String]),
    diagnostics: &Diagnostics,
) -> Option<Param> {
    let Some(name) = plain_name(&typed.pat) else {
        let way_out = extractor(typed)
            .unwrap_or_else(|| "write a name, without a pattern or `mut`".to_owned());
        let text = format!("expected the name of a parameter, found a pattern\nhelp: {way_out}");
        return diagnostics.fail("pattern-parameter", &typed.pat, text);
    };
    let text = name.unraw().to_string();
    if let Type::Reference(reference) = peeled(&typed.ty)
        && let Some(word) = &reference.mutability
    {
        let text = format!(
            "`{text}` cannot be `&mut`, since a call may be sent more than once\n\
             help: take it by value or by `&`"
        );
        diagnostics.error("mut-parameter", word, text);
    }
    let naming = Naming { parameter: &text, case, lost };
    let attributes = param::parse(&typed.attrs, &naming, diagnostics);
    let is_in_path = template.is_some_and(|it| it.placeholders().any(|it| it.name == text));
    let (role, at, word) = match attributes.role {
        Some(given) if is_in_path => {
            let text = format!(
                "`{text}` is in the path and has the role `#[{}]`\n\
                 help: remove the role, or remove `{{{text}}}` from the path",
                given.role.word()
            );
            return diagnostics.fail("two-roles", given.whole, text);
        }
        Some(given) => (given.role, given.at, given.word),
        None if is_in_path => (Role::Path, At::from(name), name.span()),
        None => {
            // A misspelled placeholder is reported only at the placeholder.
            if !attributes.is_broken && meant.is_some_and(|meant| !meant.contains(&text)) {
                without_a_role(name, &text, template, diagnostics);
            }
            return None;
        }
    };
    Some(Param { name: name.clone(), ty: (*typed.ty).clone(), role, at, word })
}

/// `Path(id): Path<u64>`, as a server extracts it, in this language.
fn extractor(typed: &PatType) -> Option<String> {
    let Pat::TupleStruct(pattern) = &*typed.pat else { return None };
    let [Pat::Ident(name)] = pattern.elems.iter().collect::<Vec<_>>()[..] else { return None };
    let name = &name.ident;
    let ty = match peeled(&typed.ty) {
        Type::Path(path) => match &path.path.segments.last()?.arguments {
            PathArguments::AngleBracketed(arguments) => text_of(&arguments.args),
            _ => "..".to_owned(),
        },
        _ => "..".to_owned(),
    };
    Some(match &*pattern.path.segments.last()?.ident.to_string() {
        "Path" => format!("write `{name}: {ty}`, and `{{{name}}}` in the path"),
        "Query" => format!("write `#[query(flatten)] {name}: &{ty}`"),
        "Json" => format!("write `#[json] {name}: &{ty}`"),
        "Form" => format!("write `#[form] {name}: &{ty}`"),
        "Extension" => format!("write `#[ext] {name}: {ty}`"),
        _ => return None,
    })
}

fn without_a_role(
    name: &Ident,
    text: &str,
    template: Option<&Template>,
    diagnostics: &Diagnostics,
) {
    let path = template.map(|it| it.literal.value()).unwrap_or_default();
    if let Some(template) = template
        && let Some((at, foreign)) = foreign_placeholder(&path, text)
    {
        let rest = if foreign.starts_with('*') { "*" } else { "" };
        let optional = if foreign.ends_with('?') { "?" } else { "" };
        let text = format!(
            "expected a placeholder in braces, found `{foreign}`\n\
             {}\n\
             help: write `{{{rest}{text}{optional}}}`",
            crate::suggest::caret(&path, at..at + foreign.len())
        );
        diagnostics.error("foreign-placeholder", &template.literal, text);
        return;
    }
    let in_path = match template {
        Some(_) => format!("add `{{{text}}}` to the path {path:?}, or "),
        None => String::new(),
    };
    let text = format!(
        "`{text}` is not in the path and has no role\n\
         help: {in_path}add a role: `#[query]`, `#[header]`, `#[json]`, `#[form]`, `#[field]`, `#[part]`, `#[body]`, \
         `#[headers]`, `#[url]` or `#[ext]`"
    );
    diagnostics.error("parameter-without-role", name, text);
}

/// A segment that is a placeholder in another framework: `:id` or `*rest`.
fn foreign_placeholder(path: &str, name: &str) -> Option<(usize, String)> {
    for verb in ["%s", "%d", "%i", "%u"] {
        if let Some(at) = path.find(verb) {
            return Some((at, verb.to_owned()));
        }
    }
    [":", "*"].iter().find_map(|sign| {
        let segment = format!("{sign}{name}");
        let is_whole = |at: usize| {
            path[..at].ends_with('/')
                && path[at + segment.len()..].chars().next().is_none_or(|c| "/?".contains(c))
        };
        let at = path.match_indices(&segment).map(|(at, _)| at).find(|at| is_whole(*at))?;
        let rest = &path[at + segment.len()..];
        let is_optional = rest == "?" || rest.starts_with("?/");
        Some((at, if is_optional { segment + "?" } else { segment }))
    })
}

/// Reports placeholders without a parameter, and returns the names of the parameters to which they probably refer.
fn placeholders(template: &Template, typed: &[&PatType], diagnostics: &Diagnostics) -> Vec<String> {
    let names: Vec<_> = typed
        .iter()
        .filter_map(|it| plain_name(&it.pat))
        .map(|name| name.unraw().to_string())
        .collect();
    // A pattern may contain the name, and has its own error.
    if names.len() < typed.len() {
        return Vec::new();
    }
    // `#[path] key: Key` is probably meant for all that have none, and has its own error.
    let is_for_others = |it: &&PatType| {
        let name = plain_name(&it.pat).map(|name| name.unraw().to_string());
        param::is_in_path(&it.attrs)
            && !template.placeholders().any(|it| name.as_ref() == Some(&it.name))
    };
    if typed.iter().any(is_for_others) {
        return Vec::new();
    }
    let (mut seen, mut meant) = (Vec::new(), Vec::new());
    // `#[path("orderId")] id`: the role has the error, which says what to write.
    let by_role: Vec<String> = typed.iter().flat_map(|it| param::path_names(&it.attrs)).collect();
    for placeholder in template.placeholders() {
        if by_role.contains(&placeholder.name) {
            continue;
        }
        if names.contains(&placeholder.name) || seen.contains(&&placeholder.name) {
            continue;
        }
        seen.push(&placeholder.name);
        let free: Vec<_> = names
            .iter()
            .filter(|name| !template.placeholders().any(|it| it.name == **name))
            .map(String::as_str)
            .collect();
        let name = &placeholder.name;
        let shown = shown(placeholder);
        let near = crate::suggest::near_or_part(name, &free);
        let roleless = only_one_is_left(template, typed);
        let way_out = match near {
            None if roleless.is_some() && !is_keyword(name) => {
                let other = roleless.unwrap_or_default();
                let renamed = shown.replace(name.as_str(), &other);
                meant.push(other);
                format!("write `{renamed}`, or rename the parameter")
            }
            Some(near) => {
                meant.push(near.to_owned());
                let strange = crate::suggest::strange(name);
                format!("did you mean `{}`?{}", shown.replace(name.as_str(), near), strange)
            }
            None if is_keyword(name) => {
                "choose another name, such as `{id}`: this one is a keyword".to_owned()
            }
            None => format!("add a parameter `{name}`, or remove the placeholder"),
        };
        let text = format!(
            "placeholder `{shown}` has no parameter\n{}\nhelp: {way_out}",
            template.caret(placeholder)
        );
        diagnostics.error("placeholder-without-parameter", &template.literal, text);
    }
    meant
}

/// A placeholder as it is written.
fn shown(Placeholder { name, kind, .. }: &Placeholder) -> String {
    match kind {
        PlaceholderKind::Segment => format!("{{{name}}}"),
        PlaceholderKind::Optional => format!("{{{name}?}}"),
        PlaceholderKind::Tail => format!("{{*{name}}}"),
    }
}

/// The parameter that a placeholder of another name means: there is one such placeholder, and one parameter without a role.
fn only_one_is_left(template: &Template, typed: &[&PatType]) -> Option<String> {
    let name = |it: &&&PatType| plain_name(&it.pat).map(|name| name.unraw().to_string());
    let names: Vec<_> = typed.iter().filter_map(|it| name(&it)).collect();
    let is_lost = |it: &&Placeholder| !names.contains(&it.name);
    let is_free = |it: &String| !template.placeholders().any(|placeholder| placeholder.name == *it);
    let mut roleless = typed.iter().filter(|it| it.attrs.is_empty()).filter_map(|it| name(&it));
    let (first, second) = (roleless.find(is_free), roleless.find(is_free));
    let is_alone = template.placeholders().filter(is_lost).count() == 1 && second.is_none();
    first.filter(|_| is_alone)
}

/// Keywords that cannot be names, even as raw identifiers.
fn is_keyword(name: &str) -> bool {
    ["self", "Self", "super", "crate", "_"].contains(&name)
}
