//! Why a response could not be decoded, and where.

use std::fmt::{self, Write as _};

use super::place::{Step, place};
use super::text::Fault;
use crate::logic::mask::{self, is_word};
use crate::types::secret::Hidden;

/// How much of a name is shown, in bytes.
const LONGEST_NAME: usize = 48;
/// How much of the body is shown before the place, and after it, in bytes.
const BEFORE: usize = 40;
const AFTER: usize = 24;
/// How much of a reason is shown, in bytes.
const LONGEST_REASON: usize = 300;
/// How much of the body is kept on each side of the place, in bytes: a secret that reaches into what is shown is found if
/// it is there as a whole.
const KEPT: usize = 64 * 1024;

/// Why a response could not be decoded, and where: `data.items[3].price: invalid type: ..`.
///
/// It is put into words where the secrets of the call are known: they are masked before anything is cut, and so is what
/// looks like a token. The place is found by reading the body again up to where the decoder stopped, so that decoding
/// itself does not pay for it, in neither time nor code.
#[derive(Debug)]
pub(crate) struct Broken {
    shown: Box<Shown>,
}

struct Shown {
    /// Empty for the body as a whole.
    place: Vec<Step>,
    reason: String,
    near: Option<Near>,
    /// Whether it is of a response that holds tokens.
    is_discreet: bool,
    /// Remarks about the response as a whole.
    notes: String,
}

/// It quotes the body.
impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

/// Where a decoder stopped.
struct Near {
    /// Both from 1.
    line: usize,
    column: usize,
    /// The bytes before it and after it.
    before: Vec<u8>,
    after: Vec<u8>,
    /// Whether there was more.
    is_cut: (bool, bool),
}

impl Broken {
    #[cold]
    pub(super) fn new(Fault { error, base }: &Fault, body: &[u8]) -> Self {
        let (line, column) = (error.line(), error.column());
        let said = error.to_string();
        let reason = said.strip_suffix(&format!(" at line {line} column {column}"));
        let mut broken = Self::of(reason.unwrap_or(&said));
        // An error that names no line was made up without a body.
        if let Some(offset) = offset(&body[*base..], line, column) {
            let offset = base + offset;
            let (line, column) = position(body, offset);
            broken.shown.place = place(body, offset);
            broken.shown.near = Some(Near::new(line, column, body, offset));
        }
        broken
    }

    /// There is nothing at `path`.
    #[cold]
    pub(in crate::logic) fn absent(path: &[&str], body: &[u8]) -> Self {
        let mut broken = Self::of("nothing is there");
        broken.shown.place = path.iter().map(|name| Step::Name(name.as_bytes().to_vec())).collect();
        broken.shown.near = (!body.is_empty()).then(|| Near::new(1, 1, body, 0));
        broken
    }

    fn of(reason: &str) -> Self {
        let (reason, notes) = (reason.to_owned(), String::new());
        let shown = Shown { place: Vec::new(), reason, near: None, is_discreet: false, notes };
        Self { shown: Box::new(shown) }
    }

    /// The same with other words for this reason, and the usual mark in the place of unreadable bytes.
    #[cold]
    pub(super) fn reworded(mut self, reason: &str, words: &str, unreadable: &str) -> Self {
        if self.shown.reason.starts_with(reason) {
            words.clone_into(&mut self.shown.reason);
        }
        for side in self.shown.near.iter_mut().flat_map(|near| [&mut near.before, &mut near.after])
        {
            *side = String::from_utf8_lossy(side).replace(unreadable, "\u{fffd}").into_bytes();
        }
        self
    }

    /// The same in these words alone.
    pub(crate) fn in_words(self, words: &str) -> Self {
        Self { shown: Box::new(Shown { notes: self.shown.notes, ..*Self::of(words).shown }) }
    }

    /// Adds what is to be said of the response as a whole.
    pub(crate) fn note(&mut self, note: &str) {
        self.shown.notes.push_str(&format!(" ({note})"));
    }

