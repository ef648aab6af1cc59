//! The public form and the sentences that it names, from the operator's files, with everything that is wrong with them at once.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;

use super::voice;
use crate::config::Config;
use crate::domain::form::{self, FormDefinition};
use crate::domain::voice::Voice;
use crate::locale::{Locale, Locales, OwnFile};
use crate::service::Form;

/// The form in an operator's folder.
const FORM: &str = "report.toml";
/// Hexadecimal digits of an edition. Nobody gains by finding another form with the same.
const EDITION: usize = 16;

/// A form's file and the sentences that stand beside it, as they were read.
pub struct FormFiles {
    /// The name of the form's file.
    pub name: String,
    /// What it says.
    pub text: String,
    /// The sentences.
    pub own: Vec<OwnFile>,
    /// The questions read aloud.
    pub voice: Voice,
    /// What is wrong with recordings that are not in `voice`.
    unheard: Vec<FormFault>,
    /// Files beside it that nobody reads.
    strays: Vec<FormFault>,
}

/// Something wrong with one of them, or something to think of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormFault {
    file: String,
    line: Option<usize>,
    problem: String,
}

impl fmt::Display for FormFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}: {}", self.file, self.problem),
            None => write!(f, "{}: {}", self.file, self.problem),
        }
    }
}

impl FormFiles {
    /// The product's own.
    pub fn built_in() -> Self {
        Self::of_text("the built-in form".to_owned(), form::BUILT_IN.to_owned())
    }

    /// A form alone.
    pub fn of_text(name: String, text: String) -> Self {
        Self {
            name,
            text,
            own: Vec::new(),
            voice: Voice::default(),
            unheard: Vec::new(),
            strays: Vec::new(),
        }
    }

    /// Those of a configuration.
    ///
    /// # Errors
    /// If one cannot be read, by name.
    pub fn of(config: &Config) -> anyhow::Result<Self> {
        match &config.forms.directory {
            None => Ok(Self::built_in()),
            Some(folder) => Self::of_folder(folder),
        }
    }

    /// `report.toml` in a folder, and `en.ftl`, `km.ftl` and recordings below `voice` as far as they are there.
    ///
    /// # Errors
    /// If one cannot be read, by name.
    pub fn of_folder(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(FORM);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read the form in {}", path.display()))?;
        let mut own = Vec::new();
        for (locale, path) in sentences_in(folder) {
            let name = path.display().to_string();
            match std::fs::read_to_string(&path) {
                Ok(text) => own.push(OwnFile { locale, name, text }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(error)
                        .with_context(|| format!("cannot read the sentences in {name}"));
                }
            }
        }
        let (voice, unheard) = voice::voice(folder);
        let fault = |(file, problem)| FormFault {
            file,
            line: None,
            problem,
        };
        let strays = strays(folder).into_iter().chain(voice::strays(folder));
        Ok(Self {
            own,
            voice,
            unheard: unheard.into_iter().map(fault).collect(),
            strays: strays.map(fault).collect(),
            ..Self::of_text(path.display().to_string(), text)
        })
    }

    /// The form and the sentences of every language: the product's, and over them the operator's.
    ///
    /// # Errors
    /// Everything that is wrong, with what to do.
    pub fn read(&self) -> Result<(FormDefinition, Locales), Vec<FormFault>> {
        let definition = FormDefinition::from_toml(&self.text, &[Form::MAIN, Form::OFFICIALS]);
        let mut faults = Vec::new();
        let unreadable = definition.as_ref().err();
        for problem in unreadable.into_iter().flat_map(|form| &form.problems) {
            faults.push(self.fault(problem.line, problem.problem.clone()));
        }
        for file in &self.own {
            faults.extend(file.faults().into_iter().map(|fault| FormFault {
                file: file.name.clone(),
                line: Some(fault.line),
                problem: fault.problem,
            }));
        }
        faults.extend(self.unheard.iter().cloned());
        // Sentences in a file that cannot be read are not missing.
        let broken = faults.iter().any(|fault| {
            let mut own = self.own.iter();
            own.any(|file| file.name == fault.file)
        });
        let locales = match Locales::load_with(if broken { &[] } else { &self.own }) {
            Ok(locales) => locales,
            Err(error) => {
                faults.push(self.fault(None, error.to_string()));
                return Err(faults);
            }
        };
        if !broken {
            let mut named = match &definition {
                Ok(definition) => definition.messages(),
                Err(form) => form.messages.iter().map(String::as_str).collect(),
            };
            let mut seen = BTreeSet::new();
            named.retain(|id| seen.insert(*id));
            for (locale, id) in locales.missing(&named) {
                let problem =
                    format!("there is no sentence `{id}` in {locale}: add it to {locale}.ftl");
                faults.push(self.fault(self.line_of(id), problem));
            }
        }
        match definition {
            Ok(mut definition) if faults.is_empty() => {
                definition.voice = self.voice.clone();
                definition.edition = edition(&self.text, &definition, &locales);
                Ok((definition, locales))
            }
            _ => Err(faults),
        }
    }

    /// Goes on without the recordings in which something is wrong, and gives what.
    fn leave_out_unheard(&mut self) -> Vec<FormFault> {
        std::mem::take(&mut self.unheard)
    }

