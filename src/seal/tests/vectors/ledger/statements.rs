//! One statement: how it is written down, its place, and who signed.

use bech32::{Bech32, Hrp};

use super::super::signed::beyond;
use super::super::{Given, Made, changed};
use crate::domain::ids::{KeyId, TeamId};
use crate::ledger::office::{Charter, OfficeBody, RecoveryKey};
use crate::ledger::rules::Rules;
use crate::ledger::statement::{Body, Head, Statement};
use crate::ledger::team::TeamBody;
use crate::ledger::tests::{
    LEDGER, admit, approve, close, founding, generation, keys, leave, own, person, public, quarter,
    recover,
};

/// Where the fields of what was signed are in what is kept: after its length.
const SIGNED: usize = 4;
const SUITE: usize = SIGNED + 4;
const KIND: usize = SIGNED + 77;
const BODY: usize = KIND + 1;

const BEFORE: Head = Head {
    sequence: 6,
    digest: [7; 32],
};

/// What it is read with: the place before it, and the keys that must have signed.
fn given(of: &str, signed_by: &[u8]) -> Given {
    let by = signed_by
        .iter()
        .map(|number| keys(*number).verify_key().to_string());
    Given::default()
        .with("of", of)
        .hex("ledger", LEDGER.as_bytes())
        .with("sequence-before", BEFORE.sequence)
        .hex("digest-before", &BEFORE.digest)
        .with("signed-by", by.collect::<Vec<_>>().join(" "))
}

fn written<B: Body>(body: B, by: &[u8]) -> Vec<u8> {
    let statement = Statement::after((LEDGER, BEFORE), (person(1), quarter(1_990_000)), body);
    let by: Vec<_> = by.iter().map(|number| keys(*number).signing()).collect();
    statement.sign(&by).unwrap().to_bytes()
}

/// One of each kind. Who may say it is not asked here.
fn good() -> Vec<Made> {
    let team =
        |name, body: TeamBody, by: &[u8]| Made::good(name, &given("team", by), written(body, by));
    let office =
        |name, body: OfficeBody| Made::good(name, &given("office", &[1]), written(body, &[1]));
    let rules = Rules::new(2, 24).unwrap();
    let (me, lead) = (&[own(1, 0)], true);
    let custodian = keys(1).verify_key();
    let charter = Charter {
        channel: "public".to_owned(),
        team: TeamId::from_bytes([9; 16]),
        root: [8; 32],
    };
    let recovery = RecoveryKey {
        key: KeyId::from_bytes([3; 16]),
        keys: public(3),
    };
    let person = person(2);
    vec![
        team("good", approve(4), me),
        team("good-root", founding(true), &[own(1, 0), 41]),
        team("good-object", TeamBody::Object { newcomer: person }, me),
        team("good-admit", admit(4), me),
        team(
            "good-generation",
            TeamBody::Generation(generation(2)),
            &[own(1, 0), 41, 42],
        ),
        team("good-exit", leave(1), me),
        team("good-exit-by-another", close(2), &[100]),
        team("good-lead", TeamBody::Lead { person, lead }, me),
        team("good-rules", TeamBody::Rules(rules), me),
        team("good-rules-wish", TeamBody::RulesWish(rules), me),
        team("good-rules-stop", TeamBody::RulesStop, me),
        team("good-recovery", TeamBody::Recovery { on: false }, me),
        team(
            "good-renew",
            TeamBody::Renew(public(own(1, 1))),
            &[own(1, 0), own(1, 1)],
        ),
        team("good-recover", recover(4), &[101, 41]),
        office("good-charter", OfficeBody::Charter(charter, custodian)),
        office(
            "good-recovery-key",
            OfficeBody::Recovery(recovery, custodian),
        ),
    ]
}

