//! A JSON document as a tree of the parts that the check needs. Parts that it never reads (prose, examples, the
//! inside of schemas) are skipped without being built, since this runs unoptimized in every build.

/// A value of a document.
#[derive(Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
    /// A number, or a value that was skipped.
    Other,
}

/// Keys whose members are names and not keywords.
const MAPS: &[&str] = &[
    "properties",
    "schemas",
    "parameters",
    "responses",
    "requestBodies",
    "securitySchemes",
    "headers",
    "content",
    "paths",
    "pathItems",
];

/// Keywords that the check does not read.
const SKIPPED: &[&str] = &[
    "description",
    "summary",
    "title",
    "example",
    "examples",
    "enum",
    "default",
    "externalDocs",
    "links",
    "callbacks",
    "discriminator",
    "pattern",
    "info",
    "tags",
    "additionalProperties",
    "encoding",
    "flows",
    "webhooks",
    "patternProperties",
    "xml",
    "const",
    "contact",
    "license",
];

/// The depth to which schemas are read: a body, its properties, and their schemas.
const DEEP: usize = 2;

impl Json {
    /// Parses a document.
    ///
    /// # Errors
    ///
    /// The offset of the byte at which it is not JSON.
    pub(crate) fn parse(text: &str) -> Result<Self, usize> {
        let mut parser = Parser { bytes: text.as_bytes(), at: 0, depth: 0 };
        let value = parser.value(true, 0)?;
        parser.blanks();
        if parser.at < parser.bytes.len() { Err(parser.at) } else { Ok(value) }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The entries of an object.
    pub(crate) fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Object(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list.
    pub(crate) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a string.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The string of a key.
    pub(crate) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// Whether a key is `true`.
    pub(crate) fn is(&self, key: &str) -> bool {
        self.get(key) == Some(&Self::Bool(true))
    }
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The number of open objects and lists, so that no document overflows the stack.
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), usize> {
        self.blanks();
        if self.peek() != byte {
            return Err(self.at);
        }
        self.at += 1;
        Ok(())
    }

    /// A value. `keywords` says that the keys of an object are keywords; `schema` is the depth within schemas.
    fn value(&mut self, keywords: bool, schema: usize) -> Result<Json, usize> {
        self.blanks();
        if self.depth > 200 {
            return Err(self.at);
        }
        self.depth += 1;
        let value = match self.peek() {
            b'{' => self.object(keywords, schema),
            b'[' => self.list(schema),
            b'"' => self.string().map(Json::Text),
            _ => self.word(),
        };
        self.depth -= 1;
        value
    }

    fn object(&mut self, keywords: bool, schema: usize) -> Result<Json, usize> {
        self.at += 1;
        let mut entries = Vec::new();
        self.blanks();
        if self.peek() == b'}' {
            self.at += 1;
            return Ok(Json::Object(entries));
        }
        loop {
            self.blanks();
            let key = self.string()?;
            self.expect(b':')?;
            let is_schema =
                keywords && matches!(key.as_str(), "schema" | "schemas" | "properties" | "items");
            let inside = schema + usize::from(is_schema);
            let skips = keywords && (SKIPPED.contains(&key.as_str()) || key.starts_with("x-"));
            if skips || inside > DEEP {
                self.skip()?;
                entries.push((key, Json::Other));
            } else {
                let is_map = keywords && MAPS.contains(&key.as_str());
                let value = self.value(!is_map, inside)?;
                entries.push((key, value));
            }
            self.blanks();
            match self.peek() {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Ok(Json::Object(entries));
                }
                _ => return Err(self.at),
            }
        }
    }

