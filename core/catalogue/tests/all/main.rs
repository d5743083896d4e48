//! Install folders and packages, good and bad.

mod advice;
mod bases;
mod calendar;
mod diagnostics;
mod editing;
mod facets;
mod faulty;
mod guides;
mod install;
mod limits;
mod offers;
mod officers;
mod packages;
mod renaming;
mod schemas;
mod search;
mod settings;
mod steering;
mod unreached;
mod visits;
mod work;
