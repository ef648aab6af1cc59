//! Why mail does not leave, as coarse as whoever runs the service needs it.

use super::named::named;

named! {
    /// See the module.
    MailFault {
        /// The mail server does not answer, or hangs up.
        Unreachable = "unreachable",
        /// It takes too long.
        Timeout = "timeout",
        /// No TLS, or not with a certificate that is good.
        Tls = "tls",
        /// It does not let us in.
        Login = "login",
        /// It refuses the letter for now.
        Deferred = "deferred",
        /// It refuses the letter for good.
        Refused = "refused",
        /// The address cannot be opened: the server's secrets are others than when it was sealed.
        Address = "address",
        /// The file cannot be written.
        File = "file",
    }
}
