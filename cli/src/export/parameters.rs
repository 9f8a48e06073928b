//! Exports the parameters of a method that are part of the address or of the headers.

use super::operation::Method;
use super::options::{Opt, wire_name};
use super::schema::argument;
use super::{entry, text_node};
use crate::node::Node;

impl Method<'_> {
    pub(super) fn parameters(&self, path: &str) -> Vec<Node> {
        let mut parameters = Vec::new();
        for (name, ty, role) in self.inputs() {
            let optional = argument(ty, "Option");
            let is_required = optional.is_none();
            let schema = self.items.of(optional.as_ref().unwrap_or(ty));
            let is_list = schema.text_of("type") == Some("array");
            let wire = |options: &[Opt]| {
                wire_name(options).map_or_else(|| self.renamed(&name), str::to_owned)
            };
            let (role, options) = role.unwrap_or_default();
            let has = |word| options.iter().any(|it| it.is(word));
            match &*role {
                "" if path.contains(&format!("{{{name}}}")) => {
                    parameters.push(parameter(&name, "path", true, plain(schema)));
                }
                "query" if has("json") => {
                    let content = Node::Object(plain(schema));
                    let content = Node::Object(vec![entry("application/json", content)]);
                    let content = vec![entry("content", content)];
                    parameters.push(parameter(&wire(&options), "query", is_required, content));
                }
                "query" => {
                    let is_flat = has("flatten");
                    let name = if is_flat { name.clone() } else { wire(&options) };
                    let is_required = is_required && !is_list && !is_flat;
                    let mut more = style(&options);
                    more.extend(plain(schema));
                    parameters.push(parameter(&name, "query", is_required, more));
                }
                "header" => {
                    let wire =
                        wire_name(&options).map_or_else(|| name.replace('_', "-"), str::to_owned);
                    parameters.push(parameter(&wire, "header", is_required, plain(schema)));
                }
                _ => {}
            }
        }
        let key = self.options.iter().find(|it| it.is("idempotent"));
        if let Some(key) = key.and_then(|it| it.list().first()) {
            let text = Node::Object(vec![entry("type", text_node("string"))]);
            parameters.push(parameter(&key.key, "header", false, plain(text)));
        }
        parameters
    }
}

/// A parameter; `more` says how its value is written.
fn parameter(name: &str, place: &str, required: bool, more: Vec<(String, Node)>) -> Node {
    let mut parameter = vec![entry("name", text_node(name)), entry("in", text_node(place))];
    if required {
        parameter.push(entry("required", Node::Bool(true)));
    }
    parameter.extend(more);
    Node::Object(parameter)
}

fn plain(schema: Node) -> Vec<(String, Node)> {
    vec![entry("schema", schema)]
}

/// How a list or an object is written in the query.
fn style(options: &[Opt]) -> Vec<(String, Node)> {
    let style = options.iter().find(|it| it.is("style")).and_then(Opt::word);
    let (name, explodes) = match style.as_deref() {
        Some("csv") => ("form", false),
        Some("pipe") => ("pipeDelimited", false),
        // Flattened, the fields of the value are parameters of their own, whatever is in them.
        Some("brackets") if !options.iter().any(|it| it.is("flatten")) => ("deepObject", true),
        _ => return Vec::new(),
    };
    vec![entry("style", text_node(name)), entry("explode", Node::Bool(explodes))]
}
