//! Refusals, which people are shown, and faults, which operators are told.

use motcua_domain::command::Refusal;
use std::fmt;

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such thing, or it is not for this person to know.
    #[error("not found")]
    NotFound,
    /// A value from outside cannot be used.
    #[error("not usable: {}", .0.word())]
    Invalid(Rule),
    /// A row with this key exists already.
    #[error("it exists already")]
    Duplicate,
    /// The database or the file store cannot be written to now, and whether the change was written is not known. The
    /// same command can be given again: it is carried out once.
    #[error("the database or the file store cannot be written to now")]
    Unavailable,
    /// Others do the same costly thing now, and as many wait as may wait. Nothing was done.
    #[error("too many others do the same now; try again in a moment")]
    Busy,
    /// The content of the dossier was removed from the journal.
    #[error("the content of the dossier was removed from the journal; run: motcua audit verify")]
    Erased,
    /// Something broke.
    #[error("{0}")]
    Fault(Box<dyn std::error::Error + Send + Sync>),
}

/// Defines the rules with their words.
macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident => $word:literal,)*) => {
        /// The rule that a value from outside broke.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Rule {
            $($(#[$doc])* $rule,)*
        }

        impl Rule {
            /// All rules.
            pub const ALL: &'static [Self] = &[$(Self::$rule),*];

            /// A stable word; the portal has its text in each language under `refusal-<word>`.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$rule => $word,)*
                }
            }
        }
    };
}

rules! {
    /// Log-in name or password is wrong; which of them is not told.
    Login => "login",
    Name => "name",
    Phone => "phone",
    /// There is an account with this number.
    PhoneTaken => "phone-taken",
    Email => "email",
    /// There is an account with this e-mail address as its log-in.
    EmailTaken => "email-taken",
    PasswordShort => "password-short",
    PasswordLong => "password-long",
    /// Others would soon guess it.
    PasswordCommon => "password-common",
    /// It is not the password that the account has.
    PasswordWrong => "password-wrong",
    /// The name by which an officer logs in has other characters than letters, digits, dots and dashes.
    LoginName => "login-name",
    /// organisation.toml named the officer once and names them no more.
    OfficerRemoved => "officer-removed",
    /// The draft has as many files, or bytes of files, as a draft may have.
    QuotaDraft => "quota-draft",
    /// The drafts and the papers of the account have as many files, or bytes of files, as an account may have.
    QuotaAccount => "quota-account",
    /// As many files, or bytes of files, were uploaded today as an account may upload in a day.
    QuotaDay => "quota-day",
    /// As many messages were written this hour as an account may write.
    QuotaMessages => "quota-messages",
    /// As many dossiers were filed within an hour as an account may file.
    QuotaFilings => "quota-filings",
    /// The account has as many drafts as it may have.
    TooManyDrafts => "too-many-drafts",
    DraftTooLarge => "draft-too-large",
    /// The draft is not as the applicant reviewed it.
    DraftChanged => "draft-changed",
    FileTooLarge => "file-too-large",
    FileEmpty => "file-empty",
    /// The days of a leave do not follow one another, or are over.
    LeaveDates => "leave-dates",
    /// The content is not of a type that is taken.
    FileType => "file-type",
    /// A photograph as HEIC.
    FileHeic => "file-heic",
    /// The end of the file is missing.
    FileCutOff => "file-cut-off",
    /// It opens only with a password.
    FilePassword => "file-password",
    FileNoPages => "file-no-pages",
    /// It has scripts, macros, or actions that start programs or send data.
    FileActive => "file-active",
    /// XML without a signature.
    FileUnsigned => "file-unsigned",
    FileBroken => "file-broken",
    /// The picture has too many pixels.
    PictureTooLarge => "picture-too-large",
    /// A virus was found.
    FileInfected => "file-infected",
    /// Whether a file has a virus could not be found out.
    ScanUnavailable => "scan-unavailable",
    /// Nothing was chosen.
    FileMissing => "file-missing",
    TooManyFiles => "too-many-files",
    UploadBroken => "upload-broken",
    /// Another procedure is offered at the same address.
    AddressTaken => "address-taken",
    /// The organisation has no such agency or unit.
    AgencyUnknown => "agency-unknown",
    /// The plugin cannot be loaded.
    PluginBroken => "plugin-broken",
    /// The plugin wants more than the province allows.
    PluginNotGranted => "plugin-not-granted",
    /// It is published already.
    AlreadyPublished => "already-published",
    /// It is not offered.
    NotOffered => "not-offered",
    /// Photographs could not be made one file.
    PhotosUnreadable => "photos-unreadable",
    /// There are not two photographs to make one file of.
    TooFewPhotos => "too-few-photos",
    /// Too much costly work runs or waits already.
    TooBusy => "too-busy",
}

impl Error {
    /// Returns the reason, if the error concerns one dossier alone: its journal is gone or cannot be read. Otherwise
    /// returns the error.
    pub(crate) fn of_one_dossier(self) -> Result<String, Self> {
        match self {
            Self::NotFound => Ok("its journal or its version of the procedure is not there".to_owned()),
            Self::Erased => Ok(self.to_string()),
            Self::Fault(fault) if is_of_journal(fault.as_ref()) => Ok(fault.to_string()),
            error => Err(error),
        }
    }

    /// Something broke.
    pub fn fault(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Fault(Box::new(error))
    }
}

fn is_of_journal(fault: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    matches!(fault.downcast_ref::<motcua_store::Fault>(), Some(motcua_store::Fault::Journal { .. }))
}

impl From<motcua_store::Fault> for Error {
    fn from(fault: motcua_store::Fault) -> Self {
        match fault {
            motcua_store::Fault::Duplicate { .. } => Self::Duplicate,
            motcua_store::Fault::Erased { .. } => Self::Erased,
            fault if fault.is_temporary() => {
                tracing::error!(%fault, "the database or the file store is not available");
                Self::Unavailable
            }
            fault => Self::fault(fault),
        }
    }
}

/// The number under which a fault stands in the log and on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IncidentId(u32);

impl IncidentId {
    /// A new number.
    pub fn new() -> Self {
        Self(rand::random())
    }
}

impl Default for IncidentId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}
