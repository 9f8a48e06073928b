//! The format of server-sent events (WHATWG HTML, section 9.2.6).

use std::collections::VecDeque;
use std::time::Duration;

/// One event, before its data is decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Raw {
    pub(super) name: String,
    pub(super) data: String,
}

/// Parses a stream in chunks of any size.
#[derive(Debug, Default)]
pub(super) struct Parser {
    line: Vec<u8>,
    name: String,
    data: String,
    has_data: bool,
    id: Option<String>,
    /// The id as of the last complete event.
    last_id: Option<String>,
    /// The last byte was a carriage return, so a following line feed belongs to the same line break.
    after_return: bool,
    has_begun: bool,
    events: VecDeque<(Raw, Option<String>)>,
    /// The reconnection time that the server requested.
    pub(super) retry: Option<Duration>,
}

impl Parser {
    /// Takes the next chunk.
    pub(super) fn feed(&mut self, chunk: &[u8]) {
        for byte in chunk {
            match byte {
                b'\n' if std::mem::take(&mut self.after_return) => {}
                b'\n' | b'\r' => {
                    self.after_return = *byte == b'\r';
                    let line = std::mem::take(&mut self.line);
                    self.end_line(&line);
                    // Reuse the allocation for the next line.
                    self.line = line;
                    self.line.clear();
                }
                other => {
                    self.after_return = false;
                    self.line.push(*other);
                }
            }
        }
    }

    /// Prepares for a new connection. An incomplete event is discarded.
    pub(super) fn reset(&mut self) {
        let (last_id, retry) = (self.last_id.take(), self.retry);
        *self = Self { id: last_id.clone(), last_id, retry, ..Self::default() };
    }

    /// The number of buffered bytes of an incomplete event.
    pub(super) fn pending(&self) -> usize {
        self.line.len() + self.data.len()
    }

    /// The next event, with the last event id at that point.
    pub(super) fn next(&mut self) -> Option<(Raw, Option<String>)> {
        self.events.pop_front()
    }

