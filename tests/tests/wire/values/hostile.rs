//! The values, and the walk that sends each of them.

use futures::future::BoxFuture;
use perennial::{ErrorKind, Result};
use perennial_tests::Server;

/// Values that led to another address in some program.
const KNOWN: [&str; 64] = [
    "",
    ".",
    "..",
    "...",
    "./",
    "../",
    "../..",
    "../admin",
    "/..",
    "a/../b",
    "a/./b",
    "a//b",
    "//evil.example/x",
    "%2e",
    "%2E%2E",
    ".%2e",
    "%2e%2e/admin",
    "%252e%252e",
    "..%2f",
    "%2F",
    "%00",
    "%zz",
    "..\\",
    "..\\..\\admin",
    ".\t.",
    "..\n",
    "\r\n",
    "a\r\nX-Injected: 1",
    "..\0",
    "..;",
    "..;/",
    ";x=1",
    "?admin=1",
    "a?b#c",
    "#frag",
    "user:pass@evil.example",
    ":8080",
    "https://evil.example/",
    "&a=b",
    "a=b&c=d",
    "a+b c",
    "[::1]",
    "{id}",
    "'\"<>`|^",
    " a",
    "a ",
    "a\"; filename=\"evil.sh",
    "a\"\r\nX-Injected: 1\r\n\r\n",
    "--perennial",
    "a,b",
    "a|b",
    "ü",
    "日本語",
    "．．",
    "․․",
    "\u{feff}..",
    "\u{202e}..",
    "שלום",
    "مرحبا",
    "e\u{301}",
    "👩‍👩‍👧",
    "🏳️‍🌈",
    "\u{fffd}",
    "\u{10ffff}",
];

/// Every ASCII character, alone, doubled and in the middle, and the known values.
pub(super) fn hostile() -> Vec<String> {
    let ascii = (0..0x80_u8).map(char::from);
    let ascii = ascii.flat_map(|c| [format!("{c}"), format!("{c}{c}"), format!("a{c}b")]);
    KNOWN.into_iter().map(str::to_owned).chain(ascii).collect()
}

/// Sends every value, with an expiry now and then; says for each whether it was accepted.
pub(super) async fn walk<'a>(
    server: &Server,
    values: &'a [String],
    send: impl Fn(&'a str) -> BoxFuture<'a, Result<()>>,
) -> Vec<(&'a str, bool)> {
    let mut accepted = Vec::new();
    for (at, value) in values.iter().enumerate() {
        if at % 32 == 7 {
            server.expire_all();
        }
        let before = server.sends();
        match send(value).await {
            Ok(()) => accepted.push((&**value, true)),
            Err(error) => {
                assert!(error.kind() == ErrorKind::Argument, "{value:?}: {error}");
                assert_eq!(server.sends(), before, "{value:?} was sent: {error}");
                assert!(value.len() < 4 || !error.to_string().contains(value), "{error}");
                accepted.push((value, false));
            }
        }
    }
    assert!(server.refreshes() > 5);
    accepted
}

pub(super) fn refused<'a>(told: &[(&'a str, bool)]) -> Vec<&'a str> {
    told.iter().filter(|(_, accepted)| !accepted).map(|(value, _)| *value).collect()
}
