//! Stripe: a secret key that does not expire, nested forms, lists by the last id, idempotency keys, errors with a code.

use std::collections::HashMap;

use axum::Json;
use axum::extract::Query;
use axum::routing::get;
use futures::TryStreamExt;
use perennial::{Error, Pages, Result, Tokens, api_client};
use perennial_tests::{Placement, Protocol, Reply};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Serialize)]
pub struct NewCharge<'a> {
    amount: u64,
    currency: &'a str,
    metadata: HashMap<&'a str, &'a str>,
    items: Vec<Item>,
}

#[derive(Serialize)]
pub struct Item {
    price: u64,
}

#[derive(Deserialize, Debug, PartialEq)]
pub struct Charge {
    id: String,
}

#[derive(Debug)]
pub enum Failure {
    Declined,
    Other(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

#[api_client(
    base = "https://api.stripe.com/v1",
    envelope(code = "error.code", message = "error.message", ok = absent),
    auth(bearer),
    headers("Stripe-Version" = "2024-06-20"),
    retry(2, on = [409, 500, 503, connect])
)]
pub trait Stripe {
    #[post("/charges", idempotent("Idempotency-Key"))]
    #[errors(402 => Declined)]
    async fn charge(
        &self,
        #[form(style = brackets)] charge: &NewCharge<'_>,
    ) -> Result<Charge, Failure>;

    #[get(
        "/charges",
        page(cursor = "starting_after", last = "id", more = "has_more", items = "data")
    )]
    fn charges(
        &self,
        #[query] limit: Option<u32>,
        #[query("expand[]")] expand: &[&str],
    ) -> Pages<Charge>;
}

async fn charges(Query(query): Query<HashMap<String, String>>) -> Json<Value> {
    let after = query.get("starting_after").map_or(0, |id| id[3..].parse::<u64>().unwrap());
    let ids: Vec<_> = (after + 1..=5).take(2).map(|id| json!({"id": format!("ch_{id}")})).collect();
    Json(json!({"object": "list", "has_more": after + 2 < 5, "data": ids}))
}

#[tokio::test]
async fn stripe_lists_by_the_last_id_and_charges_once() {
    let placement = Placement::Bearer;
    let server = super::server(Protocol { base: "/v1", placement, ..Protocol::pairs() });
    let charge = async || Json(json!({"id": "ch_6"}));
    server.route("/charges", get(charges).post(charge));
    let stripe = StripeClient::builder(server.origin()).build().unwrap();
    stripe.session().login(Tokens::new(server.issue("sk_test").access)).await.unwrap();

    let ids: Vec<_> = stripe
        .charges(Some(2), &["customer"])
        .map_ok(|charge| charge.id)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(ids, ["ch_1", "ch_2", "ch_3", "ch_4", "ch_5"]);
    let targets: Vec<_> = server.recorded().into_iter().map(|it| it.target).collect();
    assert_eq!(targets[1], "/v1/charges?limit=2&expand%5B%5D=customer&starting_after=ch_2");

    server.on("POST /charges").nth(1).response(Reply::status(503));
    let metadata = HashMap::from([("order", "7")]);
    let new = NewCharge { amount: 5, currency: "eur", metadata, items: vec![Item { price: 5 }] };
    assert_eq!(stripe.charge(&new).await.unwrap(), Charge { id: "ch_6".to_owned() });
    let sent = server.recorded_on("POST /charges");
    let keys: Vec<_> = sent.iter().map(|it| it.header("idempotency-key").unwrap()).collect();
    assert!(keys.len() == 2 && keys[0] == keys[1], "{keys:?}");
    assert_eq!(sent[0].header("stripe-version"), Some("2024-06-20"));
    let form = std::str::from_utf8(&sent[0].body).unwrap();
    assert_eq!(form, "amount=5&currency=eur&metadata%5Border%5D=7&items%5B0%5D%5Bprice%5D=5");

    let declined =
        json!({"error": {"code": "card_declined", "message": "Your card was declined."}});
    server.on("POST /charges").nth(1).response(Reply::rejection(402, &declined));
    assert!(matches!(stripe.charge(&new).await, Err(Failure::Declined)));
    let invalid =
        json!({"error": {"type": "invalid_request_error", "message": "No such currency"}});
    server.on("POST /charges").nth(1).response(Reply::rejection(400, &invalid));
    match stripe.charge(&new).await {
        Err(Failure::Other(error)) => {
            assert_eq!(error.message(), Some("No such currency"), "{error}");
        }
        other => panic!("{other:?}"),
    }
}
