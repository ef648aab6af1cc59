//! Who may receive, and who tries to be among them.

use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, TeamId};
use crate::seal::chain::{
    ChainError, Charter, Custodian, CustodianPins, Generation, Seen, SignedCharter,
    SignedGeneration, VerifiedKey, verify_channel,
};
use crate::seal::keys::{Identity, Seed, Signature, SigningKey};
use crate::seal::random;

/// Two of three custodians, a channel, and a team in its third generation.
struct World {
    custodians: Vec<SigningKey>,
    pins: CustodianPins,
    keys: Vec<SigningKey>,
    charters: Vec<SignedCharter>,
    generations: Vec<SignedGeneration>,
}

fn signing() -> SigningKey {
    SigningKey::from_seed(&Seed::random())
}

fn generation(
    team: TeamId,
    number: u32,
    key: &SigningKey,
    signer: &SigningKey,
) -> SignedGeneration {
    let generation = Generation {
        team,
        number,
        key: random::key_id(),
        recipient: Identity::generate().recipient(),
        verify_key: key.verify_key(),
        members: vec![random::staff_id(), random::staff_id()],
    };
    SignedGeneration {
        signature: generation.sign(signer),
        generation,
    }
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
        let keys = vec![signing(), signing(), signing()];
        let team = random::team_id();
        let charter = Charter {
            channel: "public".to_owned(),
            team,
            first: keys[0].verify_key(),
            sequence: 1,
        };
        Self {
            pins: CustodianPins {
                threshold: 2,
                custodians: custodians.iter().map(pinned).collect(),
            },
            charters: vec![signed(charter, &custodians[..2])],
            generations: vec![
                generation(team, 1, &keys[0], &keys[0]),
                generation(team, 2, &keys[1], &keys[0]),
                generation(team, 3, &keys[2], &keys[1]),
            ],
            custodians,
            keys,
        }
    }

    fn team(&self) -> TeamId {
        self.charters[0].charter.team
    }

    fn newest(&self) -> KeyId {
        self.generations[2].generation.key
    }

    fn verify(&self, seen: Option<Seen>) -> Result<VerifiedKey, ChainError> {
        verify_channel(
            &self.pins,
            "public",
            &self.charters,
            &self.generations,
            seen,
        )
    }
}

#[test]
fn the_newest_generation_receives() {
    let mut world = World::new();
    let verified = world.verify(None).unwrap();
    assert_eq!(verified.key, world.newest());
    assert_eq!((verified.team, verified.generation), (world.team(), 3));
    assert_eq!(
        verified.seen,
        Seen {
            charter: 1,
            generation: 3
        }
    );
    assert_eq!(world.verify(Some(verified.seen)), Ok(verified.clone()));
    // The order of the rows means nothing, and neither do another team's.
    world.generations.reverse();
    let other = signing();
    world
        .generations
        .push(generation(random::team_id(), 9, &other, &other));
    assert_eq!(world.verify(None), Ok(verified));
}

#[test]
fn too_few_signatures_are_unsigned() {
    let mut world = World::new();
    world.charters[0].signatures.truncate(1);
    assert_eq!(world.verify(None), Err(ChainError::Unsigned));
    // The same custodian twice is one custodian.
    let first = world.charters[0].signatures[0];
    world.charters[0].signatures.push(first);
    assert!(world.verify(None).is_err());
    world.charters[0].signatures.clear();
    assert_eq!(world.verify(None), Err(ChainError::Unsigned));
    world.charters.clear();
    assert_eq!(world.verify(None), Err(ChainError::NoCharter));
}

#[test]
fn a_generation_without_a_signature_is_unsigned() {
    let mut world = World::new();
    world.generations[1].signature = Signature::from_bytes([0; 64]);
    assert_eq!(world.verify(None), Err(ChainError::Unsigned));
}

#[test]
fn strangers_cannot_sign() {
    let world = World::new();
    let mut forged = World::new();
    forged.charters[0] = signed(world.charters[0].charter.clone(), &[signing(), signing()]);
    forged.generations = world.generations;
    assert_eq!(forged.verify(None), Err(ChainError::WrongSigner));

    for at in 0..3 {
        let mut world = World::new();
        let stranger = signing();
        world.generations[at].signature = world.generations[at].generation.sign(&stranger);
        assert_eq!(world.verify(None), Err(ChainError::WrongSigner), "{at}");
    }
    // Nor can a generation put itself behind the newest one, or skip the one before it.
    for signer in [3, 0] {
        let mut world = World::new();
        world.keys.push(signing());
        let next = generation(world.team(), 4, &world.keys[3], &world.keys[signer]);
        world.generations.push(next);
        assert_eq!(world.verify(None), Err(ChainError::WrongSigner));
    }
}

