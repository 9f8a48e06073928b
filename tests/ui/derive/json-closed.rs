use std::collections::BTreeMap;

use perennial::Json;

#[derive(Json)]
#[json(deny_unknown_fields)]
struct Pet {
    name: String,
    #[json(flatten)]
    others: BTreeMap<String, String>,
}

fn main() {}
