//! How wire names are derived from Rust names.

/// How wire names are derived from Rust names, spelled as in serde.
#[derive(Clone, Copy)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

pub(crate) const CASES: &[(&str, Case)] = &[
    ("lowercase", Case::Lower),
    ("UPPERCASE", Case::Upper),
    ("PascalCase", Case::Pascal),
    ("camelCase", Case::Camel),
    ("snake_case", Case::Snake),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("kebab-case", Case::Kebab),
    ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
];

impl Case {
    /// The wire name of a Rust name in snake case.
    pub(crate) fn rename(self, name: &str) -> String {
        let words: Vec<_> = name.split('_').filter(|word| !word.is_empty()).collect();
        let capital = |word: &&str| {
            let mut chars = word.chars();
            let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
            first + chars.as_str()
        };
        match self {
            Self::Lower | Self::Snake => name.to_owned(),
            Self::Upper | Self::ScreamingSnake => name.to_uppercase(),
            Self::Kebab => name.replace('_', "-"),
            Self::ScreamingKebab => name.to_uppercase().replace('_', "-"),
            Self::Pascal => words.iter().map(capital).collect(),
            Self::Camel => {
                let (first, rest) = words.split_first().unwrap_or((&"", &[]));
                (*first).to_owned() + &rest.iter().map(capital).collect::<String>()
            }
        }
    }
}

/// A wire name in the spelling of Rust names: `baseURL` and `base-url` are `base_url`.
pub(crate) fn snake_case(word: &str) -> String {
    let mut snake = String::new();
    let mut before = '_';
    for c in word.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            snake.push('_');
        }
        match c.is_alphanumeric() {
            true => snake.extend(c.to_lowercase()),
            false => snake.push('_'),
        }
        before = c;
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_those_of_serde() {
        let renamed: Vec<_> = CASES.iter().map(|(_, case)| case.rename("page_size")).collect();
        assert_eq!(
            renamed,
            [
                "page_size",
                "PAGE_SIZE",
                "PageSize",
                "pageSize",
                "page_size",
                "PAGE_SIZE",
                "page-size",
                "PAGE-SIZE"
            ]
        );
    }
}