    /// The same for a response that holds tokens: it shows nothing of the body, and of the reason
    /// only what cannot quote it.
    pub(crate) fn discreet(mut self) -> Self {
        self.shown.is_discreet = true;
        let reason = &mut self.shown.reason;
        if let Some(expected) = ["invalid type: ", "invalid value: ", "unknown variant "]
            .iter()
            .any(|quoting| reason.starts_with(quoting))
            .then(|| reason.rfind(", expected ").unwrap_or(reason.len()))
        {
            *reason = format!("another value{}", &reason[expected..]);
        } else if !QUOTES_NOTHING.iter().any(|known| reason.contains(known)) {
            "another value was expected".clone_into(reason);
        }
        self
    }

    /// All of it in words, without these secrets and without what looks like one.
    pub(crate) fn say(&self, secrets: &[impl AsRef<[u8]>]) -> String {
        let Shown { place, reason, near, is_discreet, notes } = &*self.shown;
        let mut said = String::new();
        for step in place {
            match step {
                Step::Name(name) => {
                    let name =
                        mask::guarded(&String::from_utf8_lossy(name), secrets, LONGEST_REASON);
                    let dot = if said.is_empty() { "" } else { "." };
                    push(&mut said, format_args!("{dot}{}", shortened(&name, LONGEST_NAME)));
                }
                Step::Item(item) => push(&mut said, format_args!("[{item}]")),
            }
        }
        if !said.is_empty() {
            said.push_str(": ");
        }
        if *is_discreet {
            said.insert_str(0, "it holds no usable token: ");
        }
        let reason = mask::guarded(reason, secrets, 4 * LONGEST_REASON);
        said.push_str(shortened(&reason, LONGEST_REASON));
        if let Some(near) = near {
            push(&mut said, format_args!(" at line {} column {}", near.line, near.column));
            let excerpt = if *is_discreet { String::new() } else { near.excerpt(secrets) };
            if !excerpt.is_empty() {
                push(&mut said, format_args!(", near `{excerpt}`"));
            }
        }
        said + &mask::guarded(notes, secrets, LONGEST_REASON)
    }
}

fn push(text: &mut String, more: fmt::Arguments<'_>) {
    text.write_fmt(more).expect("a string takes everything");
}

impl Near {
    fn new(line: usize, column: usize, body: &[u8], offset: usize) -> Self {
        // A character is not cut, or what is left of it would be none.
        let is_within = |at: &usize| matches!(body.get(*at), Some(0x80..=0xbf));
        let offset = (0..=offset).rev().find(|at| !is_within(at)).unwrap_or_default();
        let (from, to) = (offset.saturating_sub(KEPT), body.len().min(offset + KEPT));
        Self {
            line,
            column,
            before: body[from..offset].to_vec(),
            after: body[offset..to].to_vec(),
            is_cut: (from > 0, to < body.len()),
        }
    }

    /// The text around the place, on one line.
    fn excerpt(&self, secrets: &[impl AsRef<[u8]>]) -> String {
        let reach = mask::longest_spelling(secrets);
        if reach > KEPT - 2 * LONGEST_NAME && self.is_cut != (false, false) {
            // A secret may be longer than what was kept.
            return String::new();
        }
        let reach = reach + BEFORE.max(AFTER) + LONGEST_NAME;
        let (from, to) = (self.before.len().saturating_sub(reach), self.after.len().min(reach));
        let before = String::from_utf8_lossy(&self.before[from..]);
        let text = format!("{before}{}", String::from_utf8_lossy(&self.after[..to]));
        // Words are not cut, where they are not too long.
        let word = |byte: &u8| is_word(*byte);
        let bytes = text.as_bytes();
        let start = before.len().saturating_sub(BEFORE);
        let end = text.len().min(before.len() + AFTER);
        let start = start
            - bytes[..start].iter().rev().take(LONGEST_NAME).take_while(|it| word(it)).count();
        let end = end + bytes[end..].iter().take(LONGEST_NAME).take_while(|it| word(it)).count();
        let start = (0..=start).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let end = (end..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        // What is hidden is hidden as a whole.
        let mut shown = String::new();
        let mut at = start;
        for hidden in mask::hidden(&text, secrets) {
            if hidden.end <= at || hidden.start >= end {
                continue;
            }
            shown.push_str(text.get(at..hidden.start).unwrap_or_default());
            push(&mut shown, format_args!("{Hidden}"));
            at = hidden.end;
        }
        shown.push_str(text.get(at..end).unwrap_or_default());
        let shown: String = shown.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let more = |is_more: bool| if is_more { "…" } else { "" };
        let is_begun = start > 0 || from > 0 || self.is_cut.0;
        let goes_on = at.max(end) < text.len() || to < self.after.len() || self.is_cut.1;
        let shown = shortened(shown.trim(), 3 * (BEFORE + AFTER));
        format!("{}{shown}{}", more(is_begun), more(goes_on))
    }
}

/// Reasons that name what is missing or where the JSON ends, and never a value.
const QUOTES_NOTHING: [&str; 9] = [
    "missing field `",
    "access token",
    "is not a string",
    "nothing is there",
    "EOF while parsing",
    "expected value",
    "expected ident",
    "trailing c",
    "recursion limit exceeded",
];

/// As far as it can be told which secrets are in it.
impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(&[""; 0]))
    }
}

