#![allow(clippy::unwrap_used)]

use super::search::escaped;
use super::*;

#[test]
fn long_runs_are_masked_and_words_are_not() {
    for (text, expected) in [
        ("", ""),
        ("invalid type: string \"x\", expected f64", "invalid type: string \"x\", expected f64"),
        (
            "missing field `recurring_payment_schedule`",
            "missing field `recurring_payment_schedule`",
        ),
        ("\"eyJhbGciOiJIUzI1NiJ9.e30.x-_y\"", "\"***\""),
        ("Bearer 0123456789abcdef0123", "Bearer ***"),
        ("über-0123456789abcdef0123-ü", "ü***ü"),
        ("id 123456789012345", "id 123456789012345"),
    ] {
        assert_eq!(masked(text), expected);
    }
}

/// Alphabets that tokens and passwords consist of, and the ways in which they may be quoted.
#[test]
fn a_secret_is_masked_in_every_spelling() {
    let percent =
        |secret: &str| secret.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let json = |secret: &str| serde_json::to_string(secret).unwrap().trim_matches('"').to_owned();
    let unicode = |secret: &str| {
        secret.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect::<String>()
    };
    let form =
        |secret: &str| form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>();
    let numbers =
        |secret: &str| secret.chars().map(|it| format!("&#{};", u32::from(it))).collect::<String>();
    let html = |secret: &str| {
        let text = secret.replace('&', "&amp;").replace('"', "&quot;").replace('/', "&#x2F;");
        text.replace('+', "&#x2b;").replace('=', "&#61;")
    };
    let mixed = |secret: &str| secret.replace('/', "%2F").replace('"', "\\\"");
    for secret in [
        "abcdef",
        "a/b+c=d==",
        "p w/\"q\"\\x",
        "100%25sure",
        "%41%42",
        "pässwörd-🔑",
        "line\nbreak\ttab",
        "aaaaaaaa",
        "<a&b>'c'",
        "eyJhbGciOiJIUzI1NiJ9.e30.x-_y",
    ] {
        let raw = |secret: &str| secret.to_owned();
        let spellings: [&dyn Fn(&str) -> String; 8] =
            [&raw, &percent, &json, &unicode, &form, &numbers, &html, &mixed];
        for (at, spelling) in spellings.iter().enumerate() {
            let spelled = spelling(secret);
            let text = format!("before {spelled} after");
            assert_eq!(message(&text, &[secret]), "before *** after", "{at}: {spelled}");
            let twice = format!("{spelled}{spelled}");
            assert_eq!(message(&twice, &[secret]), "******", "{at}: {spelled}");
        }
    }
}

#[test]
fn a_short_secret_mangles_no_text() {
    assert_eq!(message("it has expired", &["it"]), "it has expired");
    assert_eq!(message("it has expired", &["", "has e"]), "it has expired");
}

#[test]
fn a_message_is_masked_before_it_is_cut() {
    let secret = "s".repeat(40) + "-end";
    for before in 460..520 {
        let text = format!("{} {secret} and more", "x".repeat(before));
        let shown = message(&text, &[&secret]);
        assert!(!shown.contains("ss"), "{shown}");
        assert!(shown.len() <= LONGEST_MESSAGE + '…'.len_utf8());
    }
    assert_eq!(message(&"ü".repeat(300), &[""; 0]), format!("{}…", "ü".repeat(256)));
    let longest = "x".repeat(LONGEST_MESSAGE);
    assert_eq!(message(&longest, &[""; 0]), longest);
    assert_eq!(message(&format!("{longest}x"), &[""; 0]), format!("{longest}…"));
}

