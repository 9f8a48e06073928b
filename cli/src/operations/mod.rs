//! Turns operations into methods of a trait.

mod auth;
mod body;
pub(crate) mod ours;
mod parameters;
mod path;
mod response;
mod select;
mod session;
mod travels;
mod write;

use std::collections::HashSet;

use crate::document::{Document, Operation, Parameter};
use crate::names::{Names, pascal, snake};
use crate::notes::Notes;
use crate::types::{Ty, Types};

pub use auth::{Auth, Credential};
pub use select::Selection;
pub use session::Wishes;
use write::OWN_GUESSES;
pub use write::{COMMENT, Style, api, method};

/// A method, ready to be written.
#[derive(Debug, Clone, Default)]
pub struct Method {
    /// Its name.
    pub name: String,
    /// The description in the document.
    pub docs: Vec<String>,
    /// The guesses.
    pub guesses: Vec<String>,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// The verb, as the attribute is called.
    pub verb: String,
    /// The path, with the placeholders of the method.
    pub path: String,
    /// Options after the path.
    pub options: Vec<String>,
    /// Parameters: attribute, name and type.
    pub parameters: Vec<(String, String, String)>,
    /// Its return type.
    pub returns: String,
    /// Whether it is a stream, which is not awaited.
    pub is_stream: bool,
    /// Rules to silence.
    pub allows: Vec<&'static str>,
    /// The tag by which traits are split.
    pub tag: String,
    /// Types of requests.
    pub sent: Vec<Ty>,
    /// Types of responses.
    pub received: Vec<Ty>,
    /// The type of its events, if it may respond with a stream of events instead.
    pub events: Option<String>,
    /// `GET /pets/{id}` of the document.
    pub shown: String,
    /// Whether a part of the operation is missing.
    pub lost: bool,
}

/// All methods of an import, and the code that some of them need beside them.
pub struct Methods {
    /// The methods.
    pub list: Vec<Method>,
    /// How tokens are sent.
    pub auth: Auth,
    /// Code for the refresh, with the name by which it is found.
    pub extras: Vec<(String, String)>,
}

/// Creates the methods for the selected operations.
///
/// # Errors
///
/// If an option cannot be applied, for example because the refresh does not exist.
pub fn methods<'d, 'a>(
    document: &'d Document<'a>,
    types: &mut Types<'d, 'a>,
    selection: &Selection,
    wishes: &Wishes,
    notes: &Notes,
) -> Result<Methods, String> {
    let operations: Vec<&'d Operation<'a>> =
        document.operations.iter().filter(|it| selection.takes(it)).collect();
    let auth = auth::read(document, &operations, wishes, notes)?;
    let mut names = Names::default();
    // Names of `Self` and of the client's own methods.
    for own in ["session", "in_session", "with_session", "builder", "new", "clone"] {
        names.take(own);
    }
    let mut list = Vec::new();
    let mut drafts = Vec::new();
    for operation in &operations {
        let before = notes.len();
        let name = names.unique(&method_name(operation, notes));
        let wanted = operation.id.map_or_else(|| pascal(&name), pascal);
        drafts.push((operation, name, Draft::new(types, operation, &wanted, notes), before));
    }
    types.finish();
    for (operation, name, mut draft, before) in drafts {
        let now = notes.len();
        draft
            .parameters
            .retain(|(parameter, _)| !is_of_session(&auth, operation, parameter, notes));
        let files = draft.parts.clone().map(|body| Draft { body, parts: None, ..draft.clone() });
        let mut method = one(types, operation, name, draft, notes);
        auth.apply(operation, &mut method);
        method.lost = notes.lost_since(now) || notes.lost_below(&operation.at, before);
        let second = response::second_method(&method, &mut names);
        let files = files.map(|draft| {
            let name = names.unique(&format!("{}_multipart", method.name.trim_start_matches("r#")));
            let mut second = one(types, operation, name, draft, notes);
            auth.apply(operation, &mut second);
            second.docs.push("As a multipart body, which can carry files.".to_owned());
            second.allows.push("duplicate_endpoint");
            second
        });
        list.push(method);
        list.extend(second.into_iter().chain(files));
    }
    allow_duplicates(&mut list);
    let extras = session::apply(document, types, &mut list, &auth, wishes, notes)?;
    Ok(Methods { list, auth, extras })
}

