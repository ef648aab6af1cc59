//! Reads our own pages the way a browser without script does: forms, fields, visible text.

/// One piece of a page.
#[derive(Debug, Clone)]
enum Piece {
    Start(String, Vec<(String, String)>),
    End(String),
    Text(String),
}

/// A page, cut into pieces.
#[derive(Debug, Clone)]
pub struct Document(Vec<Piece>);

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
        self.fields
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether one of the buttons sends this step.
    pub fn offers(&self, step: &str) -> bool {
        self.buttons.iter().any(|button| button.value == step)
    }
}

impl Document {
    pub fn parse(html: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = html;
        while let Some(open) = rest.find('<') {
            let (text, tag) = rest.split_at(open);
            if !text.is_empty() {
                pieces.push(Piece::Text(decode(text)));
            }
            if let Some(comment) = tag.strip_prefix("<!--") {
                rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
                continue;
            }
            let end = tag_end(tag);
            let (inside, after) = (&tag[1..end], tag.get(end + 1..).unwrap_or_default());
            rest = after;
            match inside.strip_prefix('/') {
                Some(name) => pieces.push(Piece::End(name.trim().to_ascii_lowercase())),
                None if inside.starts_with('!') => {}
                None => pieces.push(start(inside)),
            }
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(decode(rest)));
        }
        Self(pieces)
    }

    /// Every form of the page, in order.
    pub fn forms(&self) -> Vec<Form> {
        let mut forms: Vec<Form> = Vec::new();
        let mut open = false;
        // Buttons of a form that stand elsewhere on the page.
        let mut elsewhere: Vec<(String, Button)> = Vec::new();
        let mut select: Option<(String, Option<String>)> = None;
        for (place, piece) in self.0.iter().enumerate() {
            match piece {
                Piece::Start(name, attributes) if name == "form" => {
                    open = true;
                    forms.push(Form {
                        id: attribute(attributes, "id").unwrap_or_default().to_owned(),
                        action: attribute(attributes, "action")
                            .unwrap_or_default()
                            .to_owned(),
                        ..Form::default()
                    });
                }
                Piece::End(name) if name == "form" => open = false,
                Piece::Start(name, attributes)
                    if name == "button" && attribute(attributes, "form").is_some() =>
                {
                    let form = attribute(attributes, "form").unwrap_or_default();
                    elsewhere.push((form.to_owned(), button(attributes)));
                }
                Piece::Start(name, attributes) if open => {
                    let form = forms.last_mut().expect("inside a form");
                    match name.as_str() {
                        "input" => input(form, attributes),
                        "textarea" => {
                            let text = self.text_until(place, "textarea");
                            let text = text.strip_prefix('\n').unwrap_or(&text).to_owned();
                            if let Some(name) = attribute(attributes, "name") {
                                form.add(name, &text);
                            }
                        }
                        "button" => form.buttons.push(button(attributes)),
                        "select" => {
                            let name = attribute(attributes, "name").unwrap_or_default();
                            select = Some((name.to_owned(), None));
                        }
                        "option" => {
                            if let Some((_, chosen)) = &mut select
                                && (chosen.is_none() || attribute(attributes, "selected").is_some())
                            {
                                *chosen = attribute(attributes, "value").map(str::to_owned);
                            }
                        }
                        _ => {}
                    }
                }
                Piece::End(name) if name == "select" => {
                    if let (Some(form), Some((name, chosen))) = (forms.last_mut(), select.take()) {
                        form.add(&name, &chosen.unwrap_or_default());
                    }
                }
                Piece::Start(..) | Piece::End(_) | Piece::Text(_) => {}
            }
        }
        for (id, button) in elsewhere {
            if let Some(form) = forms.iter_mut().find(|form| form.id == id) {
                form.buttons.push(button);
            }
        }
        forms
    }

    /// The text a person sees or could see, spaces folded.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Start(..) | Piece::End(_) => text.push(' '),
            }
        }
        fold(&text)
    }

    /// The text of every element of that class.
    pub fn of_class(&self, class: &str) -> Vec<String> {
        self.matching(|_, attributes| {
            attribute(attributes, "class")
                .is_some_and(|classes| classes.split_whitespace().any(|one| one == class))
        })
    }

    /// The text of every element of that name.
    pub fn of_element(&self, element: &str) -> Vec<String> {
        self.matching(|name, _| name == element)
    }

    /// The value of an attribute wherever it stands.
    pub fn attributes(&self, element: &str, name: &str) -> Vec<String> {
        self.0
            .iter()
            .filter_map(|piece| match piece {
                Piece::Start(tag, attributes) if tag == element => {
                    attribute(attributes, name).map(str::to_owned)
                }
                Piece::Start(..) | Piece::End(_) | Piece::Text(_) => None,
            })
            .collect()
    }

    fn matching(&self, wanted: impl Fn(&str, &[(String, String)]) -> bool) -> Vec<String> {
        self.0
            .iter()
            .enumerate()
            .filter_map(|(place, piece)| match piece {
                Piece::Start(name, attributes) if wanted(name, attributes) => {
                    Some(self.text_until(place, name))
                }
                Piece::Start(..) | Piece::End(_) | Piece::Text(_) => None,
            })
            .collect()
    }

    /// The text of the element that starts at `place`.
    fn text_until(&self, place: usize, element: &str) -> String {
        let mut depth = 0_usize;
        let mut text = String::new();
        for piece in &self.0[place..] {
            match piece {
                Piece::Start(name, _) if name == element => depth += 1,
                Piece::End(name) if name == element => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                Piece::Text(part) => text.push_str(part),
                Piece::Start(..) | Piece::End(_) => {}
            }
        }
        text
    }
}

