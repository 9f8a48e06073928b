//! `cargo perennial check OLD NEW`: the changes of a newer document that break callers, and its additions.

mod schemas;

use std::collections::BTreeMap;
use std::fmt;

use crate::document::{Body, Content, Document, Operation, Parameter, Place, Response};
use crate::notes::Notes;
use crate::types::Types;
use schemas::{Direction, Walk};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Callers break, or receive a value that no longer exists.
    Breaks,
    /// Callers still work, but should look at it.
    Warns,
    /// Nothing that existed before has changed.
    Adds,
}

/// The findings, each with its operations.
#[derive(Debug, Default)]
pub struct Findings(BTreeMap<(Weight, String), Vec<String>>);

impl Findings {
    fn add(&mut self, weight: Weight, operation: &str, text: String) {
        let about = self.0.entry((weight, text)).or_default();
        if about.last().is_none_or(|it| it != operation) {
            about.push(operation.to_owned());
        }
    }

    /// How many findings of a weight there are.
    #[must_use]
    pub fn count(&self, weight: Weight) -> usize {
        self.0.keys().filter(|it| it.0 == weight).count()
    }

    /// The operations to which a finding of this weight applies.
    #[must_use]
    pub fn operations(&self, weight: Weight) -> usize {
        let all = self.0.iter().filter(|(key, _)| key.0 == weight).flat_map(|(_, about)| about);
        all.collect::<std::collections::HashSet<_>>().len()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (weight, word) in
            [(Weight::Breaks, "breaks"), (Weight::Warns, "look at"), (Weight::Adds, "adds")]
        {
            for ((_, text), about) in self.0.iter().filter(|(key, _)| key.0 == weight) {
                let more = match about.len() {
                    0 | 1 => String::new(),
                    more => format!(" (and {} more operations)", more - 1),
                };
                writeln!(
                    f,
                    "{word:>8}: {}: {text}{more}",
                    about.first().map_or("document", |it| it)
                )?;
            }
        }
        let count = |weight| (self.count(weight), self.operations(weight));
        let ((breaks, of), (warns, _), (additions, _)) =
            (count(Weight::Breaks), count(Weight::Warns), count(Weight::Adds));
        writeln!(
            f,
            "{breaks} changes break callers of {of} operations, {warns} need a look, {additions} are additions"
        )
    }
}

/// Compares two documents.
#[must_use]
pub fn compare(old: &Document<'_>, new: &Document<'_>) -> Findings {
    let mut findings = Findings::default();
    let notes = Notes::default();
    let types = (Types::new(old, &notes), Types::new(new, &notes));
    for before in &old.operations {
        match new.operations.iter().find(|it| is_same(it, before)) {
            Some(after) => operation(&types, before, after, (old, new), &mut findings),
            None => findings.add(Weight::Breaks, &before.shown(), gone(before, new)),
        }
    }
    for after in &new.operations {
        if !old.operations.iter().any(|it| is_same(it, after)) {
            findings.add(Weight::Adds, &after.shown(), "a new operation".to_owned());
        }
    }
    findings
}

/// Whether two operations are the same: the same verb and the same path, whatever the names of its placeholders.
fn is_same(a: &Operation<'_>, b: &Operation<'_>) -> bool {
    a.verb == b.verb && shape(a.path) == shape(b.path)
}

fn shape(path: &str) -> String {
    let mut shape = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        shape.push_str(before);
        shape.push_str("{}");
        rest = after.split_once('}').map_or("", |it| it.1);
    }
    shape + rest
}

fn gone(before: &Operation<'_>, new: &Document<'_>) -> String {
    let renamed = before.id.and_then(|id| new.operations.iter().find(|it| it.id == Some(id)));
    match renamed {
        Some(moved) => {
            format!("is gone; `{}` is {} now", before.id.unwrap_or_default(), moved.shown())
        }
        None => "is gone".to_owned(),
    }
}

type Both<'t, 'd, 'a, 'b> = (Types<'d, 'a>, Types<'t, 'b>);

