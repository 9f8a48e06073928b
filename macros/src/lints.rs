//! The rules that a user may silence by name.

/// Names that `allow(..)` takes, in the spelling that it takes.
pub(crate) const ALLOWABLE: &[&str] = &[
    "body_on_get",
    "duplicate_endpoint",
    "expiry_without_refresh",
    "head_with_value",
    "no_endpoint",
    "repeated_placeholder",
    "token_in_query",
];

/// The name of a rule as `allow(..)` spells it.
pub(crate) fn spelling(rule: &str) -> String {
    rule.replace('-', "_")
}
