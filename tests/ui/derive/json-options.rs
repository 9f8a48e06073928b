use perennial::Json;

#[derive(Json)]
struct Pet {
    #[json]
    name: String,
    #[json(renamed = "type")]
    kind: String,
}

fn main() {}
