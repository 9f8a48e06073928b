use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[post("/orders")]
    async fn order(&self, #[encoded] item: &str) -> Result<()>;

    #[post("/items", codec = "xml")]
    async fn item(&self, #[xml] item: &str) -> Result<()>;

    #[get("/items", codec = msgpack)]
    async fn items(&self) -> Result<String>;
}

fn main() {}
