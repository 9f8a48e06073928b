//! Addresses at one host, of which the host was parsed before: it is the most expensive part of an address.

mod known;

use url::{ParseError, Url};

use known::Places;

/// A host.
pub(crate) struct Site {
    /// `https://host`.
    host: Box<str>,
    /// An address there. Its path is longer than that of most calls, whose addresses are copies of it and then have
    /// room for theirs.
    anywhere: Url,
    /// Where the parts of such an address are; `None` if the crate keeps addresses in a form that is not known here.
    places: Option<Places>,
}

/// Room for a path.
const ROOM: usize = 80;

impl Site {
    /// The host of an address.
    pub(crate) fn of(address: &Url) -> Result<Self, ParseError> {
        let host = address.join("/")?.as_str().trim_end_matches('/').into();
        let anywhere = address.join(&format!("/{:-<ROOM$}", ""))?;
        let places = Places::of(&anywhere);
        Ok(Self { host, anywhere, places })
    }

    /// Like [`Url::parse`], which takes longer.
    pub(crate) fn address(&self, whole: &str) -> Result<Url, ParseError> {
        let Some(below) = whole.strip_prefix(&*self.host) else { return Url::parse(whole) };
        let kind = Kind::of(below);
        let known = match (kind, &self.places) {
            (Kind::Plain { query }, Some(places)) => {
                places.address(whole, query.map(|query| self.host.len() + query))
            }
            _ => None,
        };
        match (known, kind) {
            (Some(url), _) => Ok(url),
            (None, Kind::Leaves) => Url::parse(whole),
            (None, Kind::Plain { .. } | Kind::Stays) => Ok(at(&self.anywhere, below)),
        }
    }
}

/// How the parser treats the text below the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It leaves it as it is: a path, and perhaps a query, whose sign is there.
    Plain { query: Option<usize> },
    /// It takes it for something below the host.
    Stays,
    /// Perhaps not even that.
    Leaves,
}

/// A byte that the parser changes nowhere, be it in a path or in a query.
const PLAIN: u8 = 0;
/// A dot, as it is or encoded: a segment that begins with one may be folded.
const DOT: u8 = 1;
/// One that it may change, or that ends the path.
const OTHER: u8 = 2;
/// One that may lead away from the host: the parser takes it for a slash, or passes over it.
const ODD: u8 = 3;

static CLASSES: [u8; 256] = {
    let mut classes = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'.' | b'%' => DOT,
            0..=b' ' | b'\\' => ODD,
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => PLAIN,
            b'-' | b'_' | b'~' | b'/' | b'=' | b'&' | b'+' | b',' | b':' | b'@' => PLAIN,
            _ => OTHER,
        };
        byte += 1;
    }
    classes
};

impl Kind {
    fn of(below: &str) -> Self {
        let bytes = below.as_bytes();
        // Two slashes lead to another host.
        if !bytes.starts_with(b"/") || bytes.starts_with(b"//") {
            return Self::Leaves;
        }
        let (mut is_plain, mut query) = (true, None);
        let mut at = 0;
        // Nearly all bytes are plain, so little is done for each.
        while let Some(found) = bytes[at..].iter().position(|it| CLASSES[usize::from(*it)] != PLAIN)
        {
            at += found;
            match CLASSES[usize::from(bytes[at])] {
                DOT => is_plain &= query.is_some() || bytes[at - 1] != b'/',
                ODD => return Self::Leaves,
                _ if bytes[at] == b'?' && query.is_none() => query = Some(at),
                _ => is_plain = false,
            }
            at += 1;
        }
        if is_plain { Self::Plain { query } } else { Self::Stays }
    }
}

