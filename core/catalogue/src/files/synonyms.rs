//! `synonyms.toml`: words of everyday speech with the terms of the law.

use crate::reading::keys::{Shape, keys};
use crate::reading::node::FileTable;
use motcua_domain::fold::fold;

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

/// Words of everyday speech and the words that replace them, both folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synonym {
    words: Vec<String>,
    means: String,
}

impl Synonym {
    /// Returns the query with the words replaced, if it contains them. `query` is folded, and single spaces separate
    /// its words.
    pub fn replace(&self, query: &str) -> Option<String> {
        let padded = format!(" {query} ");
        let word = self.words.iter().find(|word| padded.contains(&format!(" {word} ")))?;
        Some(padded.replacen(&format!(" {word} "), &format!(" {} ", self.means), 1).trim().to_owned())
    }
}

/// Reads the synonyms.
pub fn read(root: &FileTable<'_>) -> Vec<Synonym> {
    let mut synonyms = Vec::new();
    for table in root.tables("synonym") {
        let words: Vec<String> = table.strings("words").iter().map(|word| fold(word.value.trim())).collect();
        if words.is_empty() {
            table.missing("words", "[\"sổ đỏ\", \"sổ hồng\"]");
        }
        let means = table.required_string("means", "\"giấy chứng nhận quyền sử dụng đất\"");
        table.finish();
        if let Some(means) = means {
            synonyms.push(Synonym { words, means: fold(means.value.trim()) });
        }
    }
    synonyms
}
