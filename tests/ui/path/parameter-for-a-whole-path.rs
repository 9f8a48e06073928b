use perennial::{Result, api_client};

struct Key;

#[api_client]
trait Shop {
    #[get("/shops/{shop}/orders/{id}")]
    async fn order(&self, #[path] key: Key) -> Result<String>;

    #[get("/items/{id}")]
    async fn item(&self, #[path] item: u64) -> Result<String>;
}

fn main() {}
