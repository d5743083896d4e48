//! The result of a dossier in the register, and the earlier result that the dossier follows.

use crate::view::format;
use motcua_domain::dossier::Dossier;
use motcua_domain::text::Language;
use serde::Serialize;

/// The result with which the dossier ended.
#[derive(Debug, Clone, Serialize)]
pub struct IssuedContext {
    /// The number of the result.
    pub number: String,
    /// The name of the holder.
    pub holder: String,
    /// The day of issue.
    pub from: String,
    /// The last day of the validity, or an empty text if it is unlimited.
    pub until: String,
}

/// The earlier result that the dossier renews, changes or ends.
#[derive(Debug, Clone, Serialize)]
pub struct EarlierContext {
    /// The number of the result.
    pub number: String,
    /// The words of the result.
    pub name: String,
    /// The last day of the validity, or an empty text if it is unlimited.
    pub until: String,
    /// The code of the dossier that ended with the result.
    pub dossier: String,
}

impl IssuedContext {
    /// Returns a result for checking a theme.
    pub fn sample(limited: bool) -> Self {
        Self {
            number: "13/GP-STNMT".into(),
            holder: "Nguyễn Văn An".into(),
            from: "24/11/2026".into(),
            until: if limited { "24/11/2031".into() } else { String::new() },
        }
    }
}

impl EarlierContext {
    /// Returns an earlier result for checking a theme.
    pub fn sample(limited: bool) -> Self {
        Self {
            number: "12/GP-STNMT".into(),
            name: "Giấy phép".into(),
            until: if limited { "31/12/2026".into() } else { String::new() },
            dossier: "H09.01-211124-0001".into(),
        }
    }
}

/// Returns the result with which the dossier ended, if the result is in the register.
pub fn issued(dossier: &Dossier, language: Language) -> Option<IssuedContext> {
    let result = dossier.flow.ended.as_ref()?.issued.as_deref()?;
    Some(IssuedContext {
        number: result.number.clone(),
        holder: result.holder.name.clone(),
        from: format::day(result.from, language),
        until: result.until.map_or_else(String::new, |day| format::day(day, language)),
    })
}

/// Returns the earlier result that the dossier named when it was filed.
pub fn earlier(dossier: &Dossier, language: Language) -> Option<EarlierContext> {
    let result = dossier.filed.follows.as_ref()?;
    Some(EarlierContext {
        number: result.number.clone(),
        name: result.name.get(language).to_owned(),
        until: result.until.map_or_else(String::new, |day| format::day(day, language)),
        dossier: result.dossier.to_string(),
    })
}
