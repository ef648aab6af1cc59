//! Who may receive, and who tries to be among them.

use crate::domain::clock::Day;
use crate::seal::chain::{
    ChainError, Charter, Custodian, CustodianPins, Seen, SignedCharter, VerifiedKey,
    charter_in_force,
};
use crate::seal::keys::{Identity, Seed, SigningKey};
use crate::seal::random;

/// Two of three custodians, and a channel.
struct World {
    custodians: Vec<SigningKey>,
    pins: CustodianPins,
    charters: Vec<SignedCharter>,
}

fn signing() -> SigningKey {
    SigningKey::from_seed(&Seed::random())
}

fn pinned(key: &SigningKey) -> Custodian {
    Custodian::new(String::new(), key.verify_key())
}

fn signed(charter: Charter, custodians: &[SigningKey]) -> SignedCharter {
    SignedCharter {
        signatures: custodians
            .iter()
            .map(|custodian| (custodian.verify_key(), charter.sign(custodian)))
            .collect(),
        charter,
    }
}

impl World {
    fn new() -> Self {
        let custodians = vec![signing(), signing(), signing()];
        let team = random::team_id();
        let charter = Charter {
            channel: "public".to_owned(),
            team,
            first: signing().verify_key(),
            sequence: 1,
        };
        Self {
            pins: CustodianPins {
                threshold: 2,
                custodians: custodians.iter().map(pinned).collect(),
            },
            charters: vec![signed(charter, &custodians[..2])],
            custodians,
        }
    }

    fn verify(&self) -> Result<&Charter, ChainError> {
        charter_in_force(&self.pins, "public", &self.charters)
    }
}

#[test]
fn the_newest_charter_counts() {
    let mut world = World::new();
    let second = Charter {
        team: random::team_id(),
        sequence: 2,
        ..world.charters[0].charter.clone()
    };
    world.charters.push(signed(second, &world.custodians[1..]));
    assert_eq!(world.verify().map(|charter| charter.sequence), Ok(2));
    world.charters.reverse();
    assert_eq!(world.verify().map(|charter| charter.sequence), Ok(2));
}

#[test]
fn what_was_seen_does_not_come_back_older() {
    let key = |charter, generation| VerifiedKey {
        team: random::team_id(),
        key: random::key_id(),
        generation,
        recipient: Identity::generate().recipient(),
        seen: Seen {
            charter,
            generation,
        },
    };
    let seen = key(2, 3).seen;
    assert!(key(2, 3).not_before(Some(seen)).is_ok());
    assert!(key(3, 1).not_before(Some(seen)).is_ok(), "a new chain");
    assert!(key(1, 1).not_before(None).is_ok());
    for (charter, generation) in [(2, 2), (1, 9)] {
        let older = key(charter, generation).not_before(Some(seen));
        assert_eq!(older.err(), Some(ChainError::RolledBack));
    }
}

#[test]
fn too_few_signatures_are_unsigned() {
    let mut world = World::new();
    world.charters[0].signatures.truncate(1);
    assert_eq!(world.verify(), Err(ChainError::Unsigned));
    // The same custodian twice is one custodian.
    let first = world.charters[0].signatures[0];
    world.charters[0].signatures.push(first);
    assert!(world.verify().is_err());
    world.charters[0].signatures.clear();
    assert_eq!(world.verify(), Err(ChainError::Unsigned));
    world.charters.clear();
    assert_eq!(world.verify(), Err(ChainError::NoCharter));
}

#[test]
fn strangers_cannot_sign() {
    let world = World::new();
    let mut forged = World::new();
    forged.charters[0] = signed(world.charters[0].charter.clone(), &[signing(), signing()]);
    assert_eq!(forged.verify(), Err(ChainError::WrongSigner));
}

#[test]
fn nothing_that_is_signed_can_be_changed() {
    let changes: [fn(&mut World); 3] = [
        |world| world.charters[0].charter.team = random::team_id(),
        |world| world.charters[0].charter.first = signing().verify_key(),
        |world| world.charters[0].charter.sequence = 2,
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut world = World::new();
        change(&mut world);
        assert_eq!(world.verify(), Err(ChainError::WrongSigner), "{index}");
    }
    let mut world = World::new();
    world.charters[0].charter.channel = "police".to_owned();
    assert_eq!(world.verify(), Err(ChainError::WrongChannel));
}

#[test]
fn two_charters_in_one_place_are_refused() {
    let mut world = World::new();
    world.charters.push(world.charters[0].clone());
    assert_eq!(world.verify(), Err(ChainError::Forked));
}

#[test]
fn pins_must_be_able_to_sign() {
    for (threshold, kept) in [(0, 3), (2, 1), (1, 0)] {
        let mut world = World::new();
        world.pins.threshold = threshold;
        world.pins.custodians.truncate(kept);
        assert_eq!(world.verify(), Err(ChainError::Pins));
    }
}

/// The first custodian has a new key; the old one counts until this day.
const UNTIL: Day = Day::from_number(20_780);

fn changing() -> (World, SigningKey) {
    let mut world = World::new();
    let new = signing();
    let old = std::mem::replace(&mut world.pins.custodians[0].key, new.verify_key());
    world.pins.custodians[0].previous = Some((old, UNTIL));
    (world, new)
}

#[test]
fn a_custodians_earlier_key_counts_until_its_day() {
    let (mut world, _) = changing();
    let pins = world.pins.clone();
    for (day, expected) in [
        (UNTIL.plus(-20), None),
        (UNTIL, None),
        (UNTIL.plus(1), Some(ChainError::WrongSigner)),
    ] {
        world.pins = pins.clone().on(day);
        assert_eq!(world.verify().err(), expected, "{day}");
    }
}

#[test]
fn two_keys_of_one_custodian_are_one_person() {
    let (mut world, new) = changing();
    world.pins = world.pins.clone().on(UNTIL);
    let charter = world.charters[0].charter.clone();
    let by = |keys: &[&SigningKey]| {
        let keys: Vec<SigningKey> = keys.iter().map(|key| (*key).clone()).collect();
        vec![signed(charter.clone(), &keys)]
    };
    let [old, second, _] = &world.custodians[..] else {
        panic!("three custodians");
    };
    let (twice, both, three) = (
        by(&[old, &new]),
        by(&[&new, second]),
        by(&[old, &new, second]),
    );
    world.charters = twice;
    assert_eq!(world.verify().err(), Some(ChainError::Unsigned));
    for charters in [both, three] {
        world.charters = charters;
        assert!(world.verify().is_ok());
        // What the new key signed holds when the earlier one has gone.
        let pins = world.pins.clone();
        world.pins = pins.clone().on(UNTIL.plus(1));
        assert!(world.verify().is_ok());
        world.pins = pins;
    }
    world.charters = vec![signed(charter, &[old.clone(), new.clone()])];
    world.pins = world.pins.clone().on(UNTIL.plus(1));
    assert_eq!(world.verify().err(), Some(ChainError::WrongSigner));
}
