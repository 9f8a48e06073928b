use perennial::Json;

#[derive(Json)]
enum Pet {
    Dog(String),
}

#[derive(Json)]
struct Name(String);

fn main() {}
