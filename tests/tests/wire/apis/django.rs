//! A list of the Django REST framework, with the tokens of Simple JWT.

use std::collections::HashMap;

use axum::Json;
use axum::extract::Query;
use axum::routing::get;
use perennial::{IntoTokens, Pages, Result, Tokens, api_client};
use perennial_tests::{Carrier, Grant, Lifetime, Protocol, Reply, Shape};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The names of Simple JWT.
#[derive(Deserialize)]
pub struct Pair {
    access: String,
    refresh: Option<String>,
}

impl IntoTokens for Pair {
    fn into_tokens(self) -> Tokens {
        let tokens = Tokens::new(self.access);
        self.refresh.into_iter().fold(tokens, Tokens::with_refresh)
    }
}

#[derive(Serialize)]
pub struct Renewal {
    refresh: String,
}

impl From<&Tokens> for Renewal {
    fn from(tokens: &Tokens) -> Self {
        Self { refresh: tokens.refresh().unwrap_or_default().to_owned() }
    }
}

#[derive(Deserialize, Debug)]
pub struct Invalid {
    title: Vec<String>,
}

#[derive(Debug)]
pub enum Failure {
    Invalid(Invalid),
    Other(perennial::Error),
}

impl From<perennial::Error> for Failure {
    fn from(error: perennial::Error) -> Self {
        Self::Other(error)
    }
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "detail", ok = absent),
    auth(bearer, expired(status = 401, code = "token_not_valid"))
)]
pub trait Library {
    #[post("/token/", login)]
    async fn login(&self, #[field] username: &str, #[field] password: &str) -> Result<Pair>;

    #[post("/token/refresh/", refresh, public)]
    async fn refresh(&self, #[json] with: Renewal) -> Result<Pair>;

    #[get("/books/", page(link = "next", items = "results"))]
    fn books(&self, #[query] search: Option<&str>) -> Pages<u64>;

    #[post("/books/")]
    #[errors(400 => Invalid)]
    async fn add(&self, #[json] book: &Value) -> Result<Value, Failure>;
}

#[tokio::test]
async fn a_list_of_django_is_walked_by_its_addresses() {
    let expired =
        json!({"detail": "Given token not valid for any token type", "code": "token_not_valid"});
    let server = super::server(Protocol {
        base: "/api",
        login: "POST /token/",
        renewal: Carrier::Json("refresh"),
        grant: Grant {
            shape: Shape::Bare,
            token: "access",
            refresh: Some("refresh"),
            lifetime: Lifetime::Unstated,
            extra: Value::Null,
        },
        ..super::bearer("POST /token/refresh/", 401, &expired)
    });
    let origin = server.origin();
    let books = async move |Query(query): Query<HashMap<String, String>>| {
        let page = query.get("page").map_or(1, |page| page.parse::<u64>().unwrap());
        let next = (page < 3).then(|| format!("{origin}/api/books/?page={}&search=x", page + 1));
        Json(
            json!({"count": 6, "next": next, "previous": null, "results": [page * 2 - 1, page * 2]}),
        )
    };
    server.route("/books/", get(books).post(async || Json(json!({"id": 7}))));
    let library = LibraryClient::builder(server.origin()).build().unwrap();
    library.login("ann", "right").await.unwrap();

    let mut books = library.books(Some("x"));
    assert_eq!(books.next().await.unwrap().unwrap(), 1);
    server.expire_all();
    assert_eq!(books.try_collect::<Vec<_>>().await.unwrap(), [2, 3, 4, 5, 6]);
    assert_eq!((server.refreshes(), server.count("GET /books/")), (1, 4));

    assert_eq!(library.add(&json!({"title": "Faust"})).await.unwrap()["id"], 7);
    let invalid = json!({"title": ["This field is required."]});
    server.on("POST /books/").nth(1).response(Reply::rejection(400, &invalid));
    match library.add(&json!({})).await {
        Err(Failure::Invalid(invalid)) => assert_eq!(invalid.title, ["This field is required."]),
        other => panic!("{other:?}"),
    }
    let refused = json!({"detail": "Authentication credentials were not provided."});
    server.on("POST /books/").nth(1).response(Reply::rejection(403, &refused));
    match library.add(&json!({})).await {
        Err(Failure::Other(error)) => {
            assert_eq!(error.message(), Some("Authentication credentials were not provided."));
        }
        other => panic!("{other:?}"),
    }
}
