use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get(url)]
    async fn follow(&self, #[url] to: u64) -> Result<String>;
}

fn main() {}