/// The address at this path of the host. The parser would give the same result, but take longer.
fn at(anywhere: &Url, below: &str) -> Url {
    let end = below.bytes().position(|byte| matches!(byte, b'?' | b'#'));
    let (path, rest) = below.split_at(end.unwrap_or(below.len()));
    let mut url = anywhere.clone();
    url.set_path(path);
    if !rest.is_empty() {
        let (query, fragment) = match rest.split_once('#') {
            Some((query, fragment)) => (query, Some(fragment)),
            None => (rest, None),
        };
        url.set_query(query.strip_prefix('?'));
        url.set_fragment(fragment);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASES: [&str; 6] = [
        "https://host.example/base?a=b#c",
        "http://host.example:8080/",
        "http://127.0.0.1:3000/api/",
        "http://[::1]:3000/api",
        "https://user:secret@host.example:444/x",
        "https://m\u{fc}nchen.example/",
    ];

    const BELOW: [&str; 30] = [
        "/",
        "/?",
        "/#",
        "/orders/7",
        "/orders/7?page=2&q=a%20b",
        "/a/b?c=d&e=%2F",
        "/a?b?c/../d",
        "/a?\u{fc}='\"<>|`{}",
        "/a#b",
        "/a?b#c?d#e",
        "/a?b=../.&c=.",
        "/a/../b",
        "/a/.",
        "/a/./b",
        "/a/.b",
        "/a/b.json",
        "/a/b..",
        "/a/%2e%2E/./b/.",
        "/a/%2e",
        "/a/%2Fb",
        "/a//b/",
        "/%2F/x",
        "/%/%zz",
        "/a'\"<>|`{}^;:@=&+$,!*()~",
        "/a:b@c=d&e+f,g~h_i-j",
        "/a?a:b@c=d&e+f,g~h_i-j",
        "/c:/d|/e",
        "/\u{fc}",
        "/a?items[0]=x",
        "/a?x='y'",
    ];

    /// All parts of an address, as others see them.
    fn parts(url: &Url) -> [Option<String>; 11] {
        let place = |it: &str| Some(it.to_owned());
        [
            place(url.as_str()),
            place(url.scheme()),
            place(url.username()),
            url.password().and_then(place),
            url.host().map(|host| format!("{host:?}")),
            url.port().map(|port| port.to_string()),
            place(url.path()),
            url.query().and_then(place),
            url.fragment().and_then(place),
            place(&url[url::Position::BeforeHost..url::Position::AfterPort]),
            place(&url[url::Position::BeforePath..]),
        ]
    }

    #[test]
    fn an_address_is_the_one_that_the_parser_makes() {
        for base in BASES {
            let site = Site::of(&Url::parse(base).expect("it is a URL")).expect("it has a host");
            assert!(
                site.places.is_some(),
                "the parts of an address are where they are known to be"
            );
            for below in BELOW {
                let whole = format!("{}{below}", site.host);
                let parsed = Url::parse(&whole).expect("it is a URL");
                let made = site.address(&whole).expect("it is a URL");
                assert_eq!(parts(&made), parts(&parsed), "{whole}");
                assert_eq!(parts(&at(&site.anywhere, below)), parts(&parsed), "{whole}");
                // It can be changed like any other.
                let (mut made, mut parsed) = (made, parsed);
                for url in [&mut made, &mut parsed] {
                    url.set_query(Some("token=x"));
                    url.set_path("/y");
                }
                assert_eq!(parts(&made), parts(&parsed), "{whole}");
            }
        }
    }

    #[test]
    fn most_addresses_are_left_as_they_are() {
        for (below, query) in [
            ("/orders/7", None),
            ("/orders/7.json", None),
            ("/orders/a%20b", None),
            ("/orders?page=2&q=.%2E", Some(7)),
        ] {
            assert_eq!(Kind::of(below), Kind::Plain { query }, "{below}");
        }
        for below in ["/a/../b", "/.", "/%2e/b", "/a#b", "/a?b?c", "/\u{fc}", "/a?x='y'"] {
            assert_eq!(Kind::of(below), Kind::Stays, "{below}");
        }
    }

    #[test]
    fn no_path_leads_to_another_host() {
        let base = Url::parse("https://host.example/").expect("it is a URL");
        let site = Site::of(&base).expect("it has a host");
        for below in
            ["", "//evil.example/", "/\\evil.example/", "/\t/evil.example/", ".evil.example"]
        {
            assert_eq!(Kind::of(below), Kind::Leaves, "{below}");
            let whole = format!("https://host.example{below}");
            assert_eq!(site.address(&whole), Url::parse(&whole), "{below}");
        }
    }
}
