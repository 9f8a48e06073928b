use perennial::Json;

#[derive(Json)]
struct Pet {
    #[json(required, null)]
    name: Option<Option<String>>,
}

fn main() {}
