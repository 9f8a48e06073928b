use perennial::{Result, api_client};

use std::sync::LazyLock;

const VERSION: u32 = 3;
static KEY: LazyLock<String> = LazyLock::new(|| "key".into());

#[api_client(headers("X-Version" = VERSION))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

#[api_client(headers("X-Key" = KEY))]
trait Stock {
    #[get("/items")]
    async fn items(&self) -> Result<String>;
}

fn main() {}
