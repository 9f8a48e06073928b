/// The closest variant so far, with how much it loses, or the next one if that loses less.
fn closer<'de, T: Serialize, V: Deserialize<'de>>(
    closest: ::core::option::Option<(usize, T)>,
    value: &'de serde_json::Value,
    variant: fn(V) -> T,
) -> ::core::option::Option<(usize, T)> {
    let least = closest.as_ref().map_or(usize::MAX, |it| it.0);
    let read = if least > 0 { V::deserialize(value).ok() } else { ::core::option::Option::None };
    let ::core::option::Option::Some(found) = read.map(variant) else { return closest };
    let lost = serde_json::to_value(&found).map_or(usize::MAX, |kept| distance(value, &kept));
    if closest.is_none() || lost < least { ::core::option::Option::Some((lost, found)) } else { closest }
}
