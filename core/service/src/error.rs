//! Refusals, which people see, and faults, which are for operators.

use motcua_domain::dossier::refusal::Refusal;
use std::fmt;

/// The reason why a use case did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rules forbid it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The thing does not exist, or the person may not know of it.
    #[error("not found")]
    NotFound,
    /// A value from outside cannot be used.
    #[error("not usable: {}", .0.word())]
    Invalid(InputRule),
    /// A row with this key exists already.
    #[error("it exists already")]
    Duplicate,
    /// The database or the file store cannot be written to now, and it is unknown whether the change was written. The
    /// same command can be given again, and is carried out once.
    #[error("the database or the file store cannot be written to now")]
    Unavailable,
    /// Others do the same costly work now, and the queue is full. Nothing was done.
    #[error("too many others do the same now; try again in a moment")]
    Busy,
    /// The content of the dossier was removed from the journal.
    #[error("the content of the dossier was removed from the journal; run: motcua audit verify")]
    Erased,
    /// Something failed.
    #[error("{0}")]
    Fault(Box<dyn std::error::Error + Send + Sync>),
}

/// Defines the rules with their words.
macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident => $word:literal,)*) => {
        /// The rule that a value from outside broke.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum InputRule {
            $($(#[$doc])* $rule,)*
        }

        impl InputRule {
            /// All rules.
            pub const ALL: &'static [Self] = &[$(Self::$rule),*];

            /// Returns a stable word. The portal has its text in each language under `refusal-<word>`.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$rule => $word,)*
                }
            }
        }
    };
}

