//! Turns the prose of a document into Rust comments.

/// The line length of documentation.
const WIDTH: usize = 96;

/// The maximum length of a paragraph; the document has the rest.
const LONG: usize = 700;

/// The lines of a doc comment with these texts, indented by `indent` columns. Whatever a text contains, it stays in them.
pub(crate) fn docs(texts: &[&str], indent: usize) -> String {
    let mut lines = String::new();
    let margin = " ".repeat(indent);
    for text in texts.iter().map(|it| one_line(it)).filter(|it| !it.is_empty()) {
        if !lines.is_empty() {
            lines.push_str(&format!("{margin}///\n"));
        }
        for line in wrapped(&text, WIDTH - indent) {
            lines.push_str(&format!("{margin}/// {line}\n"));
        }
    }
    lines
}

/// Whether a character ends a line, commands a terminal, or changes what a reader sees of the text around it.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// A text on one line, without characters that a reader does not see.
pub(crate) fn one_line(text: &str) -> String {
    let seen = text.replace(is_unseen, " ");
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text for a terminal, whose lines are those of the text, and which cannot command it.
pub(crate) fn for_terminal(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => shown.push(c),
            c if is_unseen(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// A short text, such as a title, as it is in a doc comment.
pub(crate) fn short(text: &str) -> String {
    plain(&one_line(text))
}

/// The first paragraph as plain text: without a code block, which would be a test, and without HTML.
pub(crate) fn first_paragraph(text: &str) -> String {
    paragraphs(text).into_iter().next().unwrap_or_default()
}

/// The paragraphs as plain text.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace("<br>", "\n").replace("</p>", "\n\n");
    let mut paragraphs = Vec::new();
    let mut in_code = false;
    for part in text.split("\n\n") {
        let mut joined = String::new();
        for line in part.lines() {
            let line = line.trim();
            if line.starts_with("```") || line.starts_with("~~~") {
                in_code = !in_code;
                continue;
            }
            // Tables and rulers make no sense on one line.
            if in_code
                || line.starts_with('|')
                || line.starts_with("---")
                || line.starts_with("===")
            {
                continue;
            }
            let line = line.trim_start_matches(['#', '>']).trim();
            joined.push_str(line);
            joined.push(' ');
        }
        // A link may continue on the next line.
        let mut paragraph = plain(&joined).split_whitespace().collect::<Vec<_>>().join(" ");
        if paragraph.len() > LONG {
            let end = paragraph[..floor(&paragraph, LONG)].rfind(". ").map_or(0, |it| it + 1);
            paragraph.truncate(if end > 80 { end } else { floor(&paragraph, LONG) });
        }
        if paragraph.chars().any(char::is_alphanumeric) {
            paragraphs.push(paragraph);
        }
    }
    paragraphs
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0)
}

/// A line without HTML, and without text that rustdoc would take for a link.
fn plain(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        match c {
            '`' => {
                let end = code_end(rest);
                plain.push_str(&rest[..end].replace(is_unseen, " "));
                rest = &rest[end..];
                continue;
            }
            '<' => {
                if let Some(end) = tag_end(rest) {
                    rest = &rest[end..];
                    continue;
                }
                if let Some(end) = link_end(rest) {
                    plain.push_str(&rest[..end]);
                    rest = &rest[end..];
                    continue;
                }
                plain.push('\\');
            }
            '[' if !is_link(rest) => plain.push('\\'),
            'h' if rest.starts_with("http://") || rest.starts_with("https://") => {
                let end = rest.find([' ', ')', '>', '"', '\'', ']', '`']).unwrap_or(rest.len());
                let url = rest[..end].trim_end_matches(['.', ',', ';', ':']);
                let is_wrapped = plain.ends_with(['(', '<', '"', '\'']);
                plain.push_str(&if is_wrapped { url.to_owned() } else { format!("<{url}>") });
                rest = &rest[url.len()..];
                continue;
            }
            c if is_unseen(c) => {
                rest = &rest[c.len_utf8()..];
                plain.push(' ');
                continue;
            }
            _ => {}
        }
        plain.push(c);
        rest = &rest[c.len_utf8()..];
    }
    plain
}

