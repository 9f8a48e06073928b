use perennial::{Result, api_client};

struct Priority(u8);

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[ext] priority: Priority) -> Result<String>;
}

fn main() {}
