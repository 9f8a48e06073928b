//! The address of a call without arguments.

use std::fmt::Display;

use perennial::__private::Draft;
use perennial::declared::Endpoint;

/// The path of a template, with a value in each placeholder.
pub(super) fn path(mut draft: Draft, endpoint: &'static Endpoint, number: u64) -> Draft {
    let template = endpoint.path;
    let query = template.match_indices('?').find(|(at, _)| !template[at + 1..].starts_with('}'));
    let (mut rest, query) = match query {
        Some((at, _)) => (&template[..at], Some(&template[at + 1..])),
        None => (template, None),
    };
    let value = |each: &mut dyn FnMut(&dyn Display)| {
        each(&number);
        Ok(())
    };
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        let is_optional = name.ends_with('?');
        let before = if is_optional { before.strip_suffix('/').unwrap_or(before) } else { before };
        if !before.is_empty() {
            draft = draft.literal(before);
        }
        if let Some(name) = name.strip_prefix('*') {
            draft = draft.tail(name, &value);
        } else if !is_optional {
            draft = draft.segment(name, &value);
        }
        rest = after;
    }
    if !rest.is_empty() {
        draft = draft.literal(rest);
    }
    match query {
        Some(query) => draft.literal_query(query),
        None => draft,
    }
}
