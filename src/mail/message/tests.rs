use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_795_392_000 + 13 * 3_600 + 44 * 60 + 59);

fn stationery() -> Stationery {
    Stationery::new(
        "notices@example.org".parse().unwrap(),
        &NoticeText {
            subject: "សូមចូលមើលប្រព័ន្ធរបស់អ្នក · Please sign in".into(),
            body: "ខ្មែរ\n\nEnglish\n".into(),
            ..NoticeText::default()
        },
    )
}

fn notice(id: u8, to: &str, now: Timestamp) -> Message {
    stationery().notice(OutboxId::from_bytes([id; 16]), &to.parse().unwrap(), now)
}

#[test]
fn dates_are_rounded_down_to_the_quarter_hour() {
    assert_eq!(
        header_date(NOW.quarter()),
        "Mon, 23 Nov 2026 13:30:00 +0000"
    );
    assert_eq!(
        header_date(Timestamp::from_seconds(951_782_400).quarter()),
        "Tue, 29 Feb 2000 00:00:00 +0000"
    );
}

#[test]
fn two_notices_differ_in_recipient_date_and_message_id_alone() {
    let first = notice(1, "a@example.org", NOW);
    let second = notice(2, "b@example.org", NOW.plus(40_000));
    assert_eq!(first.bytes().len(), second.bytes().len());
    let lines = |message: &Message| -> Vec<String> {
        String::from_utf8(message.bytes().to_vec())
            .unwrap()
            .split("\r\n")
            .map(str::to_owned)
            .collect()
    };
    let differing: Vec<String> = lines(&first)
        .iter()
        .zip(lines(&second))
        .filter(|(one, two)| *one != two)
        .map(|(one, _)| one.split(':').next().unwrap().to_owned())
        .collect();
    assert_eq!(differing, ["Date", "To", "Message-ID"]);
}

#[test]
fn the_wire_form_is_short_ascii_lines() {
    let message = notice(1, "a@example.org", NOW);
    let text = std::str::from_utf8(message.bytes()).unwrap();
    assert!(text.is_ascii());
    assert!(text.split("\r\n").all(|line| line.len() <= 76), "{text}");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
}

#[test]
fn a_long_subject_is_cut_between_characters_and_reads_the_same() {
    let subject = "សូមចូលមើលប្រព័ន្ធរបស់អ្នក · Please sign in";
    let decoded: Vec<u8> = encode_subject(subject)
        .split("\r\n ")
        .flat_map(|word| {
            let inner = word
                .strip_prefix("=?utf-8?B?")
                .and_then(|rest| rest.strip_suffix("?="))
                .unwrap();
            let bytes = BASE64.decode(inner.as_bytes()).unwrap();
            assert!(std::str::from_utf8(&bytes).is_ok());
            assert!(word.len() <= 75);
            bytes
        })
        .collect();
    assert_eq!(String::from_utf8(decoded).unwrap(), subject);
}

#[test]
fn a_line_break_in_a_subject_cannot_start_a_header() {
    assert!(!encode_subject("a\r\nBcc: b").contains("Bcc"));
    assert_eq!(encode_subject("a\r\nb"), encode_subject("ab"));
}

#[test]
fn debug_output_holds_no_address() {
    let shown = format!("{:?}", notice(1, "a@example.org", NOW));
    assert!(!shown.contains('@'), "{shown}");
}

#[test]
fn the_notice_speaks_every_language_and_says_nothing_else() {
    let text = NoticeText::load(&Locales::load().unwrap());
    let stationery = Stationery::new("notices@example.org".parse().unwrap(), &text);
    let message = stationery.notice(
        OutboxId::from_bytes([7; 16]),
        &"oncall@example.org".parse().unwrap(),
        NOW,
    );
    let wire = std::str::from_utf8(message.bytes()).unwrap();
    insta::assert_snapshot!(wire.replace("\r\n", "\n"));
    insta::assert_snapshot!(format!("{}\n\n{}", text.subject, text.body));
}
