//! Bodies of refreshes, which the runtime creates from the tokens.

use perennial::Tokens;
use serde::Serialize;

/// The refresh token alone.
#[derive(Serialize)]
pub struct Renewal {
    refresh_token: String,
}

impl From<&Tokens> for Renewal {
    fn from(tokens: &Tokens) -> Self {
        Self { refresh_token: tokens.refresh().unwrap_or_default().to_owned() }
    }
}

/// The grant of OAuth 2 (RFC 6749, section 6).
#[derive(Serialize)]
pub struct Grant {
    grant_type: &'static str,
    refresh_token: String,
}

impl From<&Tokens> for Grant {
    fn from(tokens: &Tokens) -> Self {
        let refresh_token = tokens.refresh().unwrap_or_default().to_owned();
        Self { grant_type: "refresh_token", refresh_token }
    }
}
