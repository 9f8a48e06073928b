#![allow(clippy::unwrap_used)]

#[cfg(feature = "xml")]
mod xml {
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use crate::logic::codec::Xml;
    use crate::types::codec::Codec;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename = "order")]
    struct Order {
        #[serde(rename = "@id")]
        id: u32,
        item: Vec<String>,
    }

    const BODY: &[u8] = br#"<?xml version="1.0"?>
        <s:response xmlns:s="urn:shop" status="good">
          <code>0</code><!-- no error -->
          <message>a &amp; b &#233; <![CDATA[<c>]]></message>
          <data><order id="7"><item>x</item><note/><item>y</item></order></data>
        </s:response>"#;

    #[test]
    fn the_view_of_a_document_has_what_is_below_its_root() {
        let view = Xml::view(BODY).unwrap();
        assert_eq!((&view["code"], &view["@status"]), (&json!("0"), &json!("good")));
        assert_eq!(view["message"], "a & b \u{e9} <c>");
        assert_eq!(view["data"]["order"]["item"], json!(["x", "y"]));
        assert_eq!(view["data"]["order"]["note"], "");
    }

    #[test]
    fn a_value_is_decoded_from_its_place() {
        let order = Order { id: 7, item: vec!["x".to_owned(), "y".to_owned()] };
        assert_eq!(Xml::decode::<Order>(BODY, &["data", "order"]).unwrap(), order);
        let orders: Vec<Order> = Xml::decode(BODY, &["data", "order"]).unwrap();
        assert_eq!(orders, [order]);
        assert_eq!(Xml::decode::<u32>(BODY, &["code"]).unwrap(), 0);
        assert_eq!(Xml::decode::<String>(BODY, &["@status"]).unwrap(), "good");
        assert_eq!(Xml::decode::<Option<u32>>(BODY, &["data", "none"]).unwrap(), None);
        let absent = Xml::decode::<u32>(BODY, &["data", "none"]).unwrap_err();
        assert_eq!(absent.to_string(), "there is no value at `data.none`");
        let order = Xml::encode(&Order { id: 7, item: vec!["<x>".to_owned()] }).unwrap();
        assert_eq!(order, br#"<order id="7"><item>&lt;x&gt;</item></order>"#);
    }

    #[test]
    fn a_body_that_is_not_a_document_has_no_view() {
        for body in ["", "text", "<a>", "<a></b>", "{\"a\": 1}", "<a><b></a>"] {
            assert!(Xml::view(body.as_bytes()).is_err(), "{body}");
        }
        let deep = format!("{}{}", "<a>".repeat(200), "</a>".repeat(200));
        assert!(Xml::view(deep.as_bytes()).is_err());
        // Entities that the document declares are not expanded.
        let declared = br#"<!DOCTYPE a [<!ENTITY e "boom">]><a>x&e;</a>"#;
        assert_eq!(Xml::view(declared).unwrap(), json!("x"));
    }
}

#[cfg(any(feature = "cbor", feature = "msgpack"))]
mod binary {
    use serde::{Deserialize, Serialize};
    use serde_json::{Value, json};

    use crate::types::codec::Codec;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Body {
        code: i64,
        data: Vec<Item>,
        none: Option<u8>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Item {
        id: u64,
        weight: f64,
        name: String,
    }

    fn body() -> Body {
        let item = Item { id: u64::MAX, weight: 0.5, name: "x".to_owned() };
        Body { code: -3, data: vec![item], none: None }
    }

    /// Checks that hold for both formats.
    fn holds<C: Codec<Error: std::fmt::Debug>>() {
        let bytes = C::encode(&body()).unwrap();
        let item = json!({"id": u64::MAX, "weight": 0.5, "name": "x"});
        let view = json!({"code": -3, "data": [item], "none": null});
        assert_eq!(C::view(&bytes).unwrap(), view);
        assert_eq!(C::decode::<Body>(&bytes, &[]).unwrap(), body());
        assert_eq!(C::decode::<Vec<Item>>(&bytes, &["data"]).unwrap(), body().data);
        assert_eq!(C::decode::<Item>(&bytes, &["data", "0"]).unwrap(), body().data.remove(0));
        assert_eq!(C::decode::<Option<u8>>(&bytes, &["absent"]).unwrap(), None);
        assert!(C::decode::<u8>(&bytes, &["absent"]).is_err());
        assert!(C::decode::<u8>(&bytes, &["data", "7"]).is_err());
        let numbers = std::collections::BTreeMap::from([(1, "a")]);
        assert_eq!(C::view(&C::encode(&numbers).unwrap()).unwrap(), json!({"1": "a"}));
        // A number that JSON cannot hold is a text: as null, a code would count as missing.
        for (number, text) in
            [(f64::INFINITY, "inf"), (f64::NEG_INFINITY, "-inf"), (f64::NAN, "NaN")]
        {
            assert_eq!(C::view(&C::encode(&number).unwrap()).unwrap(), text);
        }
        assert_eq!(C::view(&C::encode(&()).unwrap()).unwrap(), Value::Null);
        for broken in [&b""[..], &[0xc1, 0xff], b"<html>error</html>"] {
            assert!(C::view(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    #[cfg(feature = "cbor")]
    fn cbor_is_encoded_decoded_and_viewed() {
        use ciborium::Value as Raw;
        holds::<crate::logic::codec::Cbor>();
        let tagged = Raw::Tag(0, Box::new(Raw::Bytes(vec![1, 2])));
        let bytes = crate::logic::codec::Cbor::encode(&tagged).unwrap();
        assert_eq!(crate::logic::codec::Cbor::view(&bytes).unwrap(), json!([1, 2]));
        let lowest = [0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        let view = crate::logic::codec::Cbor::view(&lowest).unwrap();
        assert_eq!(view, "-18446744073709551616");
    }

    #[test]
    #[cfg(feature = "msgpack")]
    fn message_pack_that_is_nested_too_deep_is_an_error_and_not_the_end_of_the_process() {
        use crate::logic::codec::MessagePack;
        let list = |depth| [vec![0x91; depth], vec![1]].concat();
        let map = |depth| [[0x81, 0xa1, b'a'].repeat(depth), vec![1]].concat();
        for body in [list(1_000), map(1_000), list(200)] {
            let message = MessagePack::decode::<Value>(&body, &[]).unwrap_err().to_string();
            assert!(message.contains("depth"), "{message}");
            assert!(MessagePack::view(&body).is_err());
            assert!(MessagePack::decode::<Value>(&body, &["a"]).is_err());
        }
        for body in [list(100), map(100)] {
            assert!(MessagePack::decode::<Value>(&body, &[]).is_ok());
            assert!(MessagePack::view(&body).is_ok());
        }
    }

    #[test]
    #[cfg(feature = "msgpack")]
    fn message_pack_is_encoded_decoded_and_viewed() {
        holds::<crate::logic::codec::MessagePack>();
        // A struct as an array, as other encoders write it.
        let bytes = rmp_serde::to_vec(&body()).unwrap();
        let read: Body = crate::logic::codec::MessagePack::decode(&bytes, &[]).unwrap();
        assert_eq!(read, body());
        for (bytes, view) in [(&[0xd4, 5, 7][..], json!([5, [7]])), (&[0xc7, 0, 5], json!([5, []]))]
        {
            assert_eq!(crate::logic::codec::MessagePack::view(bytes).unwrap(), view);
        }
    }
}
