//! Each mistake is reported by its rule, and correct structs have none.

use quote::quote;

use super::parse::parse;
use crate::diagnostic::Diagnostics;

fn rules(item: proc_macro2::TokenStream) -> Vec<&'static str> {
    let diagnostics = Diagnostics::new();
    let parsed = parse(item, &diagnostics);
    let errors = diagnostics.into_parts().0;
    assert!(parsed.is_some() || !errors.is_empty());
    errors.into_iter().map(|it| it.rule).collect()
}

#[test]
fn each_mistake_has_its_rule() {
    for (rule, item) in [
        ("json-item", quote! { enum Pet { Dog(Dog) } }),
        ("json-item", quote! { struct Pet(String); }),
        ("json-generics", quote! { struct Pet<T> { name: T } }),
        ("json-tag", quote! { #[json(tag = "object")] struct Pet { name: String } }),
        ("json-form", quote! { struct Pet { #[json(required, null)] name: Option<String> } }),
        ("json-options", quote! { struct Pet { #[json] name: String } }),
        (
            "json-closed",
            quote! { #[json(deny_unknown_fields)] struct Pet { #[json(flatten)] more: Map } },
        ),
        ("json-same-name", quote! { struct Pet { #[json(rename = "id")] name: String, id: u8 } }),
        ("unknown-option", quote! { struct Pet { #[json(skip)] name: String } }),
        ("wrong-value", quote! { #[json(rename_all = "camel")] struct Pet { name: String } }),
    ] {
        assert_eq!(rules(item.clone()), [rule], "{item}");
    }
}

#[test]
fn a_struct_without_a_mistake_has_a_line_for_each_field() {
    let code = super::derive(quote! {
        #[json(rename_all = "camelCase", tag = "object", value = "pet")]
        struct Pet {
            pet_id: u64,
            #[json(rename = "+1")]
            plus_one: Option<i64>,
            r#type: String,
        }
    })
    .to_string();
    for wire in ["\"petId\"", "\"+1\"", "\"type\""] {
        // It is written, and it is in the list of the names that are read.
        assert_eq!(code.matches(wire).count(), 2, "{wire} in {code}");
    }
    assert!(code.contains("\"object\" , true , & \"pet\""), "{code}");
}
