//! The type of an integer: `i64`, or what holds the values that the document mentions.

use serde_json::Number;

use super::{Ty, Types};
use crate::document::Schema;
use crate::node::Node;

/// 2 to the power of 63, and of 64.
const LIMITS: [f64; 2] = [9_223_372_036_854_775_808.0, 18_446_744_073_709_551_616.0];

/// The limit of `i64` as JavaScript writes it, which rounds it to what a double has.
const ROUNDED: u64 = 9_223_372_036_854_776_000;

/// How far integers reach.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Reach {
    /// Below zero.
    is_negative: bool,
    /// Above `i64`.
    is_large: bool,
    /// Beyond `u64`, or below `i64`.
    is_huge: bool,
}

impl Reach {
    /// How far a number reaches.
    pub(super) fn of(number: &Number) -> Self {
        match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => Self { is_negative: value < 0, ..Self::default() },
            _ if number.is_u64() => Self { is_large: true, ..Self::default() },
            // No integer of 64 bits, or written like a decimal.
            (None, Some(value)) if value.fract() == 0.0 => Self {
                is_negative: value < 0.0,
                is_huge: value.abs() >= LIMITS[0],
                ..Self::default()
            },
            _ => Self::default(),
        }
    }

    /// How far a limit reaches. One that JavaScript rounded means the limit of an integer of 64 bits.
    fn of_bound(number: &Number) -> Self {
        let value = number.as_f64().unwrap_or_default();
        match number.is_f64() {
            false if number.as_u64() == Some(ROUNDED) => Self::default(),
            true if value.abs() <= LIMITS[0] => {
                Self { is_negative: value < 0.0, ..Self::default() }
            }
            true if (0.0..=LIMITS[1]).contains(&value) => {
                Self { is_large: true, ..Self::default() }
            }
            _ => Self::of(number),
        }
    }

    /// Whether `i64` does not hold all of them.
    pub(super) fn is_wide(self) -> bool {
        self.is_large || self.is_huge
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.is_negative |= other.is_negative;
        self.is_large |= other.is_large;
        self.is_huge |= other.is_huge;
    }
}

impl<'d, 'a> Types<'d, 'a> {
    /// The type that holds the integers of a schema.
    pub(super) fn integer(&self, schema: &'d Schema<'a>) -> Ty {
        let is_int64 = match schema.format {
            Some("uint64") => return Ty::U64,
            format => format == Some("int64"),
        };
        // An example of another place contradicts the format, but what the schema says itself corrects it.
        let mut reach = if is_int64 { Reach::default() } else { self.shown.reach(schema) };
        for bound in schema.bounds.iter().filter_map(|it| it.number()) {
            reach.extend(Reach::of_bound(bound));
        }
        let named = schema.values.iter().chain(&schema.default).chain(&schema.examples);
        for value in named.filter_map(|it| it.number()) {
            reach.extend(if is_int64 { Reach::of_bound(value) } else { Reach::of(value) });
        }
        match reach {
            Reach { is_huge: true, .. } => Ty::Number,
            Reach { is_large: true, is_negative: true, .. } => Ty::Number,
            Reach { is_large: true, .. } => Ty::U64,
            _ => Ty::I64,
        }
    }
}

/// Whether a value is an integer.
pub(super) fn is_whole(value: &&Node) -> bool {
    value.number().is_some_and(|it| it.as_f64().is_some_and(|it| it.fract() == 0.0))
}
