use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders/{id}")]
    async fn order(&self, #[param] id: u64) -> Result<String>;

    #[get("/orders")]
    async fn orders(&self, #[query_map] filter: &str) -> Result<String>;

    #[post("/orders")]
    async fn create(&self, #[Body] order: &str) -> Result<String>;
}

fn main() {}
