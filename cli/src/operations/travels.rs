//! How a type travels where everything is text: in paths, queries, headers and forms.

use crate::types::{Kind, Ty, Types};

/// How a type travels in a place where everything is text.
pub(super) enum Travels {
    /// As one value.
    One(String),
    /// As several.
    Many(String),
    /// As an object.
    Object,
    /// As something that only JSON can say.
    Json,
}
/// How a type travels as text.
pub(super) fn travels(types: &Types<'_, '_>, ty: &Ty) -> Travels {
    match types.behind(ty) {
        Ty::Bool => Travels::One("bool".to_owned()),
        Ty::I64 => Travels::One("i64".to_owned()),
        Ty::U64 => Travels::One("u64".to_owned()),
        Ty::F64 => Travels::One("f64".to_owned()),
        Ty::Number => Travels::One("&serde_json::Number".to_owned()),
        Ty::Text | Ty::Value => Travels::One("&str".to_owned()),
        Ty::Maybe(inner) => travels(types, inner),
        Ty::Map(_) => Travels::Object,
        Ty::List(item) => match travels(types, item) {
            Travels::One(item) => Travels::Many(format!(
                "&[{}]",
                item.strip_prefix('&').filter(|it| *it != "str").unwrap_or(&item)
            )),
            _ => Travels::Json,
        },
        Ty::Named(id) => match &types.defs[*id].kind {
            Some(Kind::Texts { .. }) => Travels::One(format!("&{}", types.defs[*id].name)),
            Some(Kind::Numbers(_)) => Travels::One(types.defs[*id].name.clone()),
            Some(Kind::Struct { .. }) => Travels::Object,
            Some(Kind::Union { variants, .. }) => union(types, variants),
            _ => Travels::Json,
        },
    }
}

/// The most expressive of several ways.
fn union(types: &Types<'_, '_>, variants: &[(String, Ty)]) -> Travels {
    let mut best = Travels::One("&str".to_owned());
    for (_, ty) in variants {
        match (travels(types, ty), &best) {
            (many @ Travels::Many(_), Travels::One(_)) => best = many,
            (Travels::Object, Travels::One(_) | Travels::Many(_)) => best = Travels::Object,
            (Travels::Json, _) => return Travels::Json,
            _ => {}
        }
    }
    best
}

/// Whether all fields of a struct are values or lists of them.
pub(super) fn is_flat(types: &Types<'_, '_>, ty: &Ty) -> bool {
    let one = |ty: &Ty| matches!(travels(types, ty), Travels::One(_) | Travels::Many(_));
    if let Ty::Map(value) = types.behind(ty) {
        return **value != Ty::Value && one(value);
    }
    match types.kind_of(ty) {
        Some(Kind::Struct { fields, flat: None, extra, .. }) => {
            fields.iter().all(|it| one(&it.ty))
                && extra.as_ref().is_none_or(|it| *it != Ty::Value && one(it))
        }
        _ => false,
    }
}
/// The type of a field in a query struct: values that look the same on the wire are text.
pub(super) fn as_text(types: &Types<'_, '_>, ty: &Ty) -> Ty {
    match types.behind(ty) {
        Ty::Value => Ty::Text,
        Ty::List(item) => Ty::List(Box::new(as_text(types, item))),
        Ty::Maybe(inner) => as_text(types, inner),
        Ty::Named(_) if matches!(types.kind_of(ty), Some(Kind::Union { .. })) => {
            match travels(types, ty) {
                Travels::Many(_) => Ty::List(Box::new(Ty::Text)),
                _ => Ty::Text,
            }
        }
        _ => ty.clone(),
    }
}