fn operation<'d, 'a, 'e, 'b>(
    types: &Both<'e, 'd, 'a, 'b>,
    before: &'d Operation<'a>,
    after: &'e Operation<'b>,
    documents: (&Document<'_>, &Document<'_>),
    findings: &mut Findings,
) {
    let name = after.shown();
    if after.deprecated && !before.deprecated {
        findings.add(Weight::Warns, &name, "is deprecated".to_owned());
    }
    security(before, after, documents, &name, findings);
    parameters(types, before, after, &name, findings);
    body(types, before, after, &name, findings);
    responses(types, before, after, &name, findings);
}

fn security(
    before: &Operation<'_>,
    after: &Operation<'_>,
    (old, new): (&Document<'_>, &Document<'_>),
    name: &str,
    findings: &mut Findings,
) {
    let of = |operation: &Operation<'_>, document: &Document<'_>| -> Vec<Vec<String>> {
        let said = operation.security.as_ref().or(document.security.as_ref());
        said.into_iter()
            .flatten()
            .map(|it| it.iter().map(|it| (*it).to_owned()).collect())
            .collect()
    };
    let (was, is) = (of(before, old), of(after, new));
    let is_free = |it: &Vec<Vec<String>>| it.is_empty() || it.iter().any(Vec::is_empty);
    if is_free(&was) && !is_free(&is) {
        findings.add(Weight::Breaks, name, format!("needs `{}` now", is[0].join("` and `")));
    } else if !is_free(&was) && !is_free(&is) && !was.iter().any(|it| is.contains(it)) {
        findings.add(
            Weight::Breaks,
            name,
            format!("takes `{}` instead of `{}`", is[0].join("` and `"), was[0].join("` and `")),
        );
    } else if !is_free(&was) && is_free(&is) {
        findings.add(Weight::Adds, name, "no longer needs a token".to_owned());
    }
}

fn parameters<'d, 'a, 'e, 'b>(
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
        Walk::new(&types.0, &types.1, Direction::Sent, name, findings).compare(
            &was.schema,
            &is.schema,
            &format!("the parameter `{}`", was.name),
        );
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

fn body<'d, 'a, 'e, 'b>(
    types: &Both<'e, 'd, 'a, 'b>,
    before: &'d Operation<'a>,
    after: &'e Operation<'b>,
    name: &str,
    findings: &mut Findings,
) {
    let is_empty = |it: &&Body<'_>| it.content.is_empty();
    match (&before.body, &after.body) {
        (Some(_), None) => findings.add(Weight::Breaks, name, "no longer takes a body".to_owned()),
        (None, Some(is)) if !is_empty(&is) => {
            let weight = if is.required { Weight::Breaks } else { Weight::Adds };
            findings.add(weight, name, "takes a body now".to_owned());
        }
        (Some(was), Some(is)) => {
            if is.required && !was.required {
                findings.add(Weight::Breaks, name, "the body is required now".to_owned());
            }
            contents(types, &was.content, &is.content, Direction::Sent, name, findings);
        }
        _ => {}
    }
}

fn responses<'d, 'a, 'e, 'b>(
    types: &Both<'e, 'd, 'a, 'b>,
    before: &'d Operation<'a>,
    after: &'e Operation<'b>,
    name: &str,
    findings: &mut Findings,
) {
    let good = |it: &&Response<'_>| it.status.starts_with('2');
    for was in before.responses.iter().filter(good) {
        let Some(is) = after.responses.iter().find(|it| it.status == was.status) else {
            // A success under another status is read like this one.
            if after.responses.iter().filter(good).count() == 0 {
                findings.add(Weight::Breaks, name, format!("the success {} is gone", was.status));
            }
            continue;
        };
        contents(types, &was.content, &is.content, Direction::Received, name, findings);
    }
}

/// Compares a body or a response in each of its media types.
fn contents<'d, 'a, 'e, 'b>(
    types: &Both<'e, 'd, 'a, 'b>,
    before: &'d [Content<'a>],
    after: &'e [Content<'b>],
    direction: Direction,
    name: &str,
    findings: &mut Findings,
) {
    let what = match direction {
        Direction::Sent => "the body",
        Direction::Received => "the response",
    };
    for was in before {
        let Some(is) = after.iter().find(|it| it.media == was.media) else {
            let text = format!("{what} is no longer `{}`", was.media);
            findings.add(Weight::Breaks, name, text);
            continue;
        };
        if let (Some(was), Some(is)) = (&was.schema, &is.schema) {
            Walk::new(&types.0, &types.1, direction, name, findings).compare(was, is, what);
        }
    }
}
