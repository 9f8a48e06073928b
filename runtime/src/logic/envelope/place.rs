//! The place in a JSON text at which a decoder stopped.

/// The maximum depth of a place; anything deeper is named by what surrounds it.
pub(super) const DEEPEST: usize = 16;

/// A step on the way to a place.
pub(super) enum Step {
    Name(Vec<u8>),
    Item(usize),
}

/// The place in a JSON text that ends at `offset`: `data.items[3].price`.
pub(super) fn place(body: &[u8], offset: usize) -> Vec<Step> {
    let mut steps: Vec<Level> = Vec::new();
    // Levels below the deepest one that is followed.
    let mut deeper = 0_usize;
    let mut at = 0;
    while let Some(byte) = body[..offset].get(at).copied() {
        match byte {
            b'"' => {
                let string = &body[at + 1..offset];
                let length = string_length(string);
                if deeper == 0
                    && let Some(Level::Object { name, open: true }) = steps.last_mut()
                {
                    *name = (at + 1, at + 1 + length);
                }
                at += length + 1;
            }
            b'{' | b'[' if steps.len() == DEEPEST => deeper += 1,
            b'{' => steps.push(Level::Object { name: (0, 0), open: true }),
            b'[' => steps.push(Level::List(0)),
            b'}' | b']' if deeper > 0 => deeper -= 1,
            b'}' | b']' => {
                steps.pop();
            }
            b':' => {
                if let Some(Level::Object { open, .. }) = steps.last_mut() {
                    *open = false;
                }
            }
            b',' if deeper == 0 => match steps.last_mut() {
                Some(Level::Object { name, open }) => {
                    *name = (0, 0);
                    *open = true;
                }
                Some(Level::List(item)) => *item += 1,
                None => {}
            },
            _ => {}
        }
        at += 1;
    }
    let step = |level: &Level| match level {
        Level::Object { name: (start, end), .. } if start < end => {
            Some(Step::Name(body[*start..*end].to_vec()))
        }
        // The decoder stopped before a name, so it rejected the whole object.
        Level::Object { .. } => None,
        Level::List(item) => Some(Step::Item(*item)),
    };
    steps.iter().filter_map(step).collect()
}

/// A level of a JSON text.
enum Level {
    Object {
        /// The position of the current name; empty if it has not been reached yet.
        name: (usize, usize),
        /// The colon has not come yet.
        open: bool,
    },
    List(usize),
}

/// The length of a string up to its closing quote, or to the end of the text.
fn string_length(string: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = string.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    string.len()
}
