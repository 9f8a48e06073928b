use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/repos/{ownr}")]
    async fn repos(&self, owner: &str) -> Result<String>;
}

fn main() {}