rules! {
    /// The log-in name or the password is wrong. The answer does not say which.
    Login => "login",
    Name => "name",
    Phone => "phone",
    /// Another account has this number.
    PhoneTaken => "phone-taken",
    Email => "email",
    /// The title of a standard answer is empty, too long, or that of another answer.
    AnswerTitle => "answer-title",
    /// The text of a standard answer is empty or too long.
    AnswerText => "answer-text",
    /// The text of a standard answer has a name in braces that is no field.
    AnswerField => "answer-field",
    /// The agency has as many standard answers as it may have.
    TooManyAnswers => "too-many-answers",
    /// Another account has this e-mail address as its log-in.
    EmailTaken => "email-taken",
    PasswordShort => "password-short",
    PasswordLong => "password-long",
    /// The password would soon be guessed.
    PasswordCommon => "password-common",
    /// The account has another password.
    PasswordWrong => "password-wrong",
    /// The one-time code is wrong, has expired, was used, or was tried too often. The answer does not say which.
    CodeWrong => "code-wrong",
    /// The code of a second factor is wrong, or was taken before.
    FactorCode => "factor-code",
    /// Too much time has passed between the password and the code of a log-in.
    TicketOld => "ticket-old",
    /// The account has got as many one-time codes as it may in a day.
    QuotaCodes => "quota-codes",
    /// The mail server refused the address.
    MailAddress => "mail-address",
    /// The mail server took no mail now.
    MailUnsent => "mail-unsent",
    /// The gateway for messages to phones refused the number.
    TextNumber => "text-number",
    /// The gateway for messages to phones took no message now.
    TextUnsent => "text-unsent",
    /// The account has another number than the dossier.
    NumberChanged => "number-changed",
    /// The citizen number of a person at the counter is missing or wrong.
    PersonNumber => "person-number",
    /// The account of this number has another name.
    PersonName => "person-name",
    /// The account of this number has another name, and nobody has taken it over from the counter that opened it.
    PersonNameOpen => "person-name-open",
    /// The officer who opened an account does not correct its name.
    SameOfficer => "same-officer",
    /// The reason of a correction is missing or too long.
    CorrectionReason => "correction-reason",
    /// The account of a person at the counter is locked.
    PersonLocked => "person-locked",
    /// The officer at the counter has not compared the identity card with the person.
    PersonUnseen => "person-unseen",
    /// The owner of the account can log in already.
    AccountClaimed => "account-claimed",
    /// An officer is logged in where somebody uses a code up.
    ClaimByStaff => "claim-by-staff",
    /// Dossiers of the account have not ended, so the account cannot be deleted.
    OpenDossiers => "open-dossiers",
    /// The account has exported its data as often as it may in a day.
    QuotaExports => "quota-exports",
    /// The provider at which a person logs in gave no answer in time.
    ProviderDown => "provider-down",
    /// The provider did not recognise the person, for example after a press on cancel.
    ProviderDenied => "provider-denied",
    /// The log-in at a provider did not begin in this browser, has expired, or was used.
    ProviderState => "provider-state",
    /// The answer of a provider breaks a rule of the protocol.
    ProviderAnswer => "provider-answer",
    /// The log-in at a provider is less sure than the portal demands.
    ProviderLevel => "provider-level",
    /// The provider did not tell the name of the person.
    ProviderIdentity => "provider-identity",
    /// No account of the right kind belongs to the person at the provider.
    ProviderUnknown => "provider-unknown",
    /// The account of the person at the provider is closed.
    ProviderClosed => "provider-closed",
    /// The person at the provider is linked to another account.
    ProviderTaken => "provider-taken",
    /// One network has begun too many log-ins at providers.
    ProviderCrowd => "provider-crowd",
    /// The form that was posted is too long to be kept during a log-in at a provider.
    ProviderLong => "provider-long",
    /// The account has no password, so its log-ins at providers stay.
    ProviderLast => "provider-last",
    /// The name by which an officer logs in has other characters than letters, digits, dots and dashes.
    LoginName => "login-name",
    /// An administrator wanted to change the own account as that of another officer.
    OwnAccount => "own-account",
    /// organisation.toml named the officer once and no longer does.
    OfficerRemoved => "officer-removed",
    /// The draft has as many files, or bytes of files, as a draft may have.
    QuotaDraft => "quota-draft",
    /// The drafts and the papers of the account have as many files, or bytes of files, as an account may have.
    QuotaAccount => "quota-account",
    /// The account has uploaded as many files, or bytes of files, as it may in a day.
    QuotaDay => "quota-day",
    /// The account has written as many messages as it may in an hour.
    QuotaMessages => "quota-messages",
    /// The account has filed as many dossiers as it may within an hour.
    QuotaFilings => "quota-filings",
    /// The account has sent as many complaints and suggestions as it may in a day.
    QuotaSuggestions => "quota-suggestions",
    /// The sender of a suggestion chose no agency of the province.
    SuggestionAgency => "suggestion-agency",
    /// The sender of a suggestion does not agree to its publication.
    SuggestionConsent => "suggestion-consent",
    /// The suggestion cannot be forwarded to this agency.
    SuggestionDesk => "suggestion-desk",
    /// The suggestion was answered or declined already.
    SuggestionEnded => "suggestion-ended",
    /// The suggestion was forwarded as often as it may be.
    SuggestionForwards => "suggestion-forwards",
    /// The public words of a suggestion tell who somebody is.
    SuggestionNames => "suggestion-names",
    /// The text of a suggestion, of its answer or of a reason is empty or too long.
    SuggestionText => "suggestion-text",
    /// The sender named no officer, procedure or dossier that exists for them.
    SuggestionTopic => "suggestion-topic",
    /// Only a suggestion that was answered is published.
    SuggestionUnanswered => "suggestion-unanswered",
    /// The account has as many drafts as it may have.
    TooManyDrafts => "too-many-drafts",
    DraftTooLarge => "draft-too-large",
    /// The draft is not as the applicant reviewed it.
    DraftChanged => "draft-changed",
    /// The number is not that of the invited person.
    SignerNumber => "signer-number",
    /// The account signs the same draft as another person.
    SignerTwice => "signer-twice",
    /// The reason for declining is missing or too long.
    SignerReason => "signer-reason",
    FileTooLarge => "file-too-large",
    FileEmpty => "file-empty",
    /// The file was chosen for a paper for which the applicant used another paper again.
    FileLeftOut => "file-left-out",
    /// The applicant has not chosen the paper to use again.
    WalletPaperMissing => "wallet-paper-missing",
    /// The days of a leave do not follow one another, or are over.
    LeaveDates => "leave-dates",
    /// The place does not accept files of this type.
    FileType => "file-type",
    /// A photograph as HEIC.
    FileHeic => "file-heic",
    /// The end of the file is missing.
    FileCutOff => "file-cut-off",
    /// The file opens only with a password.
    FilePassword => "file-password",
    FileNoPages => "file-no-pages",
    /// The file has scripts, macros, or actions that start programs or send data.
    FileActive => "file-active",
    /// XML without a signature.
    FileUnsigned => "file-unsigned",
    FileBroken => "file-broken",
    /// The picture has too many pixels.
    PictureTooLarge => "picture-too-large",
    /// A virus was found.
    FileInfected => "file-infected",
    /// The scanner could not check the file for viruses.
    ScanUnavailable => "scan-unavailable",
    /// The person chose no file.
    FileMissing => "file-missing",
    TooManyFiles => "too-many-files",
    /// The procedure has no such place for files, because it has changed since the page was opened.
    PaperGone => "paper-gone",
    UploadBroken => "upload-broken",
    /// Another procedure is offered at the same address.
    AddressTaken => "address-taken",
    /// Several agencies offer the procedure, and the applicant has chosen none.
    AgencyNotChosen => "agency-not-chosen",
    /// The version would take the procedure away from agencies that offer it from another folder.
    TakesOff => "takes-off",
    /// The organisation has no such agency or unit.
    AgencyUnknown => "agency-unknown",
    /// The plugin cannot be loaded.
    PluginBroken => "plugin-broken",
    /// The plugin wants more than the province allows.
    PluginNotGranted => "plugin-not-granted",
    /// The version is published already.
    AlreadyPublished => "already-published",
    /// The procedure is not offered.
    NotOffered => "not-offered",
    /// Photographs could not be combined into one file.
    PhotosUnreadable => "photos-unreadable",
    /// Fewer than two photographs can be combined.
    TooFewPhotos => "too-few-photos",
    /// The officer chose no dossier for a deed on many.
    BulkEmpty => "bulk-empty",
    /// The officer chose no deed for many dossiers.
    BulkDeed => "bulk-deed",
    /// The journal of a dossier cannot be read.
    DossierUnreadable => "dossier-unreadable",
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

    /// Wraps an error as a fault.
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

/// The number of a fault, on the page and in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IncidentId(u32);

impl IncidentId {
    /// Returns a new number.
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
