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
fn a_secret_that_is_longer_than_the_kept_part_is_not_shown_in_part() {
    let secret = "q z".repeat(60_000);
    let body = format!("{{\"id\":\"{secret}\"}}");
    let near = Near::new(1, 1, body.as_bytes(), body.len() / 2);
    assert_eq!(near.excerpt(&[&secret]), "");
    assert!(near.excerpt(&["another"]).contains("q z"));
}
