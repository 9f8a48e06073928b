use std::fmt;

use reqwest::{Method, RequestBuilder};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

pub use crate::types::*;

#[derive(Debug, Deserialize)]
struct Envelope {
    code: i64,
    message: String,
    data: Option<Box<RawValue>>,
}

#[derive(Debug)]
pub enum Error {
    Http(reqwest::Error),
    Json(serde_json::Error),
    Api { code: i64, message: String },
    NoData,
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error)
    }
}

pub struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
}

pub fn client(base: &str) -> Result<Client, Error> {
    let http = reqwest::Client::builder().build()?;
    Ok(Client { http, base: base.to_owned(), token: "token".to_owned() })
}

impl Client {
    fn call(&self, method: Method, path: fmt::Arguments<'_>) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).header("X-Token", &self.token)
    }
}

async fn good(request: RequestBuilder) -> Result<Box<RawValue>, Error> {
    let response = request.send().await?.error_for_status()?;
    match response.json().await? {
        Envelope { code: 0, data: Some(data), .. } => Ok(data),
        Envelope { code: 0, .. } => Err(Error::NoData),
        Envelope { code, message, .. } => Err(Error::Api { code, message }),
    }
}

fn value<T: DeserializeOwned>(data: &RawValue) -> Result<T, Error> {
    serde_json::from_str(data.get()).map_err(Error::Json)
}
