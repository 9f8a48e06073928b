use std::time::{Duration, SystemTime};

use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[query] since: SystemTime) -> Result<String>;

    #[post("/offers")]
    async fn offer(&self, #[field] lifetime: Option<Duration>) -> Result<String>;
}

fn main() {}
