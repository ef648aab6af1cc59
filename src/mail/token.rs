//! A token that another program renews.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::domain::stack;

/// No token is longer.
const MOST: u64 = 64 << 10;

/// The token that is in a file now.
pub(super) async fn read(file: PathBuf) -> io::Result<Zeroizing<String>> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this room knows no database, whose threads are wiped"
    )]
    tokio::task::spawn_blocking(move || stack::cleared(|| look(&file)))
        .await
        .map_err(io::Error::other)?
}

/// The same, for whoever may wait.
///
/// # Errors
/// If it cannot be read, others can read it too, or it is not one line.
pub fn look(file: &Path) -> io::Result<Zeroizing<String>> {
    let invalid = |why: &'static str| io::Error::new(io::ErrorKind::InvalidData, why);
    let file = File::open(file)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        return Err(invalid("it can be read by others: chmod 600"));
    }
    let mut text = Zeroizing::new(String::new());
    file.take(MOST).read_to_string(&mut text)?;
    let token = text.trim_end_matches(['\n', '\r']);
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(invalid("it must hold the token on one line"));
    }
    Ok(Zeroizing::new(token.to_owned()))
}
