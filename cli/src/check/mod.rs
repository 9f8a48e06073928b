//! `cargo perennial check OLD NEW`: the changes of a newer document that break callers, and its additions.

mod parameters;
mod schemas;

use std::collections::BTreeMap;
use std::fmt;

use crate::document::{Body, Content, Document, Operation, Response};
use crate::notes::Notes;
use crate::types::Types;
use parameters::parameters;
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
    server(before, after, documents, &name, findings);
    security(before, after, documents, &name, findings);
    parameters(types, before, after, &name, findings);
    body(types, before, after, &name, findings);
    responses(types, before, after, &name, findings);
}

/// Compares the paths below which the calls are. A document without a server says nothing about them.
fn server(
    before: &Operation<'_>,
    after: &Operation<'_>,
    (old, new): (&Document<'_>, &Document<'_>),
    name: &str,
    findings: &mut Findings,
) {
    let was = before.server.as_deref().or(old.server.as_deref());
    let is = after.server.as_deref().or(new.server.as_deref());
    let (Some(was), Some(is)) = (was.map(path_of), is.map(path_of)) else { return };
    if was != is {
        findings.add(Weight::Breaks, name, format!("is below `{is}/` instead of `{was}/`"));
    }
}

/// The path of the URL of a server, which may be relative, without a slash at its end.
fn path_of(url: &str) -> &str {
    let below =
        url.split_once("://").map_or(url, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
    below.trim_end_matches('/')
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
    let is_empty = |it: &&Response<'_>| it.content.is_empty();
    let was_good: Vec<_> = before.responses.iter().filter(good).collect();
    let is_good: Vec<_> = after.responses.iter().filter(good).collect();
    for was in &was_good {
        let same = is_good.iter().find(|it| it.status == was.status);
        // A success under another status is read like this one.
        let other = || is_good.iter().find(|it| !is_empty(it)).or(is_good.first());
        let Some(is) = same.or_else(other) else {
            findings.add(Weight::Breaks, name, format!("the success {} is gone", was.status));
            continue;
        };
        if !is_empty(was) && is_empty(is) {
            findings.add(Weight::Breaks, name, "the response has no body now".to_owned());
            continue;
        }
        contents(types, &was.content, &is.content, Direction::Received, name, findings);
    }
    let had_bodies = !was_good.is_empty() && !was_good.iter().any(is_empty);
    if had_bodies && is_good.iter().any(|it| !is_empty(it)) {
        let statuses = was_good.iter().map(|it| it.status);
        let known: Vec<_> = statuses.collect();
        for is in is_good.iter().filter(|it| is_empty(it) && !known.contains(&it.status)) {
            let text = format!("the response may have no body now, with status {}", is.status);
            findings.add(Weight::Breaks, name, text);
        }
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
