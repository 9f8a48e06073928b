use perennial::{Result, Tokens, api_client};

#[api_client(auth(name = "device", header = "X-Device", early = "30s"))]
trait Shop {
    #[post("/refresh", refresh("devise"))]
    async fn refresh(&self) -> Result<Tokens>;
}

fn main() {}
