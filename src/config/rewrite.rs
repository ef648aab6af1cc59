//! The text of a configuration with other values: remarks and order stay as somebody has written them.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// The values that nobody may read who may read the rest. Where a file is named instead, the name is no secret.
const SECRETS: &[(&str, &str)] = &[("mail", "password")];

/// The text without passwords.
///
/// # Errors
/// If it is not TOML, in words.
pub fn without_secrets(text: &str) -> Result<String, String> {
    let empty: Vec<_> = SECRETS
        .iter()
        .map(|(section, key)| (*section, *key, String::new()))
        .collect();
    rewritten(text, &empty)
}

/// The text with these values, each a section, a key and a text, in the place of those that stand there. What is not there is not added.
///
/// # Errors
/// If it is not TOML, in words.
pub fn rewritten(text: &str, values: &[(&str, &str, String)]) -> Result<String, String> {
    let document = DeTable::parse(text).map_err(|error| error.message().to_owned())?;
    let mut places: Vec<(Range<usize>, &str)> = Vec::new();
    for (section, key, value) in values {
        for (name, table) in document.get_ref() {
            let DeValue::Table(table) = table.get_ref() else {
                continue;
            };
            let of_section = table.iter().filter(|_| name.get_ref() == section);
            let of_key = of_section.filter(|(name, _)| name.get_ref() == key);
            places.extend(of_key.map(|(_, old)| (old.span(), value.as_str())));
        }
    }
    // From the end, so that the places before stay where they are.
    places.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    places.dedup_by_key(|(place, _)| place.start);
    let mut text = text.to_owned();
    for (place, value) in places {
        text.replace_range(place, &serde_json::Value::from(value).to_string());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_however_it_is_written_and_all_else_stays() {
        for (with, without) in [
            (
                "# mine\n[mail]\npassword = \"hunter2\" # old\nport = 25\n",
                "# mine\n[mail]\npassword = \"\" # old\nport = 25\n",
            ),
            ("mail.password = 'hunter2'\n", "mail.password = \"\"\n"),
            (
                "mail = { port = 25, \"password\" = \"hunter2\" }\n",
                "mail = { port = 25, \"password\" = \"\" }\n",
            ),
            (
                "[mail]\npassword = \"\"\"\nhunter2\"\"\"\n[log]\n",
                "[mail]\npassword = \"\"\n[log]\n",
            ),
            ("[mail]\nport = 25\n", "[mail]\nport = 25\n"),
        ] {
            assert_eq!(without_secrets(with).as_deref(), Ok(without), "{with}");
        }
        assert!(without_secrets("[mail").is_err());
    }

    #[test]
    fn what_is_there_is_replaced_and_nothing_is_added() {
        let text = "[data]\ndir = \"/var/lib/kapea\"\n\n[forms]\ndirectory = \"/etc/forms\"\n";
        let values = [
            ("data", "dir", "a \"b\"".to_owned()),
            ("data", "witness", "witness".to_owned()),
            ("forms", "directory", "forms".to_owned()),
            ("forms", "directory", "forms".to_owned()),
        ];
        let expected = "[data]\ndir = \"a \\\"b\\\"\"\n\n[forms]\ndirectory = \"forms\"\n";
        assert_eq!(rewritten(text, &values).as_deref(), Ok(expected));
    }
}
