//! Who may receive: charters and generations, as [`super::signed`] has other records.

use super::signed::{faults, key, keys, signature, signed, signer};
use super::{Format, Given, Made, Read, refused};
use crate::domain::ids::{KeyId, StaffId, TeamId};
use crate::seal::chain::{
    Charter, Custodian, CustodianPins, Generation, Seen, SignedCharter, SignedGeneration,
    verify_channel, verify_team,
};

pub(super) fn formats() -> Vec<Format> {
    vec![
        Format::bytes("charter", read_charter, charters),
        Format::bytes("generation", read_generation, generations),
    ]
}

/// A team's first generation, which signs itself.
fn first_generation() -> SignedGeneration {
    let generation = Generation {
        team: TeamId::from_bytes([1; 16]),
        number: 1,
        key: KeyId::from_bytes([2; 16]),
        recipient: keys(3).recipient(),
        verify_key: signer(4).verify_key(),
        members: Vec::new(),
    };
    SignedGeneration {
        signature: generation.sign(&signer(4)),
        generation,
    }
}

fn charter(given: &Given) -> Charter {
    Charter {
        channel: given.text("channel").to_owned(),
        team: TeamId::from_bytes(given.bytes("team")),
        first: key(given, "first"),
        sequence: given.number("sequence"),
    }
}

/// The whole way to the key.
fn read_charter(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let charter = charter(given);
    let signature = signature(bytes)?;
    let message = charter.to_bytes();
    let charter = SignedCharter {
        charter,
        signatures: vec![(key(given, "custodian"), signature)],
    };
    let seen = Seen {
        charter: given.number("seen"),
        generation: 1,
    };
    let pins = CustodianPins {
        threshold: 1,
        custodians: vec![Custodian::new(String::new(), key(given, "pinned"))],
    };
    verify_channel(
        &pins,
        "public",
        &[charter],
        &[first_generation()],
        Some(seen),
    )
    .or_else(refused)?;
    Ok(signed(&message, &signature))
}

fn charters() -> Vec<Made> {
    let custodian = signer(5).verify_key();
    let given = Given::default()
        .with("channel", "public")
        .hex("team", &[1; 16])
        .with("first", signer(4).verify_key())
        .with("sequence", 7)
        .with("custodian", custodian)
        .with("pinned", custodian)
        .with("seen", 7);
    let signature = charter(&given).sign(&signer(5));
    let with = |key: &str, value: &dyn ToString| given.clone().with(key, value.to_string());
    let changes = vec![
        ("another-team", given.clone().hex("team", &[9; 16])),
        ("another-first-key", with("first", &signer(9).verify_key())),
        ("another-sequence", with("sequence", &8)),
        (
            "another-custodian",
            with("custodian", &signer(9).verify_key()),
        ),
        (
            "custodian-not-pinned",
            with("pinned", &signer(9).verify_key()),
        ),
    ];
    let mut vectors = faults(&given, &signature, changes, "WrongSigner");
    let of_key = |given: &Given| charter(given).sign(&signer(5)).as_bytes().to_vec();
    for (name, given, refused) in [
        ("another-channel", with("channel", &"other"), "WrongChannel"),
        ("older-than-seen", with("seen", &8), "RolledBack"),
        (
            "no-first-generation",
            with("first", &signer(9).verify_key()),
            "Truncated",
        ),
    ] {
        vectors.push(Made::bad(name, &given, of_key(&given), refused));
    }
    vectors
}

fn generation(given: &Given) -> Generation {
    Generation {
        team: TeamId::from_bytes(given.bytes("team")),
        number: given.number("number"),
        key: KeyId::from_bytes(given.bytes("key")),
        recipient: given.text("recipient").parse().unwrap(),
        verify_key: key(given, "verify-key"),
        members: [given.bytes("member-1"), given.bytes("member-2")]
            .map(StaffId::from_bytes)
            .to_vec(),
    }
}

/// The second generation after [`first_generation`].
fn read_generation(given: &Given, bytes: &[u8]) -> Result<Read, String> {
    let team = TeamId::from_bytes([1; 16]);
    let second = generation(given);
    let signature = signature(bytes)?;
    let both = [
        first_generation(),
        SignedGeneration {
            generation: second.clone(),
            signature,
        },
    ];
    let newest = verify_team(team, &signer(4).verify_key(), &both).or_else(refused)?;
    if *newest != second {
        return Err("NotNewest".to_owned());
    }
    Ok(signed(&second.to_bytes(), &signature))
}

fn generations() -> Vec<Made> {
    let given = Given::default()
        .hex("team", &[1; 16])
        .with("number", 2)
        .hex("key", &[6; 16])
        .with("recipient", keys(7).recipient())
        .with("verify-key", signer(8).verify_key())
        .hex("member-1", &[0xb; 16])
        .hex("member-2", &[0xa; 16]);
    let signature = generation(&given).sign(&signer(4));
    let with = |key: &str, value: &dyn ToString| given.clone().with(key, value.to_string());
    let changes = vec![
        ("another-key", given.clone().hex("key", &[9; 16])),
        ("another-recipient", with("recipient", &keys(9).recipient())),
        (
            "another-verify-key",
            with("verify-key", &signer(9).verify_key()),
        ),
        ("another-member", given.clone().hex("member-1", &[9; 16])),
    ];
    let mut vectors = faults(&given, &signature, changes, "WrongSigner");
    let of_key = |given: &Given| generation(given).sign(&signer(4)).as_bytes().to_vec();
    let zeros = vec![0; 64];
    let (missing, forked) = (with("number", &3), with("number", &1));
    let foreign = given.clone().hex("team", &[9; 16]);
    vectors.extend([
        Made::bad("unsigned", &given, zeros, "Unsigned"),
        Made::bad("number-left-out", &missing, of_key(&missing), "Truncated"),
        Made::bad("number-twice", &forked, of_key(&forked), "Forked"),
        Made::bad("another-team", &foreign, of_key(&foreign), "NotNewest"),
    ]);
    vectors
}
