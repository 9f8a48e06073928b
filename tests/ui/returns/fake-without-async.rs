use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

struct Fake;

impl Shop for Fake {
    fn orders(&self) -> Result<String> {
        Ok(String::new())
    }
}

fn main() {}
