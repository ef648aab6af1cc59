//! Acts that need two people, over their pages.

use kapea::domain::clock::Clock;

use super::client::{Page, fields};
use super::html::Form;
use super::staff::{Session, named};

impl Session {
    /// The form that proposes this, as the report's page has it.
    pub async fn proposal_form(&self, report: &str, kind: &str) -> Option<Form> {
        let page = self.read(report).await.expect(200);
        page.forms_to(&format!("/reports/{report}/propose"))
            .into_iter()
            .find(|form| form.value("kind") == Some(kind))
    }

    /// Proposes an act, by the form of the page or, where there is none, as somebody would who writes their own.
    pub async fn propose(&self, report: &str, kind: &str, pairs: &[(&str, &str)]) -> Page {
        let mut all = match self.proposal_form(report, kind).await {
            Some(form) => form.fields,
            None => {
                // Somebody who may do nothing has seen no number: theirs is made up.
                let page = self.read(report).await.expect(200);
                let forms = page.document().forms();
                let version = forms.iter().find_map(|form| form.value("version"));
                let version = version.unwrap_or("0").to_owned();
                fields(&[("csrf", &self.csrf), ("version", &version), ("kind", kind)])
            }
        };
        let path = format!("/reports/{report}/propose");
        let mut typed = fields(pairs);
        if !pairs.iter().any(|(name, _)| *name == "reason") {
            typed.push(("reason".to_owned(), "because".to_owned()));
        }
        if kind == "no_action" && !pairs.iter().any(|(name, _)| *name == "outcome") {
            typed.push(("outcome".to_owned(), "cannot_act".to_owned()));
        }
        typed.push(("kind".to_owned(), kind.to_owned()));
        let typed = named(&path, typed);
        all.retain(|(field, _)| !typed.iter().any(|(name, _)| name == field));
        all.extend(typed);
        self.post_fields(&path, &all).await
    }

    /// The ids of what waits on a report.
    pub async fn proposals(&self, report: &str) -> Vec<String> {
        let page = self.read(report).await.expect(200);
        let forms = page.document().forms();
        let buttons = forms.iter().flat_map(|form| &form.buttons);
        let mut ids: Vec<String> = buttons
            .filter(|button| button.name == "proposal")
            .map(|button| button.value.clone())
            .collect();
        ids.dedup();
        ids
    }

    /// Approves what waits, with a fresh code.
    pub async fn approve(&self, report: &str, proposal: &str, clock: &Clock) -> Page {
        let (version, code) = (self.version(report).await, self.code(clock).await);
        self.approve_with(report, proposal, &version, &code).await
    }

    pub async fn approve_with(
        &self,
        report: &str,
        proposal: &str,
        version: &str,
        code: &str,
    ) -> Page {
        let pairs = [("proposal", proposal), ("version", version), ("code", code)];
        self.post(&format!("/reports/{report}/approve"), &pairs)
            .await
    }

    pub async fn refuse(&self, report: &str, proposal: &str) -> Page {
        self.post(
            &format!("/reports/{report}/refuse"),
            &[("proposal", proposal)],
        )
        .await
    }

    /// A lead's act: `hold` or `retain`.
    pub async fn decide(&self, report: &str, what: &str, pairs: &[(&str, &str)]) -> Page {
        let version = self.version(report).await;
        let mut all = vec![("version", version.as_str())];
        all.extend_from_slice(pairs);
        self.post(&format!("/reports/{report}/{what}"), &all).await
    }
}
