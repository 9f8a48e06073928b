use perennial::{Result, Tokens, api_client};

#[api_client]
trait Shop {
    #[post("/login", login)]
    async fn login(&self) -> Result<Tokens>;
}

fn main() {}
