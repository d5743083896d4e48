//! The portal as a whole: the real router on a real database, the real command line, a real browser.

/// Runs a test on both databases.
macro_rules! on_both {
    ($($(#[$attribute:meta])* $name:ident)*) => {
        mod on_sqlite {
            $($(#[$attribute])* #[tokio::test(flavor = "multi_thread")] async fn $name() {
                super::$name(motcua_tests::portal::App::start(motcua_tests::portal::Kind::Sqlite).await).await;
            })*
        }
        mod on_postgres {
            $($(#[$attribute])* #[tokio::test(flavor = "multi_thread")] async fn $name() {
                super::$name(motcua_tests::portal::App::start(motcua_tests::portal::Kind::Postgres).await).await;
            })*
        }
    };
}

/// Runs a test that opens its own office on both databases.
macro_rules! on_both_kinds {
    ($($name:ident)*) => {
        mod sqlite { $(#[tokio::test(flavor = "multi_thread")] async fn $name() {
            super::$name(motcua_tests::portal::Kind::Sqlite).await;
        })* }
        mod postgres { $(#[tokio::test(flavor = "multi_thread")] async fn $name() {
            super::$name(motcua_tests::portal::Kind::Postgres).await;
        })* }
    };
}

mod access;
mod accounts;
mod asked;
mod at_once;
mod audit;
mod backup;
mod barriers;
mod bases;
mod bounds;
mod bpmn;
mod browser;
mod bulk;
mod carried;
mod chromium;
mod co_signing;
mod command_language;
mod command_line;
mod committee;
mod contributing;
mod counter;
mod counting;
mod crawlers;
mod december;
mod delivery;
mod desk;
mod digests;
mod dossier_pages;
mod drafts;
mod faults;
mod fees_by_time;
mod files;
mod finding;
mod following;
mod growth;
mod guests;
mod heads;
mod help;
mod hostile;
mod journey;
mod keyboard;
mod lateness;
mod layers;
mod left_to_plugins;
mod log;
mod log_keys;
mod logins;
mod looks;
mod mail;
mod mail_command;
mod message_files;
mod money;
mod money_pages;
mod moved;
mod names;
mod offers;
mod office;
mod officer_page;
mod officers;
mod on_behalf;
mod one_form;
mod operations;
mod overruns;
mod own_account;
mod own_answers;
mod own_case;
mod own_export;
mod pages;
mod patterns;
mod payments;
mod photo_frame;
mod place_map;
mod plugins;
mod postgres;
mod printed;
mod procedures;
mod public_figures;
mod published;
mod refunds;
mod register;
mod repeats;
mod rim;
mod runtime;
mod sample;
mod scenarios;
mod schedule;
mod script;
mod sealing;
mod second_factor;
mod site_visits;
mod sms;
mod standard_answers;
mod step_form;
mod store;
mod suggestions;
mod theme;
mod theme_command;
mod theme_language;
mod told;
mod transcript;
mod two_tabs;
mod typing;
mod unreadable;
mod uploads;
mod used_drafts;
mod window;
mod wire;
