use perennial::{Result, api_client};

#[api_client]
#[get("/orders")]
async fn orders(#[query] page: u32) -> Result<u32>;

fn main() {}
