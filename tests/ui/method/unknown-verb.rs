use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[http("PROPFIN", "/files")]
    async fn files(&self) -> Result<String>;
}

fn main() {}
