use perennial::Json;

struct Price(u64);

#[derive(Json)]
struct Order {
    id: u64,
    price: Price,
}

fn main() {}
