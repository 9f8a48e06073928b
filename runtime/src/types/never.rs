//! Methods that users know from other libraries, and that lead to ours.

/// Nothing implements it.
pub trait Never {}

/// Declares methods that cannot be called, since nothing implements their bound. The compiler rejects a call with the
/// message of the bound, once, whatever the arguments, and whatever follows the call.
///
/// The lifetime keeps the compiler from rejecting the bound where it is declared.
macro_rules! never {
    ($(impl[$($parameter:ident),*] $owner:ty where $bound:path { $($name:ident)+ })+) => {
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

/// Declares constants that cannot be used, which users take for variants of an enum.
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
                    pub const $name: () = ();
                )+
            }
        )+
    };
}

/// Implements the bounds of methods that cannot be called on types which users have by reference, for a type without
/// values, which keeps the compiler from suggesting an implementation.
///
/// There, the bound is that of the method, and what the method returns is open until the bound is met: nothing that follows
/// the call is an error of its own.
macro_rules! never_met {
    ($($bound:ident)+) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<T> $bound<T> for std::convert::Infallible {}
        )+
    };
}

pub(crate) use never;
pub(crate) use never_constants;
pub(crate) use never_met;
