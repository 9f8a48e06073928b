//! The tests here write by hand what the derive generates; the combination is tested in the derive.

#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::*;

#[derive(Debug, PartialEq)]
struct Pet {
    name: String,
    tag: Option<String>,
    owner: Option<Option<u8>>,
    others: std::collections::BTreeMap<String, Value>,
}

impl<'de> Object<'de> for Pet {
    const NAME: &'static str = "Pet";
    const FIELDS: &'static [&'static str] = &["name", "tag", "owner"];

    fn read<A: MapAccess<'de>>(from: A) -> Result<Self, A::Error> {
        let (mut name, mut tag, mut owner) = (None, None, None);
        let slots: &mut [&mut dyn Slot<'de, A>] =
            &mut [&mut name, &mut tag, &mut Absent(&mut owner)];
        let others = read_all(from, Self::FIELDS, slots)?;
        let others = rest(&others)?;
        let (Some(name), Some(tag)) = (name, tag) else { return unsettled() };
        Ok(Self { name, tag, owner, others })
    }
}

impl<'de> Deserialize<'de> for Pet {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        object(from)
    }
}

impl Serialize for Pet {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        write_with(
            to,
            &[("name", false, &self.name), ("tag", true, &self.tag), ("owner", false, &self.owner)],
            [to_value(&self.others)],
        )
    }
}

fn both_ways(value: Value) -> Value {
    let pet: Pet = serde_json::from_str(&value.to_string()).unwrap();
    serde_json::to_value(pet).unwrap()
}

#[test]
fn nothing_and_null_are_two_things_where_the_struct_says_so() {
    assert_eq!(both_ways(json!({"name": "Rex"})), json!({"name": "Rex", "tag": null}));
    for whole in [
        json!({"tag": null, "name": "Rex", "owner": null}),
        json!({"owner": 7, "tag": "a", "name": "Rex", "age": 3, "more": {"a": [1.5]}}),
    ] {
        assert_eq!(both_ways(whole.clone()), whole);
    }
}

#[test]
fn a_field_that_is_missing_duplicate_or_of_another_type_is_an_error_that_names_it() {
    for (text, words) in [
        (r#"{"tag": "a"}"#, "missing field `name`"),
        (r#"{"name": "a", "name": "b"}"#, "duplicate field `name`"),
        (r#"{"name": 1}"#, "expected a string"),
        ("[]", "expected struct Pet"),
    ] {
        let error = serde_json::from_str::<Pet>(text).unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
}

#[test]
fn only_none_is_nothing() {
    assert!(nothing::is_none(&None::<u8>));
    assert!(nothing::is_none(&&None::<Vec<u8>>));
    for value in [json!(null), json!(0), json!(""), json!([]), json!({}), json!(false)] {
        assert!(!nothing::is_none(&value), "{value}");
        assert!(!nothing::is_none(&Some(value)));
    }
    assert!(!nothing::is_none(&Some(None::<u8>)));
    assert!(!nothing::is_none(&()));
}

#[test]
fn another_field_is_an_error_only_where_the_struct_is_closed() {
    struct Closed;
    impl<'de> Object<'de> for Closed {
        const NAME: &'static str = "Closed";
        const FIELDS: &'static [&'static str] = &["name"];
        fn read<A: MapAccess<'de>>(from: A) -> Result<Self, A::Error> {
            let mut name = None::<String>;
            read_closed(from, Self::FIELDS, &mut [&mut name])?;
            Ok(Self)
        }
    }
    let read = |text: &str| {
        object::<Closed, _>(&mut serde_json::Deserializer::from_str(text))
            .map_err(|it| it.to_string())
    };
    assert!(read(r#"{"name": "a"}"#).is_ok());
    let error = read(r#"{"nome": "a"}"#).err().unwrap();
    assert!(error.contains("unknown field `nome`"), "{error}");
}
