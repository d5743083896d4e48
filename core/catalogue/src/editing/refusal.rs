//! The reasons why a command changes nothing, in words.

use motcua_domain::text::Text;
use motcua_domain::{displayed_in_english, text};

/// The reason why a command changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditRefusal {
    NotToml(String),
    NotAPath(String),
    Missing(String),
    /// Several elements have the name.
    Ambiguous(String),
    UnknownKey {
        key: String,
        known: String,
    },
    /// It is written in several lines with a header.
    WrittenApart(String),
    /// It has texts in two languages.
    TwoLanguages(String),
    WrongValue {
        path: String,
        value: String,
    },
    /// The change would change something else too.
    Fault(String),
    NoFile(String),
}

impl EditRefusal {
    /// Returns the reason in words.
    pub fn text(&self) -> Text {
        match self {
            Self::NotToml(error) => text!(
                "tệp không phải là TOML: {error}; hãy sửa trước",
                "the file is not TOML: {error}; correct it first"
            ),
            Self::NotAPath(path) => text!(
                "`{path}` không phải là đường dẫn; hãy viết khóa cách nhau bằng dấu chấm và phần tử trong ngoặc vuông, \
                 chẳng hạn `paper[map].count`",
                "`{path}` is not a path; write keys with dots and elements in brackets, such as `paper[map].count`"
            ),
            Self::Missing(name) => text!("tệp không có `{name}`", "there is no `{name}` in the file"),
            Self::Ambiguous(name) => text!(
                "nhiều phần tử có mã `{name}`; hãy sửa mã của chúng trước",
                "`{name}` names several elements; correct their ids first"
            ),
            Self::UnknownKey { key, known } => text!(
                "ở đây không có khóa `{key}`; các khóa đã có là {known}",
                "there is no key `{key}` at this place; known keys are {known}"
            ),
            Self::WrittenApart(key) => text!(
                "`{key}` được viết thành nhiều dòng dưới một tiêu đề; hãy đặt từng khóa của nó",
                "`{key}` is written in several lines with a header; set one of its keys"
            ),
            Self::TwoLanguages(key) => text!(
                "`{key}` có chuỗi bằng hai ngôn ngữ; hãy đặt `{key}.vi` hoặc `{key}.en`",
                "`{key}` has texts in two languages; set `{key}.vi` or `{key}.en`"
            ),
            Self::WrongValue { path, value } => {
                text!("`{value}` không phải là giá trị của `{path}`", "`{value}` is not a value for `{path}`")
            }
            Self::Fault(path) => text!(
                "thay đổi `{path}` sẽ làm đổi cả phần khác; hãy sửa tệp bằng tay",
                "the change of `{path}` would change something else too; change the file by hand"
            ),
            Self::NoFile(file) => text!(
                "không có tệp `{file}`, hoặc tệp không phải là văn bản",
                "the file `{file}` is not there, or is not text"
            ),
        }
    }
}

displayed_in_english!(EditRefusal);

/// The reason why a thing is not renamed. Nothing is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenameRefusal {
    Edit(EditRefusal),
    NotAnId(String),
    Missing {
        kind: &'static str,
        id: String,
    },
    Taken {
        kind: &'static str,
        id: String,
    },
    /// A group has a part of the old or of the new name.
    Hidden(String),
    /// A text may name the thing.
    Unclear {
        file: String,
        line: usize,
    },
    /// Other procedures follow the workflow that names the thing.
    Shared {
        file: String,
        others: String,
    },
    /// Another procedure issues the results from which the field is taken.
    Kept {
        file: String,
        other: String,
    },
    /// The name stands for several things in scenarios.
    Several(String),
}

impl From<EditRefusal> for RenameRefusal {
    fn from(refusal: EditRefusal) -> Self {
        Self::Edit(refusal)
    }
}

impl RenameRefusal {
    /// Returns the reason in words.
    pub fn text(&self) -> Text {
        match self {
            Self::Edit(refusal) => refusal.text(),
            Self::NotAnId(id) => text!(
                "không dùng được `{id}` làm mã; hãy viết chữ không dấu, chữ số, - và _",
                "`{id}` is not an id; write letters, digits, - and _"
            ),
            Self::Missing { kind, id } => {
                let vi = noun(kind);
                text!(
                    "thủ tục và quy trình của nó không có {vi} `{id}`; phần của quy trình khác thì đổi tên ở đó",
                    "the procedure and its workflow have no {kind} `{id}`; a thing of another workflow is renamed there"
                )
            }
            Self::Taken { kind, id } => {
                let vi = noun(kind);
                text!("đã có {vi} `{id}`", "there is a {kind} `{id}` already")
            }
            Self::Hidden(id) => text!(
                "một nhóm có phần `{id}` hoặc phần mang mã mới, nên điều kiện sẽ mang nghĩa khác",
                "a group has a part `{id}` or a part of the new name, so conditions would mean something else"
            ),
            Self::Unclear { file, line } => text!(
                "{file}:{line}: chuỗi này có thể nêu mã đó và không tự sửa được; hãy sửa bằng tay trước",
                "{file}:{line}: this text may name it and cannot be changed by itself; change it by hand first"
            ),
            Self::Shared { file, others } => text!(
                "`{file}` nêu mã đó, và các thủ tục khác cũng theo quy trình này: {others}",
                "`{file}` names it, and other procedures follow this workflow too: {others}"
            ),
            Self::Kept { file, other } => text!(
                "`{file}` lấy câu trả lời đó từ kết quả mà `{other}` cũng cấp, nên cả hai giữ cùng một mã; hãy sửa bằng \
                 tay",
                "`{file}` takes it from results that `{other}` issues too, so both keep the same name; change them by \
                 hand"
            ),
            Self::Several(id) => text!(
                "`{id}` chỉ nhiều thứ trong các tình huống thử, nên không rõ chúng nêu thứ nào",
                "`{id}` stands for several things in scenarios, so it is not clear what they name"
            ),
        }
    }
}

displayed_in_english!(RenameRefusal);

/// Returns the Vietnamese noun for the word of a kind on the command line.
fn noun(kind: &str) -> &'static str {
    match kind {
        "field" => "trường",
        "paper" => "giấy tờ",
        "step" => "bước",
        _ => "thao tác",
    }
}
