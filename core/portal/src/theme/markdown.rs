//! The limited Markdown of help texts: paragraphs, lists, emphasis and links. Everything else appears as it is written.
//! Help pages have headings as well.

use motcua_domain::text;
use motcua_domain::text::{Language, Text};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::collections::{BTreeMap, BTreeSet};

/// Returns the text as HTML that is safe whoever wrote the text.
pub fn html(text: &str) -> String {
    rendered(text, |tag| other_element(tag).is_none() && !matches!(tag, Tag::Heading { .. }))
}

/// Returns the text of a help page as HTML as [`html`] does, with headings from the second level on. The heading of the
/// first level is that of the page.
pub fn page_html(text: &str) -> String {
    rendered(text, |tag| other_element(tag).is_none())
}

/// Returns the text as HTML with these elements. Of others only the words stay.
fn rendered(text: &str, is_kept: impl Fn(&Tag<'_>) -> bool) -> String {
    let mut skipped = Vec::new();
    let events = Parser::new_ext(text, Options::empty()).filter_map(|event| limited(event, &is_kept, &mut skipped));
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events.map(below_title));
    html
}

/// Returns a heading of the first level as one of the second.
fn below_title(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Start(Tag::Heading { level: HeadingLevel::H1, id, classes, attrs }) => {
            Event::Start(Tag::Heading { level: HeadingLevel::H2, id, classes, attrs })
        }
        Event::End(TagEnd::Heading(HeadingLevel::H1)) => Event::End(TagEnd::Heading(HeadingLevel::H2)),
        event => event,
    }
}

/// The words for text in the form of a program.
const CODE: (&str, &str) = ("đoạn mã", "code");

/// The elements of a text, for the check of help pages.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct MarkdownElements {
    /// The addresses of the links.
    pub links: BTreeSet<String>,
    /// Descriptions of elements that pages do not show, by their English words.
    pub others: BTreeMap<String, Text>,
}

impl MarkdownElements {
    fn name(&mut self, other: Text) {
        self.others.insert(other.get(Language::En).to_owned(), other);
    }
}

/// Returns the elements of a help page.
pub fn elements(text: &str) -> MarkdownElements {
    let mut found = MarkdownElements::default();
    for event in Parser::new_ext(text, Options::empty()) {
        match event {
            Event::Start(tag) => {
                if let Tag::Link { dest_url, .. } = &tag {
                    found.links.insert(dest_url.to_string());
                }
                if let Some(other) = other_element(&tag) {
                    found.name(other);
                }
            }
            Event::Html(_) | Event::InlineHtml(_) => {
                found.name(("HTML", "HTML").into());
            }
            Event::Code(_) => {
                found.name(CODE.into());
            }
            Event::Rule => {
                found.name(("đường kẻ ngang trang", "a line across the page").into());
            }
            _ => {}
        }
    }
    found
}

/// Describes an element that no text may have.
fn other_element(tag: &Tag<'_>) -> Option<Text> {
    let name = match tag {
        Tag::Paragraph | Tag::List(_) | Tag::Item | Tag::Emphasis | Tag::Strong | Tag::Heading { .. } => return None,
        Tag::Link { dest_url, .. } if safe(dest_url) => return None,
        Tag::Link { dest_url, .. } => {
            return Some(text!("liên kết tới `{dest_url}`", "a link to `{dest_url}`"));
        }
        Tag::HtmlBlock => ("HTML", "HTML"),
        Tag::CodeBlock(_) => CODE,
        Tag::BlockQuote(_) => ("đoạn trích dẫn", "a quotation"),
        Tag::Image { .. } => ("hình ảnh", "a picture"),
        _ => ("phần không thuộc Markdown giới hạn", "an element that is not limited Markdown"),
    };
    Some(name.into())
}

/// Returns the event if it is of the limited kind. Of other elements only the words stay.
fn limited<'a>(event: Event<'a>, is_kept: impl Fn(&Tag<'_>) -> bool, skipped: &mut Vec<TagEnd>) -> Option<Event<'a>> {
    match event {
        Event::Start(ref tag) => {
            let kept = is_kept(tag);
            if !kept {
                skipped.push(tag.to_end());
            }
            kept.then_some(event)
        }
        Event::End(end) => {
            if skipped.last() == Some(&end) {
                skipped.pop();
                return None;
            }
            Some(event)
        }
        // HTML in the source is plain text.
        Event::Html(text) | Event::InlineHtml(text) | Event::Code(text) => Some(Event::Text(text)),
        Event::Text(_) | Event::SoftBreak | Event::HardBreak => Some(event),
        _ => Some(Event::Text(CowStr::Borrowed(" "))),
    }
}

/// Returns whether a link leads to an address that is safe for people.
fn safe(address: &str) -> bool {
    let schemes = ["https://", "http://", "mailto:", "tel:"];
    (address.starts_with('/') && !address.starts_with("//")) || schemes.iter().any(|scheme| address.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::{elements, html, page_html};
    use proptest::prelude::*;

    #[test]
    fn what_authors_need_is_shown() {
        let text = "Bản **chính**, xem [mẫu](https://example.vn/a?b=1&c=2):\n\n- một\n- *hai*";
        let expected = "<p>Bản <strong>chính</strong>, xem <a href=\"https://example.vn/a?b=1&amp;c=2\">mẫu</a>:</p>\n<ul>\n<li>một</li>\n<li><em>hai</em></li>\n</ul>\n";
        assert_eq!(html(text), expected);
    }

    #[test]
    fn a_help_page_has_headings_below_its_title() {
        let shown = page_html("# Một\n\n## Hai\n\nBa <b>bốn</b>");
        assert_eq!(shown, "<h2>Một</h2>\n<h2>Hai</h2>\n<p>Ba &lt;b&gt;bốn&lt;/b&gt;</p>\n");
    }

    #[test]
    fn the_check_names_the_links_and_what_a_page_does_not_show() {
        let found = elements("## A\n\n[b](/help/b) ![c](/c.png) [d](javascript:d)\n\n> e\n\n<i>f</i> `g`\n\n---\n");
        let links: Vec<&str> = found.links.iter().map(String::as_str).collect();
        assert_eq!(links, ["/help/b", "javascript:d"]);
        let others: Vec<&str> = found.others.keys().map(String::as_str).collect();
        let expected =
            ["HTML", "a line across the page", "a link to `javascript:d`", "a picture", "a quotation", "code"];
        assert_eq!(others, expected);
    }

    #[test]
    fn everything_else_is_shown_as_text() {
        for (text, expected) in [
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>\n"),
            ("[x](javascript:alert(1))", "<p>x</p>\n"),
            ("[x](//evil.example)", "<p>x</p>\n"),
            ("![x](https://example.vn/a.png)", "<p>x</p>\n"),
            ("# Đầu đề", "Đầu đề"),
        ] {
            assert_eq!(html(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_gives_other_elements(text in "[a-z<>/\\[\\]()!*_`# \n\"'=&;:.-]{0,80}") {
            for (html, headings) in [(html(&text), false), (page_html(&text), true)] {
                for part in html.split('<').skip(1) {
                    let name: String =
                        part.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
                    let is_known = ["p", "ul", "ol", "li", "em", "strong", "a", "br"].contains(&name.as_str());
                    let is_heading = headings && ["h2", "h3", "h4", "h5", "h6"].contains(&name.as_str());
                    prop_assert!(is_known || is_heading, "{html}");
                }
            }
        }
    }
}
