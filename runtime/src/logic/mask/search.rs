//! Finds secrets in a text, in every spelling in which a server may quote them.

use super::SHORTEST_SECRET;

/// `&#x0010FFFF;`
pub(super) const LONGEST_ENTITY: usize = 12;

/// The number of backslashes with which an escape may begin: three texts within each other, each with the escapes of the
/// inner one escaped again.
pub(super) const MOST_NESTED: usize = 7;

/// The secrets to search for, in alphabetical order: those with a common beginning are compared with a text once.
pub(super) struct Searched<'s>(Vec<&'s [u8]>);

/// A way to read a text: the position in it, the length of what was read, and the secrets that begin with that.
type Way = (usize, usize, (usize, usize));

impl<'s> Searched<'s> {
    pub(super) fn new(secrets: &'s [impl AsRef<[u8]>]) -> Self {
        let secrets = secrets.iter().map(AsRef::as_ref);
        let mut sorted = Vec::new();
        // The sorts of the standard library would be a hundredth of a page.
        for secret in secrets.filter(|it| it.len() >= SHORTEST_SECRET) {
            if let Err(at) = sorted.binary_search(&secret) {
                sorted.insert(at, secret);
            }
        }
        Self(sorted)
    }

    /// Of some secrets that have the same `done` bytes at the beginning, those that continue with `next`.
    fn continued(&self, (from, to): (usize, usize), done: usize, next: &[u8]) -> (usize, usize) {
        let (mut from, mut to) = (from, to);
        for (at, byte) in next.iter().enumerate() {
            let some = &self.0[from..to];
            let byte_of = |secret: &&[u8]| secret.get(done + at).copied();
            to = from + some.partition_point(|it| byte_of(it) <= Some(*byte));
            from += some.partition_point(|it| byte_of(it) < Some(*byte));
        }
        (from, to)
    }

    /// How many bytes at the beginning of `text` spell a secret; those of the longest, if there are several.
    pub(super) fn spelled(&self, text: &[u8]) -> Option<usize> {
        let all = (0, self.0.len());
        let (from, to) = self.continued(all, 0, text.get(..1)?);
        if from == to && !matches!(text, [b'+' | b'%' | b'\\' | b'&', ..]) {
            return None;
        }
        // An escape may also be meant literally, so there are several ways to read a text. They are followed in
        // parallel, in the order of the text, and two that reach the same position continue as one. Otherwise a
        // text full of escapes would have more ways than can be tried.
        let mut ways: Vec<Way> = vec![(0, 0, all)];
        let mut found = None;
        while let Some(first) = (0..ways.len()).min_by_key(|way| ways[*way]) {
            let (at, done, some) = ways.swap_remove(first);
            // The shortest comes first.
            if self.0.get(some.0).is_some_and(|secret| secret.len() == done) {
                found = Some(at);
            }
            let rest = &text[at..];
            // In a text within a text, the backslash of an escape is escaped itself.
            let backslashes = rest.iter().take(MOST_NESTED).take_while(|it| **it == b'\\').count();
            let escapes = (0..backslashes.max(1)).filter_map(|nested| {
                let (length, it) = escaped(&rest[nested..])?;
                let it = it.as_slice();
                let wanted = self.continued(some, done, it);
                Some((at + nested + length, done + it.len(), wanted))
            });
            let literal =
                rest.get(..1).map(|first| (at + 1, done + 1, self.continued(some, done, first)));
            for way in escapes.chain(literal) {
                let (.., (from, to)) = way;
                if from < to && !ways.contains(&way) {
                    ways.push(way);
                }
            }
        }
        found
    }
}

/// A character that was escaped, as UTF-8.
pub(super) struct Unescaped([u8; 4], usize);

impl Unescaped {
    const fn byte(byte: u8) -> Self {
        Self([byte, 0, 0, 0], 1)
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.0[..self.1]
    }
}

/// The escape at the beginning of `text`: its length, and the character that it encodes.
pub(super) fn escaped(text: &[u8]) -> Option<(usize, Unescaped)> {
    match *text {
        [b'+', ..] => Some((1, Unescaped::byte(b' '))),
        [b'%', high, low, ..] => {
            let byte = hex(high)? * 16 + hex(low)?;
            Some((3, Unescaped::byte(u8::try_from(byte).ok()?)))
        }
        // As Rust writes it, in the errors of decoders.
        [b'\\', b'u', b'{', ..] => {
            let end = text.iter().take(LONGEST_ENTITY).position(|byte| *byte == b'}')?;
            let digits = std::str::from_utf8(&text[3..end]).ok()?;
            let character = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)?;
            let mut bytes = [0; 4];
            let written = character.encode_utf8(&mut bytes).len();
            Some((end + 1, Unescaped(bytes, written)))
        }
        [b'\\', b'u', ..] => {
            let first = unit(text)?;
            let rest = &text[6..];
            let backslashes = rest.iter().take(MOST_NESTED).take_while(|it| **it == b'\\').count();
            let nested = backslashes.saturating_sub(1);
            let (length, code) = match (first, unit(&rest[nested..])) {
                (0xd800..0xdc00, Some(second @ 0xdc00..0xe000)) => {
                    (12 + nested, 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
                }
                _ => (6, first),
            };
            let mut bytes = [0; 4];
            let written = char::from_u32(code)?.encode_utf8(&mut bytes).len();
            Some((length, Unescaped(bytes, written)))
        }
        [b'&', ..] => entity(text),
        [b'\\', escape, ..] => {
            let byte = match escape {
                b'"' | b'\\' | b'/' | b'\'' => escape,
                b'0' => 0,
                b'b' => 8,
                b'f' => 12,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                _ => return None,
            };
            Some((2, Unescaped::byte(byte)))
        }
        _ => None,
    }
}

/// The character reference at the beginning of `text`, as in an HTML page: `&amp;`, `&#43;` or `&#x2F;`.
fn entity(text: &[u8]) -> Option<(usize, Unescaped)> {
    let end = text.iter().take(LONGEST_ENTITY).position(|byte| *byte == b';')?;
    let number = |digits, radix| {
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok().and_then(char::from_u32)
    };
    let character = match &text[1..end] {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16)?,
        [b'#', digits @ ..] => number(digits, 10)?,
        _ => return None,
    };
    let mut bytes = [0; 4];
    let written = character.encode_utf8(&mut bytes).len();
    Some((end + 1, Unescaped(bytes, written)))
}

/// The number in `\uXXXX`.
fn unit(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + hex(*digit)?))
}

fn hex(digit: u8) -> Option<u32> {
    char::from(digit).to_digit(16)
}
