use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders/{id}")]
    async fn orders(&self, id: Option<u64>) -> Result<String>;
}

fn main() {}
