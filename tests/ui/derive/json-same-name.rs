use perennial::Json;

#[derive(Json)]
struct Pet {
    name: String,
    #[json(rename = "name")]
    first: String,
}

fn main() {}
