//! The kinds of problems: slug, status, title and the page that explains each.

use actix_web::http::StatusCode;

/// Defines the kinds in one table. The page of a kind is `docs/problems/<slug>.md`.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $slug:literal, $status:ident, $title:literal;)*) => {
        /// A kind of problem; a client may rely on its slug.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ProblemKind {
            $($(#[$doc])* $name,)*
        }

        impl ProblemKind {
            /// All kinds.
            pub const ALL: &[ProblemKind] = &[$(ProblemKind::$name),*];

            /// The last part of its address.
            pub fn slug(self) -> &'static str {
                match self {
                    $(ProblemKind::$name => $slug,)*
                }
            }

            /// Its HTTP status.
            pub fn status(self) -> StatusCode {
                match self {
                    $(ProblemKind::$name => StatusCode::$status,)*
                }
            }

            /// The same few words for every problem of the kind.
            pub fn title(self) -> &'static str {
                match self {
                    $(ProblemKind::$name => $title,)*
                }
            }

            /// The page that explains it.
            pub fn page(self) -> &'static str {
                match self {
                    $(ProblemKind::$name => include_str!(concat!("../../docs/problems/", $slug, ".md")),)*
                }
            }
        }
    };
}

kinds! {
    /// The request could not be read.
    UnreadableRequest: "unreadable-request", BAD_REQUEST, "The request cannot be read";
    /// Nobody is signed in.
    SignInRequired: "sign-in-required", UNAUTHORIZED, "Sign in first";
    /// The actor may see it but not do this.
    Forbidden: "forbidden", FORBIDDEN, "Not allowed for your account";
    /// Nothing there, or not the actor's to see.
    NotFound: "not-found", NOT_FOUND, "Not found";
    /// The address does not know the method.
    MethodNotAllowed: "method-not-allowed", METHOD_NOT_ALLOWED, "Method not allowed";
    /// The state of things does not allow it.
    Conflict: "conflict", CONFLICT, "This does not fit the present state";
    /// Somebody else changed it.
    StaleVersion: "stale-version", PRECONDITION_FAILED, "Changed since you read it";
    /// The body did not arrive in time.
    BodyTooSlow: "body-too-slow", REQUEST_TIMEOUT, "The body took too long";
    /// The body is too large.
    BodyTooLarge: "body-too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    /// The body is not JSON.
    UnsupportedMediaType: "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The body must be JSON";
    /// Entries have faults.
    InvalidEntries: "invalid-entries", UNPROCESSABLE_ENTITY, "Some entries must be corrected";
    /// Free text may name a student.
    MayNameChild: "may-name-a-student", UNPROCESSABLE_ENTITY, "This may name a student";
    /// The change does not say what it was based on.
    VersionRequired: "version-required", PRECONDITION_REQUIRED, "Say which version you change";
    /// Too much at once.
    TooMany: "too-many", TOO_MANY_REQUESTS, "Too much at once";
    /// A bug.
    InternalError: "internal-error", INTERNAL_SERVER_ERROR, "Something went wrong on our side";
    /// Others are writing.
    Busy: "busy", SERVICE_UNAVAILABLE, "Busy, try again";
    /// The database is away.
    Unavailable: "unavailable", SERVICE_UNAVAILABLE, "Not available for the moment";
}

impl ProblemKind {
    /// The kind with a slug.
    pub fn find(slug: &str) -> Option<ProblemKind> {
        ProblemKind::ALL.iter().copied().find(|kind| kind.slug() == slug)
    }

    /// Its address, relative to the server.
    pub fn uri(self) -> String {
        format!("/problems/{}", self.slug())
    }
}