#[test]
fn an_address_shows_no_user_and_no_secret() {
    for (url, expected) in [
        ("https://h/orders/7?page=2", "https://h/orders/7?page=2"),
        ("https://user:pass@h:1/x#frag", "https://h:1/x"),
        ("https://h/bot0123456789abcdef0123/send", "https://h/***/send"),
        (
            "https://h/550e8400-e29b-41d4-a716-446655440000",
            "https://h/550e8400-e29b-41d4-a716-446655440000",
        ),
        (
            "https://h/?access_token=ab&q=x&X-Api-Key=1",
            "https://h/?access_token=***&q=x&X-Api-Key=***",
        ),
        ("https://h/?q=0123456789abcdef0123", "https://h/?q=***"),
        ("user:pass@h", "h"),
    ] {
        assert_eq!(address(url), expected);
    }
}

#[test]
fn an_escape_is_read_as_json_and_urls_write_it() {
    for (text, expected) in [
        ("\\\"", "\""),
        (r"\\", "\\"),
        (r"\/", "/"),
        (r"\b", "\u{8}"),
        (r"\f", "\u{c}"),
        (r"\n", "\n"),
        (r"\r", "\r"),
        (r"\t", "\t"),
        (r"\u0041", "A"),
        (r"\uD800\uDC00", "\u{10000}"),
        (r"\udbff\udfff", "\u{10ffff}"),
        (r"\ud83d\udd11", "\u{1f511}"),
        (r"\uffff", "\u{ffff}"),
        ("+", " "),
        ("%41", "A"),
        ("%2f", "/"),
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#43;", "+"),
        ("&#x2F;", "/"),
        ("&#X1f511;", "\u{1f511}"),
        ("&#x0010FFFF;", "\u{10ffff}"),
    ] {
        let after = format!("{text}rest");
        let (length, character) = escaped(after.as_bytes()).expect(text);
        assert_eq!((length, character.as_slice()), (text.len(), expected.as_bytes()), "{text}");
    }
    for text in [
        "",
        "a",
        "%",
        "%4",
        "%4g",
        r"\",
        r"\x",
        r"\u",
        r"\u004",
        r"\u00g1",
        r"\ud83d",
        r"\ud83d\u0041",
        r"\udd11",
        "&",
        "&amp",
        "&;",
        "&#;",
        "&#x;",
        "&#xd800;",
        "&nbsp;",
        "&#x000010FFFF;",
    ] {
        assert!(escaped(text.as_bytes()).is_none(), "{text}");
    }
}

#[test]
fn every_word_for_a_secret_marks_a_name_in_any_spelling() {
    for name in [
        "Access-Token",
        "client_secret",
        "PASSWORD",
        "passwd",
        "X-Api-Key",
        "api_key",
        "Authorization",
        "sig-nature",
        "SessionId",
        "aws_credential",
        "private_key",
        "Cookie",
        "Ocp-Apim-Subscription-Key",
        "x-functions-key",
        "AccessKeyId",
        "X-JWT-Assertion",
        "DPoP",
        "client_assertion",
        "sid",
    ] {
        assert!(is_secret_name(name), "{name}");
    }
    for name in ["author_token", "page_token_secret", "authorities"] {
        assert!(is_secret_name(name), "{name}");
    }
    for name in ["idempotency-key", "cookies", "page", "key", "sign", "side", "sort_key", ""] {
        assert!(!is_secret_name(name), "{name}");
    }
    for name in ["author", "co-authors", "page_token", "nextPageToken", "continuation-token"] {
        assert!(!is_secret_name(name), "{name}");
    }
}

#[test]
fn only_a_uuid_as_it_is_written_is_shown_in_an_address() {
    for (segment, is_shown) in [
        ("550e8400-e29b-41d4-a716-446655440000", true),
        ("550E8400-E29B-41D4-A716-44665544000F", true),
        ("550e8400-e29b-41d4-a716-44665544000g", false),
        ("550e8400-e29b-41d4-a716-44665544000-", false),
        ("550e8400-e29b-41d4-a716-4466554400001", false),
        ("550e8400-e29b-41d4-a716-44665544000", false),
        ("550e84000e29b-41d4-a716-446655440000", false),
        ("550e8400-e29b041d4-a716-446655440000", false),
        ("550e8400-e29b-41d40a716-446655440000", false),
        ("550e8400-e29b-41d4-a7160446655440000", false),
    ] {
        let shown = address(&format!("https://h/a/{segment}/b?x=1&y"));
        let expected = if is_shown { segment } else { "***" };
        assert_eq!(shown, format!("https://h/a/{expected}/b?x=1&y"));
    }
    assert_eq!(address("https://h"), "https://h");
    assert_eq!(address("/orders?0123456789abcdef0123"), "/orders?***");
}

