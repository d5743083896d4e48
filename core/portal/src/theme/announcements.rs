//! Announcements of the province: limited Markdown in the files `announcements/NAME.vi.md` and `announcements/NAME.en.md`
//! of a theme, with the days between which the first page shows them.

use crate::theme::Theme;
use crate::theme::files::{ThemeFiles, Unusable};
use crate::theme::help::{self, HelpText, LANGUAGES};
use jiff::civil::Date;
use motcua_domain::text;
use motcua_domain::text::{Language, Text};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The folder of announcements in a theme.
const FOLDER: &str = "announcements/";

/// An announcement in a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The first day on which it is shown, or none if it is shown at once.
    pub from: Option<Date>,
    /// The last day on which it is shown.
    pub to: Date,
    /// The title, and the text below the days.
    pub page: HelpText,
}

impl Announcement {
    /// Reads the lines with the days below the title, in any order.
    fn read(page: &HelpText) -> Result<Self, &'static str> {
        let (mut from, mut to, mut rest) = (None, None, page.text.as_str());
        loop {
            let (line, below) = rest.split_once('\n').unwrap_or((rest, ""));
            match line.split_once(':') {
                Some(("from", day)) => from = Some(read_day(day)?),
                Some(("to", day)) => to = Some(read_day(day)?),
                _ => break,
            }
            rest = below;
        }
        let to = to.ok_or("write its last day under the title, such as `to: 2026-12-31`")?;
        let page = HelpText { title: page.title.clone(), text: rest.trim().to_owned() };
        Ok(Self { from, to, page })
    }

    /// Returns whether the announcement is shown on a day.
    fn is_shown(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && day <= self.to
    }
}

fn read_day(text: &str) -> Result<Date, &'static str> {
    text.trim().parse().map_err(|_| "write each day as year, month and day, such as `to: 2026-12-31`")
}

/// The announcements of a theme, by name. Each has at least one language.
pub type Announcements = BTreeMap<String, Vec<(Language, Announcement)>>;

/// Returns the file of an announcement in a language.
fn file_of(name: &str, language: Language) -> String {
    format!("{FOLDER}{name}.{}.md", language.tag())
}

/// Reads the announcements of a theme and of its parents. One of a theme replaces that of its parents.
pub fn read(chain: &[(String, ThemeFiles)]) -> Result<Announcements, Unusable> {
    let mut found = Announcements::new();
    for (name, pages) in help::read(chain, FOLDER, &[])? {
        for language in LANGUAGES {
            let Some(page) = pages.get(language.tag()) else { continue };
            let read = Announcement::read(page)
                .map_err(|reason| Unusable::File { file: file_of(&name, language), reason: reason.to_owned() })?;
            found.entry(name.clone()).or_default().push((language, read));
        }
    }
    Ok(found)
}

impl Theme {
    /// Returns the announcements of a day, the latest first. One that was not translated is in the language that it has.
    pub(crate) fn announced(&self, language: Language, day: Date) -> Vec<(Language, &Announcement)> {
        let chosen = self.announcements.values().filter_map(|texts| {
            let own = texts.iter().find(|(written, _)| *written == language);
            own.or_else(|| texts.first())
        });
        let shown = chosen.filter(|(_, announcement)| announcement.is_shown(day));
        let mut shown: Vec<(Language, &Announcement)> = shown.map(|(written, of)| (*written, of)).collect();
        shown.sort_by_key(|(_, announcement)| Reverse(announcement.from));
        shown
    }

    /// Checks the announcements, and returns the problems.
    pub(crate) fn check_announcements(&self) -> Vec<Text> {
        let mut problems = Vec::new();
        for (name, texts) in &self.announcements {
            for language in LANGUAGES {
                let file = file_of(name, language);
                let Some((_, own)) = texts.iter().find(|(written, _)| *written == language) else {
                    problems.push(text!(
                        "{file}: chưa có trang bằng ngôn ngữ này",
                        "{file}: the page is missing in this language",
                    ));
                    continue;
                };
                let mut of_file = self.check_page(&own.page);
                if own.from.is_some_and(|from| from > own.to) {
                    of_file.push(text!(
                        "ngày cuối đứng trước ngày đầu, nên thông báo không bao giờ hiện",
                        "the last day is before the first day, so it is never shown",
                    ));
                }
                if texts.iter().any(|(_, other)| (other.from, other.to) != (own.from, own.to)) {
                    of_file.push(text!("bản dịch ghi ngày khác", "its translation has other days",));
                }
                problems.extend(of_file.iter().map(|told| {
                    let (vi, en) = told.both();
                    text!("{file}: {vi}", "{file}: {en}")
                }));
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn read_one(source: &str) -> Result<Announcements, Unusable> {
        let files = ThemeFiles::from([("announcements/tet.vi.md".to_owned(), source.as_bytes().to_vec())]);
        read(&[("mau".to_owned(), files)])
    }

    #[test]
    fn an_announcement_is_shown_from_its_first_to_its_last_day() {
        let read = read_one("# Nghỉ Tết\n\nfrom: 2026-12-31\nto: 2027-01-03\n\nLưu ý: **nghỉ**.").expect("read");
        let (language, tet) = &read["tet"][0];
        assert_eq!(
            (*language, tet.page.title.as_str(), tet.page.text.as_str()),
            (Language::Vi, "Nghỉ Tết", "Lưu ý: **nghỉ**.")
        );
        let shown = |day: i8, month: i8, year: i16| tet.is_shown(date(year, month, day));
        assert_eq!((shown(30, 12, 2026), shown(31, 12, 2026)), (false, true));
        assert_eq!((shown(3, 1, 2027), shown(4, 1, 2027)), (true, false));
    }

    #[test]
    fn an_announcement_without_a_last_day_is_refused() {
        for source in ["# Tết\n\nNghỉ.", "# Tết\nfrom: 2026-12-31\n\nNghỉ.", "# Tết\nto: mai\n\nNghỉ."] {
            let told = read_one(source).map_err(|unusable| unusable.to_string());
            assert!(told.is_err_and(|told| told.contains("announcements/tet.vi.md")), "{source}");
        }
        assert!(read_one("# Tết\nto: 2027-01-03\nNghỉ.").is_ok());
    }
}
