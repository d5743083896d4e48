//! Faults of templates and texts in words.

use minijinja::{Error, ErrorKind};
use motcua_domain::text::Text;
use motcua_domain::{displayed_in_english, text};
use std::error::Error as StdError;

/// A text that a template cannot show.
#[derive(Debug)]
pub enum TextFault {
    /// No locale has the text.
    Missing { key: String },
    /// The text uses an argument that the template does not give, or cannot be formatted. The reason is the library's.
    Unfit { key: String, reason: String },
}

impl TextFault {
    /// Returns the fault in words.
    pub fn text(&self) -> Text {
        match self {
            Self::Missing { key } => {
                text!("không có câu chữ `{key}` trong tệp ngôn ngữ", "there is no text `{key}` in the locale")
            }
            Self::Unfit { key, reason } => text!("câu chữ `{key}`: {reason}", "text `{key}`: {reason}"),
        }
    }
}

displayed_in_english!(TextFault);

impl From<TextFault> for Error {
    fn from(fault: TextFault) -> Self {
        Self::new(ErrorKind::InvalidOperation, fault.to_string()).with_source(fault)
    }
}

/// Returns the fault of a template in words. The words of the library are in English.
pub fn in_words(error: &Error) -> Text {
    let english = error.to_string();
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(now) = cause {
        if let Some(fault) = now.downcast_ref::<TextFault>() {
            let place = match (error.name(), error.line()) {
                (Some(name), Some(line)) => format!(" (trong {name}:{line})"),
                _ => String::new(),
            };
            return Text::new(format!("{}{place}", fault.text().vi), english);
        }
        cause = now.source();
    }
    let kind = match error.kind() {
        ErrorKind::UndefinedError => "mẫu dùng một tên mà trang không có",
        ErrorKind::SyntaxError => "mẫu sai cú pháp",
        ErrorKind::TemplateNotFound => "không có mẫu này",
        ErrorKind::UnknownFilter | ErrorKind::UnknownFunction | ErrorKind::UnknownTest | ErrorKind::UnknownMethod => {
            "mẫu dùng một bộ lọc, hàm, phép thử hoặc phương thức không có"
        }
        _ => "không dựng được mẫu",
    };
    Text::new(format!("{kind}: {english}"), english)
}
