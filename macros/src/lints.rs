//! The lints: rules that `allow(..)` silences.

/// The names of the lints, in the spelling of `allow(..)`.
pub(crate) const ALLOWABLE: &[&str] = &[
    "absent_code_of_a_list",
    "bare_refresh_token",
    "body_on_get",
    "client_name",
    "credentials_in_one_place",
    "duplicate_endpoint",
    "expiry_without_refresh",
    "head_with_value",
    "no_endpoint",
    "page_number_as_offset",
    "repeated_placeholder",
    "replaced_function",
    "token_in_query",
    "unknown_extra",
    "unmarked_tokens",
];

/// The name of a rule in the spelling of `allow(..)`.
pub(crate) fn spelling(rule: &str) -> String {
    rule.replace('-', "_")
}
