//! Parses `#[part("photo", mime = "image/png", file = "a.png")]`.

use syn::LitStr;

use super::option::Opt;
use super::param::{Naming, named};
use super::value::header_value;
use crate::diagnostic::Diagnostics;
use crate::model::param::{PartOptions, Role};

/// Parses the options of the role.
pub(super) fn parse(
    list: Vec<Opt>,
    naming: &Naming<'_>,
    diagnostics: &Diagnostics,
) -> Option<Role> {
    let (name, mut options) = named(list, &["mime", "file", "json"], "part", diagnostics);
    let mime = options.take("mime").and_then(|it| it.string("mime = \"image/png\"", diagnostics));
    let file = options.take("file").and_then(|it| it.string("file = \"a.png\"", diagnostics));
    let json = options.take("json").map(|it| it.flag(diagnostics)).is_some();
    options.end("#[part(\"photo\", mime = \"image/png\", file = \"a.png\")]", diagnostics);
    if let Some(mime) = &mime {
        check_mime(mime, "image/png", "", diagnostics)?;
    }
    if let Some(file) = &file {
        header_value(file, diagnostics)?;
    }
    let text = |literal: Option<LitStr>| literal.map(|literal| literal.value());
    let options = PartOptions { mime: text(mime), file: text(file), json };
    Some(Role::Part { name: naming.wire(name), options })
}

/// Checks a media type. `example` is one that the place may have.
pub(super) fn check_mime(
    literal: &LitStr,
    example: &str,
    more: &str,
    diagnostics: &Diagnostics,
) -> Option<()> {
    let text = literal.value();
    let is_token = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c))
    };
    let essence = text.split(';').next().unwrap_or_default().trim();
    let good =
        essence.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
    if !good {
        let text = format!(
            "`{text}` is not a media type\nhelp: write a type and a subtype, such as `{example:?}`{more}"
        );
        diagnostics.error("bad-mime", literal, text);
    }
    good.then_some(())
}
