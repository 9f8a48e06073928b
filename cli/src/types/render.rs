//! Types as source text.

use std::collections::HashSet;
use std::fmt::Write;

use super::graph::Graph;
use super::prelude::Needs;
use super::structs::{StructWriter, is_required};
use super::{Def, Field, Id, Kind, Ty, Types};
use crate::text::{docs, paragraphs, quoted};

/// A part of the file, with the name by which a second import finds it.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Name of the type or method.
    pub key: String,
    /// Its text, before it is formatted.
    pub text: String,
    /// Whether it is already formatted.
    pub is_ready: bool,
}

/// The derive that reads and writes the structs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derive {
    /// The runtime's, which compiles in a third of the time.
    Json,
    /// serde's, for a file that needs nothing else.
    Serde,
}

impl Types<'_, '_> {
    /// The types that are kept, as text. `sent` are the types of requests.
    pub fn render(
        &self,
        sent: &[Ty],
        keep: Option<&HashSet<Id>>,
        derive: Derive,
    ) -> (Vec<Piece>, Needs) {
        let graph = self.graph(sent);
        let mut order: Vec<Id> =
            (0..self.defs.len()).filter(|id| keep.is_none_or(|it| it.contains(id))).collect();
        order.sort_by_key(|id| (self.defs[*id].owner, self.defs[*id].component.is_none(), *id));
        let mut needs = Needs::default();
        let pieces = order
            .into_iter()
            .map(|id| Piece {
                key: self.defs[id].name.clone(),
                text: self.one(id, &graph, derive, &mut needs),
                is_ready: false,
            })
            .collect();
        (pieces, needs)
    }

    fn one(&self, id: Id, graph: &Graph, derive: Derive, needs: &mut Needs) -> String {
        let def = &self.defs[id];
        let mut text = documentation(def);
        if def.deprecated {
            // The attribute would warn about every use of it in this file.
            text.push_str("///\n/// Deprecated.\n");
        }
        let name = &def.name;
        match &def.kind {
            Some(Kind::Alias(ty)) if matches!(self.behind(ty), Ty::Named(it) if matches!(self.defs[*it].kind, Some(Kind::Alias(_)))) =>
            {
                self.notes
                    .mended(name.as_str(), "this schema is nothing but itself; read as any value");
                let _ = writeln!(text, "pub type {name} = serde_json::Value;");
            }
            Some(Kind::Alias(ty)) if graph.endless.contains(&id) => {
                let ty = self.ty(ty, needs);
                let _ = write!(
                    text,
                    "#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]\n#[serde(transparent)]\npub struct {name}(pub {ty});\n"
                );
            }
            Some(Kind::Alias(ty)) => {
                let _ = writeln!(text, "pub type {name} = {};", self.ty(ty, needs));
            }
            None => {
                let _ = writeln!(text, "pub type {name} = serde_json::Value;");
            }
            Some(Kind::Texts { values, open }) => {
                needs.text_enum = true;
                texts(&mut text, name, values, *open);
            }
            Some(Kind::Numbers(values)) => {
                needs.number_enum = true;
                numbers(&mut text, name, values);
            }
            Some(Kind::Union { variants, tag }) => {
                self.union_text(&mut text, id, variants, tag.as_ref(), graph, needs)
            }
            Some(kind @ Kind::Struct { .. }) => {
                let writer = StructWriter {
                    types: self,
                    id,
                    is_sent: graph.sent.contains(&id),
                    derive,
                    graph,
                };
                writer.write(&mut text, kind, needs);
            }
        }
        text
    }

