//! The public form: as it is asked now, and as it was asked before while the service ran.

use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::domain::form::{self, FormDefinition, Question};
use crate::domain::remembered::Remembered;
use crate::domain::voice::Voice;

/// Gives the sentence of a message id in a language (`en`, `km`), told to somebody (`me`, `other`).
pub type Words = Arc<dyn Fn(&str, &str, &str) -> String + Send + Sync>;

/// The public form, and the digest of its definition that is sealed with every report (hexadecimal SHA-256).
#[derive(Clone)]
pub struct Form {
    /// The name of the definition's file.
    pub file: String,
    /// What works and is still worth knowing to whoever keeps it.
    pub remarks: Vec<String>,
    /// What is asked.
    pub definition: Arc<FormDefinition>,
    /// The installation's name for the channel that the form feeds unless an answer routes elsewhere.
    pub channel: String,
    /// The installation's name for the channel of reports that concern police, officials or its own staff, if it has one.
    pub officials: Option<String>,
    /// Digest of the definition's file.
    pub digest: String,
    /// Sentences for labels that are sealed with the answers.
    pub words: Words,
}

impl Form {
    /// The form's own names for its channels, in the file.
    pub const MAIN: &'static str = "main";
    /// See [`Form::officials`].
    pub const OFFICIALS: &'static str = "officials";

    /// Every channel of the installation.
    pub fn channels(&self) -> Vec<String> {
        std::iter::once(self.channel.clone())
            .chain(self.officials.clone())
            .collect()
    }
}

/// A form as it is asked: with its channels called as they are in this installation.
#[derive(Clone)]
pub struct AskedForm {
    /// Where it comes from.
    pub form: Arc<Form>,
    /// What is asked.
    pub definition: FormDefinition,
}

impl std::ops::Deref for AskedForm {
    type Target = FormDefinition;

    fn deref(&self) -> &FormDefinition {
        &self.definition
    }
}

/// The product's own form: an operator's is mostly a copy of it, with questions taken out.
static PRODUCT: LazyLock<Option<FormDefinition>> = LazyLock::new(|| {
    FormDefinition::from_toml(form::BUILT_IN, &[Form::MAIN, Form::OFFICIALS]).ok()
});

/// A question that is asked, or was, and its words.
pub struct Formerly {
    /// The question.
    pub question: Question,
    /// What says its sentences.
    pub words: Words,
}

/// See the module. Clones share one memory; a use case reads it once and goes on with what it read.
#[derive(Clone)]
pub struct Forms(Arc<RwLock<Remembered<Arc<Form>>>>);

impl Forms {
    /// What the service starts with.
    pub fn new(form: Form) -> Self {
        Self(Arc::new(RwLock::new(Remembered::new(Arc::new(form)))))
    }

    /// What is asked now.
    pub fn now(&self) -> Arc<Form> {
        Arc::clone(self.remembered().newest())
    }

    /// From here on this is asked.
    pub fn replace(&self, form: Form) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.replace(Arc::new(form), |before| Arc::new(without_voice(&before)));
    }

    /// The one of that edition, as its pages name it, if it is remembered: else the newest.
    pub fn of(&self, edition: &str) -> Arc<Form> {
        let all = self.remembered();
        let found = all.iter().find(|form| form.definition.edition == edition);
        Arc::clone(found.unwrap_or_else(|| all.newest()))
    }

    /// The question of that name which was asked last, among those that fit.
    pub fn formerly(&self, name: &str, fits: impl Fn(&Question) -> bool) -> Option<Formerly> {
        let all = self.remembered();
        let find = |definition: &FormDefinition, words: &Words| {
            let question = definition
                .question(name)
                .filter(|question| fits(question))?;
            Some(Formerly {
                question: question.clone(),
                words: Arc::clone(words),
            })
        };
        all.iter()
            .map(|form| find(&form.definition, &form.words))
            .find(Option::is_some)
            .unwrap_or_else(|| find(PRODUCT.as_ref()?, &all.newest().words))
    }

    fn remembered(&self) -> Remembered<Arc<Form>> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.clone()
    }
}

/// Recordings are large, and read aloud what is asked now.
fn without_voice(form: &Form) -> Form {
    let mut definition = FormDefinition::clone(&form.definition);
    definition.voice = Voice::default();
    Form {
        definition: Arc::new(definition),
        ..form.clone()
    }
}
