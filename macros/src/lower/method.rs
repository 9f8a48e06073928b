//! Lowers a method: its verb, its signature and its parameters.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Ident, Meta, ReturnType, Safety, Signature, Type};

use super::shape::{
    boxed_output, future_output, is_shared, result_in_an_option, returned, shape,
    stream_in_a_result, unnamed,
};
use super::{inherit, params, types};
use crate::diagnostic::Diagnostics;
use crate::model::lifetimes::{borrows, refers};
use crate::model::options::ApiOptions;
use crate::model::shape::Function;
use crate::model::{Endpoint, Member};
use crate::parse::{attributes, errors, param, verb};
use crate::suggest::text_of;

/// Lowers a function of the trait. `None` if there is nothing to validate.
pub(super) fn lower(
    function: &Function,
    options: &ApiOptions,
    runtime: &TokenStream,
    diagnostics: &Diagnostics,
) -> Option<Member> {
    let verbs: Vec<_> = function.attributes.iter().filter(|it| verb::is_verb(it)).collect();
    let Some(first) = verbs.first() else {
        return without_a_verb(function, options, runtime, diagnostics);
    };
    for second in &verbs[1..] {
        let text = format!(
            "method `{}` has two verbs, `#[{}]` and `#[{}]`\nhelp: keep one of the two",
            function.signature.ident,
            text_of(first.path()),
            text_of(second.path())
        );
        diagnostics.error("two-verbs", *second, text);
    }
    if function.body.is_some() {
        let text = format!(
            "method `{}` has both a verb and a body\n\
             help: end it with `;` to declare an endpoint, or remove the verb to keep the body",
            function.signature.ident
        );
        diagnostics.error("verb-and-body", *first, text);
    }
    for misplaced in attributes::of_a_method(&function.attributes) {
        diagnostics.error(misplaced.rule, misplaced.attribute.path(), misplaced.text);
    }
    if let Some(attribute) = errors::nearly(&function.attributes) {
        let text = format!(
            "unknown attribute `{}`\nhelp: did you mean `#[errors(404 => NotFound)]`?",
            text_of(attribute.path())
        );
        diagnostics.error("unknown-attribute", attribute.path(), text);
    }
    let part = diagnostics.nested();
    let diagnostics: &Diagnostics = &part;
    let verb = verb::parse(first, diagnostics);
    signature(&function.signature, diagnostics);
    let arms = function.attributes.iter().filter(|it| errors::is_errors(it));
    let arms = arms.flat_map(|it| errors::parse(it, diagnostics)).collect();
    let case = verb.shared.rename_all.or(options.shared.rename_all.given()).copied();
    let params = params::lower(&function.signature, &verb, case, diagnostics);
    types::of_parameters(&function.signature, &params, diagnostics);
    let effective = inherit::effective(&verb, &params, options);
    let shape = shape(function, runtime);
    let is_one = verbs.len() == 1 && function.body.is_none();
    let is_whole_around_page = is_one && part.count() == verb.page_errors;
    let is_whole = part.unless_wrong(()).is_some() && is_one;
    let endpoint =
        Endpoint { shape, verb, params, arms, effective, is_whole, is_whole_around_page };
    Some(Member::Endpoint(Box::new(endpoint)))
}

fn without_a_verb(
    function: &Function,
    options: &ApiOptions,
    runtime: &TokenStream,
    diagnostics: &Diagnostics,
) -> Option<Member> {
    let name = &function.signature.ident;
    if let Some(errors) = function.attributes.iter().find(|it| errors::is_errors(it)) {
        let text = format!(
            "`#[errors]` needs a verb, but `{name}` has none\nhelp: add a verb, such as `#[get(\"/{name}\")]`"
        );
        return diagnostics.fail("no-verb", errors, text);
    }
    if function.body.is_some() {
        for role in function.signature.inputs.iter().flat_map(param::roles) {
            let text = format!(
                "`#[{role}]` needs a verb, but `{name}` has a body instead\n\
                 help: remove `#[{role}]`"
            );
            diagnostics.error("misplaced-attribute", role, text);
        }
        return Some(Member::Kept(Box::new(function.clone())));
    }
    let misplaced = attributes::of_a_method(&function.attributes);
    let has_verb = misplaced.iter().any(|it| it.is_verb);
    for misplaced in misplaced {
        diagnostics.error(misplaced.rule, misplaced.attribute.path(), misplaced.text);
    }
    if has_verb {
        return None;
    }
    if let Some((attribute, meant, text)) = verb::nearly_a_verb(&function.attributes) {
        diagnostics.error("no-verb", attribute.path(), text);
        // With the verb that was meant, its other mistakes are reported as well.
        let mut function = function.clone();
        let attributes = function.attributes.iter_mut();
        for list in attributes.filter_map(|it| match &mut it.meta {
            Meta::List(list) if list.path.get_ident() == attribute.path().get_ident() => Some(list),
            _ => None,
        }) {
            list.path = Ident::new(meant, list.path.span()).into();
        }
        let is_verb = function.attributes.iter().any(verb::is_verb);
        return is_verb.then(|| lower(&function, options, runtime, diagnostics))?;
    }
    let text = format!(
        "method `{name}` has neither a verb nor a body\n\
         help: add a verb, such as `#[get(\"/{name}\")]`"
    );
    diagnostics.fail("no-verb", name, text)
}

