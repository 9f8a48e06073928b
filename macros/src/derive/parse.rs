//! Reads the struct and its options.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;

use super::{Field, Form, Struct};
use crate::diagnostic::Diagnostics;
use crate::model::case::Case;
use crate::parse::option::{Options, options};
use crate::parse::shared;
use crate::suggest::text_of;

/// The struct; `None` if the derive does not support the item, which is reported.
pub(super) fn parse(item: TokenStream, diagnostics: &Diagnostics) -> Option<Struct> {
    let item = match syn::parse2::<syn::Item>(item) {
        Ok(syn::Item::Struct(item)) if matches!(item.fields, syn::Fields::Named(_)) => item,
        Ok(item) => {
            let (what, name) = match &item {
                syn::Item::Struct(it) => ("a struct without named fields", &it.ident),
                syn::Item::Enum(it) => ("an enum", &it.ident),
                syn::Item::Union(it) => ("a union", &it.ident),
                _ => return None,
            };
            let text = format!(
                "`Json` needs a struct with named fields, but `{name}` is {what}\n\
                 help: derive `serde::Serialize` and `serde::Deserialize`"
            );
            return diagnostics.fail("json-item", name, text);
        }
        Err(error) => {
            diagnostics.syntax(error);
            return None;
        }
    };
    if !item.generics.params.is_empty() {
        let text = format!(
            "`Json` cannot be derived for a generic struct, such as `{}`\n\
             help: derive `serde::Serialize` and `serde::Deserialize`",
            item.ident
        );
        return diagnostics.fail("json-generics", &item.generics, text);
    }
    let known = &["rename_all", "tag", "value", "deny_unknown_fields", "crate"];
    let mut of_struct = read(&item.attrs, known, "the options of a struct are", diagnostics);
    let case = of_struct.take("rename_all").and_then(|it| shared::case(&it, diagnostics));
    let case = case.unwrap_or(Case::Snake);
    let mut text = |name: &str, example: &str| {
        let option = of_struct.take(name)?;
        Some((option.string(example, diagnostics)?.value(), option))
    };
    let tag = match (text("tag", "tag = \"object\""), text("value", "value = \"list\"")) {
        (Some((tag, _)), Some((value, _))) => Some((tag, value)),
        (Some((_, alone)), None) | (None, Some((_, alone))) => {
            let text = "`tag` and `value` belong together\n\
                        help: write `tag = \"object\", value = \"list\"`";
            diagnostics.fail("json-tag", &alone, text)
        }
        (None, None) => None,
    };
    let is_closed = flag(&mut of_struct, "deny_unknown_fields", diagnostics);
    let runtime = of_struct
        .take("crate")
        .and_then(|it| it.path("crate = ::some::path", diagnostics))
        .map_or_else(|| quote!(::perennial), ToTokens::into_token_stream);
    of_struct.end("rename_all = \"camelCase\"", diagnostics);
    let fields = item.fields.into_iter().filter_map(|it| field(it, case, diagnostics)).collect();
    let parsed = Struct { name: item.ident, runtime, fields, tag, is_closed };
    check(&parsed, diagnostics);
    Some(parsed)
}

fn field(field: syn::Field, case: Case, diagnostics: &Diagnostics) -> Option<Field> {
    let name = field.ident?;
    let known = &["rename", "required", "null", "flatten"];
    let mut options = read(&field.attrs, known, "the options of a field are", diagnostics);
    let own = options.take("rename").and_then(|it| it.string("rename = \"type\"", diagnostics));
    let wire = own.map_or_else(|| case.rename(&name.unraw().to_string()), |it| it.value());
    let mut form = Form::Plain;
    for (word, its) in [("required", Form::Required), ("null", Form::Null), ("flatten", Form::Flat)]
    {
        let Some(option) = options.take(word) else { continue };
        if form != Form::Plain {
            let text = "a field takes one of `required`, `null` and `flatten`\n\
                        help: keep one of them";
            diagnostics.error("json-form", &option, text);
        } else if option.flag(diagnostics).is_some() {
            form = its;
        }
    }
    options.end("rename = \"type\"", diagnostics);
    Some(Field { name, ty: field.ty, wire, form })
}

/// The options in all `#[json(..)]` of an item.
fn read(
    attributes: &[syn::Attribute],
    known: &[&str],
    what: &str,
    diagnostics: &Diagnostics,
) -> Options {
    for attribute in attributes.iter().filter(|it| it.path().is_ident("serde")) {
        of_serde(attribute, known, diagnostics);
    }
    let mut list = Vec::new();
    for attribute in attributes.iter().filter(|it| it.path().is_ident("json")) {
        match attribute.meta.require_list() {
            Ok(meta) => list.extend(options(meta.tokens.clone(), diagnostics)),
            Err(_) => {
                let text = "expected options in parentheses\nhelp: write `#[json(required)]`";
                diagnostics.error("json-options", attribute, text);
            }
        }
    }
    Options::new(list, known, &[], what, diagnostics)
}

/// `#[serde(..)]`: reported, in the words of this derive if it has them.
fn of_serde(attribute: &syn::Attribute, known: &[&str], diagnostics: &Diagnostics) {
    let tokens = attribute.meta.require_list().map(|it| it.tokens.clone()).unwrap_or_default();
    let word = tokens.clone().into_iter().next().map(|it| it.to_string()).unwrap_or_default();
    let way_out = match &*word {
        word if known.contains(&word) => format!("write `#[json({})]`", text_of(&tokens)),
        "skip_serializing_if" => "remove it: a field that is `None` is left out".to_owned(),
        _ => "derive `serde::Serialize` and `serde::Deserialize` instead of `Json`".to_owned(),
    };
    let text = format!("`#[serde(..)]` has no effect on `Json`\nhelp: {way_out}");
    diagnostics.error("json-options", attribute, text);
}

fn flag(options: &mut Options, name: &str, diagnostics: &Diagnostics) -> bool {
    options.take(name).is_some_and(|it| it.flag(diagnostics).is_some())
}

/// Rules between the options.
fn check(parsed: &Struct, diagnostics: &Diagnostics) {
    let mut names: Vec<&str> = parsed.tag.iter().map(|(tag, _)| tag.as_str()).collect();
    for field in &parsed.fields {
        match field.form {
            Form::Flat if parsed.is_closed => {
                let text = "`flatten` and `deny_unknown_fields` cannot be combined\n\
                            help: remove one of the two";
                diagnostics.error("json-closed", &field.name, text);
            }
            Form::Flat => {}
            _ if names.contains(&&*field.wire) => {
                let text = format!(
                    "two fields have the wire name `{}`\n\
                     help: rename one of the two",
                    field.wire
                );
                diagnostics.error("json-same-name", &field.name, text);
            }
            _ => names.push(&field.wire),
        }
    }
}
