use super::*;

const DAY: Day = Day::from_number(20_780);

/// As `kapea init` wrote it before there were versions.
const OLD: &str = "install-salt = \"AAAAAAAAAAAAAAAAAAAAAA\"\n\
    ticket-key = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"\n\
    audit-seed = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"\n\n\
    [pepper]\n1 = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"\n\n\
    [contact-key]\n1 = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"\n";

fn rotated(kind: CredentialKind) -> (Credentials, Credentials) {
    let before = Credentials::made_on(DAY);
    let mut after = before.clone();
    assert_eq!(after.rotate(kind, DAY.plus(10)), 2);
    (before, after)
}

#[test]
fn credentials_read_back_from_their_text() {
    for mut credentials in [Credentials::generate(), Credentials::made_on(DAY)] {
        for kind in CredentialKind::ALL {
            credentials.rotate(kind, DAY.plus(1));
        }
        let text = credentials.to_text();
        let read = Credentials::parse(&text).unwrap();
        assert_eq!(*read.to_text(), *text);
        assert_eq!(read.install_salt(), credentials.install_salt());
        assert_eq!(read.pepper().version(), 2);
        assert!(read.pepper_version(3, DAY).is_err());
        for kind in CredentialKind::ALL {
            assert_eq!(read.versions(kind), credentials.versions(kind));
            assert!(!read.contradicts(&credentials, kind));
            assert!(Credentials::generate().contradicts(&read, kind));
        }
    }
}

proptest::proptest! {
    #[test]
    fn whatever_is_made_and_taken_away_the_newest_stays_and_the_file_reads_back(
        steps in proptest::collection::vec((0..5_usize, proptest::option::of(0..6_u32)), 0..40)
    ) {
        let mut credentials = Credentials::made_on(DAY);
        for (at, (kind, forgotten)) in steps.into_iter().enumerate() {
            let kind = CredentialKind::ALL[kind];
            let before = credentials.versions(kind);
            let newest = before.last().unwrap().number;
            match forgotten {
                None => {
                    let day = DAY.plus(i64::try_from(at).unwrap());
                    assert_eq!(credentials.rotate(kind, day), newest + 1);
                }
                Some(number) => {
                    let is_earlier = before.iter().any(|info| info.number == number && number != newest);
                    assert_eq!(credentials.forget(kind, number), is_earlier);
                }
            }
            let after = credentials.versions(kind);
            assert_eq!(after.iter().filter(|info| info.is_newest).count(), 1);
            assert!(after.is_sorted_by_key(|info| info.number));
            assert!(after.last().unwrap().number >= newest);
        }
        let read = Credentials::parse(&credentials.to_text()).unwrap();
        for kind in CredentialKind::ALL {
            assert_eq!(read.versions(kind), credentials.versions(kind));
            assert!(!read.contradicts(&credentials, kind));
        }
    }
}

#[test]
fn a_file_from_before_there_were_versions_still_reads() {
    let mut read = Credentials::parse(OLD).unwrap();
    for kind in CredentialKind::ALL {
        let infos = read.versions(kind);
        let [info] = infos[..] else {
            panic!("{infos:?}");
        };
        assert_eq!((info.number, info.made, info.is_newest), (1, None, true));
        read.rotate(kind, DAY);
    }
    let again = Credentials::parse(&read.to_text()).unwrap();
    assert_eq!(again.versions(CredentialKind::Salt)[0].replaced, Some(DAY));
}

#[test]
fn a_wrong_file_is_refused_without_its_values() {
    let text = Credentials::made_on(DAY).to_text();
    let value = InvalidCredentials::Value;
    for (changed, error) in [
        (String::new(), InvalidCredentials::Form),
        (format!("{}other = \"\"\n", *text), value("contact-key")),
        (format!("other = \"\"\n{}", *text), InvalidCredentials::Form),
        (text.replace("[pepper]", "[salt]"), InvalidCredentials::Form),
        (
            text.replace(
                "[ticket-key]\n1 = { made = \"",
                "[ticket-key]\n1 = { made = \"A",
            ),
            value("ticket-key"),
        ),
        (
            text.replace("[pepper]\n1", "[pepper]\none"),
            value("pepper"),
        ),
        (text.replace("[pepper]\n1", "[pepper]\n0"), value("pepper")),
        (
            OLD.replace("ticket-key = \"", "ticket-key = \"A"),
            value("ticket-key"),
        ),
        (
            "install-salt = {}\nticket-key = {}\naudit-seed = {}\npepper = {}\ncontact-key = {}\n"
                .to_owned(),
            value("install-salt"),
        ),
    ] {
        let outcome = Credentials::parse(&changed);
        assert_eq!(outcome.err(), Some(error), "{changed}");
    }
}

#[test]
fn the_newest_version_seals_and_older_ones_still_open() {
    let (before, mut after) = rotated(CredentialKind::Contact);
    let row = [1; 16];
    let sealed = before.contact_seal(&row, "a@example.org").unwrap();
    let opened = after.contact_open(&row, &sealed).unwrap();
    assert_eq!(opened.as_str(), "a@example.org");
    let newer = after.contact_renew(&row, &sealed).unwrap().unwrap();
    assert_eq!(contact_version(&newer), Some(2));
    assert_eq!(after.contact_renew(&row, &newer), Ok(None));
    assert!(after.forget(CredentialKind::Contact, 1));
    assert!(
        !after.forget(CredentialKind::Contact, 2),
        "the newest stays"
    );
    let gone = Err(SealError::MissingCredential);
    assert_eq!(after.contact_open(&row, &sealed), gone);
    assert!(after.contact_open(&row, &newer).is_ok());
}

#[test]
fn a_pepper_opens_its_rows_for_ninety_days_after_it_was_replaced() {
    let (_, after) = rotated(CredentialKind::Pepper);
    assert_eq!(after.pepper().version(), 2);
    let last = DAY.plus(10 + 89);
    assert!(after.pepper_version(1, last).is_ok());
    assert!(after.pepper_version(1, last.plus(1)).is_err());
    assert!(after.pepper_version(2, last.plus(5_000)).is_ok());
}

#[test]
fn salts_and_ticket_keys_live_as_long_as_what_they_made() {
    let (before, after) = rotated(CredentialKind::Salt);
    let salts = after.live_salts(DAY.plus(10 + 365), 365);
    let (old, new) = (before.install_salt(), after.install_salt());
    assert_eq!(salts, [*new, *old]);
    assert_eq!(after.live_salts(DAY.plus(10 + 367), 365).len(), 1);

    let (_, after) = rotated(CredentialKind::Ticket);
    assert_eq!(after.ticket_keys(DAY.plus(11), 1).iter().count(), 2);
    assert_eq!(after.ticket_keys(DAY.plus(13), 1).iter().count(), 1);
}

#[test]
fn an_address_opens_in_its_own_row_only() {
    let credentials = Credentials::generate();
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