/// Whether the session sends a parameter with each call, which is noted.
fn is_of_session(
    auth: &Auth,
    operation: &Operation<'_>,
    parameter: &Parameter<'_>,
    notes: &Notes,
) -> bool {
    let is_set = auth.sets(operation, parameter);
    if is_set {
        let text = format!("`{}` is set by the session, so it is not a parameter", parameter.name);
        notes.chosen(&*parameter.at, text);
    }
    is_set
}

/// Lets several methods have the same address.
fn allow_duplicates(list: &mut [Method]) {
    let mut declared = HashSet::new();
    for method in list {
        // Placeholders of other names are the same address.
        let address = method.path.split(['{', '}']).step_by(2).collect::<Vec<_>>().join("{}");
        let is_new = declared.insert((method.verb.clone(), address));
        if !is_new && !method.allows.contains(&"duplicate_endpoint") {
            method.allows.push("duplicate_endpoint");
        }
    }
}

/// The types that an operation needs, before it is written.
#[derive(Clone)]
struct Draft<'d, 'a> {
    parameters: Vec<(&'d crate::document::Parameter<'a>, Ty)>,
    body: body::BodyDraft<'d, 'a>,
    /// Besides JSON, a multipart body that can carry files.
    parts: Option<body::BodyDraft<'d, 'a>>,
    response: response::ResponseDraft,
    pascal: String,
}

impl<'d, 'a> Draft<'d, 'a> {
    fn new(
        types: &mut Types<'d, 'a>,
        operation: &'d Operation<'a>,
        pascal: &str,
        notes: &Notes,
    ) -> Self {
        let mut parameters = Vec::new();
        for parameter in &operation.parameters {
            let context =
                crate::types::Context::new(pascal, &parameter.at).inside(parameter.name, "schema");
            parameters.push((parameter, types.of(&parameter.schema, &context)));
        }
        Self {
            parameters,
            body: body::draft(types, operation, pascal, notes),
            parts: body::parts_beside_json(types, operation, pascal),
            response: response::draft(types, operation, pascal, notes),
            pascal: pascal.to_owned(),
        }
    }
}

fn one<'d, 'a>(
    types: &mut Types<'d, 'a>,
    operation: &'d Operation<'a>,
    name: String,
    draft: Draft<'d, 'a>,
    notes: &Notes,
) -> Method {
    let mut method = Method {
        name,
        deprecated: operation.deprecated,
        verb: operation.verb.to_owned(),
        tag: operation.tags.first().copied().unwrap_or_default().to_owned(),
        shown: operation.shown(),
        ..Method::default()
    };
    let summary = operation.summary.map(crate::text::first_paragraph).unwrap_or_default();
    let said = operation.description.map(crate::text::first_paragraph).unwrap_or_default();
    let is_new = !said.is_empty()
        && !said.trim_end_matches('.').eq_ignore_ascii_case(summary.trim_end_matches('.'));
    method.docs = [summary, if is_new { said } else { String::new() }]
        .into_iter()
        .filter(|it| !it.is_empty())
        .collect();
    if operation.server.is_some() && operation.server.as_deref() != types.server() {
        notes.lost(
            &operation.at,
            "this operation has a server of its own; build a separate client with that URL",
        );
    }
    parameters::write(types, operation, &draft, &mut method, notes);
    body::write(types, operation, draft.body, &mut method, notes);
    response::write(types, operation, draft.response, &mut method, notes);
    method
}

/// The name of a method: that of the operation, or made of its verb and path.
fn method_name(operation: &Operation<'_>, _: &Notes) -> String {
    match operation.id {
        Some(id) => snake(id),
        None => {
            let words = operation.path.replace(['{', '}'], " ");
            let by: Vec<&str> =
                operation.path.split('/').filter(|it| it.starts_with('{')).collect();
            match (&by[..], operation.path.ends_with('}')) {
                ([only], true) => snake(&format!(
                    "{} {} by {only}",
                    operation.verb,
                    words.replace(only.trim_matches(['{', '}']), "")
                )),
                _ => snake(&format!("{} {words}", operation.verb)),
            }
        }
    }
}
