use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[ext] priority: &str) -> Result<String>;
}

fn main() {}
