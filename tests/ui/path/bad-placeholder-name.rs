use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders/{id:u64}")]
    async fn orders(&self, id: u64) -> Result<String>;

    #[get("/carts/{id:\\d+}")]
    async fn cart(&self, id: u64) -> Result<String>;
}

fn main() {}
