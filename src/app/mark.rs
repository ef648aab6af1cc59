//! The organisation's mark, read once at the start.

use anyhow::Context as _;

use crate::config::Config;
use crate::web::face::Mark;

/// Bytes of it.
const LARGEST: usize = 20 << 10;

/// The organisation's mark, if it has one.
///
/// # Errors
/// With what is wrong with the file.
pub fn mark(config: &Config) -> anyhow::Result<Option<Mark>> {
    let Some(path) = &config.hotline.mark else {
        return Ok(None);
    };
    let bytes = std::fs::read(path)
        .with_context(|| format!("cannot read the mark in {}", path.display()))?;
    anyhow::ensure!(
        bytes.len() <= LARGEST,
        "the mark in {} is larger than 20 KiB: every reporter has to load it",
        path.display()
    );
    let mark = Mark::of(bytes);
    let mark =
        mark.with_context(|| format!("{} is neither an SVG nor a PNG picture", path.display()))?;
    Ok(Some(mark))
}
