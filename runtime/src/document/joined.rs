//! Schemas that a value has to fit all at once, read as one: those in `allOf`, and a variant of each union.

use serde_json::{Value, json};

use super::schema::{Document, item, list, same, told_by, types};

/// Schemas within schemas are joined down to this depth.
const DEEP: usize = 40;

/// Schemas that a value has to fit all at once.
#[derive(Debug)]
pub(super) struct Joined<'d> {
    parts: Vec<&'d Value>,
    /// Fields that tell which variant was chosen, each with the values that say so.
    told: Vec<(&'d str, Vec<&'d str>)>,
    /// The number of variants that can be chosen from.
    pub(super) choices: usize,
}

impl<'d> Joined<'d> {
    /// Joins schemas with all that they refer to, and with one variant of each union.
    pub(super) fn of(document: Document<'d>, schemas: &[&'d Value], choice: usize) -> Self {
        let mut joined = Self { parts: Vec::new(), told: Vec::new(), choices: 1 };
        schemas.iter().for_each(|it| joined.add(document, it, choice, 0));
        joined
    }

    fn add(&mut self, document: Document<'d>, schema: &'d Value, choice: usize, depth: usize) {
        let Some(schema) = document.resolve(schema).filter(|_| depth < DEEP) else { return };
        self.parts.push(schema);
        for part in list(schema, "allOf") {
            self.add(document, part, choice, depth + 1);
        }
        for word in ["oneOf", "anyOf"] {
            let variants = list(schema, word);
            self.choices = self.choices.max(variants.len()).min(24);
            let Some(variant) = variants.get(choice % variants.len().max(1)) else { continue };
            self.told.extend(told_by(document, schema, variant));
            self.add(document, variant, choice, depth + 1);
        }
    }

    /// The values that a `const` or `enum` allows, if there is one.
    pub(super) fn values(&self) -> Option<Vec<&'d Value>> {
        let listed = |part: &'d Value| match part.get("const") {
            Some(value) => Some(std::slice::from_ref(value)),
            None => Some(list(part, "enum")).filter(|it| !it.is_empty()),
        };
        let all: Vec<_> = self.parts.iter().filter_map(|it| listed(it)).collect();
        let (first, rest) = all.split_first()?;
        let fits = |it: &&Value| rest.iter().all(|list| list.iter().any(|other| same(it, other)));
        Some(first.iter().filter(fits).collect())
    }

    /// The type that all parts allow. `None` if there is none.
    pub(super) fn kind(&self) -> Option<&'d str> {
        let mut typed = self.parts.iter().map(|it| types(it)).filter(|it| !it.is_empty());
        let Some(mut kinds) = typed.next() else { return Some(self.apparent_kind()) };
        for others in typed {
            let is_wide = |kind: &str| others.contains(&"number") && kind == "integer";
            let narrow = others.contains(&"integer");
            kinds.retain(|it| others.contains(it) || is_wide(it) || (narrow && *it == "number"));
            if narrow {
                kinds.iter_mut().filter(|it| **it == "number").for_each(|it| *it = "integer");
            }
        }
        kinds.iter().find(|it| **it != "null").or_else(|| kinds.first()).copied()
    }

    /// The type that the other keywords suggest.
    fn apparent_kind(&self) -> &'static str {
        let has = |words: &[&str]| {
            self.parts.iter().any(|part| words.iter().any(|word| part.get(word).is_some()))
        };
        match () {
            () if has(&["properties", "additionalProperties", "required"]) => "object",
            () if has(&["items", "prefixItems"]) => "array",
            () => "string",
        }
    }

    /// The properties of all parts, each with all of its schemas.
    pub(super) fn properties(&self) -> Vec<(&'d str, Vec<&'d Value>)> {
        let mut all: Vec<(&str, Vec<&Value>)> = Vec::new();
        let properties = self.parts.iter().filter_map(|it| it.get("properties")?.as_object());
        for (name, schema) in properties.flatten() {
            match all.iter_mut().find(|(other, _)| other == name) {
                Some((_, schemas)) => schemas.push(schema),
                None => all.push((name, vec![schema])),
            }
        }
        for (name, _) in &self.told {
            if !all.iter().any(|(other, _)| other == name) {
                all.push((name, Vec::new()));
            }
        }
        all
    }

    /// The value of a field that tells the chosen variant from the others.
    pub(super) fn told(
        &self,
        document: Document<'d>,
        name: &str,
        schemas: &[&'d Value],
    ) -> Option<Value> {
        let told = self.told.iter().filter(|(other, _)| *other == name);
        let mut values = told.flat_map(|(_, values)| values).map(|it| json!(it));
        let fits =
            |it: &Value| schemas.iter().all(|schema| document.problem(schema, it, "", 0).is_none());
        values.find(fits)
    }

    /// The required fields.
    pub(super) fn required(&self) -> Vec<&'d str> {
        let required = self.parts.iter().flat_map(|it| list(it, "required"));
        required.filter_map(Value::as_str).collect()
    }

    /// The schemas of additional properties.
    pub(super) fn additional(&self) -> Vec<&'d Value> {
        let additional = self.parts.iter().filter_map(|it| it.get("additionalProperties"));
        additional.filter(|it| it.is_object()).collect()
    }

    /// Whether an additional property may have any name.
    pub(super) fn names_are_free(&self) -> bool {
        let limits = ["patternProperties", "propertyNames", "maxProperties"];
        let is_closed = |it: &Value| it.get("additionalProperties") == Some(&Value::Bool(false));
        !self
            .parts
            .iter()
            .any(|it| is_closed(it) || limits.iter().any(|word| it.get(word).is_some()))
    }

    /// The schemas of the item at a position.
    pub(super) fn item(&self, at: usize) -> Vec<&'d Value> {
        self.parts.iter().filter_map(|it| item(it, at)).collect()
    }

    /// The number of items that a list has at least.
    pub(super) fn least_items(&self) -> u64 {
        let least = self.parts.iter().filter_map(|it| it.get("minItems")?.as_u64());
        least.max().unwrap_or(0)
    }

    /// A number within the limits: the lower one, or `usual` if there is none.
    pub(super) fn number(&self, usual: Value, is_usable: fn(&Value) -> bool) -> Value {
        let limit = |word: &str| {
            let limits = self.parts.iter().filter_map(|it| it.get(word));
            limits.filter(|it| is_usable(it)).cloned().next_back()
        };
        let is_below = |it: &Value| it.as_f64() < usual.as_f64();
        let highest = limit("maximum").filter(is_below);
        limit("minimum").or(highest).unwrap_or(usual)
    }

    /// The format of a text.
    pub(super) fn format(&self) -> Option<&'d str> {
        self.parts.iter().find_map(|it| it.get("format")?.as_str())
    }
}
