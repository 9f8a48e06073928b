//! Rules about codes: one code has one meaning.

use syn::{GenericArgument, PathArguments, Type};

use crate::diagnostic::Diagnostics;
use crate::model::auth::{Credential, Rule};
use crate::model::shape::peeled;
use crate::model::value::Scalar;
use crate::model::verb::{Arm, Pattern};
use crate::model::{Api, Endpoint};
use crate::suggest::text_of;

/// An envelope needs the place of the code, and the codes of success.
pub(super) fn whole_envelope(api: &Api, diagnostics: &Diagnostics) {
    let of_api = api.options.shared.envelope.given().map(|envelope| &**envelope);
    let of_methods = api.endpoints().filter(|it| it.verb.shared.envelope.given().is_some());
    let of_methods = of_methods.filter_map(|it| it.envelope());
    for envelope in of_api.into_iter().chain(of_methods).filter(|it| !it.is_broken) {
        if !envelope.sets("code") {
            let text = "`envelope` needs the place of the code\n\
                        help: write `envelope(code = \"code\", message = \"message\", data = \"data\", ok = 0)`";
            diagnostics.error("wrong-value", envelope.at, text);
        } else if !envelope.sets("ok") {
            let text = "`envelope` needs the code of a success\n\
                        help: add `ok = 0`, or a list of codes\n\
                        help: if a successful body has no code, add `ok = absent`";
            diagnostics.error("envelope-without-ok", envelope.at, text);
        }
    }
}

/// An error in the list may have no code, which `absent` would treat as a success.
pub(super) fn absent_code_of_a_list(api: &Api, diagnostics: &Diagnostics) {
    let of_api =
        api.options.shared.envelope.given().map(|it| (&**it, api.options.shared.allows(ABSENT)));
    let of_methods = api.endpoints().filter_map(|endpoint| {
        let own = endpoint.verb.shared.envelope.given()?;
        Some((&**own, api.allows(endpoint, ABSENT)))
    });
    for (envelope, is_allowed) in of_api.into_iter().chain(of_methods) {
        let [list, index, _, ..] = &envelope.code[..] else { continue };
        let is_index = |name: &String| name.bytes().all(|byte| byte.is_ascii_digit());
        if is_index(list) || !is_index(index) || !envelope.ok_absent || is_allowed {
            continue;
        }
        let text = format!(
            "an error without a code in `{list}` would count as a success\n\
             help: write `ok = absent(\"{list}\")`, or add `allow(absent_code_of_a_list)`"
        );
        diagnostics.warning("absent-code-of-a-list", envelope.at, text);
    }
}

const ABSENT: &str = "absent-code-of-a-list";

/// A code is read from an envelope.
pub(super) fn code_without_envelope(api: &Api, diagnostics: &Diagnostics) {
    let no_envelope = |code: &Scalar| {
        let text = "no `envelope` declares the place of the code\n\
                    help: add `envelope(code = \"code\")` to `#[api_client]`";
        diagnostics.error("code-without-envelope", code, text);
    };
    if api.options.shared.envelope.given().is_none()
        && !api.endpoints().any(|it| it.verb.shared.envelope.given().is_some())
    {
        let of_retry = api.options.shared.retry.given().into_iter().flat_map(|it| &it.rules);
        let rules = api.credentials().iter().flat_map(rules).chain(of_retry);
        rules.filter_map(|rule| rule.codes.first()).for_each(no_envelope);
    }
    for endpoint in api.endpoints().filter(|it| it.envelope().is_none()) {
        let own = endpoint
            .own_credentials()
            .iter()
            .flat_map(rules)
            .chain(&endpoint.verb.rejected)
            .chain(own_retry(endpoint))
            .filter_map(|rule| rule.codes.first());
        own.for_each(no_envelope);
        for arm in &endpoint.arms {
            if let Pattern::Code(code) = &arm.pattern {
                no_envelope(code);
            }
        }
    }
}

