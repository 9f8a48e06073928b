use perennial::{Result, api_client};

#[derive(Clone)]
struct Priority(u8);

#[api_client(serve)]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[ext] priority: Priority) -> Result<String>;
}

fn main() {}
