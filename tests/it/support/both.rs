//! Runs the same tests on both databases.

/// Where a test keeps its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// A file of its own.
    Sqlite,
    /// A database of its own on the private server.
    Postgres,
}

/// Gives each test twice: `sqlite::name` and `postgres::name`, each with a program of its own.
macro_rules! on_both_databases {
    ($(fn $name:ident($app:ident: &TestApp) $body:block)*) => {
        $(fn $name($app: &$crate::support::app::TestApp) $body)*

        mod sqlite {
            use $crate::support::{app::TestApp, both::DatabaseKind};
            $(
                #[test]
                fn $name() {
                    super::$name(&TestApp::start(DatabaseKind::Sqlite));
                }
            )*
        }

        mod postgres {
            use $crate::support::{app::TestApp, both::DatabaseKind};
            $(
                #[test]
                fn $name() {
                    super::$name(&TestApp::start(DatabaseKind::Postgres));
                }
            )*
        }
    };
}

pub(crate) use on_both_databases;
