//! XML.

use std::ops::Range;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::absent;
use crate::types::codec::Codec;
use crate::types::error::BoxError;

/// XML, for `codec = perennial::codec::Xml` (feature `xml`).
///
/// Values are encoded and decoded as `quick-xml` does: a struct is an element with its name, `@id` an attribute,
/// `$text` the text beside attributes, and repeated elements are a `Vec`. Places in `envelope(..)`, rules and
/// `tokens(..)` begin below the root element and are spelled in the same way: `code`, `@status`, `error.message`.
/// XML has no lists, so the compiler rejects `page(..)`.
#[derive(Debug, Clone, Copy)]
pub struct Xml;

impl Codec for Xml {
    const MEDIA_TYPE: &'static str = "application/xml";
    type Error = BoxError;

    fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, BoxError> {
        Ok(quick_xml::se::to_string(value)?.into_bytes())
    }

    fn decode<T: DeserializeOwned>(body: &[u8], at: &[&str]) -> Result<T, BoxError> {
        let text = std::str::from_utf8(body)?;
        if at.is_empty() {
            let value = quick_xml::de::from_str(text)?;
            // The serde part of quick-xml does not look at what follows the root.
            parsed(text)?;
            return Ok(value);
        }
        let root = parsed(text)?;
        let Some((last, outer)) = at.split_last() else { return Err(absent(at)) };
        let parent = outer.iter().try_fold(&root, |node, name| node.children_of(name).next());
        if let Some(value) = parent.and_then(|node| node.attribute(last)) {
            return Ok(serde_json::from_value(Value::String(value.to_owned()))?);
        }
        // Collects all elements of one name, since they may be the items of a list.
        let found = parent.into_iter().flat_map(|node| node.children_of(last));
        let found: String = found.filter_map(|node| text.get(node.range.clone())).collect();
        if found.is_empty() {
            return serde_json::from_value(Value::Null).map_err(|_| absent(at));
        }
        Ok(quick_xml::de::from_str(&found)?)
    }

    fn view(body: &[u8]) -> Result<Value, BoxError> {
        Ok(parsed(std::str::from_utf8(body)?)?.view())
    }

    fn may_begin(begun: &[u8]) -> bool {
        let begun = begun.strip_prefix("\u{feff}".as_bytes()).unwrap_or(begun);
        begun.trim_ascii_start().first().is_none_or(|first| *first == b'<')
    }
}

/// Deeper documents are rejected, since the conversion is recursive.
const DEEPEST: usize = 128;

/// An element.
#[derive(Default)]
struct Node {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Node>,
    /// Its bytes in the document.
    range: Range<usize>,
}

impl Node {
    fn children_of(&self, name: &str) -> impl Iterator<Item = &Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    fn attribute(&self, place: &str) -> Option<&str> {
        let name = place.strip_prefix('@')?;
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// An element that contains only text becomes that text. Repeated elements become a list.
    fn view(&self) -> Value {
        if self.children.is_empty() && self.attributes.is_empty() {
            return self.text.trim().into();
        }
        let mut members = Map::new();
        for (name, value) in &self.attributes {
            members.insert(format!("@{name}"), value.clone().into());
        }
        if !self.text.is_empty() {
            members.insert("$text".to_owned(), self.text.trim().into());
        }
        for child in &self.children {
            let view = child.view();
            match members.get_mut(&child.name) {
                Some(Value::Array(items)) => items.push(view),
                Some(first) => *first = Value::Array(vec![first.take(), view]),
                None => {
                    members.insert(child.name.clone(), view);
                }
            }
        }
        Value::Object(members)
    }
}

/// The root element of a document.
fn parsed(text: &str) -> Result<Node, BoxError> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Node> = Vec::new();
    let mut root = None;
    loop {
        let begin = position(&reader)?;
        let event = reader.read_event()?;
        let end = position(&reader)?;
        if open.is_empty() && !may_be_outside(&event, root.is_some()) {
            return Err("there is more than one root element".into());
        }
        let complete = match event {
            Event::Start(start) if open.len() < DEEPEST => {
                open.push(element(&start, begin)?);
                None
            }
            Event::Start(_) => return Err("the elements are nested too deeply".into()),
            Event::Empty(start) => {
                let node = element(&start, begin)?;
                Some(Node { range: begin..end, ..node })
            }
            Event::End(_) => open.pop().map(|node| Node { range: node.range.start..end, ..node }),
            Event::Eof => break,
            other => {
                if let (Some(node), Some(piece)) = (open.last_mut(), piece(&other)?) {
                    node.text.push_str(&piece);
                }
                None
            }
        };
        match (complete, open.last_mut()) {
            (Some(mut node), Some(parent)) => {
                node.trim();
                parent.children.push(node);
            }
            (Some(mut node), None) => {
                node.trim();
                root.get_or_insert(node);
            }
            (None, _) => {}
        }
    }
    root.filter(|_| open.is_empty()).ok_or_else(|| "it is not an XML document".into())
}

/// Whether this may be outside of the root element: only blanks, comments and instructions may (XML 1.0, section
/// 2.1).
fn may_be_outside(event: &Event<'_>, has_root: bool) -> bool {
    match event {
        Event::Text(text) => {
            text.xml10_content().trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty()
        }
        Event::Start(_) | Event::Empty(_) => !has_root,
        Event::CData(_) | Event::GeneralRef(_) => false,
        _ => true,
    }
}

impl Node {
    /// Blanks between elements are not text.
    fn trim(&mut self) {
        if !self.children.is_empty() || self.text.trim().is_empty() {
            self.text = self.text.trim().to_owned();
        }
    }
}

fn position(reader: &Reader<&[u8]>) -> Result<usize, BoxError> {
    Ok(usize::try_from(reader.buffer_position())?)
}

/// An element without its content.
fn element(start: &BytesStart<'_>, begin: usize) -> Result<Node, BoxError> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute?;
        let name = attribute.key.local_name();
        attributes.push((
            name.as_ref().to_owned(),
            attribute.normalized_value(XmlVersion::Implicit1_0)?.into_owned(),
        ));
    }
    let name = start.local_name().as_ref().to_owned();
    Ok(Node { name, attributes, range: begin..begin, ..Node::default() })
}

/// The text of an event, if it has any.
fn piece(event: &Event<'_>) -> Result<Option<String>, BoxError> {
    Ok(match event {
        Event::Text(text) => Some(text.xml10_content().into_owned()),
        Event::CData(text) => Some(text.xml10_content().into_owned()),
        Event::GeneralRef(reference) => match reference.resolve_char_ref()? {
            Some(character) => Some(character.to_string()),
            // An entity that the document itself declares is not expanded.
            None => resolve_predefined_entity(&reference.xml10_content()).map(str::to_owned),
        },
        _ => None,
    })
}
