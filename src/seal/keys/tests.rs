use secrecy::ExposeSecret;

use super::*;

#[test]
fn an_identity_reads_back_from_its_age_text() {
    let identity = Identity::generate(Suite::X25519);
    let text = identity.to_age_string();
    assert!(text.expose_secret().starts_with("AGE-SECRET-KEY-1"));
    let read: age::x25519::Identity = text.expose_secret().parse().unwrap();
    assert_eq!(read.to_public().to_string(), identity.recipient().as_str());
}

#[test]
fn a_recipient_has_one_spelling() {
    let text = Identity::generate(Suite::X25519).recipient().to_string();
    assert_eq!(text.len(), 62);
    assert_eq!(text.parse::<Recipient>().unwrap().as_str(), text);
    for other in [text.to_uppercase(), format!("{text} "), "age1".to_owned()] {
        assert_eq!(other.parse::<Recipient>(), Err(SealError::InvalidKey));
    }
}

#[test]
fn a_signature_is_of_one_key_and_one_message() {
    let key = SigningKey::from_seed(&Seed::random());
    let other = SigningKey::from_seed(&Seed::random());
    let signature = key.sign(b"message");
    assert_eq!(key.verify_key().verify(b"message", &signature), Ok(()));
    for (key, message) in [
        (&key, b"messagE".as_slice()),
        (&other, b"message".as_slice()),
    ] {
        assert_eq!(
            key.verify_key().verify(message, &signature),
            Err(BadSignature)
        );
    }
}

#[test]
fn a_weak_key_verifies_nothing() {
    // The point of order one: without strict checking, a signature of zeros fits every message.
    let mut weak = [0; 32];
    weak[0] = 1;
    let mut signature = [0; 64];
    signature[0] = 1;
    let outcome = VerifyKey::from_bytes(weak).verify(b"any", &Signature::from_bytes(signature));
    assert_eq!(outcome, Err(BadSignature));
}

#[test]
fn a_verify_key_reads_back_from_its_text() {
    let key = SigningKey::from_seed(&Seed::random()).verify_key();
    assert_eq!(key.to_string().parse(), Ok(key));
    assert_eq!("AAAA".parse::<VerifyKey>(), Err(SealError::InvalidKey));
}

#[test]
fn fingerprints_are_six_groups_of_five_digits() {
    let keys = StaffKeys::from_seed(&Seed::from_bytes([7; 32]));
    for text in [
        keys.verify_key().fingerprint(),
        fingerprint(&keys.recipient(), &keys.verify_key()),
    ] {
        let groups: Vec<&str> = text.split(' ').collect();
        assert_eq!(groups.len(), 6);
        assert!(
            groups
                .iter()
                .all(|group| group.len() == 5 && group.bytes().all(|b| b.is_ascii_digit()))
        );
    }
}

/// People's keys are on paper and in other databases: they must never come out differently. Computed with Python cryptography too.
#[test]
fn staff_keys_stay_what_they_are() {
    let keys = StaffKeys::from_seed(&Seed::from_bytes([7; 32]));
    assert_eq!(
        keys.recipient().as_str(),
        "age1wagudp89whlsyd0lrqhsezpwxhq7nxwvhgsu3883j8mu9eqmpczsch7qlq"
    );
    assert_eq!(
        keys.verify_key().to_string(),
        "OEJjzSumOHfiVQV0NN8IzC4HbIvm0qbjSMyp3WbKLNg"
    );
}

/// Sealing to one of these would end the process.
#[test]
fn a_recipient_is_one_that_can_be_sealed_to_and_has_one_spelling() {
    let hrp = Hrp::parse("age").unwrap();
    for point in [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0900000000000000000000000000000000000000000000000000000000000080",
    ] {
        let point = HEXLOWER.decode(point.as_bytes()).unwrap();
        let text = bech32::encode::<Bech32>(hrp, &point).unwrap();
        assert!(text.parse::<Recipient>().is_err(), "{text}");
    }
    let nine = [[9].as_slice(), &[0; 31]].concat();
    let text = bech32::encode::<Bech32>(hrp, &nine).unwrap();
    assert!(text.parse::<Recipient>().is_ok());
}

#[test]
fn secrets_say_nothing_in_debug() {
    let seed = Seed::from_bytes([7; 32]);
    assert_eq!(
        format!("{:?}", StaffKeys::from_seed(&seed)),
        "StaffKeys(..)"
    );
    assert_eq!(format!("{seed:?}"), "Seed(..)");
    assert_eq!(
        format!("{:?}", Identity::from_seed(Suite::X25519, &seed)),
        "Identity(..)"
    );
}

/// Of the length that age's `mlkem768x25519` has.
#[cfg(debug_assertions)]
#[test]
fn a_long_recipient_has_one_spelling() {
    let identity = Identity::generate(Suite::Trial);
    let text = identity.recipient().to_string();
    assert_eq!(text.len(), 1_962);
    assert_eq!(text.parse::<Recipient>(), Ok(identity.recipient()));
    let bytes = trial::stretched(&[9; 32]);
    let encoded = |bytes: &[u8]| encode(Suite::Trial, bytes).parse::<Recipient>();
    assert!(encoded(&bytes).is_ok());
    let longer = [bytes.as_slice(), &[9; 32]].concat();
    let other = [&bytes[..bytes.len() - 1], &[8]].concat();
    for wrong in [&bytes[..32], &longer, &other] {
        assert_eq!(encoded(wrong), Err(SealError::InvalidKey));
    }
    let short = Identity::from_seed(Suite::X25519, identity.seed());
    assert_ne!(short.recipient(), identity.recipient());
}
