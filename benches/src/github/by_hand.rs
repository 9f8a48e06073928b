//! The leanest handwritten client: one method for each operation, over functions that are compiled once.

use std::fmt::Write as _;

use perennial_cli::operations::Method;

use crate::Outcome;

/// The client with all these methods.
pub(super) fn client(methods: &[Method]) -> Outcome<String> {
    let mut text = String::from(include_str!("templates/lean.rs"));
    text.push_str("\nimpl Client {");
    for method in methods {
        self::method(&mut text, method)?;
    }
    text.push_str("}\n");
    Ok(text)
}

fn method(text: &mut String, method: &Method) -> Outcome<()> {
    let Method { name, path, parameters, .. } = method;
    let mut declared = String::new();
    let mut path = path.clone();
    let mut rest = String::new();
    let mut query: Vec<(&str, String)> = Vec::new();
    for (role, name, ty) in parameters {
        write!(declared, ", {name}: {ty}")?;
        let role = role.trim_start_matches("#[").trim_end_matches(']');
        let (role, options) = role.split_once('(').unwrap_or((role, ""));
        let options = options.trim_end_matches(')');
        let wire = match options.starts_with('"') {
            true => options.to_owned(),
            false => format!("{:?}", name.trim_start_matches("r#")),
        };
        match (role, options) {
            ("query", "flatten") => write!(rest, ".query({name})")?,
            ("query", _) if ty.starts_with("&[") => {
                write!(rest, ".query(&{name}.iter().map(|it| ({wire}, it)).collect::<Vec<_>>())")?;
            }
            ("query", _) => query.push((ty, format!("({wire}, {name})"))),
            ("json", _) if ty.starts_with("Option<") => write!(rest, ".json(&{name})")?,
            ("json", _) => write!(rest, ".json({name})")?,
            ("body", _) => write!(rest, ".header(\"Content-Type\", {options}).body({name})")?,
            ("", _) => {
                // A format takes no raw name.
                let shown = name.trim_start_matches("r#");
                if shown != name {
                    path = path.replace(&format!("{{{name}}}"), &format!("{{{shown}_}}"));
                    path = path.replace(&format!("{{{shown}}}"), &format!("{{{shown}_}}"));
                    declared = declared.replace(&format!("{name}: "), &format!("{shown}_: "));
                }
            }
            _ => return Err(format!("{}: by hand there is no `{role}`", method.name).into()),
        }
    }
    for values in query.chunk_by(|one, other| one.0 == other.0) {
        let values: Vec<_> = values.iter().map(|(_, value)| value.as_str()).collect();
        write!(rest, ".query(&[{}])", values.join(", "))?;
    }
    let verb = method.verb.to_uppercase();
    let (returns, end) = returned(method);
    write!(
        text,
        "
    pub async fn {name}(&self{declared}) -> Result<{returns}, Error> {{
        let request = self.call(Method::{verb}, format_args!({path:?})){rest};
        {end}
    }}
"
    )?;
    Ok(())
}

/// The return type, and how it is made.
fn returned(method: &Method) -> (String, &'static str) {
    let returns = method.returns.trim_start_matches("perennial::");
    let inner = returns.split_once('<').and_then(|(_, rest)| rest.strip_suffix('>'));
    let json = "Ok(good(request).await?.json().await?)";
    match (returns.split('<').next(), inner) {
        // One page: to follow the links is left to the caller.
        (Some("Pages"), Some(item)) => (format!("Vec<{item}>"), json),
        (_, Some("()")) => ("()".to_owned(), "good(request).await.map(drop)"),
        (_, Some("Download" | "Bytes")) => ("reqwest::Response".to_owned(), "good(request).await"),
        (_, Some("String")) => ("String".to_owned(), "Ok(good(request).await?.text().await?)"),
        (_, Some(value)) if value.starts_with("Option<") => {
            (value.to_owned(), "maybe(good(request).await?).await")
        }
        (_, Some(value)) => (value.to_owned(), json),
        (_, None) => (returns.to_owned(), json),
    }
}
