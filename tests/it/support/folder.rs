//! Folders of installations.

use std::path::Path;

use tempfile::TempDir;

/// Under the target folder: the installations that tests copy stay until the process ends, and so on the disk.
pub fn private_folder() -> TempDir {
    let folder = tempfile::Builder::new()
        .prefix("kapea-test-")
        .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
        .expect("a folder");
    set_private(folder.path());
    folder
}

pub fn make_private(path: &Path) {
    std::fs::create_dir(path).expect("a folder");
    set_private(path);
}

fn set_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).expect("private");
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            make_private(&target);
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("copied");
        }
    }
}
