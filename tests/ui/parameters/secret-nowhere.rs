use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get(url, secret(address))]
    async fn at(&self, #[url] address: &str) -> Result<()>;
}

fn main() {}
