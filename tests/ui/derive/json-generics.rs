use perennial::Json;

#[derive(Json)]
struct Page<T> {
    items: Vec<T>,
}

fn main() {}
