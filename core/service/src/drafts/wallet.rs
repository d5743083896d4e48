//! The applicant's paper wallet: papers that were attached before can be used again.

use super::{DraftService, DraftView};
use crate::rights::applicant;
use crate::{Error, InputRule};
use motcua_domain::file_name::stored_name;
use motcua_domain::media::{AttachedPaper, StoredFile};
use motcua_domain::names::{Digest, PaperId};
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::MediaKind;
use motcua_store::drafts::DraftPaper;
use motcua_store::files::FileContent;
use motcua_store::wallet::{self, WalletPaper};
use std::convert::Infallible;
use uuid::Uuid;

impl DraftService {
    /// Returns the papers in the applicant's wallet that a draft can use. An officer at the counter sees none of them.
    pub async fn wallet_for(&self, actor: &Actor, view: &DraftView) -> Result<Vec<WalletPaper>, Error> {
        if view.is_at_counter() { Ok(Vec::new()) } else { self.wallet(actor).await }
    }

    /// Returns the papers in the applicant's wallet, latest first.
    pub async fn wallet(&self, actor: &Actor) -> Result<Vec<WalletPaper>, Error> {
        Ok(wallet::papers(self.database.reader(), applicant(actor)?).await?)
    }

    /// Removes a paper from the wallet.
    pub async fn forget_paper(&self, actor: &Actor, digest: &Digest) -> Result<(), Error> {
        let account = applicant(actor)?;
        let transaction = self.database.begin().await?;
        transaction.remove_from_wallet(account, digest).await?;
        Ok(transaction.commit().await?)
    }

    /// Opens a paper in the applicant's own wallet.
    pub async fn wallet_file(&self, actor: &Actor, digest: &Digest) -> Result<(WalletPaper, FileContent), Error> {
        let paper = self.in_wallet(actor, digest).await?;
        let content = self.files.open_file(&paper.file).await?;
        Ok((paper, content))
    }

    async fn in_wallet(&self, actor: &Actor, digest: &Digest) -> Result<WalletPaper, Error> {
        let papers = self.wallet(actor).await?;
        papers.into_iter().find(|paper| paper.file.digest == *digest).ok_or(Error::NotFound)
    }

    /// Attaches a paper of the wallet to a draft, once.
    pub async fn reuse(&self, actor: &Actor, draft: Uuid, paper: &PaperId, digest: &Digest) -> Result<(), Error> {
        let view = self.draft(actor, draft).await?;
        let wanted = view.place(paper)?;
        let known = self.in_wallet(actor, digest).await?;
        let media = MediaKind::from_media_type(&known.file.media_type);
        let Some(media) = media.filter(|media| wanted.accept.contains(media)) else {
            return Err(Error::Invalid(InputRule::FileType));
        };
        if known.file.bytes > wanted.max_bytes {
            return Err(Error::Invalid(InputRule::FileTooLarge));
        }
        // Earlier versions stored names as their senders wrote them.
        let name = stored_name(&known.file.name, media);
        let attached = AttachedPaper { paper: paper.clone(), file: StoredFile { name, ..known.file } };
        let transaction = self.database.begin().await?;
        transaction.lock_account(&view.draft.account).await?;
        self.attach_stored(&transaction, &view, attached, &[]).await?;
        self.quotas.within(&transaction, &view.draft).await?;
        Ok(transaction.commit().await?)
    }

    /// Combines the photographs that are attached as a paper into one PDF, and removes the photographs. If the PDF is
    /// already in their place, the answer is the same.
    pub async fn combine(&self, actor: &Actor, draft: Uuid, paper: &PaperId) -> Result<(), Error> {
        let view = self.draft(actor, draft).await?;
        let wanted = view.place(paper)?;
        if !wanted.accept.contains(&MediaKind::Pdf) {
            return Err(Error::Invalid(InputRule::FileType));
        }
        let is_photo = |file: &&DraftPaper| {
            MediaKind::from_media_type(&file.attached.file.media_type).is_some_and(MediaKind::is_photo)
        };
        let name = stored_name(&wanted.name.vi.replace('/', "-"), MediaKind::Pdf);
        let photos: Vec<&DraftPaper> = view.attached_as(paper).filter(is_photo).collect();
        if photos.is_empty() && view.attached_as(paper).any(|file| file.attached.file.name == name) {
            return Ok(());
        }
        if photos.len() < 2 {
            return Err(Error::Invalid(InputRule::TooFewPhotos));
        }
        let digests: Vec<Digest> = photos.iter().map(|file| file.attached.file.digest.clone()).collect();
        let pdf = self.files.photos_to_pdf(&digests, wanted.max_bytes).await?;
        let content = futures::stream::iter([Ok::<_, Infallible>(pdf)]);
        let instead_of: Vec<Uuid> = photos.iter().map(|file| file.id).collect();
        self.attach_instead(&view, paper, &name, content, &instead_of).await
    }
}
