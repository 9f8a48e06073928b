use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders​")]
    async fn orders(&self) -> Result<String>;

    // The `о` is Cyrillic.
    #[get("/оrders/latest")]
    async fn latest(&self) -> Result<String>;

    #[get("/orders", tіmeout = "3s")]
    async fn slow(&self) -> Result<String>;
}

fn main() {}
