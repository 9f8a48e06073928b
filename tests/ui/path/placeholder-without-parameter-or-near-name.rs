use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/repos/{owner}")]
    async fn repos(&self) -> Result<String>;
}

fn main() {}
