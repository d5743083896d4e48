//! `synonyms.toml`: words of everyday speech with the terms of the law.

use crate::reading::keys::{Shape, keys};
use crate::reading::node::FileTable;

keys! {
    /// `synonyms.toml`: words of everyday speech with the terms of the law.
    pub(crate) KEYS = "Synonyms" {
        optional {
            synonym: Shape::Tables(&SYNONYM),
        }
    }

    SYNONYM = "Synonym" {
        required {
            words: Shape::List(&Shape::Text),
            means: Shape::Text,
        }
    }
}

/// Words of everyday speech and the words that replace them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synonym {
    pub words: Vec<String>,
    pub means: String,
}

/// Reads the synonyms.
pub fn read(root: &FileTable<'_>) -> Vec<Synonym> {
    let mut synonyms = Vec::new();
    for table in root.tables("synonym") {
        let words: Vec<String> = table.strings("words").iter().map(|word| word.value.trim().to_owned()).collect();
        if words.is_empty() {
            table.missing("words", "[\"sổ đỏ\", \"sổ hồng\"]");
        }
        let means = table.required_string("means", "\"giấy chứng nhận quyền sử dụng đất\"");
        table.finish();
        if let Some(means) = means {
            synonyms.push(Synonym { words, means: means.value.trim().to_owned() });
        }
    }
    synonyms
}
