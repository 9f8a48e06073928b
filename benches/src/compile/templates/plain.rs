use reqwest::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use crate::types::*;

#[derive(Debug, Deserialize)]
struct Envelope<T> {
    code: i64,
    message: String,
    data: Option<T>,
}

#[derive(Debug)]
pub enum Error {
    Http(reqwest::Error),
    Api { code: i64, message: String },
    NoData,
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error)
    }
}

impl<T> Envelope<T> {
    fn open(self) -> Result<T, Error> {
        match self {
            Self { code: 0, data: Some(data), .. } => Ok(data),
            Self { code: 0, .. } => Err(Error::NoData),
            Self { code, message, .. } => Err(Error::Api { code, message }),
        }
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
    async fn exec<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<&B>,
    ) -> Result<T, Error> {
        let url = format!("{}{path}", self.base);
        let mut request = self.http.request(method, url).header("X-Token", &self.token);
        if !query.is_empty() {
            request = request.query(query);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?.error_for_status()?;
        response.json::<Envelope<T>>().await?.open()
    }
}
