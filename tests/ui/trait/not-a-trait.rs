use perennial::api_client;

#[api_client]
struct Shop;

fn main() {}