fn input(form: &mut Form, attributes: &[(String, String)]) {
    let kind = attribute(attributes, "type").unwrap_or("text");
    let ticked = attribute(attributes, "checked").is_some();
    if matches!(kind, "radio" | "checkbox") && !ticked {
        return;
    }
    if let Some(name) = attribute(attributes, "name") {
        form.add(name, attribute(attributes, "value").unwrap_or_default());
    }
}

fn button(attributes: &[(String, String)]) -> Button {
    let text = |name: &str| attribute(attributes, name).unwrap_or_default().to_owned();
    Button {
        name: text("name"),
        value: text("value"),
        action: attribute(attributes, "formaction").map(str::to_owned),
    }
}

fn attribute<'a>(attributes: &'a [(String, String)], name: &str) -> Option<&'a str> {
    attributes
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

/// Where the tag closes; a `>` in quotes does not close it.
fn tag_end(tag: &str) -> usize {
    let mut quote = None;
    for (place, character) in tag.char_indices() {
        match (quote, character) {
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (None, '>') => return place,
            _ => {}
        }
    }
    tag.len()
}

fn start(inside: &str) -> Piece {
    let inside = inside.trim_end_matches('/');
    let (name, mut rest) = inside
        .split_once(|c: char| c.is_ascii_whitespace())
        .unwrap_or((inside, ""));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Piece::Start(name.to_ascii_lowercase(), attributes);
        }
        let end = rest
            .find(|c: char| c == '=' || c.is_ascii_whitespace())
            .unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let value = after
            .strip_prefix('=')
            .map(|value| match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((value, "")),
                _ => value
                    .split_once(|c: char| c.is_ascii_whitespace())
                    .unwrap_or((value, "")),
            });
        rest = value.map_or(after, |(_, rest)| rest);
        let value = value.map(|(value, _)| decode(value)).unwrap_or_default();
        attributes.push((key.to_ascii_lowercase(), value));
    }
}

fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (plain, entity) = rest.split_at(at);
        decoded.push_str(plain);
        let known = entity.split_once(';').and_then(|(name, after)| {
            let name = &name[1..];
            let character = match name {
                "amp" => Some('&'),
                "lt" => Some('<'),
                "gt" => Some('>'),
                "quot" => Some('"'),
                "nbsp" => Some('\u{a0}'),
                _ => name
                    .strip_prefix('#')
                    .and_then(|number| match number.strip_prefix('x') {
                        Some(hex) => u32::from_str_radix(hex, 16).ok(),
                        None => number.parse().ok(),
                    })
                    .and_then(char::from_u32),
            };
            character.map(|character| (character, after))
        });
        match known {
            Some((character, after)) => {
                decoded.push(character);
                rest = after;
            }
            None => {
                decoded.push('&');
                rest = &entity[1..];
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

/// Runs of spaces and line ends as one space.
pub fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

mod tests {
    use super::{Document, fold};

    #[test]
    fn a_form_is_read_as_a_browser_sends_it() {
        let page = Document::parse(
            "<p>1 &lt; 2</p><form id=f action='/x'><input type=hidden name=\"a\" value=\"&#34;>\"><input type=radio name=r value=1>\
             <input type=radio name=r value=2 checked><textarea name=t>\n\nx &amp; y</textarea>\
             <select name=s><option value=p>P<option value=q selected>Q</select><button name=step value=go>Go</button></form>",
        );
        let form = &page.forms()[0];
        let expected = [("a", "\">"), ("r", "2"), ("t", "\nx & y"), ("s", "q")];
        let fields: Vec<_> = form
            .fields
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert_eq!(fields, expected);
        assert!(form.offers("go") && form.action == "/x" && form.id == "f");
        assert_eq!(fold(&page.of_element("p")[0]), "1 < 2");
    }
}
