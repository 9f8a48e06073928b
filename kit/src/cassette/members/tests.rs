//! Which values have a stand-in, and which stay, in each format.

use super::*;

#[track_caller]
fn assert_masked(media_type: &str, cases: &[(&str, &str)]) {
    let is_read = |name: &str| name == "next_token";
    let names = Names::new(&is_read);
    for (text, expected) in cases {
        assert_eq!(without_secrets(text, media_type, &names), *expected);
        assert_eq!(without_secrets(expected, media_type, &names), *expected);
    }
}

#[test]
fn a_member_with_the_name_of_a_secret_has_a_stand_in_and_all_else_stays_as_written() {
    assert_masked(
        "application/json",
        &[
            (
                r#"{ "password" : "S\"1", "n":1.50, "name":"ann" }"#,
                r#"{ "password" : "masked", "n":1.50, "name":"ann" }"#,
            ),
            (r#"{"a":{"api_key":"S"},"sid":"S"}"#, r#"{"a":{"api_key":"masked"},"sid":"masked"}"#),
            (
                r#"{"token":998877665511,"total_tokens":4096,"has_password":true}"#,
                r#"{"token":111111111111,"total_tokens":4096,"has_password":true}"#,
            ),
            (r#"{"tokens":["S","T"],"a":["S"]}"#, r#"{"tokens":["masked","masked"],"a":["S"]}"#),
            (
                r#"{"token":{"v":"S","deep":[{"x":"S-1"}]},"x":"S-1"}"#,
                r#"{"token":{"v":"masked","deep":[{"x":"masked"}]},"x":"S-1"}"#,
            ),
            (
                r#"{"text":"{\"password\":\"S\",\"a\":\"b\"}"}"#,
                r#"{"text":"{\"password\":\"masked\",\"a\":\"b\"}"}"#,
            ),
            (
                r#"{"token":"550e8400-e29b-41d4-a716-446655440000","secret":"471199","auth":""}"#,
                r#"{"token":"00000000-0000-0000-0000-000000000000","secret":"111111","auth":""}"#,
            ),
            (r#"{"password":"x","password":"S"}"#, r#"{"password":"masked","password":"masked"}"#),
            (
                r#"{"settlement_token":"S-1","throttle_secret":471199,"expired_tokens":["S-1"]}"#,
                r#"{"settlement_token":"masked","throttle_secret":111111,"expired_tokens":["masked"]}"#,
            ),
            (
                r#"{"session":{"id":"S","n":"S-1"},"one_time_password":471199,"tokens":[998877]}"#,
                r#"{"session":{"id":"masked","n":"S-1"},"one_time_password":111111,"tokens":[111111]}"#,
            ),
            (r#"{"password":"S","#, r#"{"password":"masked","#),
            (r#"{"password":"S"#, r#"{"password":"masked""#),
            ("\u{feff}{\"password\":\"S\"}", "\u{feff}{\"password\":\"masked\"}"),
            (r#"{"pass\u0077ord":"S"}"#, r#"{"pass\u0077ord":"masked"}"#),
        ],
    );
}

#[test]
fn what_a_program_reads_beside_a_secret_stays() {
    for text in [
        r#"{"token_type":"Bearer","token_expires_at":"2030-01-01","expires_in":3600000}"#,
        r#"{"next_token":"abc-1","next_page_token":"abc-1","author":"ann-1"}"#,
        r#"{"token_endpoint":"https://id.test/token","password":null,"token":"none"}"#,
        r#"{"sessions":[{"title":"Intro to Rust","room":"B-1","id":7}],"auth":"basic"}"#,
        r#"{"tokens":[{"state":"active","kind":"CI"}]}"#,
        r#"["password","S-1",{"a":"password"}]"#,
        r#"{"usage":{"total_tokens":1234567,"prompt_tokens":1234567,"tokens":1234567},"max_tokens":"1234567"}"#,
        r#"{"completion_tokens_details":{"reasoning_tokens":123456},"token_usage":{"input":1234567}}"#,
        r#"{"auth_time":1767225600,"session_duration_ms":3600000,"session_count":"17","session_id":1234567}"#,
        r#"{"token":{"created":1767225600,"price":1234567,"uses":{"limit":1234567}}}"#,
        r#"{"session":{"id":1234567},"token_id":1234567,"tokens":[{"id":1234567}]}"#,
        r#"{"signature_algorithm":"RS256","password_strength":"weak","auth_provider":"google-oauth2"}"#,
        "null",
        "\"token\"",
    ] {
        assert_masked("application/json", &[(text, text)]);
    }
}

#[test]
fn other_formats_with_names_have_stand_ins_too() {
    assert_masked(
        "application/x-ndjson",
        &[(
            "{\"password\":\"S\"}\n{\"token\":\"S\",\"a\":1}\n",
            "{\"password\":\"masked\"}\n{\"token\":\"masked\",\"a\":1}\n",
        )],
    );
    assert_masked(
        "text/event-stream",
        &[(
            "id: 7\ndata: {\"password\":\ndata: \"S\"}\n\n: ok\n",
            "id: 7\ndata: {\"password\":\ndata: \"masked\"}\n\n: ok\n",
        )],
    );
    assert_masked(
        "application/x-www-form-urlencoded; charset=utf-8",
        &[
            ("access_token=S%2F1&x=1+2&sid=S", "access_token=masked&x=1+2&sid=masked"),
            ("token&token=&pass%77ord=998877", "token&token=&pass%77ord=111111"),
        ],
    );
    assert_masked(
        "application/soap+xml",
        &[
            (
                "<?xml version=\"1.0\"?><r><s:Password a='b'>\n S </s:Password><a token=\"S\"/></r>",
                "<?xml version=\"1.0\"?><r><s:Password a='b'>masked</s:Password><a token=\"masked\"/></r>",
            ),
            (
                "<token><![CDATA[S<1]]></token><!-- <token>a --><name>S</name>",
                "<token><![CDATA[masked]]></token><!-- <token>a --><name>S</name>",
            ),
            ("<token/>S<a x='>' sid = 'S'", "<token/>S<a x='>' sid = 'S'"),
            ("<tokens><item>a</item></tokens>", "<tokens><item>a</item></tokens>"),
        ],
    );
}
