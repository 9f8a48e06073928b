//! The rules between items, all in one table; each is a function with one reason.

mod api;
mod body;
mod codecs;
mod codes;
mod constants;
mod credentials;
mod from_tokens;
mod keys;
mod marks;
mod page;
mod parameters;
mod refresh;
mod secrets;
mod session;
#[cfg(test)]
mod tests;

use crate::diagnostic::Diagnostics;
use crate::model::Api;

/// A rule reports every violation in the API.
type Rule = fn(&Api, &Diagnostics);

const RULES: &[Rule] = &[
    api::no_endpoint,
    api::client_name,
    api::replaced_function,
    api::duplicate_endpoint,
    api::retry_not_idempotent,
    api::page_without_pages,
    page::number_as_offset,
    page::events_without_events,
    page::parameter_elsewhere,
    page::size_of_nothing,
    api::head_with_value,
    api::spec_without_openapi,
    api::dyn_with_generics,
    api::dyn_with_a_supertrait,
    api::serve_with_generics,
    parameters::repeated_placeholder,
    parameters::absolute_path,
    parameters::query_twice,
    parameters::same_wire_name,
    parameters::same_header,
    parameters::token_header_by_hand,
    constants::parameter_as_a_constant,
    parameters::same_extension,
    secrets::unknown_secret,
    parameters::borrowed_extension,
    parameters::flatten_a_scalar,
    parameters::map_without_flatten,
    parameters::url_and_parameter,
    refresh::bare_token,
    body::two_bodies,
    body::body_with_fields,
    body::fields_with_parts,
    body::body_on_get,
    body::content_type_by_hand,
    body::fields_without_a_form,
    session::two_of_a_part,
    session::auth_option_alone,
    refresh::rejected_elsewhere,
    session::tokens_elsewhere,
    marks::unmarked_tokens,
    from_tokens::tokens_of_a_call_without_any,
    from_tokens::unknown_extra,
    parameters::served_tail,
    codecs::encoded_without_a_codec,
    codecs::codec_that_is_served,
    keys::key_of_no_credential,
    keys::key_without_its_parameter,
    credentials::unknown_credential,
    credentials::refresh_in_a_circle,
    credentials::same_credential,
    credentials::credentials_in_one_place,
    credentials::too_many_credentials,
    credentials::refresh_option_on_a_method,
    refresh::refresh_without_expiry,
    refresh::expiry_without_refresh,
    refresh::refresh_is_generic,
    refresh::token_as_text,
    refresh::tokens_as_a_body,
    refresh::static_parameter,
    refresh::same_value,
    refresh::retry_of_a_refresh,
    session::role_and_public,
    session::role_of_a_stream,
    session::redirect_of_a_secret,
    codes::whole_envelope,
    codes::absent_code_of_a_list,
    codes::code_without_envelope,
    codes::code_is_ok,
    codes::code_is_logout,
    codes::code_is_mapped,
    codes::absence_is_mapped,
    session::token_in_query,
    session::connect_limit_on_a_method,
];

/// Applies every rule.
pub(crate) fn validate(api: &Api, diagnostics: &Diagnostics) {
    for rule in RULES {
        rule(api, diagnostics);
    }
}
