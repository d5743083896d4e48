//! The look of the pages: every page of the portal with each of its samples, in both languages.
//!
//! `INSTA_UPDATE=always scripts/test pages::` writes the snapshots again.

use crate::contributing::{files, name, read, root};
use motcua_domain::text::Language;
use motcua_portal::theme::Shell;
use motcua_portal::{PAGES, Theme};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

const MAIN_END: &str = "</main>";

/// Splits a page into its content and the frame around it.
fn split(html: &str) -> (&str, String) {
    let start = html.find("<main").expect("a page has content");
    let end = html.find(MAIN_END).expect("the content has an end") + MAIN_END.len();
    (&html[start..end], [&html[..start], &html[end..]].concat())
}

/// Writes samples one after the other. The frame around the content is written only where it differs from the frame of
/// the sample before.
fn written(samples: &[String]) -> String {
    let mut parts = Vec::new();
    let mut last = String::new();
    for (number, html) in (1..).zip(samples) {
        let (content, frame) = split(html);
        let (shown, heading) = if frame == last { (content, " in the same frame") } else { (html.as_str(), "") };
        parts.push(format!("<!-- sample {number}{heading} -->\n{}\n", shown.trim_end()));
        last = frame;
    }
    parts.concat()
}

/// Renders the samples of a page for a kind of visitor.
fn samples(theme: &Theme, template: &str, language: Language, shell: &Shell) -> Vec<String> {
    let page = PAGES.iter().find(|page| page.template == template).expect("a page");
    let shown = page.rendered(theme, language, shell).into_iter();
    shown.map(|html| html.unwrap_or_else(|error| panic!("{template}: {error:#}"))).collect()
}

/// Returns whether a text is the snapshot of this name. The difference is printed.
fn is_snapshot(name: &str, text: &str) -> bool {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/pages");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    catch_unwind(AssertUnwindSafe(|| settings.bind(|| insta::assert_snapshot!(name, text)))).is_ok()
}

#[test]
fn every_page_looks_as_in_its_snapshots() {
    let theme = Theme::embedded().expect("it is there");
    let mut snapshots = Vec::new();
    for language in [Language::Vi, Language::En] {
        let shells = Shell::samples(language);
        for page in PAGES {
            let stem = page.template.trim_end_matches(".html");
            let text = written(&samples(&theme, page.template, language, &shells[0]));
            snapshots.push((format!("{stem}.{}", language.tag()), text));
        }
        // The menu of a visitor, of an applicant and of an officer.
        let frames: Vec<String> =
            shells.iter().map(|shell| samples(&theme, "error.html", language, shell).swap_remove(0)).collect();
        snapshots.push((format!("base.{}", language.tag()), written(&frames)));
    }
    let other: Vec<&str> =
        snapshots.iter().filter(|(name, text)| !is_snapshot(name, text)).map(|(name, _)| name.as_str()).collect();
    assert!(other.is_empty(), "{other:?} look otherwise. If that is right: INSTA_UPDATE=always scripts/test pages::");

    let mut found = Vec::new();
    files(&root().join("tests/tests/all/snapshots/pages"), "snap", &mut found);
    let found: BTreeSet<String> = found.iter().map(|path| name(path)).collect();
    let known: BTreeSet<String> = snapshots.iter().map(|(name, _)| format!("{name}.snap")).collect();
    let left: Vec<&String> = found.difference(&known).collect();
    assert!(left.is_empty(), "remove snapshots that no page has: {left:?}");
}

#[test]
fn a_sample_in_the_same_frame_is_written_without_it() {
    let page = |title: &str, content: &str| format!("<title>{title}</title>\n<main>{content}</main>\n");
    let text = written(&[page("a", "1"), page("a", "2"), page("b", "2")]);
    assert_eq!(
        text,
        "<!-- sample 1 -->\n<title>a</title>\n<main>1</main>\n\
         <!-- sample 2 in the same frame -->\n<main>2</main>\n\
         <!-- sample 3 -->\n<title>b</title>\n<main>2</main>\n"
    );
}

#[test]
fn every_form_with_a_password_tells_password_managers_whose_it_is() {
    let theme = Theme::embedded().expect("it is there");
    let shells = Shell::samples(Language::Vi);
    let (name, password) = ("autocomplete=\"username\"", "type=\"password\"");
    let mut count = 0;
    for page in PAGES {
        for html in samples(&theme, page.template, Language::Vi, &shells[0]) {
            let forms = html.split("<form").skip(1).filter_map(|rest| rest.split_once("</form>"));
            for (form, _) in forms.filter(|(form, _)| form.contains(password)) {
                assert_eq!(form.matches(name).count(), 1, "{}: {form}", page.template);
                assert!(form.find(name) < form.find(password), "{}: the name comes first: {form}", page.template);
                assert!(!form.contains("value=\"\" autocomplete=\"username\""), "{}: {form}", page.template);
                count += 1;
            }
        }
    }
    assert!(count > 20, "{count}");
}

/// Returns the test whose snapshot a file is, with the file of the test: `crate__module__test.snap`, or
/// `crate__module__test-2.snap` for the second one of a test.
fn test_of(snapshot: &Path) -> Option<(PathBuf, String)> {
    let stem = snapshot.file_stem()?.to_str()?;
    let parts: Vec<&str> = stem.split("__").collect();
    let [_, modules @ .., test] = parts.as_slice() else { return None };
    let test = test.split('-').next()?;
    let folder = snapshot.parent()?.parent()?;
    Some((folder.join(modules.join("/")).with_extension("rs"), format!("fn {test}(")))
}

/// Returns whether the test of a snapshot exists.
fn belongs(snapshot: &Path) -> bool {
    test_of(snapshot).is_some_and(|(file, test)| file.is_file() && read(&file).contains(&test))
}

#[test]
fn every_other_snapshot_belongs_to_a_test() {
    let mut found = Vec::new();
    for folder in ["core", "migrations", "plugins", "tests"] {
        files(&root().join(folder), "snap", &mut found);
    }
    found.retain(|path| !path.parent().is_some_and(|folder| folder.ends_with("snapshots/pages")));
    assert!(found.len() > 4, "snapshots are no longer found");
    let left: Vec<&PathBuf> = found.iter().filter(|path| !belongs(path)).collect();
    assert!(left.is_empty(), "remove snapshots that no test has: {left:?}");
}
