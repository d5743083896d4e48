//! Files in an S3-compatible store, which runs inside of the test.

use crate::rim::grown_by_slow_uploads;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use motcua_domain::media::StoredFile;
use motcua_domain::time::calendar::instant;
use motcua_service::TimeSource;
use motcua_store::files::{Accept, CheckDepth, FileStore, GRACE, S3Bucket};
use motcua_store::{Database, DatabaseOptions};
use motcua_tests::browser::Browser;
use motcua_tests::portal::{Kind, PASSWORD, install, morning, serve_again};
use motcua_tests::process;
use motcua_tests::template::Template;
use motcua_tests::walk::{self, PDF};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use uuid::Uuid;

const KEY: &str = "motcua";
const SECRET: &str = "mat-khau-kho-tep";

/// A store with the bucket `hoso`. It stores each object as a file of a folder.
struct Server {
    endpoint: String,
    root: TempDir,
}

impl Server {
    async fn start() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(root.path().join("hoso")).expect("a bucket");
        let mut builder = S3ServiceBuilder::new(FileSystem::new(root.path()).expect("a store"));
        builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = builder.build();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let http = auto::Builder::new(TokioExecutor::new());
                    drop(http.serve_connection(TokioIo::new(socket), service).await);
                });
            }
        });
        Self { endpoint, root }
    }

    /// Opens the store as the portal does.
    fn files(&self) -> FileStore {
        let opened = FileStore::in_s3(&S3Bucket {
            bucket: "hoso",
            prefix: "cong/tep",
            endpoint: Some(&self.endpoint),
            region: "us-east-1",
            access_key: Some(KEY),
            secret_key: Some(SECRET),
            allow_http: true,
            path_style: true,
            spool: self.root.path(),
        });
        opened.expect("a store")
    }

    /// Lets the portal of an install folder use the bucket.
    fn use_in(&self, dir: &Path) {
        let file = dir.join("motcua.toml");
        let settings = std::fs::read_to_string(&file).expect("the settings");
        let settings = settings.replace("files = \"data/files\"", "files = \"s3://hoso\"");
        let endpoint = &self.endpoint;
        let s3 = format!(
            "\n[s3]\nendpoint = \"{endpoint}\"\naccess_key = \"{KEY}\"\nsecret_key = \"{SECRET}\"\nallow_http = true\n"
        );
        std::fs::write(&file, settings + &s3).expect("written");
    }

    /// Lists the objects of the bucket, without the store's own notes.
    fn objects(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.root.path().join("hoso")];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() { folders.push(path) } else { found.push(path) }
            }
        }
        found
    }
}

/// Creates an empty database.
async fn database(dir: &TempDir) -> Database {
    let url = format!("sqlite://{}", dir.path().join("test.db").display());
    let database = Database::open(&DatabaseOptions { url, replica: None, readers: 2 }).await.expect("a database");
    database.migrate().await.expect("the schema");
    database
}

