//! The limited Markdown of help texts: paragraphs, lists, emphasis and links. Everything else appears as it is written.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};

/// Returns the text as HTML that is safe whoever wrote the text.
pub fn html(text: &str) -> String {
    let mut skipped = Vec::new();
    let events = Parser::new_ext(text, Options::empty()).filter_map(|event| limited(event, &mut skipped));
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events);
    html
}

/// Returns the event if it is of the limited kind. Of other elements only the words stay.
fn limited<'a>(event: Event<'a>, skipped: &mut Vec<TagEnd>) -> Option<Event<'a>> {
    match event {
        Event::Start(ref tag) => {
            let kept = match tag {
                Tag::Paragraph | Tag::List(_) | Tag::Item | Tag::Emphasis | Tag::Strong => true,
                Tag::Link { dest_url, .. } => safe(dest_url),
                _ => false,
            };
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
    use super::html;
    use proptest::prelude::*;

    #[test]
    fn what_authors_need_is_shown() {
        let text = "Bản **chính**, xem [mẫu](https://example.vn/a?b=1&c=2):\n\n- một\n- *hai*";
        let expected = "<p>Bản <strong>chính</strong>, xem <a href=\"https://example.vn/a?b=1&amp;c=2\">mẫu</a>:</p>\n<ul>\n<li>một</li>\n<li><em>hai</em></li>\n</ul>\n";
        assert_eq!(html(text), expected);
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
            let html = html(&text);
            for part in html.split('<').skip(1) {
                let name: String = part.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
                prop_assert!(["p", "ul", "ol", "li", "em", "strong", "a", "br"].contains(&name.as_str()), "{html}");
            }
        }
    }
}
