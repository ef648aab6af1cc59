use proptest::prelude::*;

use super::*;

const WORDS: &str = "first line\nសួស្តី = base64=\n\nlast — line";

/// A mail as we send it.
fn packed(words: &str) -> String {
    let encoded = BASE64.encode(words.replace('\n', "\r\n").as_bytes());
    let lines: Vec<&str> = encoded
        .as_bytes()
        .chunks(76)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "Date: today\r\nSubject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        lines.join("\r\n")
    )
}

/// As some server on the way packs it anew.
fn quoted(words: &str) -> String {
    let mut text = "content-transfer-encoding: Quoted-Printable\n\n".to_owned();
    for (index, byte) in words.bytes().enumerate() {
        match byte {
            b'\n' => text.push('\n'),
            b'=' | 128.. => text.push_str(&format!("={byte:02X}")),
            _ => text.push(char::from(byte)),
        }
        if index % 20 == 19 {
            text.push_str("=\n");
        }
    }
    text.push('\n');
    text
}

fn holds(said: &str) -> bool {
    said.replace('\r', "").contains(WORDS)
}

#[test]
fn words_are_found_however_they_were_packed() {
    assert!(holds(&unpack(packed(WORDS).as_bytes())));
    assert!(holds(&unpack(quoted(WORDS).as_bytes())));
    let plain = format!("Content-Transfer-Encoding: 8bit\n\n{WORDS}\n");
    assert!(holds(&unpack(plain.as_bytes())));
    // One after the other, with and without the separator of a mailbox file.
    for between in ["", "\n", "\nFrom somebody Mon Nov 23\n"] {
        let all = [packed(WORDS), quoted(WORDS), plain.clone(), packed(WORDS)].join(between);
        let said = unpack(all.as_bytes()).replace('\r', "");
        assert_eq!(said.matches(WORDS).count(), 4, "{between:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_taken(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        unpack(&bytes);
        let mut head = b"Content-Transfer-Encoding: base64\n\n".to_vec();
        head.extend_from_slice(&bytes);
        unpack(&head);
        let quoted = String::from_utf8_lossy(&head).replace("base64", "quoted-printable");
        unpack(quoted.as_bytes());
    }

    #[test]
    fn text_comes_back(words in "[ -~]{1,200}\n[ក-អ]{1,40}") {
        let said = unpack(packed(&words).as_bytes()).replace('\r', "");
        prop_assert!(said.contains(&words));
    }
}