/// A code cannot mean both success and expiry.
pub(super) fn code_is_ok(api: &Api, diagnostics: &Diagnostics) {
    let of_api =
        api.options.shared.envelope.given().map(|it| &**it).into_iter().flat_map(|envelope| {
            api.credentials().iter().flat_map(rules).map(move |rule| (envelope, rule))
        });
    let of_refreshes = api.endpoints().filter_map(|it| Some((it.envelope()?, it)));
    let of_refreshes = of_refreshes
        .flat_map(|(envelope, it)| it.verb.rejected.iter().map(move |rule| (envelope, rule)));
    let of_retries = api.endpoints().filter_map(|it| Some((it.envelope()?, it)));
    let of_retries =
        of_retries.flat_map(|(envelope, it)| own_retry(it).map(move |rule| (envelope, rule)));
    let of_trait = api.options.shared.envelope.given().zip(api.options.shared.retry.given());
    let of_trait = of_trait
        .into_iter()
        .flat_map(|(envelope, it)| it.rules.iter().map(move |rule| (&**envelope, rule)));
    let all = of_api.chain(of_refreshes).chain(of_retries).chain(of_trait);
    for (envelope, rule) in all.filter(|(_, it)| it.is_plain() && it.statuses.is_empty()) {
        for code in rule.codes.iter().filter(|code| envelope.ok.iter().any(|ok| ok.same(code))) {
            let text = format!(
                "code `{}` means success, since `ok` lists it\n\
                 help: remove it here, or from `ok`",
                text_of(code)
            );
            diagnostics.error("code-is-ok", code, text);
        }
    }
}

/// A response cannot mean both "refresh" and "do not refresh".
pub(super) fn code_is_logout(api: &Api, diagnostics: &Diagnostics) {
    for credential in api.credentials() {
        for expired in credential.expired.iter().filter(|rule| rule.is_plain()) {
            for logout in credential.logout.iter().filter(|rule| rule.is_plain()) {
                both(expired, logout, diagnostics);
            }
        }
    }
}

fn both(expired: &Rule, logout: &Rule, diagnostics: &Diagnostics) {
    let status = logout
        .statuses
        .iter()
        .find(|it| expired.statuses.iter().any(|other| other.number == it.number));
    let code = logout.codes.iter().find(|it| expired.codes.iter().any(|other| other.same(it)));
    let no_statuses = expired.statuses.is_empty() && logout.statuses.is_empty();
    let no_codes = expired.codes.is_empty() && logout.codes.is_empty();
    let text = |what: &str, text: String| {
        format!(
            "{what} `{text}` means both expired and logout\n\
             help: keep one, or add a condition, such as `body(\"soft_logout\" = true)`"
        )
    };
    if let Some(code) = code.filter(|_| no_statuses || status.is_some()) {
        diagnostics.error("code-is-logout", code, text("code", text_of(code)));
    } else if let Some(status) = status.filter(|_| no_codes) {
        diagnostics.error("code-is-logout", status, text("status", text_of(status)));
    }
}

/// A code that starts a refresh never reaches the caller.
pub(super) fn code_is_mapped(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints().filter(|it| !it.is_public() && it.role().is_none()) {
        let plain = endpoint.credentials().iter().flat_map(|it| &it.expired);
        let codes: Vec<_> = plain
            .filter(|rule| rule.is_plain() && rule.statuses.is_empty())
            .flat_map(|rule| &rule.codes)
            .collect();
        for arm in &endpoint.arms {
            if let Pattern::Code(code) = &arm.pattern
                && codes.iter().any(|expired| expired.same(code))
            {
                let text = format!(
                    "code `{}` means that the token has expired, so it never reaches the caller\n\
                     help: remove it here, or from `expired(..)`",
                    text_of(code)
                );
                diagnostics.error("code-is-mapped", code, text);
            }
        }
    }
}

/// A 404 is the `None` of an `Option`, and not an error.
pub(super) fn absence_is_mapped(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let Some(value) = endpoint.shape.returned.value.as_ref().filter(|it| is_option(it)) else {
            continue;
        };
        let is_absence = |arm: &&Arm| matches!(arm.pattern, Pattern::Status(404, 404));
        for arm in endpoint.arms.iter().filter(is_absence) {
            let value = text_of(value);
            let text = format!(
                "`{}` returns `{value}`, so a 404 becomes `None`, and never `{}`\n\
                 help: remove this arm, or return the value without `Option`",
                endpoint.name(),
                arm.variant
            );
            diagnostics.error("absence-is-mapped", arm, text);
        }
    }
}

/// Whether the type is `Option<T>` or `Response<Option<T>>`.
fn is_option(ty: &Type) -> bool {
    let Type::Path(path) = peeled(ty) else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
    match arguments.args.first() {
        Some(GenericArgument::Type(_)) if last.ident == "Option" => true,
        Some(GenericArgument::Type(inner)) => last.ident == "Response" && is_option(inner),
        _ => false,
    }
}

/// The rules for retries of a method.
fn own_retry(endpoint: &Endpoint) -> impl Iterator<Item = &Rule> {
    endpoint.verb.shared.retry.given().into_iter().flat_map(|retry| &retry.rules)
}

fn rules(credential: &Credential) -> impl Iterator<Item = &Rule> {
    credential.expired.iter().chain(&credential.logout).chain(&credential.insufficient_scope)
}