/// Receives content in chunks of 100 kB.
async fn take(files: &FileStore, database: &Database, content: &[u8], at: i64) -> StoredFile {
    let chunks = futures::stream::iter(content.chunks(100_000).map(|chunk| Ok::<_, Infallible>(chunk.to_vec())));
    let accept = Accept { begins: &|head: &[u8]| head.starts_with(b"%PDF"), max_bytes: 20 << 20 };
    let received = files.receive(Uuid::now_v7(), chunks, accept).await.expect("received");
    received.keep(database, "tệp.pdf".to_owned(), "application/pdf", at).await.expect("kept")
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_any_size_go_into_a_bucket_and_come_back() {
    let (server, dir) = (Server::start().await, tempfile::tempdir().expect("a folder"));
    let (files, database) = (server.files(), database(&dir).await);
    let now = instant(morning()).as_second();
    for bytes in [PDF.len(), 12 << 20] {
        let mut content = PDF.to_vec();
        content.resize(bytes, b' ');
        let taken = take(&files, &database, &content, now).await;
        assert_eq!(take(&files, &database, &content, now).await, taken, "taken again");
        assert!(files.content(&taken.digest).await.expect("the content") == content);
        let name = taken.digest.as_str();
        let object = format!("cong/tep/{}/{}/{name}", &name[..2], &name[2..4]);
        assert!(server.root.path().join("hoso").join(object).exists());
    }
    let checked = files.verify(&database, CheckDepth::Content).await.expect("checked");
    assert_eq!((checked.sound, checked.findings.len()), (2, 0));
    assert_eq!(server.objects().len(), 2, "{:?}", server.objects());

    // Somebody changes an object behind the portal's back.
    let object = server.objects().pop().expect("an object");
    let mut bytes = std::fs::read(&object).expect("read");
    let end = bytes.len() - 1;
    bytes[end] ^= 1;
    std::fs::write(&object, bytes).expect("written");
    let checked = files.verify(&database, CheckDepth::Content).await.expect("checked");
    assert_eq!((checked.sound, checked.unfinished), (1, 1), "nothing refers to the file");

    // The same content comes again.
    for bytes in [PDF.len(), 12 << 20] {
        let mut content = PDF.to_vec();
        content.resize(bytes, b' ');
        let taken = take(&files, &database, &content, now).await;
        assert!(files.content(&taken.digest).await.expect("it is sound") == content);
    }
    assert_eq!(files.verify(&database, CheckDepth::Content).await.expect("checked").sound, 2);
    assert_eq!(server.objects().len(), 2, "{:?}", server.objects());

    let swept = files.sweep(&database, now + GRACE + 1, false).await.expect("swept");
    assert_eq!(swept.files, 2);
    assert!(server.objects().is_empty(), "{:?}", server.objects());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_keeps_its_papers_in_a_bucket() {
    let (server, dir) = (Server::start().await, tempfile::tempdir().expect("a folder"));
    install(dir.path(), Kind::Sqlite, None).await.expect("an install folder");
    server.use_in(dir.path());
    let base = serve_again(dir.path(), TimeSource::set_to(instant(morning()))).await;
    let citizen = Browser::new(&base);
    citizen.register("Nguyễn Văn An", "0912345678", PASSWORD).await;
    let draft = walk::birth_draft(&citizen).await;
    let papers = citizen.get(&format!("{draft}/papers")).await.ok();
    let paper = papers.between(&format!("{draft}/files/"), "\"").expect("a file").to_owned();
    let dossier = walk::file(&citizen, &draft).await;
    let download = citizen.get(&format!("{dossier}/files/{paper}")).await.ok();
    assert_eq!(download.headers["content-length"], walk::JPEG.len().to_string().as_str());
    assert!(!dir.path().join("data/files").exists());

    // An object that the bucket has lost is a fault, and no empty file.
    std::fs::remove_file(&server.objects()[0]).expect("removed");
    assert_eq!(citizen.get(&format!("{dossier}/files/{paper}")).await.status, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn eighty_slow_uploads_into_a_bucket_cost_little_memory() {
    let (store, dir) = (Server::start().await, tempfile::tempdir().expect("a folder"));
    Template::Province.install(dir.path(), Kind::Sqlite).await.expect("an install folder");
    store.use_in(dir.path());
    let portal = process::Server::start(dir.path(), &[]).await.expect("it starts");
    // Each file is as large as a part of the bucket. The clients pause when most of it has arrived.
    let grown = grown_by_slow_uploads(&portal, 80, 5 << 20).await;
    assert!(grown <= 150, "the memory has grown by {grown} MB; all files have 400 MB");
    assert_eq!(
        store.objects().len(),
        2,
        "the paper, and the photograph that was attached before: {:?}",
        store.objects()
    );
    let waiting = std::fs::read_dir(dir.path().join("data/incoming")).expect("the folder");
    assert_eq!(waiting.count(), 0, "nothing that waits has a name");
}
