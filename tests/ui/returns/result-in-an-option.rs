use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Option<Result<String>>;
}

fn main() {}
