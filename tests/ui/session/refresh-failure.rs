use perennial::{RefreshFailure, Tokens};

async fn renew(text: &str) -> Result<Tokens, RefreshFailure> {
    let expires: u64 = text.parse()?;
    let token = text.split(' ').next().ok_or("no token")?;
    Ok(Tokens::new(format!("{token}{expires}")))
}

fn signed_out() -> RefreshFailure {
    RefreshFailure::from("signed out")
}

fn main() {}
