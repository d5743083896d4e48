//! The place where the portal listens: a port, or a socket in the file system for a proxy on the same machine.

use anyhow::{Context as _, ensure};
use motcua_catalogue::operating::Listen;
use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use tokio::net::{TcpListener, UnixListener, UnixStream};

/// The mode of the socket: the user and the group of the portal may connect.
const MODE: u32 = 0o660;

/// An occupied place.
#[derive(Debug)]
pub enum PortalListener {
    Tcp(TcpListener),
    Unix(UnixListener, PathBuf),
}

impl From<TcpListener> for PortalListener {
    fn from(listener: TcpListener) -> Self {
        Self::Tcp(listener)
    }
}

impl PortalListener {
    /// Occupies the place, or returns an error with its remedy. The path of a socket is relative to the install folder.
    pub async fn bind(listen: &Listen, dir: &Path) -> anyhow::Result<Self> {
        match listen {
            Listen::Tcp(address) => Ok(Self::Tcp(bind(*address).await?)),
            Listen::Unix(path) => {
                let path = dir.join(path);
                forget_stale(&path).await?;
                let busy = || {
                    told!(
                        "không nghe được ở {}; thư mục chứa nó phải có sẵn và ghi được",
                        "cannot listen at {}; its folder must be there and writable";
                        path.display()
                    )
                };
                let listener = UnixListener::bind(&path).with_context(busy)?;
                let permitted = fs::set_permissions(&path, Permissions::from_mode(MODE)).with_context(busy);
                let listener = Self::Unix(listener, path);
                match permitted {
                    Ok(()) => Ok(listener),
                    Err(error) => {
                        listener.release();
                        Err(error)
                    }
                }
            }
        }
    }

    /// Gives up the place, and removes the socket that [`Self::bind`] made.
    pub fn release(self) {
        if let Self::Unix(listener, path) = self {
            // The listener ends last, because until then no other portal puts its own socket here.
            drop(fs::remove_file(path));
            drop(listener);
        }
    }

    /// Returns the place in words.
    pub fn place(&self) -> anyhow::Result<String> {
        Ok(match self {
            Self::Tcp(listener) => format!("http://{}", listener.local_addr()?),
            Self::Unix(_, path) => format!("unix:{}", path.display()),
        })
    }
}

/// Binds an address, or returns an error with its remedy.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let busy = || {
        told!(
            "không nghe được ở {address}; hãy chọn địa chỉ khác bằng --listen ADDRESS:PORT",
            "cannot listen on {address}; choose another with --listen ADDRESS:PORT"
        )
    };
    TcpListener::bind(address).await.with_context(busy)
}

/// Removes the socket of a portal that was killed. A socket with a listener stays, and so does a file.
async fn forget_stale(path: &Path) -> anyhow::Result<()> {
    let Ok(about) = fs::symlink_metadata(path) else { return Ok(()) };
    ensure!(
        about.file_type().is_socket(),
        told!(
            "đã có {} và đó không phải là socket; hãy nêu đường dẫn khác",
            "{} is there and is no socket; name another path";
            path.display()
        )
    );
    ensure!(
        UnixStream::connect(path).await.is_err(),
        told!("một tiến trình khác đang nghe ở {}", "another process listens at {}"; path.display())
    );
    fs::remove_file(path)
        .with_context(|| told!("không xóa được socket cũ {}", "cannot remove the old socket {}"; path.display()))
}