#[test]
fn nothing_that_is_signed_can_be_changed() {
    let changes: [fn(&mut World); 9] = [
        |world| world.charters[0].charter.team = random::team_id(),
        |world| world.charters[0].charter.first = signing().verify_key(),
        |world| world.charters[0].charter.sequence = 2,
        |world| world.generations[2].generation.recipient = Identity::generate().recipient(),
        |world| world.generations[2].generation.key = random::key_id(),
        |world| world.generations[2].generation.verify_key = signing().verify_key(),
        |world| {
            world.generations[2]
                .generation
                .members
                .push(random::staff_id())
        },
        |world| world.generations[0].generation.recipient = Identity::generate().recipient(),
        |world| world.generations[1].generation.verify_key = signing().verify_key(),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut world = World::new();
        change(&mut world);
        assert_eq!(world.verify(None), Err(ChainError::WrongSigner), "{index}");
    }
    let mut world = World::new();
    world.charters[0].charter.channel = "police".to_owned();
    assert_eq!(world.verify(None), Err(ChainError::WrongChannel));
}

#[test]
fn a_missing_generation_is_noticed() {
    for at in [0, 1] {
        let mut world = World::new();
        world.generations.remove(at);
        assert_eq!(world.verify(None), Err(ChainError::Truncated), "{at}");
    }
    let mut world = World::new();
    world.generations.clear();
    assert_eq!(world.verify(None), Err(ChainError::Truncated));
}

#[test]
fn what_was_seen_does_not_come_back_older() {
    let mut world = World::new();
    let seen = world.verify(None).unwrap().seen;
    let newest = world.generations.pop().unwrap();
    // By itself the shorter chain is sound; only the memory of the longer one tells.
    assert!(world.verify(None).is_ok());
    assert_eq!(world.verify(Some(seen)), Err(ChainError::RolledBack));

    world.generations.push(newest);
    let second = Charter {
        sequence: 2,
        ..world.charters[0].charter.clone()
    };
    world.charters.push(signed(second, &world.custodians[1..]));
    let seen = world.verify(Some(seen)).unwrap().seen;
    world.charters.pop();
    assert_eq!(world.verify(Some(seen)), Err(ChainError::RolledBack));
}

#[test]
fn custodians_can_begin_a_new_chain() {
    let mut world = World::new();
    let seen = world.verify(None).unwrap().seen;
    let (team, root) = (random::team_id(), signing());
    let charter = Charter {
        channel: "public".to_owned(),
        team,
        first: root.verify_key(),
        sequence: 2,
    };
    world.charters.push(signed(charter, &world.custodians[..2]));
    world.generations.push(generation(team, 1, &root, &root));
    let verified = world.verify(Some(seen)).unwrap();
    assert_eq!((verified.team, verified.generation), (team, 1));
}

#[test]
fn two_records_in_one_place_are_refused() {
    let mut world = World::new();
    let twin = generation(world.team(), 3, &signing(), &world.keys[1]);
    world.generations.push(twin);
    assert_eq!(world.verify(None), Err(ChainError::Forked));

    let mut world = World::new();
    world.charters.push(world.charters[0].clone());
    assert_eq!(world.verify(None), Err(ChainError::Forked));
}

#[test]
fn pins_must_be_able_to_sign() {
    for (threshold, kept) in [(0, 3), (2, 1), (1, 0)] {
        let mut world = World::new();
        world.pins.threshold = threshold;
        world.pins.custodians.truncate(kept);
        assert_eq!(world.verify(None), Err(ChainError::Pins));
    }
}

#[test]
fn the_order_of_members_does_not_matter() {
    let mut generation = World::new().generations.remove(0).generation;
    let before = generation.to_bytes();
    generation.members.reverse();
    assert_eq!(generation.to_bytes(), before);
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
        assert_eq!(world.verify(None).err(), expected, "{day}");
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
    assert_eq!(world.verify(None).err(), Some(ChainError::Unsigned));
    for charters in [both, three] {
        world.charters = charters;
        assert!(world.verify(None).is_ok());
        // What the new key signed holds when the earlier one has gone.
        let pins = world.pins.clone();
        world.pins = pins.clone().on(UNTIL.plus(1));
        assert!(world.verify(None).is_ok());
        world.pins = pins;
    }
    world.charters = vec![signed(charter, &[old.clone(), new.clone()])];
    world.pins = world.pins.clone().on(UNTIL.plus(1));
    assert_eq!(world.verify(None).err(), Some(ChainError::WrongSigner));
}
