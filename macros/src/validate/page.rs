//! Rules about pages and other streams.

use crate::diagnostic::Diagnostics;
use crate::model::case::snake_case;
use crate::model::page::{PageParam, PageStep};
use crate::model::param::{Param, Role};
use crate::model::{Api, Endpoint};

/// An offset counts items. If it were the number of a page, most of the list would be skipped.
pub(super) fn number_as_offset(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let Some((page, at)) = &endpoint.verb.page else { continue };
        let PageStep::Offset { param, .. } = &page.step else { continue };
        let name = match param {
            PageParam::Query(name) | PageParam::Header(name) => name,
            PageParam::Body(path) => path.last().unwrap_or(&endpoint.verb.method),
        };
        let plain = name.to_lowercase().replace(['_', '-'], "");
        let is_number =
            ["page", "pages", "pageno", "pagenum", "pagenumber", "pageindex", "currentpage"];
        if is_number.contains(&plain.as_str()) && !api.allows(endpoint, "page-number-as-offset") {
            let text = format!(
                "`offset` counts the items before a page, but `{name}` looks like a page number\n\
                 help: write `number = \"{name}\", start = 1`\n\
                 help: if `{name}` counts items, add `allow(page_number_as_offset)`"
            );
            diagnostics.error("page-number-as-offset", *at, text);
        }
    }
}

/// An end marker belongs to a stream of events.
pub(super) fn events_without_events(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let Some((_, at)) = &endpoint.verb.events_end else { continue };
        let returned = &endpoint.shape.returned;
        if ["Result", "Pages", "Lines"].iter().any(|name| returned.is_named(name)) {
            let text = format!(
                "`events(..)` needs the return type `Events`, but `{}` returns another type\n\
                 help: return `Events<..>`, without `async`",
                endpoint.name()
            );
            diagnostics.error("events-without-events", *at, text);
        }
    }
}

/// Parameters of pages must be where the request can carry them.
pub(super) fn parameter_elsewhere(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let Some((page, at)) = &endpoint.verb.page else { continue };
        for param in page.params() {
            if let Some(text) = elsewhere(endpoint, param) {
                diagnostics.error("page-parameter", *at, text);
            }
        }
    }
}

/// The size of a page is read from the request.
pub(super) fn size_of_nothing(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints().filter(|it| it.is_whole_around_page) {
        let Some((page, at)) = &endpoint.verb.page else { continue };
        let Some(PageParam::Query(name)) = &page.size else { continue };
        let is_sent = |param: &Param| match &param.role {
            Role::Query { name: query, .. } => query == name,
            // The fields are unknown here.
            Role::QueryStruct { .. } => true,
            _ => false,
        };
        let in_path = endpoint.template().and_then(|it| it.query.as_deref()).unwrap_or_default();
        let in_path = in_path.split('&').any(|pair| pair.split('=').next() == Some(name));
        let is_constant = endpoint.effective.queries.iter().any(|it| it.name == *name);
        if in_path || is_constant || endpoint.params.iter().any(is_sent) {
            continue;
        }
        let own = snake_case(name);
        let own = own.trim_matches('_');
        let role = match own == *name {
            true => "query".to_owned(),
            false => format!("query(\"{name}\")"),
        };
        let text = format!(
            "`size` names the query value `{name}`, which `{method}` does not send\n\
             help: add `#[{role}] {own}: u32`, write `queries(\"{name}\" = 50)`, or remove `size`",
            method = endpoint.name()
        );
        diagnostics.error("size-of-nothing", *at, text);
    }
}

fn elsewhere(endpoint: &Endpoint, param: &PageParam) -> Option<String> {
    match param {
        PageParam::Query(name) => {
            let is_in_path = |template: &crate::model::template::Template| {
                template.placeholders().any(|placeholder| placeholder.name == *name)
            };
            let is_query = endpoint
                .params
                .iter()
                .any(|it| matches!(&it.role, Role::Query { name: query, .. } if query == name));
            let found = endpoint.template().is_some_and(is_in_path) && !is_query;
            found.then(|| {
                format!(
                    "`page(..)` sets the query parameter `{name}`, but `{{{name}}}` is in the \
                     path\n\
                     help: name a query parameter, or write `page(link)` if the response names the \
                     next page"
                )
            })
        }
        PageParam::Header(_) => None,
        PageParam::Body(path) => {
            let other = endpoint
                .params
                .iter()
                .find(|it| matches!(it.role, Role::Body { .. } | Role::Part { .. }));
            if let Some(other) = other {
                return Some(format!(
                    "`page(..)` sets a value in a JSON or form body, but `{}` is a `#[{}]`\n\
                     help: take the body as `#[json]` or `#[form]`",
                    other.name,
                    other.role.word()
                ));
            }
            let is_form = endpoint
                .params
                .iter()
                .any(|it| matches!(it.role, Role::Form { .. } | Role::Field { .. }));
            if is_form && path.len() > 1 {
                return Some(format!(
                    "`page(..)` sets `{}` in the body, but the fields of a form are not nested\n\
                     help: write `body(\"{}\")`",
                    path.join("."),
                    path.last().map(String::as_str).unwrap_or_default()
                ));
            }
            let has_no_body = ["GET", "HEAD", "TRACE"].contains(&endpoint.verb.method.as_str())
                && !endpoint.params.iter().any(|it| matches!(it.role, Role::Json { .. }))
                && !is_form;
            has_no_body.then(|| {
                format!(
                    "`page(..)` sets a value in the body, but a `{}` has none\n\
                     help: name a query parameter, as in `cursor = \"{}\"`",
                    endpoint.verb.method,
                    path.last().map(String::as_str).unwrap_or_default()
                )
            })
        }
    }
}
