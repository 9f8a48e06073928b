//! Query values of an address, and form fields.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::encode;

/// The first query value of this name, decoded.
pub(crate) fn value(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let (_, value) = pairs.find(|(key, _)| is(key, name))?;
    let spaced = value.replace('+', " ");
    Some(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
}

/// The address with one query value in place of all values of the same name.
pub(crate) fn with_value(url: &str, name: &str, value: &str) -> String {
    let mut changed = without_value(url, name);
    let mut has_query = changed.contains('?');
    encode::query(&mut changed, &mut has_query, name, &value).expect("text can be displayed");
    changed
}

/// The address without the query values of this name.
pub(crate) fn without_value(url: &str, name: &str) -> String {
    let Some((path, query)) = url.split_once('?') else { return url.to_owned() };
    let is_other = |pair: &&str| !is(pair.split('=').next().unwrap_or_default(), name);
    let others = changed(Some(query), &mut |pair| Some(pair).filter(is_other).map(Cow::Borrowed));
    path.to_owned() + &others
}

/// The query with each pair as `change` returns it, if it returns one, and with the sign before it.
pub(crate) fn changed<'a>(
    query: Option<&'a str>,
    change: &mut dyn FnMut(&'a str) -> Option<Cow<'a, str>>,
) -> String {
    let mut changed = String::new();
    let Some(query) = query else { return changed };
    for pair in query.split('&') {
        if let Some(pair) = change(pair) {
            changed.push(if changed.is_empty() { '?' } else { '&' });
            changed.push_str(&pair);
        }
    }
    changed
}

/// The form with one field in place of all fields of the same name.
pub(crate) fn with_field(form: &str, name: &str, value: &str) -> String {
    let form = if form.is_empty() { String::new() } else { format!("?{form}") };
    with_value(&form, name, value).split_off(1)
}

fn is(encoded: &str, name: &str) -> bool {
    let spaced = encoded.replace('+', " ");
    percent_decode_str(&spaced).eq(name.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_value_replaces_the_others_of_its_name() {
        for (url, expected) in [
            ("http://h/p", "http://h/p?after=a%26b"),
            ("http://h/p?after=1", "http://h/p?after=a%26b"),
            ("http://h/p?x=1&after=1&y=2&%61fter=3", "http://h/p?x=1&y=2&after=a%26b"),
            ("http://h/p?afterwards=1", "http://h/p?afterwards=1&after=a%26b"),
        ] {
            assert_eq!(with_value(url, "after", "a&b"), expected);
        }
    }

    #[test]
    fn a_query_value_is_read_decoded() {
        assert_eq!(value("http://h/p?a=1&p%61ge=a%26+b", "page").as_deref(), Some("a& b"));
        assert_eq!(value("http://h/p?pages=1", "page"), None);
        assert_eq!(value("http://h/p", "page"), None);
    }

    #[test]
    fn a_field_of_a_form_is_replaced() {
        assert_eq!(with_field("", "page", "2"), "page=2");
        assert_eq!(with_field("q=a+b&page=1", "page", "2"), "q=a+b&page=2");
    }
}
