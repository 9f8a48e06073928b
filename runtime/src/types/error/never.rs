// Methods that cannot be called, and whose bounds say what to write. This file is included in the module of the type, so
// that the compiler names them as `Error::url`. Each is on one line, since the compiler quotes it.

use other_names::{ErrorByItsBody, ErrorByItsCause, ErrorByItsCode, ErrorByItsEndpoint, ErrorByItsKind, ErrorByItsResponse, ErrorByItsStatus, ErrorByItsText};

impl Error {
    #[doc(hidden)]
    pub fn is_connect<T>(&self) -> T where Self: ErrorByItsKind<T> { unreachable!() }
    #[doc(hidden)]
    pub fn is_request<T>(&self) -> T where Self: ErrorByItsKind<T> { unreachable!() }
    #[doc(hidden)]
    pub fn is_redirect<T>(&self) -> T where Self: ErrorByItsKind<T> { unreachable!() }
    #[doc(hidden)]
    pub fn is_body<T>(&self) -> T where Self: ErrorByItsKind<T> { unreachable!() }
    #[doc(hidden)]
    pub fn is_builder<T>(&self) -> T where Self: ErrorByItsKind<T> { unreachable!() }
    #[doc(hidden)]
    pub fn is_upgrade<T>(&self) -> T where Self: ErrorByItsKind<T> { unreachable!() }
    #[doc(hidden)]
    pub fn is_network<T>(&self) -> T where Self: ErrorByItsKind<T> { unreachable!() }
    #[doc(hidden)]
    pub fn is_transport<T>(&self) -> T where Self: ErrorByItsKind<T> { unreachable!() }
    #[doc(hidden)]
    pub fn is_status<T>(&self) -> T where Self: ErrorByItsKind<T> { unreachable!() }
    #[doc(hidden)]
    pub fn status_code<T>(&self) -> T where Self: ErrorByItsStatus<T> { unreachable!() }
    #[doc(hidden)]
    pub fn http_status<T>(&self) -> T where Self: ErrorByItsStatus<T> { unreachable!() }
    #[doc(hidden)]
    pub fn is_not_found<T>(&self) -> T where Self: ErrorByItsStatus<T> { unreachable!() }
    #[doc(hidden)]
    pub fn is_unauthorized<T>(&self) -> T where Self: ErrorByItsStatus<T> { unreachable!() }
    #[doc(hidden)]
    pub fn is_forbidden<T>(&self) -> T where Self: ErrorByItsStatus<T> { unreachable!() }
    #[doc(hidden)]
    pub fn is_conflict<T>(&self) -> T where Self: ErrorByItsStatus<T> { unreachable!() }
    #[doc(hidden)]
    pub fn is_client_error<T>(&self) -> T where Self: ErrorByItsStatus<T> { unreachable!() }
    #[doc(hidden)]
    pub fn is_server_error<T>(&self) -> T where Self: ErrorByItsStatus<T> { unreachable!() }
    #[doc(hidden)]
    pub fn error_code<T>(&self) -> T where Self: ErrorByItsCode<T> { unreachable!() }
    #[doc(hidden)]
    pub fn api_code<T>(&self) -> T where Self: ErrorByItsCode<T> { unreachable!() }
    #[doc(hidden)]
    pub fn response<T>(&self) -> T where Self: ErrorByItsResponse<T> { unreachable!() }
    #[doc(hidden)]
    pub fn into_response<T>(&self) -> T where Self: ErrorByItsResponse<T> { unreachable!() }
    #[doc(hidden)]
    pub fn text<T>(&self) -> T where Self: ErrorByItsText<T> { unreachable!() }
    #[doc(hidden)]
    pub fn body_text<T>(&self) -> T where Self: ErrorByItsText<T> { unreachable!() }
    #[doc(hidden)]
    pub fn description<T>(&self) -> T where Self: ErrorByItsText<T> { unreachable!() }
    #[doc(hidden)]
    pub fn url<T>(&self) -> T where Self: ErrorByItsEndpoint<T> { unreachable!() }
    #[doc(hidden)]
    pub fn uri<T>(&self) -> T where Self: ErrorByItsEndpoint<T> { unreachable!() }
    #[doc(hidden)]
    pub fn json<T>(&self) -> Result<T> where Self: ErrorByItsBody<T> { unreachable!() }
    #[doc(hidden)]
    pub fn downcast_ref<T>(&self) -> Option<&T> where Self: ErrorByItsCause<T> { unreachable!() }
}