    fn end_line(&mut self, line: &[u8]) {
        let line = if std::mem::replace(&mut self.has_begun, true) {
            line
        } else {
            line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line)
        };
        if line.is_empty() {
            self.end_event();
            return;
        }
        let line = String::from_utf8_lossy(line);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().ok().map(Duration::from_millis);
            }
            // Comments start with a colon. Unknown fields are ignored.
            _ => {}
        }
    }

    fn end_event(&mut self) {
        self.last_id.clone_from(&self.id);
        let name = std::mem::take(&mut self.name);
        let data = std::mem::take(&mut self.data);
        if std::mem::take(&mut self.has_data) {
            self.events.push_back((Raw { name, data }, self.id.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn events_do_not_depend_on_the_chunks(
            text in "((data|event|id|retry|:|)(: ?|)[a-z0-9\u{0}é]{0,3}(\n|\r|\r\n)|\u{feff}|\n){0,20}",
            size in 1..20_usize,
        ) {
            prop_assert_eq!(events(&text, size), events(&text, text.len().max(1)));
        }

        #[test]
        fn each_written_event_is_read_again(
            written in proptest::collection::vec(("[a-z]{1,8}", "[^\r\n]{0,12}(\n[^\r\n]{0,12}){0,2}"), 0..5),
            size in 1..9_usize,
        ) {
            let text: String = written
                .iter()
                .map(|(name, data)| {
                    let data: String = data.split('\n').map(|line| format!("data: {line}\n")).collect();
                    format!("event: {name}\n{data}\n")
                })
                .collect();
            let read: Vec<_> =
                events(&text, size).into_iter().map(|(name, data, _)| (name, data)).collect();
            prop_assert_eq!(read, written);
        }
    }

    /// The algorithm of the standard, step by step, for a stream that is completely in memory.
    fn by_the_standard(stream: &[u8]) -> Vec<(String, String, Option<String>)> {
        let text = String::from_utf8_lossy(stream);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let mut lines: Vec<_> = text.split('\n').collect();
        lines.pop();
        let (mut events, mut id) = (Vec::new(), None);
        for block in lines.split_inclusive(|line| line.is_empty()) {
            let Some((&"", fields)) = block.split_last() else { continue };
            let (mut name, mut data) = ("", Vec::new());
            for line in fields {
                let (field, value) = line.split_once(':').unwrap_or((line, ""));
                let value = value.strip_prefix(' ').unwrap_or(value);
                match field {
                    "event" => name = value,
                    "data" => data.push(value),
                    "id" if !value.contains('\0') => id = Some(value.to_owned()),
                    _ => {}
                }
            }
            if !data.is_empty() {
                events.push((name.to_owned(), data.join("\n"), id.clone()));
            }
        }
        events
    }

    fn stream(stream: &[u8]) {
        for size in [1, 2, 3, 7, stream.len().max(1)] {
            assert_eq!(events(stream, size), by_the_standard(stream), "{stream:?} by {size}");
        }
    }

    #[test]
    fn the_corpus_holds() {
        crate::fuzz::corpus("events").iter().for_each(|events| stream(events));
    }

    proptest! {
        #![proptest_config(crate::fuzz::config())]

        #[test]
        fn edited_streams_bring_the_events_of_the_standard(
            events in crate::fuzz::inputs("events", &[
                "data", "data:", "data: ", "event:", "id:", "id", "retry:", ":", " ", "\n", "\r", "\r\n", "\n\n", "\0",
                "\u{feff}", "é", "[DONE]",
            ])
        ) {
            stream(&events);
        }
    }

    fn events(text: impl AsRef<[u8]>, size: usize) -> Vec<(String, String, Option<String>)> {
        let mut parser = Parser::default();
        let mut events = Vec::new();
        for chunk in text.as_ref().chunks(size) {
            parser.feed(chunk);
            while let Some((raw, id)) = parser.next() {
                events.push((raw.name, raw.data, id));
            }
        }
        events
    }

    fn event(name: &str, data: &str, id: Option<&str>) -> (String, String, Option<String>) {
        (name.into(), data.into(), id.map(Into::into))
    }

    #[test]
    fn the_examples_of_the_standard_parse_in_chunks_of_any_size() {
        for (text, expected) in [
            ("data: YHOO\ndata: +2\ndata: 10\n\n", vec![event("", "YHOO\n+2\n10", None)]),
            (
                ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
                vec![
                    event("", "first event", Some("1")),
                    event("", "second event", Some("")),
                    event("", " third event", Some("")),
                ],
            ),
            ("data\n\ndata\ndata\n\ndata:", vec![event("", "", None), event("", "\n", None)]),
            ("data:test\n\ndata: test\n\n", vec![event("", "test", None), event("", "test", None)]),
            (
                "event: add\r\ndata: 1\r\n\r\nevent: remove\rdata: 2\r\r",
                vec![event("add", "1", None), event("remove", "2", None)],
            ),
            ("\u{feff}data: ü\n\n", vec![event("", "ü", None)]),
            ("event: lost\n\ndata: x\nid: a\0b\n\n", vec![event("", "x", None)]),
            ("data: never ended\n", vec![]),
        ] {
            for size in 1..=text.len() {
                assert_eq!(events(text, size), expected, "{text:?} in chunks of {size}");
            }
        }
    }

    #[test]
    fn another_connection_starts_with_the_id_of_the_last_complete_event() {
        let mut parser = Parser::default();
        parser.feed(b"id: 1\ndata: a\n\nid: 2\ndata: lost\n");
        assert_eq!(parser.next().unwrap().1.as_deref(), Some("1"));
        parser.reset();
        parser.feed(b"data: b\n\n");
        let (raw, id) = parser.next().unwrap();
        assert_eq!((&*raw.data, id.as_deref()), ("b", Some("1")));
    }

    #[test]
    fn only_digits_are_a_reconnection_time() {
        let mut parser = Parser::default();
        parser.feed(b"retry: 1500\nretry: -1\nretry: soon\nretry:\n");
        assert_eq!(parser.retry, Some(Duration::from_millis(1500)));
    }
}
