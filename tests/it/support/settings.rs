//! The configuration that tests run with.

/// All of it, with a custodian's key pinned.
pub fn text(custodian: &str) -> String {
    format!(
        r#"[server]
public = "127.0.0.1:0"
staff = "127.0.0.1:0"
health = "127.0.0.1:0"
casework_health = "127.0.0.1:0"

[data]
dir = "data"

[hotline]
name_en = "Test Hotline"
name_km = "បណ្តាញសាកល្បង"
leave_url = "https://weather.example/"
numbers = [{{ name_en = "Child helpline", name_km = "ខ្សែទូរស័ព្ទកុមារ", number = "{PHONE}" }}]

[mail]
transport = "file"
from = "kapea@hotline.example"
hotline = ["hotline@hotline.example"]
on_call = ["on-call@hotline.example"]
on_call_backup = ["backup@hotline.example"]

[custodians]
threshold = 1
keys = [{{ name = "custodian", verify_key = "{custodian}" }}]

[limits]
staff_queue = 32
form_seconds = 0
alike_reports = 0

[log]
level = "trace"
"#
    )
}

/// The number that every page about trouble must show.
pub const PHONE: &str = "000 1280";

/// The text with lines put into sections; a key that is there already is replaced.
pub fn with(text: &str, extra: &[(&str, &str)]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (section, line) in extra {
        let head = format!("[{section}]");
        let key = line.split(" = ").next().expect("a key").to_owned();
        let start = match lines.iter().position(|known| *known == head) {
            Some(start) => start,
            None => {
                lines.push(head);
                lines.len() - 1
            }
        };
        let end = lines[start + 1..]
            .iter()
            .position(|known| known.starts_with('['))
            .map_or(lines.len(), |offset| start + 1 + offset);
        let place = lines[start..end]
            .iter()
            .position(|known| known.split(" = ").next() == Some(&key));
        match place {
            Some(offset) => lines[start + offset] = (*line).to_owned(),
            None => lines.insert(start + 1, (*line).to_owned()),
        }
    }
    lines.join("\n")
}
