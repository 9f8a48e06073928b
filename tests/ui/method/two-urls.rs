use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get(url)]
    async fn follow(&self, #[url] first: &str, #[url] second: &str) -> Result<String>;
}

fn main() {}
