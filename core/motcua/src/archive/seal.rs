//! Archives as files: written safely, and encrypted in the format of age on request.

use crate::output::cannot_read;
use anyhow::{Context as _, bail};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, IntoInnerError, Read, Write};
use std::path::Path;

/// The first bytes of every encrypted archive.
const MAGIC: &[u8] = b"age-encryption.org/";

const BUFFER: usize = 1 << 20;

/// The file of an archive while it is written.
pub enum ArchiveSink {
    Plain(BufWriter<File>),
    #[cfg(feature = "age")]
    Sealed(Box<age::stream::StreamWriter<BufWriter<File>>>),
}

impl ArchiveSink {
    /// Begins to write, encrypted if recipients are given.
    pub fn new(file: File, recipients: &[String]) -> anyhow::Result<Self> {
        let file = BufWriter::with_capacity(BUFFER, file);
        if recipients.is_empty() { Ok(Self::Plain(file)) } else { seal(file, recipients) }
    }

    /// Writes the end.
    pub fn finish(self) -> io::Result<File> {
        let file = match self {
            Self::Plain(file) => file,
            #[cfg(feature = "age")]
            Self::Sealed(sealed) => sealed.finish()?,
        };
        file.into_inner().map_err(IntoInnerError::into_error)
    }
}

impl Write for ArchiveSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            #[cfg(feature = "age")]
            Self::Sealed(sealed) => sealed.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            #[cfg(feature = "age")]
            Self::Sealed(sealed) => sealed.flush(),
        }
    }
}

/// Opens an archive. `identity` is a file with the secret key of an encrypted one.
pub fn open(archive: &Path, identity: Option<&Path>) -> anyhow::Result<Box<dyn Read>> {
    let unreadable = || cannot_read(archive.display());
    let file = File::open(archive).with_context(unreadable)?;
    let mut file = BufReader::with_capacity(BUFFER, file);
    let sealed = file.fill_buf().with_context(unreadable)?.starts_with(MAGIC);
    match (sealed, identity) {
        (false, None) => Ok(Box::new(file)),
        (false, Some(_)) => bail!(told!(
            "{} không được mã hóa; hãy bỏ --identity", "{} is not encrypted; leave --identity away"; archive.display()
        )),
        (true, None) => bail!(told!(
            "{} được mã hóa; hãy nêu tệp khóa bí mật bằng --identity",
            "{} is encrypted; name the file of its secret key by --identity";
            archive.display()
        )),
        (true, Some(identity)) => unseal(file, identity),
    }
}

#[cfg(feature = "age")]
fn seal(file: BufWriter<File>, recipients: &[String]) -> anyhow::Result<ArchiveSink> {
    let read = |key: &String| {
        let read = key.parse::<age::x25519::Recipient>();
        read.map_err(|error| {
            anyhow::anyhow!(told!(
                "`{key}` không phải là khóa công khai của age, chẳng hạn age1…: {error}",
                "`{key}` is not a public key of age, such as age1…: {error}"
            ))
        })
    };
    let recipients = recipients.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
    let recipients = recipients.iter().map(|recipient| recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(recipients);
    let encryptor =
        encryptor.map_err(|error| anyhow::anyhow!(told!("không mã hóa được: {error}", "cannot encrypt: {error}")))?;
    let cannot_begin = || told!("không ghi được phần đầu của tệp sao lưu", "cannot begin the archive");
    Ok(ArchiveSink::Sealed(Box::new(encryptor.wrap_output(file).with_context(cannot_begin)?)))
}

#[cfg(feature = "age")]
fn unseal(file: BufReader<File>, identity: &Path) -> anyhow::Result<Box<dyn Read>> {
    let name = identity.to_str().with_context(|| {
        told!("đường dẫn của tệp khóa bí mật không phải là UTF-8", "the path of the identity is not UTF-8")
    })?;
    let keys = age::IdentityFile::from_file(name.to_owned())
        .with_context(|| told!("không đọc được tệp khóa bí mật {name}", "cannot read the identity {name}"))?
        .into_identities()
        .map_err(|error| {
            anyhow::anyhow!(told!(
                "không dùng được tệp khóa bí mật {name}: {error}",
                "cannot use the identity {name}: {error}"
            ))
        })?;
    let decryptor = age::Decryptor::new_buffered(file);
    let decryptor = decryptor.map_err(|error| anyhow::anyhow!("{}: {error}", super::unreadable()))?;
    let decrypted = decryptor.decrypt(keys.iter().map(|key| &**key as &dyn age::Identity));
    let decrypted = decrypted.map_err(|error| {
        anyhow::anyhow!(told!("{name} không mở được tệp sao lưu: {error}", "{name} does not open the archive: {error}"))
    })?;
    Ok(Box::new(decrypted))
}

#[cfg(not(feature = "age"))]
fn seal(_: BufWriter<File>, _: &[String]) -> anyhow::Result<ArchiveSink> {
    bail!(told!(
        "chương trình này được dựng không kèm mã hóa; hãy bỏ --recipient và tự mã hóa tệp sao lưu",
        "this program was built without encryption; leave --recipient away and encrypt the archive yourself"
    ))
}

#[cfg(not(feature = "age"))]
fn unseal(_: BufReader<File>, _: &Path) -> anyhow::Result<Box<dyn Read>> {
    bail!(told!(
        "chương trình này được dựng không kèm mã hóa; hãy giải mã tệp sao lưu bằng chương trình `age` trước",
        "this program was built without encryption; decrypt the archive by the program `age` first"
    ))
}