fn signature(signature: &Signature, diagnostics: &Diagnostics) {
    let name = &signature.ident;
    receiver(signature, diagnostics);
    let words = [
        signature.constness.as_ref().map(|it| ("const", it.to_token_stream())),
        signature.abi.as_ref().map(|it| ("extern", it.to_token_stream())),
        (!matches!(signature.safety, Safety::Default))
            .then(|| ("unsafe", signature.safety.to_token_stream())),
        signature.variadic.as_ref().map(|it| ("variadic", it.to_token_stream())),
    ];
    for (word, tokens) in words.into_iter().flatten() {
        let text = format!(
            "endpoint `{name}` cannot be `{word}`\n\
             help: remove `{word}`"
        );
        diagnostics.error("const-or-extern", &tokens, text);
    }
    let ReturnType::Type(_, whole) = &signature.output else {
        let text = format!(
            "endpoint `{name}` has no return type\n\
             help: add `-> Result<()>`, or `-> Result<T>` with the type of the response"
        );
        diagnostics.error("no-return", signature.paren_token.span.close(), text);
        return;
    };
    if is_boxed_or_wrapped(signature, whole, diagnostics) {
        return;
    }
    let returned = returned(&signature.output, &TokenStream::new());
    if let Some(word) = signature.asyncness.as_ref().filter(|_| returned.is_stream()) {
        let text = format!(
            "endpoint `{name}` returns a stream, so it cannot be `async`\nhelp: remove `async`"
        );
        diagnostics.error("async-stream", word, text);
    }
    if is_unnamed(name, whole, diagnostics) {
        return;
    }
    if let Some(result) = result_in_an_option(whole) {
        let result = text_of(&result).replace("::core::option::Option", "Option");
        let text = format!(
            "an endpoint returns a `Result`, found `{}`\nhelp: write `{result}`",
            text_of(whole)
        );
        diagnostics.error("not-a-result", whole, text);
    }
    if signature.asyncness.is_none() && returned.is_named("Result") {
        let text = format!("endpoint `{name}` must be `async`\nhelp: write `async fn {name}`");
        diagnostics.error("not-async", &signature.fn_token, text);
    }
    if signature.asyncness.is_none() && returned.is_named("Download") {
        let text = format!(
            "a `Download` starts with the response, so its method must be `async`\n\
             help: write `async fn {name}(..) -> Result<Download>`"
        );
        diagnostics.error("not-async", &signature.fn_token, text);
    }
    if let Some(at) = borrows(whole).or_else(|| refers(whole)) {
        let text = "a response cannot be borrowed, since it outlives the buffer that it was read from\n\
                    help: return an owned type, such as `String` instead of `&str`, or `Vec<T>` instead of `&[T]`";
        diagnostics.error("borrowed-return", at, text);
    }
    types::of_response(signature, &returned, diagnostics);
}

/// Reports a response whose type cannot be named.
fn is_unnamed(name: &Ident, whole: &Type, diagnostics: &Diagnostics) -> bool {
    let Some(word) = unnamed(whole) else { return false };
    let text = match future_output(whole) {
        Some(output) => format!(
            "expected an `async fn`\nhelp: write `async fn {name}(..) -> {}`",
            text_of(&output)
        ),
        None => "an endpoint cannot return `impl Trait`\n\
                 help: return `Result<T>`, or a stream such as `Pages<T>`, `Events<T>` or `Lines<T>`, without `async`"
            .to_owned(),
    };
    diagnostics.error("unnamed-return", &word, text);
    true
}

/// Reports a stream in a `Result`, and a future or a stream in a box: each has only one spelling.
fn is_boxed_or_wrapped(signature: &Signature, whole: &Type, diagnostics: &Diagnostics) -> bool {
    let name = &signature.ident;
    if let Some(stream) = stream_in_a_result(whole) {
        let stream = text_of(&stream);
        let text = format!(
            "a stream is returned without `Result` and `async`\nhelp: write `fn {name}(..) -> {stream}`, and call it without `.await?`"
        );
        diagnostics.error("stream-in-a-result", whole, text);
        return true;
    }
    let Some(output) = boxed_output(whole).filter(|_| signature.asyncness.is_none()) else {
        return false;
    };
    let shown = text_of(whole);
    let way_out = match shown.contains("Stream<") {
        true => "return `Pages<T>`, `Events<T>` or `Lines<T>`".to_owned(),
        false if shown.contains("Future<") => {
            format!("write `async fn {name}(..) -> {}`", text_of(&output))
        }
        false => {
            let value = shown.split_once('<').map_or("T>", |(_, value)| value);
            format!(
                "write `async fn {name}(..) -> Result<{value}`: the client's method returns the `Call`"
            )
        }
    };
    let text = format!("endpoint `{name}` cannot return `{shown}`\nhelp: {way_out}");
    diagnostics.error("unnamed-return", whole, text);
    true
}

fn receiver(signature: &Signature, diagnostics: &Diagnostics) {
    let name = &signature.ident;
    match signature.receiver() {
        Some(receiver) if is_shared(receiver) => {}
        Some(receiver) => {
            let text = format!(
                "endpoint `{name}` must take `&self`, found `{}`\nhelp: write `&self`",
                text_of(receiver)
            );
            diagnostics.error("no-self", receiver, text);
        }
        None => {
            let text = format!(
                "endpoint `{name}` must take `&self`\n\
                 help: make `&self` its first parameter"
            );
            diagnostics.error("no-self", name, text);
        }
    }
}