    fn union_text(
        &self,
        text: &mut String,
        id: Id,
        variants: &[(String, Ty)],
        tag: Option<&(String, Vec<Vec<String>>)>,
        graph: &Graph,
        needs: &mut Needs,
    ) {
        let name = &self.defs[id].name;
        let mut sorted = variants.to_vec();
        if tag.is_none() {
            // All types are known by now, so that an export is imported in the same order.
            let is_required = |id, it: &Field| is_required(it, graph.sent.contains(&id));
            sorted.sort_by_key(|(_, ty)| self.order(ty, is_required));
        }
        let variants = &sorted[..];
        let is_ambiguous = tag.is_none() && self.is_ambiguous(variants);
        let derives = match tag.is_some() || is_ambiguous {
            true => "Serialize",
            false => "Serialize, Deserialize",
        };
        let _ = writeln!(
            text,
            "#[derive(Debug, Clone, PartialEq, {derives})]\n#[serde(untagged)]\npub enum {name} {{"
        );
        for (variant, ty) in variants {
            let _ = writeln!(text, "    {variant}({}),", self.held_ty(id, ty, graph, needs));
        }
        text.push_str("}\n");
        if let Some((property, values)) = tag {
            let may_lack = variants.iter().any(|(_, ty)| self.may_lack(ty, property, 0));
            let word = match may_lack {
                true => "tagged_or_closest_union",
                false => "tagged_union",
            };
            needs.tagged_or_closest_union |= may_lack;
            needs.tagged_union |= !may_lack;
            let _ = write!(text, "\n{word}!({name} by {} {{ ", quoted(property));
            for ((variant, _), values) in variants.iter().zip(values) {
                let values: Vec<_> = values.iter().map(|it| quoted(it)).collect();
                let _ = write!(text, "{} => {variant}, ", values.join(" | "));
            }
            text.push_str("});\n");
        } else if is_ambiguous {
            needs.closest_union = true;
            let names: String =
                variants.iter().map(|(variant, _)| format!("{variant}, ")).collect();
            let _ = writeln!(text, "\nclosest_union!({name} {{ {names}}});");
        }
    }

    /// A type within another one, in a `Box` if the two are part of a cycle.
    pub(super) fn held_ty(&self, id: Id, ty: &Ty, graph: &Graph, needs: &mut Needs) -> String {
        match ty {
            Ty::Named(to) if graph.cycle[*to] == graph.cycle[id] => {
                format!("Box<{}>", self.ty(ty, needs))
            }
            Ty::Maybe(inner) => format!("Option<{}>", self.held_ty(id, inner, graph, needs)),
            ty => self.ty(ty, needs),
        }
    }

    pub(super) fn ty(&self, ty: &Ty, needs: &mut Needs) -> String {
        needs.map |= matches!(ty, Ty::Map(_));
        match ty {
            Ty::List(inner) => format!("Vec<{}>", self.ty(inner, needs)),
            Ty::Map(inner) => format!("BTreeMap<String, {}>", self.ty(inner, needs)),
            Ty::Maybe(inner) => format!("Option<{}>", self.ty(inner, needs)),
            ty => self.name_of(ty),
        }
    }

    /// A type as it is written in a signature.
    pub fn name_of(&self, ty: &Ty) -> String {
        match ty {
            Ty::Bool => "bool".to_owned(),
            Ty::I64 => "i64".to_owned(),
            Ty::U64 => "u64".to_owned(),
            Ty::F64 => "f64".to_owned(),
            Ty::Number => "serde_json::Number".to_owned(),
            Ty::Text => "String".to_owned(),
            Ty::Value => "serde_json::Value".to_owned(),
            Ty::List(inner) => format!("Vec<{}>", self.name_of(inner)),
            Ty::Map(inner) => format!("BTreeMap<String, {}>", self.name_of(inner)),
            Ty::Maybe(inner) => format!("Option<{}>", self.name_of(inner)),
            Ty::Named(id) => self.defs[*id].name.clone(),
        }
    }
}

fn documentation(def: &Def) -> String {
    let said = paragraphs(&def.docs);
    let said: Vec<&str> = said.iter().take(2).map(String::as_str).collect();
    docs(&said, 0)
}

fn texts(text: &mut String, name: &str, values: &[(String, String)], open: bool) {
    let _ = writeln!(text, "#[derive(Debug, Clone, PartialEq, Eq, Hash)]\npub enum {name} {{");
    for (variant, _) in values {
        let _ = writeln!(text, "    {variant},");
    }
    if open {
        text.push_str("    /// A value that the document does not list.\n    Other(String),\n");
    }
    text.push_str("}\n\n");
    let word = if open { "" } else { "only " };
    let _ = write!(text, "text_enum!({word}{name} {{ ");
    for (variant, value) in values {
        let _ = write!(text, "{variant} = {}, ", quoted(value));
    }
    text.push_str("});\n");
}

fn numbers(text: &mut String, name: &str, values: &[(String, i64)]) {
    let _ =
        writeln!(text, "#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]\npub enum {name} {{");
    for (variant, _) in values {
        let _ = writeln!(text, "    {variant},");
    }
    text.push_str("    /// A value that the document does not list.\n    Other(i64),\n}\n\n");
    let _ = write!(text, "number_enum!({name} {{ ");
    for (variant, value) in values {
        let _ = write!(text, "{variant} = {value}, ");
    }
    text.push_str("});\n");
}
