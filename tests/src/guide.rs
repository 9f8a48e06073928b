//! Helpers that several examples of the guide share.

use perennial::Tokens;
use serde::Serialize;

/// The body of a refresh that sends the refresh token as JSON: `{"refresh_token": ".."}`.
#[derive(Debug, Serialize)]
pub struct RefreshRequest {
    refresh_token: String,
}

impl From<&Tokens> for RefreshRequest {
    fn from(tokens: &Tokens) -> Self {
        Self { refresh_token: tokens.refresh().unwrap_or_default().to_owned() }
    }
}
