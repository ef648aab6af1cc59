use super::*;

const DAY: Day = Day::from_number(20_780);

fn copy(of: &Credentials) -> Credentials {
    Credentials::parse(&of.to_text()).unwrap()
}

/// The same before and after a change ten days later.
fn rotated() -> (Credentials, Credentials) {
    let before = Credentials::made_on(DAY);
    let mut after = copy(&before);
    assert_eq!(after.rotate(DAY.plus(10)), 2);
    (before, after)
}

#[test]
fn credentials_read_back_from_their_text() {
    let (before, after) = rotated();
    for credentials in [before, after] {
        let text = credentials.to_text();
        let read = Credentials::parse(&text).unwrap();
        assert_eq!(*read.to_text(), *text);
        assert_eq!(read.versions(), credentials.versions());
        assert_eq!(read.install_salt(), credentials.install_salt());
        assert_eq!(read.pepper().expose(), credentials.pepper().expose());
        assert!(read.pepper_version(3, DAY).is_err());
        assert!(read.continues(&credentials) && credentials.continues(&read));
    }
}

#[test]
fn a_file_continues_another_if_it_lacks_nothing_of_it() {
    let (before, after) = rotated();
    assert!(after.continues(&before));
    assert!(!before.continues(&after), "an old copy");
    let (other, _) = rotated();
    assert!(!other.continues(&before), "another installation's");
    let mut forked = copy(&before);
    forked.rotate(DAY.plus(10));
    assert!(!forked.continues(&after), "another change of the same");
}

#[test]
fn a_change_gives_everything_anew_but_the_salt_of_receipts() {
    let (before, after) = rotated();
    assert_eq!(before.install_salt(), after.install_salt());
    assert_ne!(before.pepper().expose(), after.pepper().expose());
    let audit = |of: &Credentials| of.audit_key().verify_key();
    assert_ne!(audit(&before), audit(&after));
    let device = |of: &Credentials| of.device_keys(DAY.plus(10), 1).newest().derive(&[]);
    assert!(device(&before) != device(&after));
    let keys = after.audit_keys();
    let keys: Vec<_> = keys.iter().map(SigningKey::verify_key).collect();
    assert_eq!(keys, [audit(&before), audit(&after)]);
    assert_eq!(
        after.versions(),
        [
            VersionInfo {
                number: 1,
                made: DAY,
                replaced: Some(DAY.plus(10)),
            },
            VersionInfo {
                number: 2,
                made: DAY.plus(10),
                replaced: None,
            },
        ]
    );
}

#[test]
fn a_wrong_file_is_refused_without_its_values() {
    let (_, after) = rotated();
    let text = after.to_text();
    let value = InvalidCredentials::Version;
    for (changed, error) in [
        (String::new(), InvalidCredentials::Form),
        ("root = []\n".to_owned(), InvalidCredentials::Form),
        (format!("{}other = \"\"\n", *text), InvalidCredentials::Form),
        (format!("other = \"\"\n{}", *text), InvalidCredentials::Form),
        (
            text.replace("[[root]]", "[[roots]]"),
            InvalidCredentials::Form,
        ),
        (text.replacen("made = \"", "made = \"A", 1), value(1)),
        (text.replacen("value = \"", "value = \"A", 1), value(1)),
        (text.replace("value = \"", "value = \"="), value(1)),
    ] {
        let outcome = Credentials::parse(&changed);
        assert_eq!(outcome.err(), Some(error), "{changed}");
    }
}

#[test]
fn the_newest_version_seals_and_older_ones_still_open() {
    let (before, after) = rotated();
    let row = [1; 16];
    let sealed = before.contact_seal(&row, "a@example.org").unwrap();
    let opened = after.contact_open(&row, &sealed).unwrap();
    assert_eq!(opened.as_str(), "a@example.org");
    let newer = after.contact_renew(&row, &sealed).unwrap().unwrap();
    assert_eq!(contact_version(&newer), Some(2));
    assert_eq!(after.contact_renew(&row, &newer), Ok(None));
    let gone = Err(SealError::MissingCredential);
    assert_eq!(before.contact_open(&row, &newer), gone);
}

#[test]
fn a_pepper_opens_its_rows_for_ninety_days_after_it_was_replaced() {
    let (_, after) = rotated();
    assert_eq!(after.pepper().version(), 2);
    let last = DAY.plus(10 + 89);
    assert!(after.pepper_version(1, last).is_ok());
    assert!(after.pepper_version(1, last.plus(1)).is_err());
    assert!(after.pepper_version(2, last.plus(5_000)).is_ok());
}

#[test]
fn device_keys_live_as_long_as_what_they_made() {
    let (before, after) = rotated();
    let keys = |of: &Credentials, day| -> Vec<_> {
        let keys = of.device_keys(day, 1);
        keys.iter().map(|key| key.derive(&[])).collect()
    };
    let old = keys(&before, DAY);
    let both = keys(&after, DAY.plus(12));
    assert!(both.len() == 2 && both.last() == old.first());
    assert!(keys(&after, DAY.plus(13)) == both[..1]);
}

#[test]
fn a_ticket_key_opens_for_its_day_and_under_a_root_of_that_time() {
    let (before, after) = rotated();
    let key = ServerKey::random();
    let sealed = before.ticket_key_seal(DAY.plus(11), &key).unwrap();
    for credentials in [&before, &after] {
        let opened = credentials.ticket_key_open(DAY.plus(11), &sealed).unwrap();
        assert!(opened.is(&key));
        let other_day = credentials.ticket_key_open(DAY.plus(10), &sealed);
        assert_eq!(other_day.err(), Some(SealError::NotOpened));
    }
    // The second day after the change: whoever has copied the root before makes no key any more.
    let late = before.ticket_key_seal(DAY.plus(12), &key).unwrap();
    assert!(before.ticket_key_open(DAY.plus(12), &late).is_ok());
    let refused = after.ticket_key_open(DAY.plus(12), &late);
    assert_eq!(refused.err(), Some(SealError::NotOpened));
    let newer = after.ticket_key_seal(DAY.plus(11), &key).unwrap();
    let refused = before.ticket_key_open(DAY.plus(11), &newer);
    assert_eq!(refused.err(), Some(SealError::MissingCredential));
}

#[test]
fn an_address_opens_in_its_own_row_only() {
    let credentials = Credentials::made_on(DAY);
    let sealed = credentials.contact_seal(&[1; 16], "a@example.org").unwrap();
    let elsewhere = credentials.contact_open(&[2; 16], &sealed);
    assert_eq!(elsewhere, Err(SealError::NotOpened));
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(credentials.contact_open(&[1; 16], &changed).is_err());
        assert!(credentials.contact_open(&[1; 16], &sealed[..at]).is_err());
    }
}
