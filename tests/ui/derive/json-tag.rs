use perennial::Json;

#[derive(Json)]
#[json(tag = "object")]
struct Pet {
    name: String,
}

fn main() {}
