//! Reads our own pages the way a browser without script does: forms, fields, visible text.

use scraper::{ElementRef, Html, Selector};

/// A page, read as HTML says it is read.
#[derive(Debug, Clone)]
pub struct Document(Html);

/// A form as it would be sent: what is filled in, ticked and selected.
#[derive(Debug, Clone, Default)]
pub struct Form {
    pub id: String,
    pub action: String,
    pub fields: Vec<(String, String)>,
    pub buttons: Vec<Button>,
}

/// A button that sends a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Button {
    pub name: String,
    pub value: String,
    pub action: Option<String>,
}

impl Form {
    /// Puts one value in a field, in place of what was there.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.fields.retain(|(field, _)| field != name);
        self.add(name, value)
    }

    /// Adds a value: a box that is ticked besides others.
    pub fn add(&mut self, name: &str, value: &str) -> &mut Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The first value of a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut of_name = self.fields.iter().filter(|(field, _)| field == name);
        of_name.next().map(|(_, value)| value.as_str())
    }

    /// Whether one of the buttons sends this step.
    pub fn offers(&self, step: &str) -> bool {
        self.buttons.iter().any(|button| button.value == step)
    }

    fn take(&mut self, control: ElementRef<'_>) {
        let name = attribute(control, "name");
        let value = match control.value().name() {
            "button" => {
                self.buttons.push(Button {
                    name,
                    value: attribute(control, "value"),
                    action: control.attr("formaction").map(str::to_owned),
                });
                return;
            }
            "textarea" => Some(text(control)),
            "select" => selected(control),
            _ => {
                let is_box = matches!(control.attr("type"), Some("radio" | "checkbox"));
                let is_sent = !is_box || control.attr("checked").is_some();
                is_sent.then(|| attribute(control, "value"))
            }
        };
        if let Some(value) = value.filter(|_| !name.is_empty()) {
            self.add(&name, &value);
        }
    }
}

impl Document {
    pub fn parse(html: &str) -> Self {
        Self(Html::parse_document(html))
    }

    /// Where the page is not HTML as the standard has it: a tag left open, an attribute given twice.
    pub fn errors(&self) -> &[std::borrow::Cow<'static, str>] {
        &self.0.errors
    }

    /// Every form of the page, in order, with what stands elsewhere on the page and names it.
    pub fn forms(&self) -> Vec<Form> {
        let forms = self.select("form").map(|form| {
            let mut sent = Form {
                id: attribute(form, "id"),
                action: attribute(form, "action"),
                ..Form::default()
            };
            for control in self.select("input, textarea, select, button") {
                let within = || control.ancestors().any(|outer| outer.id() == form.id());
                if control.attr("form").map_or_else(within, |id| id == sent.id) {
                    sent.take(control);
                }
            }
            sent
        });
        forms.collect()
    }

    /// The text a person sees or could see, spaces folded.
    pub fn text(&self) -> String {
        let parts: Vec<&str> = self.0.root_element().text().collect();
        fold(&parts.join(" "))
    }

    /// The text of every element of that class.
    pub fn of_class(&self, class: &str) -> Vec<String> {
        self.of_element(&format!(".{class}"))
    }

    /// The text of every element that the selector finds.
    pub fn of_element(&self, selector: &str) -> Vec<String> {
        self.select(selector).map(text).collect()
    }

    /// Every piece of text that is said to be in this language, by the nearest element around it that says anything of it.
    pub fn texts_in(&self, language: &str) -> Vec<String> {
        let nodes = self.0.tree.nodes();
        let texts = nodes.filter_map(|node| Some((node, node.value().as_text()?)));
        let spoken = texts.filter(|(node, _)| {
            let mut around = node.ancestors().filter_map(ElementRef::wrap);
            around.find_map(|element| element.attr("lang")) == Some(language)
        });
        spoken.map(|(_, text)| fold(text)).collect()
    }

    /// The value of an attribute wherever it stands.
    pub fn attributes(&self, element: &str, name: &str) -> Vec<String> {
        let values = self.select(element).filter_map(|found| found.attr(name));
        values.map(str::to_owned).collect()
    }

    fn select(&self, selector: &str) -> impl Iterator<Item = ElementRef<'_>> {
        let selector = Selector::parse(selector).expect("a selector");
        let found: Vec<_> = self.0.select(&selector).collect();
        found.into_iter()
    }
}

fn attribute(element: ElementRef<'_>, name: &str) -> String {
    element.attr(name).unwrap_or_default().to_owned()
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect()
}

/// What is chosen: the option that says so, or else the first.
fn selected(select: ElementRef<'_>) -> Option<String> {
    let option = |selector| {
        let selector = Selector::parse(selector).expect("a selector");
        select.select(&selector).next()
    };
    let chosen = option("option[selected]").or_else(|| option("option"))?;
    Some(attribute(chosen, "value"))
}

/// Runs of spaces and line ends as one space.
pub fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_form_is_read_as_a_browser_sends_it() {
    let page = Document::parse(
        "<!DOCTYPE html><p>1 &lt; 2</p><form id=f action='/x'><input type=hidden name=\"a\" value=\"&#34;>\">\
         <input type=radio name=r value=1><input type=radio name=r value=2 checked><textarea name=t>\n\nx &amp; y</textarea>\
         <select name=s><option value=p>P<option value=q selected>Q</select></form><button form=f name=step value=go>Go</button>",
    );
    let form = &page.forms()[0];
    let expected = [("a", "\">"), ("r", "2"), ("t", "\nx & y"), ("s", "q")];
    let fields = form.fields.iter().map(|(a, b)| (a.as_str(), b.as_str()));
    assert!(fields.eq(expected), "{form:?}");
    assert!(form.offers("go") && form.action == "/x" && form.id == "f");
    assert_eq!(page.of_element("p"), ["1 < 2"]);
    assert_eq!(page.errors(), [""; 0]);
}

#[test]
fn a_page_that_is_not_html_is_told() {
    for wrong in ["<p></b>", "<p a=1 a=2>", "<div><p></div", "<p><tr>"] {
        let page = Document::parse(&format!("<!DOCTYPE html>{wrong}"));
        assert!(!page.errors().is_empty(), "{wrong}");
    }
}
