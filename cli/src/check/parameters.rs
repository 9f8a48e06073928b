//! Compares the parameters of an operation.

use super::schemas::{Direction, Walk};
use super::{Both, Findings, Weight};
use crate::document::{Operation, Parameter, Place, Schema};

pub(super) fn parameters<'d, 'a, 'e, 'b>(
    types: &Both<'e, 'd, 'a, 'b>,
    before: &'d Operation<'a>,
    after: &'e Operation<'b>,
    name: &str,
    findings: &mut Findings,
) {
    let named = |it: &&Parameter<'_>| it.place != Place::Path;
    for was in before.parameters.iter().filter(named) {
        let Some(is) = after.parameters.iter().find(|it| is_same_parameter(it, was)) else {
            findings.add(Weight::Breaks, name, format!("the parameter `{}` is gone", was.name));
            continue;
        };
        if is.required && !was.required {
            findings.add(
                Weight::Breaks,
                name,
                format!("the parameter `{}` is required now", was.name),
            );
        }
        if is.deprecated && !was.deprecated {
            findings.add(
                Weight::Warns,
                name,
                format!("the parameter `{}` is deprecated", was.name),
            );
        }
        forms(types, was, is, name, findings);
        values(types, was, is, name, findings);
    }
    // Their names are not sent.
    let placed = in_path(before).into_iter().zip(in_path(after));
    for (was, is) in placed {
        if let (Some(was), Some(is)) = (was, is) {
            values(types, was, is, name, findings);
        }
    }
    for is in after.parameters.iter().filter(named) {
        if !before.parameters.iter().any(|was| is_same_parameter(was, is)) {
            let weight = if is.required { Weight::Breaks } else { Weight::Adds };
            let word = if is.required { "required " } else { "" };
            findings.add(weight, name, format!("a new {word}parameter `{}`", is.name));
        }
    }
}

fn is_same_parameter(a: &Parameter<'_>, b: &Parameter<'_>) -> bool {
    a.place == b.place
        && if a.place == Place::Header {
            a.name.eq_ignore_ascii_case(b.name)
        } else {
            a.name == b.name
        }
}

/// The declared parameters of the placeholders, in their order.
fn in_path<'o, 'a>(operation: &'o Operation<'a>) -> Vec<Option<&'o Parameter<'a>>> {
    let names = operation.path.split('{').skip(1).map(|it| it.split('}').next().unwrap_or(it));
    let declared = |name: &str| {
        operation.parameters.iter().find(|it| it.place == Place::Path && it.name == name)
    };
    names.map(declared).collect()
}

fn values<'d, 'a, 'e, 'b>(
    types: &Both<'e, 'd, 'a, 'b>,
    was: &'d Parameter<'a>,
    is: &'e Parameter<'b>,
    name: &str,
    findings: &mut Findings,
) {
    let at = format!("the parameter `{}`", was.name);
    let mut walk = Walk::new(&types.0, &types.1, Direction::Sent, name, findings);
    walk.compare(&was.schema, &is.schema, &at);
}

/// Compares how lists and objects are written.
fn forms<'d, 'a, 'e, 'b>(
    types: &Both<'e, 'd, 'a, 'b>,
    was: &'d Parameter<'a>,
    is: &'e Parameter<'b>,
    name: &str,
    findings: &mut Findings,
) {
    let is_joined = |schema: Option<&Schema<'_>>| {
        schema.is_some_and(|it| it.types.iter().any(|it| ["array", "object"].contains(it)))
    };
    let both = is_joined(types.0.target(&was.schema)) && is_joined(types.1.target(&is.schema));
    let (before, after) = (form(was), form(is));
    if before != after && (both || was.media != is.media) {
        let text = format!("the parameter `{}` is {after} instead of {before}", was.name);
        findings.add(Weight::Breaks, name, text);
    }
}

/// How a list or an object is written.
fn form(parameter: &Parameter<'_>) -> String {
    if let Some(media) = parameter.media {
        return format!("written as `{media}`");
    }
    let default = match parameter.place {
        Place::Query | Place::Cookie => "form",
        Place::Path | Place::Header => "simple",
    };
    match (parameter.style.unwrap_or(default), parameter.explode) {
        ("form", Some(true) | None) | ("pipeDelimited" | "spaceDelimited", Some(true)) => {
            "repeated".to_owned()
        }
        ("form" | "simple", _) => "separated by commas".to_owned(),
        ("pipeDelimited", _) => "separated by `|`".to_owned(),
        ("spaceDelimited", _) => "separated by spaces".to_owned(),
        ("deepObject", _) => "written in brackets".to_owned(),
        (style, _) => format!("written as `{style}`"),
    }
}
