//! The check of a theme, which must show every page.

use crate::pages::PAGES;
use crate::theme::{ListedPage, Shell, Theme, Unusable, faint, in_words, lacking, repeated, unnamed};
use motcua_domain::text;
use motcua_domain::text::Text;

/// The most bytes of a file of a theme as it is sent. A phone on a slow network (400 kbit/s) takes four seconds for it.
const LARGEST_FILE: usize = 200_000;

impl Theme {
    /// Renders every page with sample contexts, in every language of the theme, for every kind of visitor, writes every
    /// mail, and checks every help page and announcement, that no file has a text twice, the contrast of the colours, and
    /// the size of the files. Returns the number of rendered pages and the problems.
    pub fn check(&self) -> (usize, Vec<Text>) {
        let mut check = PagesCheck { theme: self, rendered: 0, problems: Vec::new() };
        for page in PAGES {
            check.page(page);
        }
        check.problems.extend(self.check_mails());
        check.problems.extend(self.check_help());
        check.problems.extend(self.check_announcements());
        check.problems.extend(self.check_files().unwrap_or_else(|unusable| vec![unusable.text()]));
        (check.rendered, check.problems)
    }

    /// Returns for each language that the theme brings how many texts it lacks, with the first ones. They are shown in the
    /// language of its content, so this is no problem of the theme.
    pub fn untranslated(&self) -> Result<Vec<Text>, Unusable> {
        const TOLD: usize = 5;
        let chain = self.chain()?;
        let mut told = Vec::new();
        for (tag, language) in chain.languages() {
            let keys = lacking(&chain.folders, tag, language.content)?;
            let (count, content) = (keys.len(), language.content.tag());
            let mut first = keys.into_iter().take(TOLD).collect::<Vec<_>>().join(", ");
            if count > TOLD {
                first.push_str(", …");
            }
            if count > 0 {
                told.push(text!(
                    "locales/{tag}.ftl: thiếu {count} câu chữ, được hiện theo `{content}`: {first}",
                    "locales/{tag}.ftl: it lacks {count} texts, which are shown in `{content}`: {first}",
                ));
            }
        }
        Ok(told)
    }

    /// Returns the problems that show in the files of the theme and not in its pages.
    fn check_files(&self) -> Result<Vec<Text>, Unusable> {
        let chain = self.chain()?;
        let mut problems = Vec::new();
        for language in self.languages() {
            problems.extend(repeated(&chain.folders, self.tag(language))?);
        }
        problems.extend(faint(&chain)?);
        problems.extend(self.larger_than(LARGEST_FILE).map(|(file, bytes)| {
            let size = bytes / 1000;
            text!(
                "static/{file}: gửi đi {size} kB, mà mạng chậm phải chờ lâu với hơn 200 kB; hãy thu nhỏ ảnh, hoặc đổi \
                 phông chữ sang woff2",
                "static/{file}: it is sent with {size} kB, and a slow network waits long for more than 200 kB; make a \
                 picture smaller, or turn a font into woff2",
            )
        }));
        Ok(problems)
    }
}

/// Renders samples and collects problems.
struct PagesCheck<'a> {
    theme: &'a Theme,
    rendered: usize,
    problems: Vec<Text>,
}

impl PagesCheck<'_> {
    /// Renders all samples of a page.
    fn page(&mut self, page: &ListedPage) {
        let theme = self.theme;
        let shells = theme.languages().flat_map(|language| {
            let shells = Shell::samples_in(theme, language).into_iter();
            shells.map(move |shell| (language, shell))
        });
        let contexts = page.contexts().unwrap_or_default();
        let places = contexts.iter().filter_map(|context| unnamed(context, "page"));
        let template = page.template;
        self.problems.extend(places.map(|place| {
            text!("{template}: {place} có trường không có tên", "{template}: {place} has fields without names")
        }));
        let mut lacking = page.always.to_vec();
        for (language, shell) in shells {
            for shown in page.rendered(theme, language, &shell) {
                self.rendered += 1;
                match shown {
                    Err(error) => {
                        let (tag, fault) = (theme.tag(language), in_words(&error));
                        let (vi, en) = fault.both();
                        self.problems.push(text!("{template} ({tag}): {vi}", "{template} ({tag}): {en}"));
                    }
                    Ok(html) => lacking.retain(|name| !html.contains(*name)),
                }
            }
        }
        self.problems.extend(
            lacking
                .iter()
                .map(|name| text!("{template}: thiếu trường `{name}`", "{template}: it lacks the field `{name}`")),
        );
        self.problems.dedup();
    }
}
