//! Parses `page(cursor = "after", next = "data.next", items = "data.items")`.

use super::option::{Opt, Options};
use super::value::json_path;
use crate::diagnostic::Diagnostics;
use crate::model::options::Page;
use crate::suggest::choices;

/// Parses the option.
pub(super) fn parse(option: &Opt, diagnostics: &Diagnostics) -> Option<Page> {
    let example = r#"page(cursor = "after", next = "data.next", items = "data.items")"#;
    let list = option.list(example, diagnostics)?;
    let known = ["cursor", "next", "offset", "link", "items"];
    let mut options = Options::new(list, &known, &[], "the options of `page` are", diagnostics);
    let cursor = options.take("cursor");
    let offset = options.take("offset");
    let link = options.take("link");
    let next = options.take("next");
    let items = match options.take("items") {
        Some(items) => json_path(&items, r#"items = "data.items""#, diagnostics)?,
        None => Vec::new(),
    };
    options.end(example, diagnostics);
    match (cursor, offset, link, next) {
        (Some(cursor), None, None, Some(next)) => Some(Page::Cursor {
            param: cursor.string(r#"cursor = "after""#, diagnostics)?.value(),
            next: json_path(&next, r#"next = "data.next""#, diagnostics)?,
            items,
        }),
        (None, Some(offset), None, None) => Some(Page::Offset {
            param: offset.string(r#"offset = "skip""#, diagnostics)?.value(),
            items,
        }),
        (None, None, Some(link), None) => {
            link.flag(diagnostics)?;
            Some(Page::Link { items })
        }
        _ => option.wrong(
            &format!("`cursor` and `next`, or one of {}", choices(&["offset", "link"])),
            example,
            diagnostics,
        ),
    }
}
