#![allow(unused_imports)]
use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;

pub use crate::types::*;

#[derive(Debug)]
pub enum Error {
    Http(reqwest::Error),
    Status(StatusCode, String),
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
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }
}

async fn good(request: RequestBuilder) -> Result<Response, Error> {
    let response = request.send().await?;
    match response.status() {
        status if status.is_success() => Ok(response),
        status => Err(Error::Status(status, response.text().await?)),
    }
}

async fn maybe<T: DeserializeOwned>(response: Response) -> Result<Option<T>, Error> {
    match response.status() {
        StatusCode::NO_CONTENT => Ok(None),
        _ => Ok(Some(response.json().await?)),
    }
}
