use perennial::{Result, api_client};

struct Yaml;
struct Unserialized;

#[api_client]
trait Shop {
    #[get("/orders", codec = Yaml)]
    async fn orders(&self) -> Result<()>;

    #[post("/orders", codec = perennial::codec::Cbor)]
    async fn order(&self, #[encoded] item: &Unserialized) -> Result<Unserialized>;
}

#[api_client(codec = xml)]
trait Stock {
    #[post("/items")]
    async fn add(&self, #[encoded] item: &str) -> Result<()>;
}

fn main() {}
