use perennial::api_client;

#[api_client]
trait Shop {
    #[delete("/orders")]
    async fn clear(&self);
}

fn main() {}
