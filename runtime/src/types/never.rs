//! Methods that users know from other libraries, and that lead to ours.

/// Nothing implements it.
pub trait Never {}

/// Declares methods that cannot be called, since nothing implements their bound. The compiler rejects a call with the
/// message of the bound, once, whatever the arguments, and whatever follows the call.
///
/// The lifetime keeps the compiler from rejecting the bound where it is declared.
macro_rules! never {
    ($(impl[$($parameter:ident),*] $owner:ty where $bound:ident { $($name:ident)+ })+) => {
        $(
            #[doc(hidden)]
            impl<$($parameter),*> $owner
            where
                for<'any> Self: $bound,
            {
                $(
                    #[doc(hidden)]
                    pub fn $name(self) -> Self {
                        self
                    }
                )+
            }
        )+
    };
}

/// The same for constants, which users take for variants of an enum.
macro_rules! never_constants {
    ($(impl $owner:ty where $bound:ident { $($name:ident)+ })+) => {
        $(
            #[allow(non_upper_case_globals)]
            impl $owner
            where
                for<'any> Self: $bound,
            {
                $(
                    #[doc(hidden)]
                    pub const $name: Self = Self::Argument;
                )+
            }
        )+
    };
}

/// The same for types that users have by reference. Here the bound is that of the method, and what the method returns
/// is open until the bound is met.
macro_rules! never_by_reference {
    ($(impl $owner:ident where $bound:path { $($name:ident($($argument:ident)?))+ })+) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<Instead> $bound for std::convert::Infallible {
                fn instead(&self) -> Instead {
                    match *self {}
                }
            }

            #[doc(hidden)]
            impl $owner {
                $(
                    #[doc(hidden)]
                    pub fn $name<$($argument,)? Instead>(&self $(, _: $argument)?) -> Instead
                    where
                        Self: $bound,
                    {
                        self.instead()
                    }
                )+
            }
        )+
    };
}

pub(crate) use never;
pub(crate) use never_by_reference;
pub(crate) use never_constants;