/// Bytes that are no statement.
fn malformed() -> Vec<Made> {
    let (given, one) = (
        given("team", &[own(1, 0)]),
        written(approve(4), &[own(1, 0)]),
    );
    let put = |at: usize, byte: u8| changed(&one, |bytes| bytes[at] = byte);
    let bad = |name, bytes: Vec<u8>| Made::bad(name, &given, bytes, "Malformed");
    let unknown = |name, bytes: Vec<u8>, why| Made::bad(name, &given, bytes, why);
    let admission = written(admit(4), &[own(1, 0)]);
    let exit = written(close(4), &[own(1, 0)]);
    // The recipient begins after the newcomer and its length.
    let recipient = BODY + 16 + 4;
    let capitals = changed(&one, |bytes| {
        bytes[recipient..recipient + 62].make_ascii_uppercase()
    });
    let nowhere = bech32::encode::<Bech32>(Hrp::parse("age").unwrap(), &[0; 32]).unwrap();
    let nowhere = changed(&one, |bytes| {
        bytes[recipient..recipient + 62].copy_from_slice(nowhere.as_bytes())
    });
    let lead = admission.len() - 4 - 64 - 1;
    // A list of many signatures, each as long as it should be.
    let long = changed(&one, |bytes| {
        let count = bytes.len() - 64 - 4;
        bytes[count] = 129;
        bytes.resize(bytes.len() + 128 * 64, 0);
    });
    vec![
        bad("cut", one[..one.len() - 1].to_vec()),
        bad("trailing-byte", [one.as_slice(), &[0]].concat()),
        bad("too-long", long),
        bad("another-magic", put(SIGNED, b'T')),
        bad("length-too-small", put(0, one[0] - 1)),
        bad("recipient-in-capitals", capitals),
        bad(
            "recipient-changed",
            put(recipient + 30, one[recipient + 30] ^ 1),
        ),
        bad("recipient-too-short", put(recipient - 4, 61)),
        bad("recipient-of-low-order", nowhere),
        bad(
            "neither-true-nor-false",
            changed(&admission, |bytes| bytes[lead] = 2),
        ),
        bad(
            "neither-there-nor-not",
            changed(&exit, |bytes| bytes[BODY + 16] = 2),
        ),
        unknown("another-suite", put(SUITE, 2), "UnknownSuite(2)"),
        unknown("kind-none", put(KIND, 0), "UnknownKind(0)"),
        unknown("kind-newer", put(KIND, 14), "UnknownKind(14)"),
        unknown("kind-of-the-office", put(KIND, 65), "UnknownKind(65)"),
    ]
}

/// Statements in the wrong place, or of somebody else.
fn misplaced() -> Vec<Made> {
    let me = own(1, 0);
    let given = given("team", &[me]);
    let bad = |name, given: &Given, bytes: Vec<u8>, why| Made::bad(name, given, bytes, why);
    let one = || written(approve(4), &[me]);
    let by = |numbers: &[u8]| written(approve(4), numbers);
    let signer = "WrongSigner";
    let two = self::given("team", &[me, own(1, 1)]);
    let renewal = TeamBody::Renew(public(own(1, 1)));
    let signature = one().len() - 64;
    vec![
        bad(
            "another-ledger",
            &given.clone().hex("ledger", &[9; 16]),
            one(),
            "OtherLedger",
        ),
        bad(
            "number-left-out",
            &given.clone().with("sequence-before", 5),
            one(),
            "OutOfOrder",
        ),
        bad(
            "number-twice",
            &given.clone().with("sequence-before", 7),
            one(),
            "OutOfOrder",
        ),
        bad(
            "another-one-before",
            &given.clone().hex("digest-before", &[9; 32]),
            one(),
            "Forked",
        ),
        bad("unsigned", &given, by(&[]), signer),
        bad("signed-by-another", &given, by(&[own(2, 0)]), signer),
        bad("signed-twice", &given, by(&[me, me]), signer),
        bad(
            "signed-the-other-way-round",
            &two,
            written(renewal.clone(), &[own(1, 1), me]),
            signer,
        ),
        bad(
            "second-signature-missing",
            &two,
            written(renewal, &[me]),
            signer,
        ),
        bad(
            "another-time",
            &given,
            changed(&one(), |bytes| bytes[KIND - 4] ^= 1),
            signer,
        ),
        bad(
            "another-author",
            &given,
            changed(&one(), |bytes| bytes[KIND - 20] ^= 1),
            signer,
        ),
        bad(
            "another-newcomer",
            &given,
            changed(&one(), |bytes| bytes[BODY] ^= 1),
            signer,
        ),
        bad(
            "another-signature",
            &given,
            changed(&one(), |bytes| bytes[signature] ^= 1),
            signer,
        ),
        bad(
            "s-beyond-the-order",
            &given,
            [&one()[..signature], &beyond(&one()[signature..])].concat(),
            signer,
        ),
    ]
}

pub(super) fn all() -> Vec<Made> {
    [good(), malformed(), misplaced()]
        .into_iter()
        .flatten()
        .collect()
}