    /// What works and is still worth knowing: sentences that nothing says, questions that nobody reads aloud.
    pub fn remarks(&self, definition: &FormDefinition) -> Vec<FormFault> {
        let (Ok(ours), said) = (Locales::load(), definition.messages()) else {
            return Vec::new();
        };
        let mut remarks = self.strays.clone();
        for file in &self.own {
            for (line, id) in file.messages() {
                if said.contains(&id) || ours.translator(file.locale).has(id) {
                    continue;
                }
                remarks.push(FormFault {
                    file: file.name.clone(),
                    line: Some(line),
                    problem: format!("nothing says `{id}`: neither the form nor a page of ours"),
                });
            }
        }
        remarks.extend(self.silences(definition));
        remarks
    }

    /// Questions without a recording in a language that has some, and recordings without a question.
    fn silences(&self, definition: &FormDefinition) -> Vec<FormFault> {
        let spoken = Locale::all().filter(|locale| self.voice.speaks(locale.code()));
        let silent = spoken.filter_map(|locale| {
            let questions = definition.questions().map(|question| question.id.as_str());
            let silent = questions.filter(|id| self.voice.reads(locale.code(), id).is_none());
            let silent: Vec<&str> = silent.collect();
            let names = silent.join(", ");
            (!silent.is_empty()).then(|| format!("voice/{locale}: nobody reads aloud: {names}"))
        });
        let stray = self
            .voice
            .all()
            .filter(|(_, id)| definition.question(id).is_none());
        let stray = stray.map(|(code, id)| format!("voice/{code}: there is no question `{id}`"));
        silent
            .chain(stray)
            .map(|problem| self.fault(None, problem))
            .collect()
    }

    fn fault(&self, line: Option<usize>, problem: String) -> FormFault {
        FormFault {
            file: self.name.clone(),
            line,
            problem,
        }
    }

    /// Where the form names a sentence first.
    fn line_of(&self, id: &str) -> Option<usize> {
        let named = format!("\"{id}\"");
        let mut lines = (1..).zip(self.text.lines());
        lines.find_map(|(number, line)| line.contains(&named).then_some(number))
    }
}

/// A digest of the form and of every sentence that it may say: a question that stays is another one when its words are others.
fn edition(text: &str, definition: &FormDefinition, locales: &Locales) -> String {
    let mut said = text.to_owned();
    for locale in Locale::every() {
        let words = locales.translator(locale);
        for id in definition.messages() {
            for who in ["me", "other"] {
                said.push('\0');
                said.push_str(&words.told(id, who));
            }
        }
    }
    let mut digest = crate::seal::hex_digest(said.as_bytes());
    digest.truncate(EDITION);
    digest
}

/// The files that a form may be read from: whoever changes one has changed the form.
pub(super) fn files(config: &Config) -> Vec<PathBuf> {
    let Some(folder) = &config.forms.directory else {
        return Vec::new();
    };
    let sentences = sentences_in(folder).map(|(_, path)| path);
    let recordings = voice::recordings(folder).into_iter().map(|(_, path)| path);
    // What nobody reads is told of, for as long as it lies there.
    let strays = strays(folder).into_iter().chain(voice::strays(folder));
    std::iter::once(folder.join(FORM))
        .chain(sentences)
        .chain(recordings)
        .chain(strays.map(|(path, _)| PathBuf::from(path)))
        .collect()
}

/// Sentences that nobody reads: their file is named after no language.
fn strays(folder: &Path) -> Vec<(String, String)> {
    let mut strays = Vec::new();
    for path in voice::visible(folder) {
        let is_language = |stem: &std::ffi::OsStr| stem.to_string_lossy().parse::<Locale>().is_ok();
        let sentences = path.extension().is_some_and(|end| end == "ftl");
        if sentences && !path.file_stem().is_some_and(is_language) {
            strays.push((path.display().to_string(), voice::no_language()));
        }
    }
    strays
}

fn sentences_in(folder: &Path) -> impl Iterator<Item = (Locale, PathBuf)> {
    let path = |locale: Locale| (locale, folder.join(format!("{locale}.ftl")));
    Locale::all().map(path)
}

/// The form of a configuration, and the sentences of every language with times as they are in the organisation's zone.
///
/// # Errors
/// With everything that is wrong.
pub fn form(config: &Config) -> anyhow::Result<(Form, Arc<Locales>)> {
    let mut files = FormFiles::of(config)?;
    // A recording that cannot be played keeps no report away, at the next start least of all: it is left out, and said.
    let unheard = files.leave_out_unheard();
    let (definition, locales) = files.read().map_err(|faults| {
        let lines: String = faults.iter().map(|fault| format!("\n  {fault}")).collect();
        anyhow::anyhow!("the form cannot be asked:{lines}")
    })?;
    let locales = Arc::new(locales.in_zone(&config.hotline.time_zone));
    let sentences = Arc::clone(&locales);
    let officials = config.forms.officials_channel.as_ref();
    let remarks = unheard.into_iter().chain(files.remarks(&definition));
    let form = Form {
        file: files.name.clone(),
        remarks: remarks.map(|remark| remark.to_string()).collect(),
        digest: crate::seal::hex_digest(files.text.as_bytes()),
        definition: Arc::new(definition),
        channel: config.forms.channel.as_str().to_owned(),
        officials: officials.map(|channel| channel.as_str().to_owned()),
        words: Arc::new(move |language, id, who| {
            let locale = language.parse().unwrap_or(Locale::fallback());
            sentences.translator(locale).told(id, who)
        }),
    };
    Ok((form, locales))
}
