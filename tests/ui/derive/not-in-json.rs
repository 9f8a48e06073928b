use perennial::Json;

struct Owner;

#[derive(Json)]
struct Pet {
    owner: Owner,
}

fn main() {}
