//! A body or a field that is an `Option`: without a value there is none.

use perennial::codec::Cbor;
use perennial::{Call, Result, Tokens, api_client};
use serde_json::{Value, json};

#[derive(serde::Serialize)]
pub struct Patch {
    title: &'static str,
}

const PATCH: Patch = Patch { title: "a" };

#[api_client(
    auth(field = "token", expired(status = 401)),
    allow(duplicate_endpoint, token_in_query)
)]
pub trait Shop {
    #[post("/refresh", refresh, public)]
    async fn refresh(&self) -> Result<Tokens>;
    #[post("/touch", public)]
    async fn json(&self, #[json] patch: Option<&Patch>) -> Result<()>;
    #[post("/touch", public)]
    async fn merge(
        &self,
        #[json("application/merge-patch+json")] patch: &Option<Patch>,
    ) -> Result<()>;
    #[post("/touch", public)]
    async fn form(&self, #[form] patch: Option<Patch>) -> Result<()>;
    #[post("/touch", public)]
    async fn encoded(&self, #[encoded(codec = Cbor)] patch: Option<Patch>) -> Result<()>;
    #[post("/touch", public)]
    async fn value(&self, #[json] value: &Value) -> Result<()>;
    #[post("/touch", public)]
    async fn maybe_value(&self, #[json] value: Option<&Value>) -> Result<()>;
    #[post("/touch", public, fields("mode" = "soft"))]
    async fn with_constant(&self, #[json] patch: Option<&Patch>) -> Result<()>;
    #[post("/touch", public)]
    async fn fields(&self, #[field] a: Option<u8>, #[field] b: Option<u8>) -> Result<()>;
    #[post("/touch")]
    async fn with_token(&self, #[json] patch: Option<&Patch>) -> Result<()>;
}

/// The media type and the body of a request.
async fn sent(call: Call<()>) -> (Option<String>, Option<String>) {
    let request = call.build().await.unwrap();
    let media_type = request.headers().get("content-type");
    let media_type = media_type.map(|it| it.to_str().unwrap().to_owned());
    let body = request.body().as_bytes().filter(|it| !it.is_empty());
    (media_type, body.map(|it| String::from_utf8_lossy(it).into_owned()))
}

fn a_body(media_type: &str, body: &str) -> (Option<String>, Option<String>) {
    (Some(media_type.to_owned()), Some(body.to_owned()))
}

const JSON: &str = "application/json";

#[tokio::test]
async fn a_body_that_is_none_is_left_out_with_its_media_type() {
    let shop = ShopClient::builder("http://shop.example").build().unwrap();
    assert_eq!(sent(shop.json(Some(&PATCH))).await, a_body(JSON, r#"{"title":"a"}"#));
    let merged = a_body("application/merge-patch+json", r#"{"title":"a"}"#);
    assert_eq!(sent(shop.merge(&Some(PATCH))).await, merged);
    let form = a_body("application/x-www-form-urlencoded", "title=a");
    assert_eq!(sent(shop.form(Some(PATCH))).await, form);
    assert_eq!(sent(shop.encoded(Some(PATCH))).await.0.unwrap(), "application/cbor");
    let calls = [shop.json(None), shop.merge(&None), shop.form(None), shop.encoded(None)];
    for call in calls {
        assert_eq!(sent(call).await, (None, None));
    }
}

#[tokio::test]
async fn a_field_that_is_none_is_left_out_wherever_it_is_in_the_form() {
    let shop = ShopClient::builder("http://shop.example").build().unwrap();
    for (a, b, form) in
        [(Some(1), Some(2), "a=1&b=2"), (None, Some(2), "b=2"), (Some(1), None, "a=1")]
    {
        let form = a_body("application/x-www-form-urlencoded", form);
        assert_eq!(sent(shop.fields(a, b)).await, form);
    }
    assert_eq!(sent(shop.fields(None, None)).await.1, None);
}

#[tokio::test]
async fn null_is_sent_where_it_is_a_value() {
    let shop = ShopClient::builder("http://shop.example").build().unwrap();
    assert_eq!(sent(shop.value(&Value::Null)).await, a_body(JSON, "null"));
    assert_eq!(sent(shop.maybe_value(Some(&Value::Null))).await, a_body(JSON, "null"));
    assert_eq!(sent(shop.maybe_value(None)).await, (None, None));
}

#[tokio::test]
async fn constants_and_tokens_in_json_stay_in_json_if_the_body_is_none() {
    let shop = ShopClient::builder("http://shop.example").build().unwrap();
    shop.session().login("t-1").await.unwrap();
    let of_constant = sent(shop.with_constant(None)).await;
    assert_eq!(of_constant, a_body(JSON, &json!({"mode": "soft"}).to_string()));
    let of_token = sent(shop.with_token(None)).await;
    assert_eq!(of_token, a_body(JSON, &json!({"token": "t-1"}).to_string()));
}
