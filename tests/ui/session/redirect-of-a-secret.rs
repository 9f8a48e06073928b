use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer), redirect = follow)]
trait Shop {
    #[post("/login", login, redirect = follow)]
    async fn login(&self) -> Result<Tokens>;
}

fn main() {}
