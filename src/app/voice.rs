//! Recordings of the questions, from the folder of the form: `voice/km/danger.mp3`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::domain::voice::{LARGEST, LARGEST_ALL, Recording, Voice};
use crate::locale::Locale;

/// Reads those in which nothing is wrong, and names what is wrong with which: of all of them none is left if they are too large together.
pub(super) fn voice(folder: &Path) -> (Voice, Vec<(String, String)>) {
    let mut all = BTreeMap::new();
    let mut faults = Vec::new();
    let mut weight = 0_usize;
    for (locale, path) in recordings(folder) {
        let file = path.display().to_string();
        match recording(&path) {
            Ok((question, recording)) => {
                weight = weight.saturating_add(recording.bytes.len());
                let of = (locale.code().to_owned(), question.clone());
                if let Some(other) = all.insert(of, recording) {
                    let other = other.name;
                    faults.push((file, format!("`{question}` is read by {other} already")));
                }
            }
            Err(problem) => faults.push((file, problem)),
        }
    }
    if weight > LARGEST_ALL {
        let most = LARGEST_ALL >> 20;
        let problem = format!("all recordings together are larger than {most} MiB");
        faults.push((folder.join("voice").display().to_string(), problem));
        all.clear();
    }
    (Voice::new(all), faults)
}

/// The files that are recordings, in order.
pub(super) fn recordings(folder: &Path) -> Vec<(Locale, PathBuf)> {
    let mut found = Vec::new();
    for locale in Locale::all() {
        let folder = folder.join("voice").join(locale.code());
        let sounds = visible(&folder).into_iter();
        let sounds = sounds.filter(|path| question(path).is_some());
        found.extend(sounds.map(|path| (locale, path)));
    }
    found.sort_by(|(_, one), (_, other)| one.cmp(other));
    found
}

/// What lies among the recordings and is none: with why nobody reads it.
pub(super) fn strays(folder: &Path) -> Vec<(String, String)> {
    let mut strays = Vec::new();
    for path in visible(&folder.join("voice")) {
        let locale: Option<Locale> = name(&path).parse().ok();
        if !path.is_dir() || locale.is_none() {
            strays.push((path.display().to_string(), no_language()));
            continue;
        }
        let files = visible(&path).into_iter();
        let others = files.filter(|file| question(file).is_none());
        strays.extend(others.map(|file| {
            let kinds = "nobody reads it: a recording is named QUESTION.mp3, .ogg or .m4a, in small letters";
            (file.display().to_string(), kinds.to_owned())
        }));
    }
    strays
}

/// Why a file is read by nobody that should be named after a language.
pub(super) fn no_language() -> String {
    let codes: Vec<&str> = Locale::all().map(|locale| locale.code()).collect();
    let codes = codes.join(", ");
    format!("nobody reads it: it is named after no language of the pages ({codes})")
}

/// What lies in a folder and is not hidden, in order.
pub(super) fn visible(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = files.map(|file| file.path()).collect();
    paths.retain(|path| !name(path).starts_with('.'));
    paths.sort();
    paths
}

fn recording(path: &Path) -> Result<(String, Recording), String> {
    let kept = |what: &str| format!("{what}, and every reporter has to load it");
    let unread = |error: io::Error| format!("cannot be read: {error}");
    // Before it is opened: a pipe would wait for whoever writes into it.
    if !fs::metadata(path).map_err(unread)?.is_file() {
        return Err("is no file".to_owned());
    }
    let most = u64::try_from(LARGEST).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let mut file = fs::File::open(path)
        .map_err(unread)?
        .take(most.saturating_add(1));
    file.read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() > LARGEST {
        return Err(kept(&format!("is larger than {} KiB", LARGEST >> 10)));
    }
    let name = name(path);
    let question = Recording::question(&name).unwrap_or_default().to_owned();
    let recording = Recording::of(name, bytes);
    let recording = recording.ok_or("holds something else than its name says")?;
    Ok((question, recording))
}

fn question(path: &Path) -> Option<String> {
    Recording::question(&name(path)).map(str::to_owned)
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