#[test]
fn a_secret_that_a_decoder_quotes_is_masked_in_rusts_spelling() {
    for secret in ["pa\"ss\\word", "it's secret", "e\u{301}a\u{200b}b\tc\0d", "\u{1f511}\u{7f}abcd"]
    {
        let said = format!("invalid type: string {secret:?}, expected u8");
        let expected = "invalid type: string \"***\", expected u8";
        assert_eq!(message(&said, &[secret]), expected, "{said}");
    }
}

/// A server passes on the JSON of another one as a text, and the error of a decoder writes that text once more.
#[test]
fn a_secret_in_json_within_a_text_within_a_text_is_masked() {
    let json = |text: &str| serde_json::to_string(text).unwrap().trim_matches('"').to_owned();
    let php = |text: &str| json(text).replace('/', "\\/");
    let unicode =
        |text: &str| text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
    let rust = |text: &str| format!("{text:?}").trim_matches('"').to_owned();
    let spellings: [&dyn Fn(&str) -> String; 4] = [&json, &php, &unicode, &rust];
    let again: [&dyn Fn(&str) -> String; 3] = [&json, &php, &rust];
    for secret in
        ["q\"&<>+\\/secret", "line\nbreak\ttab", "a/b+c=d==", "pässwörd-🔑", "e\u{301}\u{200b}xyz"]
    {
        for inner in spellings {
            for middle in again {
                for outer in again {
                    let quoted = outer(&middle(&inner(secret)));
                    let text = format!("string \"you {quoted} ok\"");
                    assert_eq!(message(&text, &[secret]), "string \"you *** ok\"", "{quoted}");
                }
            }
        }
    }
    // Backslashes that escape nothing stay.
    assert_eq!(message(r"C:\\temp\\secret", &["secret"]), r"C:\\temp\\***");
    let longest = r"\\\\\\\u{10ffff}".repeat(100);
    assert!(longest_spelling(&["x".repeat(100)]) >= longest.len());
}

#[test]
fn a_masked_text_does_not_end_with_a_part_of_a_token() {
    let token = "eyJhbGciOiJIUzI1NiJ9.e30.x-_y";
    for before in 60..120 {
        let text = format!("{} {token} and more", "ab ".repeat(before / 3));
        let shown = guarded(&text, &[""; 0], 100);
        assert!(!shown.contains("eyJ"), "{shown}");
    }
    assert_eq!(guarded("an end…", &[""; 0], 100), "an end…");
    assert_eq!(guarded("the PIN is 471199", &["471199"], 100), "the PIN is ***");
}

#[test]
fn a_text_that_almost_spells_a_secret_full_of_escapes_is_read_in_linear_ways() {
    for escape in ["\\'", "\\\"", "\\/"] {
        let secret = escape.repeat(200);
        // Each backslash may be literal, or begin the escape of what follows.
        let text = secret.replace('\\', "\\\\");
        assert_eq!(message(&text, &[&secret]), "***");
        let other = format!("{secret}r");
        assert!(message(&text, &[&other]).starts_with('\\'));
    }
}

