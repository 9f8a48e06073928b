//! Selects the `rename_all` of serde that avoids the most renames.

/// A spelling of serde.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Snake,
    Camel,
    Pascal,
    Kebab,
    Shout,
}

const ALL: &[Case] = &[Case::Snake, Case::Camel, Case::Pascal, Case::Kebab, Case::Shout];

impl Case {
    /// serde's name of the case; `None` for its default.
    pub(super) fn word(self) -> Option<&'static str> {
        match self {
            Self::Snake => None,
            Self::Camel => Some("camelCase"),
            Self::Pascal => Some("PascalCase"),
            Self::Kebab => Some("kebab-case"),
            Self::Shout => Some("SCREAMING_SNAKE_CASE"),
        }
    }

    /// The name on the wire that serde makes of the name of a field.
    pub(super) fn apply(self, field: &str) -> String {
        let field = field.strip_prefix("r#").unwrap_or(field);
        match self {
            Self::Snake => field.to_owned(),
            Self::Pascal => pascal(field),
            Self::Camel => {
                let pascal = pascal(field);
                let mut chars = pascal.chars();
                let first = chars.next().map(|it| it.to_ascii_lowercase());
                first.into_iter().chain(chars).collect()
            }
            Self::Kebab => field.replace('_', "-"),
            Self::Shout => field.to_ascii_uppercase(),
        }
    }

    /// The case that matches most of these fields (name, name on the wire).
    pub(super) fn of<'n>(fields: impl Iterator<Item = (&'n str, &'n str)> + Clone) -> Self {
        // serde splits names by bytes.
        if fields.clone().any(|(name, _)| !name.is_ascii()) {
            return Self::Snake;
        }
        let renames =
            |case: &&Self| fields.clone().filter(|(name, wire)| case.apply(name) != *wire).count();
        let best = ALL.iter().min_by_key(renames).copied().unwrap_or(Self::Snake);
        // For one field it is not worth another line.
        if renames(&&Self::Snake) <= renames(&&best) + 1 { Self::Snake } else { best }
    }
}

fn pascal(field: &str) -> String {
    let mut pascal = String::new();
    let mut capital = true;
    for c in field.chars() {
        if c == '_' {
            capital = true;
        } else if std::mem::take(&mut capital) {
            pascal.push(c.to_ascii_uppercase());
        } else {
            pascal.push(c);
        }
    }
    pascal
}
