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
        (r#"{"o":{"b":1,|"c":2}}"#, "o"),
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
    let followed = vec!["a"; DEEPEST].join(".");
    for deeper in ["[", "{\"b\":", "[1,", "{\"b\":1,\"c\":"] {
        let body = [b"{\"a\":".repeat(DEEPEST), deeper.repeat(10_000).into(), b"1".to_vec()];
        let body = body.concat();
        assert_eq!(said_place(&body, body.len()), followed, "{deeper}");
    }
    let lists = format!("{}[1,2,[3,4", "[".repeat(DEEPEST));
    assert_eq!(said_place(lists.as_bytes(), lists.len()), "[0]".repeat(DEEPEST));
    let body = [b"[".repeat(100_000), b"]".repeat(100_000), b",{\"b\":1".to_vec()].concat();
    assert_eq!(said_place(&body, body.len()), "b");
}

#[test]
fn an_excerpt_shows_no_token_not_even_a_part_of_one() {
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N";
    let beside = "a b ".repeat(40);
    let body = format!(r#"{{"note":"{beside}","token":"{token}","n":"{beside}"}}"#);
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
    for offset in [0, body.len() / 2, body.len()] {
        let near = Near::new(1, 1, body.as_bytes(), offset);
        assert_eq!(near.excerpt(&[&secret]), "");
        assert!(near.excerpt(&["another"]).contains("q z"));
    }
    let near = Near::new(1, 1, b"{\"id\":7}", 6);
    assert_eq!(near.excerpt(&[&secret]), "{\"id\":7}");
}

#[test]
fn a_secret_of_some_kilobytes_costs_no_excerpt_of_a_long_body() {
    let body = format!("{{\"id\":\"{}\"}}", "q z".repeat(60_000));
    let near = Near::new(1, 1, body.as_bytes(), body.len() / 2);
    assert!(near.excerpt(&["s3cr3t-".repeat(400)]).contains("q z"));
}

/// The bar marks the place.
fn around(text: &str) -> String {
    let offset = text.find('|').expect("every case has a bar");
    excerpt(text.replacen('|', "", 1).as_bytes(), offset)
}

#[test]
fn the_words_at_the_ends_of_an_excerpt_are_whole() {
    let shown = "internationally cccc dddd eeee ffff gggg hhhh |iiii jjjj kkkk misunderstanding";
    let expected = format!("…{}…", shown.replace('|', ""));
    assert_eq!(around(&format!("aaaa bbbb {shown} llll")), expected);
}

#[test]
fn an_excerpt_has_a_mark_where_the_body_goes_on_and_nowhere_else() {
    let (few, many) = ("a b c", "a b c ".repeat(30));
    let begins_and_ends = |text: &str| {
        let shown = around(text);
        (!shown.starts_with('…'), !shown.ends_with('…'))
    };
    assert_eq!(around(&format!("{few}|{few}")), format!("{few}{few}"));
    assert_eq!(begins_and_ends(&format!("{many}|{few}")), (false, true));
    assert_eq!(begins_and_ends(&format!("{few}|{many}")), (true, false));
    assert_eq!(begins_and_ends(&format!("{many}|{many}")), (false, false));
    // A little more than is shown, so that all of it is looked at.
    let more = "a b c ".repeat(9);
    assert_eq!(begins_and_ends(&format!("{more}|{more}")), (false, false));
    let token = |length: usize| "0123456789abcdef".repeat(length / 16);
    assert_eq!(around(&format!("{}|{}", token(208), token(208))), "…***…");
    assert_eq!(around(&format!("{few} |{}", token(80))), format!("{few} ***"));
}

#[test]
fn what_is_hidden_beyond_an_excerpt_leaves_no_trace_in_it() {
    let (token, words) = ("0123456789abcdef01234567", "a b c d e f g h i j ".repeat(2));
    let shown = around(&format!("{token} a {words}|{words} a {token}"));
    assert!(shown.contains("j a") && !shown.contains("***"), "{shown}");
}

#[test]
fn a_remark_stays_when_the_reason_is_put_in_words() {
    let mut broken = Broken::of("invalid type");
    broken.note("it is a page");
    assert_eq!(broken.to_string(), "invalid type (it is a page)");
    assert_eq!(broken.in_words("no list").to_string(), "no list (it is a page)");
}

#[test]
fn a_long_reason_is_cut_and_says_so() {
    let said = Broken::of(&"a b ".repeat(500)).to_string();
    assert!(said.ends_with('…') && said.len() < 2 * LONGEST_REASON, "{said}");
}

#[test]
fn the_debug_format_quotes_nothing() {
    let broken = Broken::absent(&["data"], b"{\"pin\":471199}");
    assert_eq!(format!("{broken:?}"), "Broken { shown: .. }");
}
