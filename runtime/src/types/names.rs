//! Lists of names, as arguments.

/// The names that a setting takes: a list, or a text with one name, or with several and blanks between them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of names",
    label = "expected names, such as `[\"orders\", \"search\"]` or `\"orders\"`"
)]
pub trait Names<Kind> {
    /// The names.
    fn into_names(self) -> impl Iterator<Item = String>;
}

/// The kind of names in one text.
#[derive(Debug)]
pub enum InAText {}

/// The kind of names in a list.
#[derive(Debug)]
pub enum InAList {}

#[diagnostic::do_not_recommend]
impl Names<InAText> for &str {
    fn into_names(self) -> impl Iterator<Item = String> {
        self.split_whitespace().map(str::to_owned)
    }
}

#[diagnostic::do_not_recommend]
impl Names<InAText> for &String {
    fn into_names(self) -> impl Iterator<Item = String> {
        self.as_str().into_names()
    }
}

#[diagnostic::do_not_recommend]
impl<S: Into<String>, L: IntoIterator<Item = S>> Names<InAList> for L {
    fn into_names(self) -> impl Iterator<Item = String> {
        self.into_iter().map(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    fn names<K>(names: impl Names<K>) -> Vec<String> {
        names.into_names().collect()
    }

    #[test]
    fn a_list_and_a_text_with_blanks_are_the_same_names() {
        let expected = ["openid", "profile"];
        assert_eq!(names(expected), expected);
        assert_eq!(names(vec!["openid".to_owned(), "profile".to_owned()]), expected);
        assert_eq!(names("openid profile"), expected);
        assert_eq!(names(&" openid  profile ".to_owned()), expected);
    }

    #[test]
    fn a_name_in_a_list_is_taken_as_it_is() {
        assert_eq!(names(["two words"]), ["two words"]);
        assert_eq!(names(""), [""; 0]);
    }
}