impl std::error::Error for Broken {}

/// Where a line and a column are, in bytes. `None` if the error named none.
fn offset(body: &[u8], line: usize, column: usize) -> Option<usize> {
    let before = line.checked_sub(1)?;
    let mut start = 0;
    for _ in 0..before {
        start += body[start..].iter().position(|byte| *byte == b'\n')? + 1;
    }
    Some((start + column).min(body.len()))
}

/// Line and column of an offset, as serde_json counts them.
fn position(body: &[u8], offset: usize) -> (usize, usize) {
    let before = &body[..offset];
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    (1 + before[..start].iter().filter(|byte| **byte == b'\n').count(), offset - start)
}

fn shortened(text: &str, longest: usize) -> &str {
    let end = (0..=longest.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::place::DEEPEST;
    use super::*;

    fn said_place(body: &[u8], offset: usize) -> String {
        let mut broken = Broken::of("");
        broken.shown.place = place(body, offset);
        broken.to_string().trim_end_matches(": ").to_owned()
    }

    fn excerpt(body: &[u8], offset: usize) -> String {
        Near::new(1, 1, body, offset).excerpt(&[""; 0])
    }

    #[test]
    fn the_place_is_that_of_the_value_that_ends_there() {
        // The bar marks the expected position.
        let cases = [
            (r#"|{"a":1}"#, ""),
            (r#"{"a":1|}"#, "a"),
            (r#"{"a":1}|"#, ""),
            (r#"{"a"|:1}"#, "a"),
            (r#"{"a":{"b":[1,{"c":2}|]}}"#, "a.b[1]"),
            (r#"{"a":{"b":[1,{"c":2|}]}}"#, "a.b[1].c"),
            (r#"[[1],[2,3|]]"#, "[1][1]"),
            (r#"{"a":"x,y]}\"{:","b":tru|e}"#, "b"),
            (r#"{"a":[],"b":{},"c":nul|l}"#, "c"),
            (r#"{"a":{"b":1},|"c":2}"#, ""),
            (r#"{"a":"unend|ed"#, "a"),
            (r#"{"a":"un\\|ed"#, "a"),
            (r#"]]}}|"#, ""),
            (r#"<html>|"#, ""),
        ];
        for (text, expected) in cases {
            let offset = text.find('|').expect("every case has a bar");
            let body = text.replacen('|', "", 1);
            assert_eq!(said_place(body.as_bytes(), offset), expected, "{text}");
        }
    }

    #[test]
    fn a_deep_body_is_followed_only_so_far() {
        let body = [b"{\"a\":".repeat(20), b"[".repeat(100_000), b"1".to_vec()].concat();
        assert_eq!(said_place(&body, body.len()), vec!["a"; DEEPEST].join("."));
        let body = [b"[".repeat(100_000), b"]".repeat(100_000), b",{\"b\":1".to_vec()].concat();
        assert_eq!(said_place(&body, body.len()), "b");
    }

    #[test]
    fn an_excerpt_shows_no_token_not_even_a_part_of_one() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N";
        let body = format!(r#"{{"note":"x","token":"{token}","n":"y"}}"#);
        for offset in 0..body.len() {
            let shown = excerpt(body.as_bytes(), offset);
            for part in token.as_bytes().windows(6) {
                let part = std::str::from_utf8(part).expect("the token is ASCII");
                assert!(!shown.contains(part), "{offset}: {shown}");
            }
        }
    }

    #[test]
    fn an_excerpt_is_short_and_on_one_line() {
        for body in ["a b\n".repeat(1000), "x".repeat(100_000), "ü ".repeat(1000)] {
            let shown = excerpt(body.as_bytes(), body.len() / 2);
            assert!(shown.len() < 220 && !shown.contains('\n'), "{shown}");
        }
    }

    /// Text of any alphabet, escapes and characters of several bytes among them.
    fn text(length: std::ops::Range<usize>) -> impl Strategy<Value = String> {
        let letter = prop_oneof![
            "[a-zA-Z0-9]",
            "[-_.~+/=:@|&;,{}\\[\\]()<>#%!*' ]",
            "[\"\\\\\t\n]",
            "[äß€漢🔑\u{301}\u{200b}]",
        ];
        proptest::collection::vec(letter, length).prop_map(|letters| letters.concat())
    }

    /// The ways in which a secret may stand in a body.
    fn spelled(secret: &str, way: usize) -> String {
        let json = serde_json::to_string(secret).unwrap_or_default();
        match way {
            0 => secret.to_owned(),
            1 => json[1..json.len() - 1].to_owned(),
            2 => secret.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect(),
            3 => secret.bytes().map(|byte| format!("%{byte:02X}")).collect(),
            _ => secret.chars().map(|it| format!("&#{};", u32::from(it))).collect(),
        }
    }

    proptest! {
        #[test]
        fn no_excerpt_shows_a_part_of_a_known_secret(
            // Its ends are in no text beside it.
            secret in text(6..120).prop_map(|it| format!("§{it}§")),
            before in "[a-z :{]{0,90}",
            after in "[a-z :}]{0,90}",
            way in 0..5_usize,
            place in 0.0..=1.0_f64,
        ) {
            let quoted = spelled(&secret, way);
            let body = format!("{before}{quoted}{after}");
            let mut offset = (body.len() as f64 * place) as usize;
            while !body.is_char_boundary(offset) {
                offset -= 1;
            }
            let near = Near::new(1, 1, body.as_bytes(), offset);
            let mut broken = Broken::of(&format!("invalid type: string {secret:?}, expected u8"));
            broken.shown.near = Some(near);
            broken.shown.place = vec![Step::Name(quoted.clone().into_bytes())];
            broken.note(&format!("the response is {secret}"));
            let said = broken.say(&[secret.as_bytes()]);
            for text in [&quoted, &secret] {
                let letters: Vec<char> = text.chars().collect();
                for piece in letters.windows(6) {
                    let piece: String = piece.iter().collect();
                    // Letters that stand beside it, too, tell nothing.
                    if before.contains(&piece) || after.contains(&piece) {
                        continue;
                    }
                    prop_assert!(!said.contains(&piece), "`{}` of `{}`: {}", piece, text, said);
                }
            }
        }

        #[test]
        fn what_is_hidden_is_found_as_a_whole(
            secrets in proptest::collection::vec(text(6..30), 1..4),
            between in proptest::collection::vec("[a-z ]{0,12}", 5),
        ) {
            let mut body = String::new();
            let mut places = Vec::new();
            for (secret, between) in secrets.iter().chain(&secrets).zip(between.iter().cycle()) {
                body.push_str(between);
                places.push(body.len()..body.len() + secret.len());
                body.push_str(secret);
            }
            let hidden = mask::hidden(&body, &secrets);
            for place in places {
                prop_assert!(
                    hidden.iter().any(|it| it.start <= place.start && place.end <= it.end),
                    "{:?} of {:?} in {:?}", place, body, hidden
                );
            }
            prop_assert!(hidden.windows(2).all(|pair| pair[0].end <= pair[1].start));
        }
    }

    #[test]
    fn a_secret_that_is_longer_than_what_is_kept_is_not_shown_in_part() {
        let secret = "q z".repeat(60_000);
        let body = format!("{{\"id\":\"{secret}\"}}");
        let near = Near::new(1, 1, body.as_bytes(), body.len() / 2);
        assert_eq!(near.excerpt(&[&secret]), "");
        assert!(near.excerpt(&["another"]).contains("q z"));
    }
}