/// Where a code span ends, if the text begins with one, and otherwise where the backticks end that it begins with.
fn code_end(text: &str) -> usize {
    let ticks = text.len() - text.trim_start_matches('`').len();
    let mut at = ticks;
    while let Some(next) = text[at..].find('`').map(|it| at + it) {
        let others = text[next..].len() - text[next..].trim_start_matches('`').len();
        at = next + others;
        if others == ticks {
            return at;
        }
    }
    ticks
}

/// Where an HTML tag ends, if the text begins with one.
fn tag_end(text: &str) -> Option<usize> {
    let end = text.find('>')?;
    let inner = text[1..end].trim_start_matches('/');
    let is_tag =
        inner.starts_with(|c: char| c.is_ascii_alphabetic()) && !inner.contains("://") && end < 200;
    is_tag.then_some(end + 1)
}

/// Where an address in angle brackets ends, if the text begins with one.
fn link_end(text: &str) -> Option<usize> {
    let end = text.find('>')?;
    let url = &text[1..end];
    let is_url = url.starts_with("http://") || url.starts_with("https://");
    (is_url && !url.contains(char::is_whitespace)).then_some(end + 1)
}

/// Whether a bracket begins a link to an address.
fn is_link(text: &str) -> bool {
    let Some(end) = text.find(']') else { return false };
    text[end + 1..].starts_with("(http") && text[end..].contains(')')
}

/// A line of a comment as it was before.
pub(crate) fn unescaped_line(line: &str) -> String {
    // Only at its beginning would the line have become a list or a heading.
    let at = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
    match line[at..].strip_prefix('\\') {
        Some(rest)
            if rest.starts_with(['#', '+', '-', '*', '=', '|', '>', '.', ')'])
                || is_fence(rest) =>
        {
            format!("{}{rest}", &line[..at])
        }
        _ => line.to_owned(),
    }
}

/// Whether a line of documentation would begin code, which is a test.
fn is_fence(line: &str) -> bool {
    line.starts_with("```") || line.starts_with("~~~")
}

/// A paragraph of unescaped lines as it was before it became a comment.
pub(crate) fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek().is_some_and(|it| "<[".contains(*it)) => plain.extend(chars.next()),
            c => plain.push(c),
        }
    }
    for scheme in ["<http://", "<https://"] {
        while let Some(start) = plain.find(scheme) {
            let Some(end) = plain[start..].find('>') else { break };
            plain.remove(start + end);
            plain.remove(start);
        }
    }
    plain
}

/// The text in lines of this many columns.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            // A line that begins like a list or a heading would become one.
            _ => lines.push(word.to_owned()),
        }
    }
    for line in &mut lines {
        if is_fence(line) {
            line.insert(0, '\\');
        } else if line.starts_with(['#', '+', '-', '*', '=', '|', '>'])
            || line.starts_with(|c: char| c.is_ascii_digit())
        {
            let is_item = line.starts_with(|c: char| !c.is_ascii_digit())
                || line.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['.', ')']);
            if is_item {
                let at = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
                line.insert(at, '\\');
            }
        }
    }
    lines
}

/// A string literal.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if is_unseen(c) => quoted.extend(c.escape_default()),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn prose_makes_no_tests_no_links_and_no_html() {
        let text = "<p>A [pet](/pets) of <b>mine</b>, see https://a.b/c.\n\n    code()\n```\ncode\n```\n\nMore.";
        assert_eq!(
            paragraphs(text),
            ["A \\[pet](/pets) of mine, see <https://a.b/c>.", "code()", "More."]
        );
    }

    #[test]
    fn a_comment_is_read_back() {
        for text in [
            "Filters min\\_\\* and max\\_\\*, a < b, [c].",
            "* one",
            "1. first",
            "10) tenth",
            "see <http://a.b/c>",
            "5 * 3",
            "`<b>` and <i> `",
            "longword ```rust",
        ] {
            let [first] = &paragraphs(text)[..] else { panic!("{text}") };
            let lines = wrapped(first, 8);
            let read: Vec<_> = lines.iter().map(|it| unescaped_line(it)).collect();
            let again = paragraphs(&unescaped(&read.join(" ")));
            assert_eq!(wrapped(&again[0], 8), lines, "{text}");
        }
    }

    #[test]
    fn a_literal_is_read_back() {
        let text = "a\"b\\c\nd\u{7f}é\u{202e}\u{2028}\u{feff}";
        assert!(!quoted(text).contains(is_unseen));
        assert_eq!(syn::parse_str::<syn::LitStr>(&quoted(text)).unwrap().value(), text);
    }
}