    fn list(&mut self, schema: usize) -> Result<Json, usize> {
        self.at += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.peek() == b']' {
            self.at += 1;
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(true, schema)?);
            self.blanks();
            match self.peek() {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Ok(Json::List(items));
                }
                _ => return Err(self.at),
            }
        }
    }

    /// Skips a value.
    fn skip(&mut self) -> Result<(), usize> {
        self.blanks();
        if !matches!(self.peek(), b'{' | b'[') {
            return if self.peek() == b'"' {
                self.end_of_string().map(drop)
            } else {
                self.word().map(drop)
            };
        }
        let (bytes, start) = (self.bytes, self.at);
        let mut at = self.at;
        let mut open = 0_usize;
        while at < bytes.len() {
            match bytes[at] {
                b'{' | b'[' => open += 1,
                b'}' | b']' => {
                    open -= 1;
                    if open == 0 {
                        self.at = at + 1;
                        return Ok(());
                    }
                }
                b'"' => {
                    self.at = at;
                    self.end_of_string()?;
                    at = self.at;
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        Err(start)
    }

    /// Skips a string, and returns whether it has an escape.
    fn end_of_string(&mut self) -> Result<bool, usize> {
        let (bytes, start) = (self.bytes, self.at);
        if self.peek() != b'"' {
            return Err(start);
        }
        let mut at = self.at + 1;
        let mut escaped = false;
        while at < bytes.len() {
            match bytes[at] {
                b'"' => {
                    self.at = at + 1;
                    return Ok(escaped);
                }
                b'\\' => {
                    escaped = true;
                    at += 2;
                }
                _ => at += 1,
            }
        }
        Err(start)
    }

    fn string(&mut self) -> Result<String, usize> {
        let start = self.at;
        let escaped = self.end_of_string()?;
        let inside = &self.bytes[start + 1..self.at - 1];
        let text = std::str::from_utf8(inside).map_err(|_| start)?;
        if escaped { unescaped(text).ok_or(start) } else { Ok(text.to_owned()) }
    }

    fn word(&mut self) -> Result<Json, usize> {
        let start = self.at;
        while self.peek().is_ascii_alphanumeric() || matches!(self.peek(), b'-' | b'+' | b'.') {
            self.at += 1;
        }
        match &self.bytes[start..self.at] {
            b"true" => Ok(Json::Bool(true)),
            b"false" => Ok(Json::Bool(false)),
            b"null" => Ok(Json::Null),
            [b'-' | b'0'..=b'9', ..] => Ok(Json::Other),
            _ => Err(start),
        }
    }
}

fn unescaped(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let escape = rest[at + 1..].chars().next()?;
        rest = &rest[at + 1 + escape.len_utf8()..];
        match escape {
            'n' => plain.push('\n'),
            't' => plain.push('\t'),
            'r' => plain.push('\r'),
            'b' => plain.push('\u{8}'),
            'f' => plain.push('\u{c}'),
            'u' => {
                let unit = u32::from_str_radix(rest.get(..4)?, 16).ok()?;
                rest = &rest[4..];
                // Names beyond the basic plane are nobody's.
                plain.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            c @ ('"' | '\\' | '/') => plain.push(c),
            _ => return None,
        }
    }
    plain.push_str(rest);
    Some(plain)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn unneeded_values_are_skipped() {
        let json = Json::parse(
            r#"{"paths": {"/a\u002fb": {"get": {"summary": "}\"{", "deprecated": true}}}, "n": [1, null]}"#,
        );
        let json = json.unwrap();
        let get =
            json.get("paths").and_then(|it| it.get("/a/b")).and_then(|it| it.get("get")).unwrap();
        assert!(get.is("deprecated") && get.get("summary") == Some(&Json::Other));
        assert_eq!(json.get("n").unwrap().items(), [Json::Other, Json::Null]);
    }

    #[test]
    fn a_broken_document_says_where() {
        for text in ["", "{", "{\"a\" 1}", "[1,]", "{\"a\": x}", "{} {}", "\"", "{\"x-a\": [}"] {
            assert!(Json::parse(text).is_err(), "{text}");
        }
        assert!(Json::parse(&"[".repeat(100_000)).is_err());
    }
}
