//! Unions of which a value can fit several variants, so that the first that fits may lose what another one keeps.

use super::{Field, Id, Kind, Ty, Types};

/// Unions within unions are looked at this deep.
const DEEP: usize = 6;

impl Types<'_, '_> {
    /// Whether a value of a later variant may also be read as an earlier one, and lose something.
    pub(super) fn is_ambiguous(&self, variants: &[(String, Ty)]) -> bool {
        let later = |at: usize| variants[at + 1..].iter();
        let mut each = variants.iter().enumerate();
        each.any(|(at, (_, first))| later(at).any(|(_, other)| self.hides(first, other, 0)))
    }

    /// Whether values of `other` may be read as `first`.
    fn hides(&self, first: &Ty, other: &Ty, depth: usize) -> bool {
        if depth > DEEP {
            return false;
        }
        let inside = |first: &Ty, other: &Ty| self.hides(first, other, depth + 1);
        match (self.behind(first), self.behind(other)) {
            (Ty::Maybe(first), other) => inside(first, other),
            (first, Ty::Maybe(other)) => inside(first, other),
            (Ty::List(first), Ty::List(other)) => inside(first, other),
            (Ty::Named(first), Ty::Map(_)) => self.needs_nothing(*first),
            (Ty::Named(first), Ty::Named(other)) => {
                match (&self.defs[*first].kind, &self.defs[*other].kind) {
                    (Some(Kind::Union { variants, .. }), _) => {
                        variants.iter().any(|(_, it)| inside(it, &Ty::Named(*other)))
                    }
                    (_, Some(Kind::Union { variants, .. })) => {
                        variants.iter().any(|(_, it)| inside(&Ty::Named(*first), it))
                    }
                    (Some(first), Some(other)) => self.struct_hides(first, other),
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// Whether a struct can be read from any object.
    fn needs_nothing(&self, id: Id) -> bool {
        match &self.defs[id].kind {
            Some(Kind::Struct { fields, closed, .. }) => !closed && !fields.iter().any(is_needed),
            _ => false,
        }
    }

    /// Whether every field that a struct needs may be in another one as well.
    fn struct_hides(&self, first: &Kind, other: &Kind) -> bool {
        let Kind::Struct { fields, .. } = first else { return false };
        let Kind::Struct { fields: others, tag, extra, flat, .. } = other else { return false };
        let is_open = extra.is_some() || flat.is_some();
        fields.iter().filter(|it| is_needed(it)).all(|field| {
            if let Some((_, value)) = tag.as_ref().filter(|(name, _)| *name == field.wire) {
                return self.takes(&field.ty, value);
            }
            match others.iter().find(|it| it.wire == field.wire) {
                Some(same) => !self.clash(&field.ty, &same.ty),
                None => is_open,
            }
        })
    }

    /// Whether no value fits both types.
    fn clash(&self, a: &Ty, b: &Ty) -> bool {
        if let (Some(a), Some(b)) = (self.only(a), self.only(b)) {
            return a.iter().all(|(_, value)| !b.iter().any(|(_, other)| other == value));
        }
        let (a, b) = (self.form(a), self.form(b));
        a.is_some() && b.is_some() && a != b
    }

    /// The strings of an enum that takes no other.
    fn only<'t>(&'t self, ty: &'t Ty) -> Option<&'t [(String, String)]> {
        match self.kind_of(ty)? {
            Kind::Texts { values, open: false } => Some(values),
            _ => None,
        }
    }

    fn takes(&self, ty: &Ty, value: &str) -> bool {
        self.only(ty).is_none_or(|it| it.iter().any(|(_, other)| other == value))
    }

    /// The kind of JSON that a type is, if it is always the same.
    fn form(&self, ty: &Ty) -> Option<Form> {
        match self.behind(ty) {
            Ty::Bool => Some(Form::Bool),
            Ty::I64 | Ty::U64 | Ty::F64 | Ty::Number => Some(Form::Number),
            Ty::Text => Some(Form::Text),
            Ty::List(_) => Some(Form::List),
            Ty::Map(_) => Some(Form::Object),
            Ty::Value | Ty::Maybe(_) => None,
            Ty::Named(id) => match self.defs[*id].kind.as_ref()? {
                Kind::Struct { .. } => Some(Form::Object),
                Kind::Texts { .. } => Some(Form::Text),
                Kind::Numbers(_) => Some(Form::Number),
                Kind::Union { .. } | Kind::Alias(_) => None,
            },
        }
    }
}

#[derive(PartialEq)]
enum Form {
    Bool,
    Number,
    Text,
    List,
    Object,
}

/// Whether nothing is read without this field. A field that is `null` may be missing.
fn is_needed(field: &Field) -> bool {
    field.required && !field.nullable && !field.read_only && !field.write_only
}
