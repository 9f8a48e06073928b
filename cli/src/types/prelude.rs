//! The helpers at the end of a file, each of them only where a type needs it.

use super::render::Piece;

/// The helpers that the pieces need.
#[derive(Debug, Default, Clone, Copy)]
pub struct Needs {
    pub(super) text_enum: bool,
    pub(super) number_enum: bool,
    pub(super) tagged_union: bool,
    pub(super) tagged_or_closest_union: bool,
    pub(super) closest_union: bool,
    pub(super) present: bool,
    pub(super) map: bool,
}

impl Needs {
    /// Whether maps are named.
    pub fn map(self) -> bool {
        self.map
    }

    /// The helpers, with the names that they are found by. They are at the end of the file, where a macro is known before
    /// its definition only by a path.
    pub fn prelude(self) -> impl Iterator<Item = Piece> {
        let closest = self.closest_union || self.tagged_or_closest_union;
        let all = [
            (self.text_enum, "text_enum", include_str!("prelude/text_enum.rs")),
            (self.number_enum, "number_enum", include_str!("prelude/number_enum.rs")),
            (self.tagged_union, "tagged_union", include_str!("prelude/tagged_union.rs")),
            (
                self.tagged_or_closest_union,
                "tagged_or_closest_union",
                include_str!("prelude/tagged_or_closest_union.rs"),
            ),
            (self.closest_union, "closest_union", include_str!("prelude/closest_union.rs")),
            (closest, "closer", include_str!("prelude/closer.rs")),
            (closest, "distance", include_str!("prelude/distance.rs")),
            (self.present, "present", include_str!("prelude/present.rs")),
        ];
        all.into_iter().filter(|(is_needed, ..)| *is_needed).map(|(_, key, text)| Piece {
            key: key.to_owned(),
            text: text.to_owned(),
            is_ready: true,
        })
    }
}