#[test]
fn what_is_hidden_of_a_text_is_every_token_and_every_secret_as_a_whole() {
    let (token, other) = ("0123456789abcdef0123", "fedcba98765432100123");
    for (text, expected) in [
        (format!("a {token} b"), vec![token.to_owned()]),
        (token.to_owned(), vec![token.to_owned()]),
        (format!("ab {token} cd {other}"), vec![token.to_owned(), other.to_owned()]),
        ("a recurring_payment_schedule in the text".to_owned(), vec![]),
        ("the s3cr3t s3cr3ts3cr3t".to_owned(), vec!["s3cr3t".to_owned(); 3]),
        // They overlap.
        (format!("my pin {token} ü"), vec![format!("my pin {token}")]),
        (format!("the s3cr3t-{token}"), vec![format!("s3cr3t-{token}")]),
        (format!("%73ecr%C3%A9t-{token}"), vec![format!("%73ecr%C3%A9t-{token}")]),
    ] {
        let found = hidden(&text, &["s3cr3t", "my pin 012", "secrét-"]);
        let found: Vec<_> = found.into_iter().map(|it| &text[it]).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn of_json_in_a_query_an_address_shows_no_member_with_the_name_of_a_secret() {
    for (value, expected) in [
        ("%7B%22token%22:%22ab%22,%22n%22:1%7D", "%7B%22token%22%3A%22***%22%2C%22n%22%3A1%7D"),
        ("%7b%22token%22:1%7d", "%7B%22token%22%3A%22***%22%7D"),
        ("{%22token%22:+%22a+b%22}", "%7B%22token%22%3A+%22***%22%7D"),
        (
            "%5B%7B%22pin%22:%7B%22password%22:7%7D%7D%5D",
            "%5B%7B%22pin%22%3A%7B%22password%22%3A%22***%22%7D%7D%5D",
        ),
        ("[{%22token%22:null}]", "%5B%7B%22token%22%3A%22***%22%7D%5D"),
        ("%7B%22n%22:1%7D", "%7B%22n%22:1%7D"),
        ("%7", "%7"),
        ("token", "token"),
    ] {
        let shown = address(&format!("https://h/x?filter={value}&y=1"));
        assert_eq!(shown, format!("https://h/x?filter={expected}&y=1"));
    }
}

#[test]
fn a_dotted_name_is_shown_and_a_token_in_dotted_parts_is_masked() {
    for name in ["SYNO.FileStation.List", "com.example.orders.Created", "Microsoft.Compute.virtual"]
    {
        assert_eq!(masked(name), name);
    }
    for token in [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl",
        "abcdEFGHijkl.mnopQRSTuvwx",
        "AbCdEfGhIjKlMnOpQrStUvWxYzAb.Cd",
        "com.example.orders.aBCd",
        "com.example.ordersABCDEF.List",
        "com.example.ABCDEFG.List",
        "FileStationListOfFolders",
    ] {
        assert_eq!(masked(token), "***", "{token}");
    }
}

#[test]
fn many_secrets_with_a_common_beginning_are_searched_for_together() {
    let secrets: Vec<_> = (0..5_000).map(|it| format!("sk_live_{:05}", it * 7)).collect();
    let text = "sk_live_00007 sk_live_00008 ".repeat(2_000);
    let shown = concealed(&text, &secrets, usize::MAX);
    assert_eq!(shown, "*** sk_live_00008 ".repeat(2_000));
}

/// The longest of what each of the secrets alone would mask.
#[test]
fn a_secret_is_found_among_others_as_it_is_alone() {
    let pieces = ["a", "%61", "\\u0061", "b", "&#98;", "\\\\u0062", "+", "%2561"];
    let secrets =
        ["aabbab", "aabbabaab", "aaaaaa", "ababab", "abababb", "bb ab b", "%61%61", "aa%61b"];
    let (mut seed, mut found) = (1_u64, 0);
    for _ in 0..10_000 {
        let text: String = (0..12)
            .map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                pieces[usize::from(seed.to_be_bytes()[0]) * pieces.len() / 256]
            })
            .collect();
        let alone = |secret: &&str| Searched::new(&[*secret]).spelled(text.as_bytes());
        let longest = secrets.iter().filter_map(alone).max();
        assert_eq!(Searched::new(&secrets).spelled(text.as_bytes()), longest, "{text}");
        found += usize::from(longest.is_some());
    }
    assert!(found > 100, "{found}");
}
