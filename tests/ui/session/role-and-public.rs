use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer))]
trait Shop {
    #[post("/login", login, public)]
    async fn login(&self) -> Result<Tokens>;
}

fn main() {}
