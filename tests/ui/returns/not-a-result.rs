use perennial::api_client;

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Vec<String>;
}

fn main() {}
