use std::time::Duration;

use perennial::{Result, api_client};

#[api_client(timeout = Duration::from_secs(3))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
