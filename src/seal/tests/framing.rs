//! Sizes, and the frame as its bytes.

use proptest::prelude::*;

use super::*;
use crate::seal::frame::{self, Place};
use crate::seal::fuzzing::BothKeys;

fn keys() -> BothKeys {
    BothKeys::of([9; 32])
}

fn build(place: Place, kind: Kind, position: Position, body: &[u8]) -> Vec<u8> {
    let frame = frame::build(
        Suite::X25519,
        keys().auth(kind),
        place,
        (kind, position),
        body,
    );
    frame.unwrap().to_vec()
}

fn framed(length: usize) -> Vec<u8> {
    let place = Place::object(random::report_id(), random::object_id());
    build(place, Kind::Note, at(0, 1), &vec![b'x'; length])
}

#[test]
fn frames_have_the_sizes_of_the_steps_and_no_other() {
    for (length, size) in [
        (0, 1 << 10),
        (1_024 - 104, 1 << 10),
        (1_024 - 103, 4 << 10),
        (4_096 - 104, 4 << 10),
        (4_096 - 103, 16 << 10),
        (16_384 - 103, 64 << 10),
        (65_536 - 104, 64 << 10),
        // Padmé: above 2^16 five leading bits count, so a step is 2^11.
        (65_536 - 103, 65_536 + 2_048),
        (1_000_000, 1_015_808),
    ] {
        assert_eq!(framed(length).len(), size, "{length}");
    }
}

#[test]
fn a_frame_says_where_it_belongs() {
    let (report, object) = (random::report_id(), random::object_id());
    let place = Place::object(report, object);
    let bytes = build(place, Kind::Decision, at(0x0102, 3), b"body");
    assert_eq!(&bytes[..8], b"OBJ1\x01\x06\0\0");
    assert_eq!(&bytes[8..24], report.as_bytes());
    assert_eq!(&bytes[24..40], object.as_bytes());
    assert_eq!(&bytes[40..48], [0, 0, 0, 0, 0, 0, 1, 2]);
    assert_eq!(&bytes[48..52], [0, 0, 0, 3]);
    assert_eq!(&bytes[52..64], [0; 12]);
    assert_eq!(&bytes[64..68], b"body");
    assert_eq!(&bytes[1_024 - 40..1_024 - 32], [0, 0, 0, 0, 0, 0, 0, 4]);
}

#[test]
fn every_changed_byte_of_a_frame_is_refused() {
    let (report, object) = (random::report_id(), random::object_id());
    let place = Place::object(report, object);
    let bytes = build(place, Kind::Note, at(0, 1), b"body");
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let outcome = frame::parse(&changed, Suite::X25519)
            .and_then(|frame| frame.authenticate(keys().auth(frame.kind), place));
        assert!(outcome.is_err(), "byte {at}");
    }
}

#[test]
fn no_kind_is_made_or_read_with_the_other_writers_key() {
    let (place, keys) = (
        Place::object(random::report_id(), random::object_id()),
        keys(),
    );
    for (kind, other) in [
        (Kind::Card, Kind::ReporterMessage),
        (Kind::Answers, Kind::ReporterMessage),
        (Kind::StaffMessage, Kind::ReporterMessage),
        (Kind::Note, Kind::ReporterMessage),
        (Kind::Decision, Kind::ReporterMessage),
        (Kind::Proposal, Kind::ReporterMessage),
        (Kind::ReporterMessage, Kind::Note),
        (Kind::MailItem, Kind::Note),
        (Kind::MailboxCard, Kind::Note),
    ] {
        let position = if kind.is_numbered() {
            at(0, 1)
        } else {
            at(0, 0)
        };
        let made = frame::build(
            Suite::X25519,
            keys.auth(other),
            place,
            (kind, position),
            b"body",
        );
        assert_eq!(made.err(), Some(SealError::WrongKind), "{kind:?}");
        // Even where both keys are the same bytes.
        let bytes = build(place, kind, position, b"body");
        let frame = frame::parse(&bytes, Suite::X25519).unwrap();
        let read = frame.authenticate(keys.auth(other), place);
        assert_eq!(read.err(), Some(SealError::Unauthenticated), "{kind:?}");
    }
}

#[test]
fn an_unknown_suite_is_refused_by_name() {
    let mut bytes = framed(1);
    bytes[4] = 2;
    assert_eq!(
        frame::parse(&bytes, Suite::X25519).err(),
        Some(SealError::UnknownSuite)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_sealed_opens_as_it_was(
        body in prop::collection::vec(any::<u8>(), 0..20_000), seconds in any::<u64>(), number in 1_u32..,
    ) {
        let fixture = Fixture::new();
        let (report, position) = (fixture.report(), at(seconds, number));
        let note = (Kind::Note, position);
        let object = opening::seal_object(&report, random::object_id(), note, fixture.by(), &body).unwrap();
        let opened = opening::open_object(&report, object.id, &object.sealed).unwrap();
        prop_assert_eq!(opened.body.as_slice(), body.as_slice());
        prop_assert_eq!(opened.position, position);
    }

    #[test]
    fn padding_costs_little_and_hides_the_rest(length in 0_usize..3_000_000) {
        let size = frame::padded_size(length);
        prop_assert!(size >= length + 104);
        if size > 65_536 {
            prop_assert!(size - length - 104 <= length / 8);
            // At most as many leading bits as the exponent's logarithm needs.
            let bits = usize::BITS - size.leading_zeros() - size.trailing_zeros();
            prop_assert!(bits <= 6, "{size:b}");
        } else {
            prop_assert!([1_024, 4_096, 16_384, 65_536].contains(&size));
        }
    }

    #[test]
    fn any_bytes_are_a_frame_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert!(frame::parse(&bytes, Suite::X25519).is_err());
    }
}

/// What is known, and not what its key is of.
#[cfg(debug_assertions)]
#[test]
fn a_frame_is_of_the_suite_of_its_key() {
    let bytes = framed(4);
    let read = |suite| frame::parse(&bytes, suite).err();
    assert_eq!(read(Suite::X25519), None);
    assert_eq!(read(Suite::Trial), Some(SealError::OtherSuite));
}
