use perennial::{Result, api_client};

#[api_client(serve, codec = perennial::codec::Cbor)]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<Vec<u64>>;
}

fn main() {}
