//! Rust names, made from the names in a document.

use std::collections::{HashMap, HashSet};

/// Words that cannot be names without `r#`.
const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "dyn", "else", "enum", "extern", "false",
    "fn", "for", "gen", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub",
    "ref", "return", "static", "struct", "trait", "true", "type", "unsafe", "use", "where",
    "while", "abstract", "become", "box", "do", "final", "macro", "override", "priv", "try",
    "typeof", "unsized", "virtual", "yield",
];

/// Words that cannot be names even with `r#`.
const NEVER: &[&str] = &["self", "super", "crate", "Self", "_"];

/// Types to which the generated code refers by short names.
const TAKEN: &[&str] =
    &["Option", "String", "Vec", "Box", "Self", "BTreeMap", "Deserialize", "Serialize"];

/// Types of the runtime to which signatures refer.
pub(crate) const RUNTIME: &[&str] =
    &["Bytes", "Download", "Events", "Lines", "Pages", "Part", REFRESH_TOKEN, "Result", "Tokens"];

/// The type of a refresh token.
pub(crate) const REFRESH_TOKEN: &str = "RefreshToken";

/// Whether the generated code means another type by this name.
fn is_taken(name: &str) -> bool {
    TAKEN.contains(&name) || RUNTIME.contains(&name)
}

/// The words of a name: split at punctuation, and where the case changes.
pub(crate) fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = spelled(text).chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        let before = at.checked_sub(1).map(|it| chars[it]);
        let after = chars.get(at + 1);
        let begins = c.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_numeric()
                    || (before.is_uppercase() && after.is_some_and(|it| it.is_lowercase()))
            });
        if begins && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(c.to_lowercase());
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// Signs that distinguish names are spelled out: `+1` and `-1` differ.
fn spelled(text: &str) -> String {
    let mut spelled = String::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        match c {
            '+' => spelled.push_str(" plus "),
            '-' if at == 0 && text.len() > 1 => spelled.push_str(" minus "),
            '*' => spelled.push_str(" any "),
            '<' => spelled.push_str(" less "),
            '>' => spelled.push_str(" greater "),
            '=' if text.chars().all(|it| "<>=!".contains(it)) => spelled.push_str(" equal "),
            '!' if at == 0 => spelled.push_str(" not "),
            '\'' | '’' => {}
            c => spelled.push(c),
        }
    }
    spelled
}

/// `list_pets`.
pub(crate) fn snake(text: &str) -> String {
    let name = words(text).join("_");
    let name = if name.is_empty() { "unnamed".to_owned() } else { name };
    identifier(if name.starts_with(|c: char| c.is_numeric()) { format!("n{name}") } else { name })
}

/// `ListPets`.
pub(crate) fn pascal(text: &str) -> String {
    let capital = |word: &String| {
        let mut chars = word.chars();
        chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect::<String>()
    };
    let words = words(text);
    let mut name = String::new();
    for word in &words {
        // `Version12` and `1` are not `Version1` and `21`.
        if name.ends_with(|c: char| c.is_numeric()) && word.starts_with(|c: char| c.is_numeric()) {
            name.push('_');
        }
        name.push_str(&capital(word));
    }
    // As in `identifier`.
    let name: String = name.chars().map(|c| if is_of_names(c) { c } else { '_' }).collect();
    let name = if name.is_empty() { "Unnamed".to_owned() } else { name };
    if name.starts_with(|c: char| c.is_numeric()) { format!("N{name}") } else { name }
}

/// The name, with `r#` if it is a keyword.
fn identifier(name: String) -> String {
    // Characters that are not in XID are left out, so that the name is an identifier.
    let name: String = name.chars().map(|c| if is_of_names(c) { c } else { '_' }).collect();
    if NEVER.contains(&name.as_str()) {
        format!("{name}_")
    } else if KEYWORDS.contains(&name.as_str()) {
        format!("r#{name}")
    } else {
        name
    }
}

fn is_of_names(c: char) -> bool {
    c == '_'
        || c.is_ascii_alphanumeric()
        || !c.is_ascii() && syn::parse_str::<syn::Ident>(&format!("a{c}")).is_ok()
}

/// The names of one scope, each used once.
#[derive(Debug, Default, Clone)]
pub(crate) struct Names {
    taken: HashSet<String>,
    /// The first number that may be free, by the name before it.
    numbers: HashMap<String, usize>,
}

impl Names {
    /// Names of types, without those to which generated code refers.
    pub(crate) fn of_types() -> Self {
        let taken = TAKEN.iter().chain(RUNTIME).map(|it| (*it).to_owned()).collect();
        Self { taken, numbers: HashMap::new() }
    }

    /// Takes the name if it is free.
    pub(crate) fn take(&mut self, name: &str) -> bool {
        self.taken.insert(name.to_owned())
    }

    /// Takes the name, with a number if it is not free.
    pub(crate) fn unique(&mut self, name: &str) -> String {
        if self.take(name) {
            return name.to_owned();
        }
        let name = name.strip_prefix("r#").unwrap_or(name);
        let joint = if name.ends_with(|c: char| c.is_numeric()) { "_" } else { "" };
        let mut number = self.numbers.get(name).copied().unwrap_or(2);
        loop {
            let numbered = format!("{name}{joint}{number}");
            number += 1;
            if self.take(&numbered) {
                self.numbers.insert(name.to_owned(), number);
                return numbered;
            }
        }
    }

    /// Whether a name is given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.taken.contains(name)
    }
}

/// The name of a trait; names in capitals are read as words.
pub(crate) fn trait_name(text: &str) -> String {
    pascal(text)
}

/// The name of a type, which differs from those to which generated code refers.
pub(crate) fn type_name(text: &str) -> String {
    let name = trait_name(text);
    if is_taken(&name) { format!("{name}Value") } else { name }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_casing_of_rust() {
        assert_eq!(snake("listPetsByID"), "list_pets_by_id");
        assert_eq!(snake("repos/get-HTTPServer"), "repos_get_http_server");
        assert_eq!(pascal("io.k8s.api.core.v1.Pod"), "IoK8sApiCoreV1Pod");
        assert_eq!(
            (snake("type"), snake("self"), snake("2fa")),
            ("r#type".into(), "self_".into(), "n2fa".into())
        );
        assert_eq!((pascal("+1"), pascal("-1")), ("Plus1".to_owned(), "Minus1".to_owned()));
        assert_eq!(type_name("option"), "OptionValue");
    }

    #[test]
    fn a_name_is_numbered_only_on_collision() {
        let mut names = Names::of_types();
        assert_eq!(
            (names.unique("Pet"), names.unique("Pet"), names.unique("V1")),
            ("Pet".into(), "Pet2".into(), "V1".into())
        );
        assert_eq!(names.unique("V1"), "V1_2");
    }
}
