//! Files in a bucket of an S3-compatible store.

use super::FileStore;
use super::spool::Spool;
use crate::{Fault, install_crypto_provider};
use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, RetryConfig};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The time for which the store may be silent within a request, and for which a failed request is retried.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most retries of a failed request.
const RETRIES: usize = 3;

/// The address of a bucket and the keys to it. The type has no `Debug`, because it holds a secret.
#[derive(Clone, Copy)]
pub struct S3Bucket<'a> {
    pub bucket: &'a str,
    /// The folder within the bucket. An empty text means the whole bucket.
    pub prefix: &'a str,
    /// The address of the store. `None` means Amazon's address of the region.
    pub endpoint: Option<&'a str>,
    pub region: &'a str,
    /// Without keys, the role of the machine is used.
    pub access_key: Option<&'a str>,
    pub secret_key: Option<&'a str>,
    /// Allows an endpoint without encryption.
    pub allow_http: bool,
    /// Names the bucket in the path of each request instead of its host name.
    pub path_style: bool,
    /// The folder of this machine in which uploads wait until they are whole.
    pub spool: &'a Path,
}

impl FileStore {
    /// Uses a bucket that exists. No request is sent yet.
    pub fn in_s3(store: &S3Bucket<'_>) -> Result<Self, Fault> {
        install_crypto_provider();
        // The time of a whole request is not limited, because a citizen may read a download slowly.
        let client =
            ClientOptions::new().with_timeout_disabled().with_read_timeout(PATIENCE).with_allow_http(store.allow_http);
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(store.bucket)
            .with_region(store.region)
            .with_client_options(client)
            .with_retry(RetryConfig { max_retries: RETRIES, retry_timeout: PATIENCE, ..RetryConfig::default() })
            .with_conditional_put(S3ConditionalPut::ETagMatch)
            // Files are deleted one by one, and not every store knows the request that deletes many.
            .with_disable_bulk_delete(true)
            .with_virtual_hosted_style_request(!store.path_style);
        if let Some(endpoint) = store.endpoint {
            builder = builder.with_endpoint(endpoint_of(endpoint, store));
        }
        if let Some(key) = store.access_key {
            builder = builder.with_access_key_id(key);
        }
        if let Some(key) = store.secret_key {
            builder = builder.with_secret_access_key(key);
        }
        let bucket = builder.build()?;
        let objects: Arc<dyn ObjectStore> =
            if store.prefix.is_empty() { Arc::new(bucket) } else { Arc::new(PrefixStore::new(bucket, store.prefix)) };
        Ok(Self { objects, folder: None, spool: Some(Spool::new(store.spool)) })
    }
}

/// Returns the endpoint as the client expects it: with the bucket in the host name unless the path names the bucket.
fn endpoint_of(endpoint: &str, store: &S3Bucket<'_>) -> String {
    match endpoint.split_once("://") {
        Some((scheme, host)) if !store.path_style => format!("{scheme}://{}.{host}", store.bucket),
        _ => endpoint.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{FileStore, S3Bucket, endpoint_of};
    use std::path::Path;

    fn store() -> S3Bucket<'static> {
        S3Bucket {
            bucket: "hoso",
            prefix: "cong",
            endpoint: Some("https://s3.example.vn"),
            region: "us-east-1",
            access_key: Some("key"),
            secret_key: Some("very secret"),
            allow_http: false,
            path_style: true,
            spool: Path::new("incoming"),
        }
    }

    #[test]
    fn the_bucket_is_named_in_the_path_or_in_the_host() {
        let named = |store: S3Bucket<'_>| endpoint_of("https://s3.example.vn", &store);
        assert_eq!(named(store()), "https://s3.example.vn");
        assert_eq!(named(S3Bucket { path_style: false, ..store() }), "https://hoso.s3.example.vn");
    }

    #[test]
    fn the_secret_is_not_printed() {
        let files = FileStore::in_s3(&store()).expect("a store");
        assert!(!format!("{files:?}").contains("very secret"), "{files:?}");
        let without = FileStore::in_s3(&S3Bucket { secret_key: None, ..store() }).expect_err("a key without a secret");
        assert!(!without.to_string().contains("very secret"), "{without}");
    }
}
