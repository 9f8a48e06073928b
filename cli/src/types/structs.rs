//! A struct as source text.

use std::fmt::Write;

use super::case::Case;
use super::graph::Graph;
use super::prelude::Needs;
use super::render::Derive;
use super::{Field, Id, Kind, Ty, Types};
use crate::text::{docs, first_paragraph, quoted};

/// Writes one struct.
pub(super) struct StructWriter<'w, 'd, 'a> {
    pub(super) types: &'w Types<'d, 'a>,
    pub(super) id: Id,
    /// Whether it is part of a request.
    pub(super) is_sent: bool,
    pub(super) derive: Derive,
    pub(super) graph: &'w Graph,
}

impl StructWriter<'_, '_, '_> {
    /// The attributes and the fields.
    pub(super) fn write(&self, text: &mut String, kind: &Kind, needs: &mut Needs) {
        let Kind::Struct { fields, tag, extra, flat, closed } = kind else { return };
        let def = &self.types.defs[self.id];
        let can_default = self.is_sent
            && flat.is_none()
            && fields.iter().all(|it| !is_required(it, self.is_sent));
        let default = if can_default { "Default, " } else { "" };
        let derives = match self.derive {
            Derive::Json => "Json",
            Derive::Serde => "Serialize, Deserialize",
        };
        let _ = writeln!(text, "#[derive(Debug, Clone, {default}PartialEq, {derives})]");
        let case = Case::of(fields.iter().map(|it| (&*it.name, &*it.wire)));
        let mut options: Vec<String> =
            case.word().map(|it| format!("rename_all = {}", quoted(it))).into_iter().collect();
        if let Some((property, value)) = tag {
            let word = match self.derive {
                Derive::Json => "value",
                Derive::Serde => "rename",
            };
            options.push(format!("tag = {}, {word} = {}", quoted(property), quoted(value)));
        }
        options.extend(closed.then(|| "deny_unknown_fields".to_owned()));
        self.attribute(text, "", &options);
        let _ = writeln!(text, "pub struct {} {{", def.name);
        for (at, field) in fields.iter().enumerate() {
            let said = def.docs_of.get(at).map(|it| first_paragraph(it)).unwrap_or_default();
            text.push_str(&docs(&[&said], 4));
            self.field(text, field, case, needs);
        }
        let flatten = ["flatten".to_owned()];
        if let Some(ty) = flat {
            self.attribute(text, "    ", &flatten);
            let _ = writeln!(text, "    pub kind: {},", self.held_ty(ty, needs));
        }
        if let Some(ty) = extra {
            needs.map = true;
            text.push_str("    /// Whatever else is there.\n");
            self.attribute(text, "    ", &flatten);
            let ty = self.types.ty(ty, needs);
            let _ = writeln!(text, "    pub extra: BTreeMap<String, {ty}>,");
        }
        text.push_str("}\n");
    }

    fn field(&self, text: &mut String, field: &Field, case: Case, needs: &mut Needs) {
        let mut options = Vec::new();
        if case.apply(&field.name) != field.wire {
            options.push(format!("rename = {}", quoted(&field.wire)));
        }
        let mut ty = self.held_ty(&field.ty, needs);
        let has_derive = self.derive == Derive::Json;
        let left_out = "skip_serializing_if = \"Option::is_none\"";
        match (is_required(field, self.is_sent), field.nullable) {
            (true, false) => {}
            (true, true) => {
                ty = format!("Option<{ty}>");
                options.extend(has_derive.then(|| "required".to_owned()));
            }
            (false, true) if self.is_sent => {
                ty = format!("Option<Option<{ty}>>");
                if has_derive {
                    options.push("null".to_owned());
                } else {
                    needs.present = true;
                    options.push(format!("default, deserialize_with = \"present\", {left_out}"));
                }
            }
            (false, true) if field.sends_null.0 => {
                ty = format!("Option<{ty}>");
                options.extend(has_derive.then(|| "required".to_owned()));
            }
            // A value that is only received needs no distinction between `null` and absence.
            (false, _) => {
                ty = format!("Option<{ty}>");
                options.extend((!has_derive).then(|| left_out.to_owned()));
            }
        }
        self.attribute(text, "    ", &options);
        let _ = writeln!(text, "    pub {}: {ty},", field.name);
    }

    fn attribute(&self, text: &mut String, margin: &str, options: &[String]) {
        let name = match self.derive {
            Derive::Json => "json",
            Derive::Serde => "serde",
        };
        if !options.is_empty() {
            let _ = writeln!(text, "{margin}#[{name}({})]", options.join(", "));
        }
    }

    fn held_ty(&self, ty: &Ty, needs: &mut Needs) -> String {
        self.types.held_ty(self.id, ty, self.graph, needs)
    }
}

/// Whether a struct cannot be without a field.
pub(crate) fn is_required(field: &Field, is_sent: bool) -> bool {
    field.required && !field.write_only && !(field.read_only && is_sent)
}
