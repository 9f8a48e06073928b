#![deny(deprecated)]

use perennial::{Result, Tokens, api_client};

#[api_client(base = "https://music.example", auth(bearer))]
trait Music {
    #[post("/token")]
    async fn sign_in(&self, #[field] username: &str, #[field] password: &str) -> Result<Tokens>;

    #[post("/device", public)]
    async fn device(&self) -> Result<Tokens>;

    #[get("/mine", allow(unmarked_tokens))]
    async fn mine(&self) -> Result<Tokens>;
}

fn main() {}
