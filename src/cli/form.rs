//! `kapea form`: a form of the operator's own, looked at before it is in service.

use std::path::Path;

use anyhow::{Context as _, bail, ensure};

use super::arguments::{DemoArguments, FormCheckArguments, FormPreviewArguments};
use super::demo;
use crate::app::FormFiles;
use crate::locale::OwnFile;

/// Names everything that is wrong, and what nothing says.
pub(super) fn check(arguments: &FormCheckArguments) -> anyhow::Result<()> {
    let files = gathered(&arguments.files)?;
    match files.read() {
        Ok((definition, _)) => {
            for remark in files.remarks(&definition) {
                println!("note: {remark}");
            }
            println!("{}: nothing is wrong", files.name);
            Ok(())
        }
        Err(faults) => {
            for fault in &faults {
                println!("{fault}");
            }
            match faults.len() {
                1 => bail!("one thing is wrong with the form"),
                count => bail!("{count} things are wrong with the form"),
            }
        }
    }
}

/// A demonstration with nothing in it but the form. It is the service itself, so that everything is as it will be.
pub(super) fn preview(arguments: &FormPreviewArguments) -> anyhow::Result<()> {
    let folder = &arguments.folder;
    check(&FormCheckArguments {
        files: vec![folder.clone()],
    })?;
    println!(
        "The form is asked at http://{}/, and what you save is asked some seconds later. If it has a fault, this says so and the form stays as it was.",
        arguments.public
    );
    let form = std::path::absolute(folder).context("the folder has no absolute name")?;
    demo::run(&DemoArguments {
        public: arguments.public,
        staff: arguments.staff,
        data: None,
        keep: false,
        form: Some(form),
    })
}

fn gathered(paths: &[std::path::PathBuf]) -> anyhow::Result<FormFiles> {
    let mut form: Option<FormFiles> = None;
    let mut own = Vec::new();
    for path in paths {
        if path.extension().is_some_and(|end| end == "ftl") {
            own.push(sentences(path)?);
            continue;
        }
        let found = match path.is_dir() {
            true => FormFiles::of_folder(path)?,
            false => FormFiles::of_text(path.display().to_string(), read(path)?),
        };
        ensure!(
            form.replace(found).is_none(),
            "there is one form at a time: name one file that is not .ftl, or one folder"
        );
    }
    let mut files = form.unwrap_or_else(FormFiles::built_in);
    files.own.extend(own);
    Ok(files)
}

/// Of the language that the file is named after.
fn sentences(path: &Path) -> anyhow::Result<OwnFile> {
    let name = path.display().to_string();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let locale = stem.parse().with_context(|| {
        format!(
            "{name}: sentences stand in a file that is named after their language, such as km.ftl"
        )
    })?;
    let text = read(path)?;
    Ok(OwnFile { locale, name, text })
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
