//! A proposal opens where it was made, under the id it was made with, and nowhere else.

use super::*;
use crate::domain::ids::{ObjectId, ProposalId};
use crate::domain::sealed::{Object, Proposal};

#[test]
fn a_proposal_is_bound_to_its_report_and_its_id() {
    let (fixture, other) = (Fixture::new(), Fixture::new());
    let report = fixture.report();
    let (id, another) = (random::proposal_id(), random::proposal_id());
    let sealed = opening::seal_proposal(&report, id, fixture.by(), b"why").unwrap();
    let open =
        |report, id| opening::open_proposal(report, id, &sealed).map(|open| open.text.to_vec());
    assert_eq!(open(&report, id), Ok(b"why".to_vec()));
    assert_eq!(open(&report, another), Err(SealError::WrongObject));
    assert_eq!(open(&other.report(), id), Err(SealError::NotOpened));
    for changed in flipped(&sealed).chain(cut(&sealed)) {
        let outcome = opening::open_proposal(&report, id, &changed);
        assert!(matches!(outcome, Err(SealError::NotOpened)));
    }
}

#[test]
fn a_proposal_is_no_object_and_an_object_is_no_proposal() {
    let fixture = Fixture::new();
    let report = fixture.report();
    let id = random::proposal_id();
    let proposal = opening::seal_proposal(&report, id, fixture.by(), b"why").unwrap();
    let as_object: Sealed<Object> = Sealed::parse(proposal.into_bytes()).unwrap();
    let object = ObjectId::from_bytes(*id.as_bytes());
    let outcome = opening::open_object(&report, object, &as_object);
    assert_eq!(outcome.unwrap_err(), SealError::WrongKind);

    let note = (Kind::Note, at(1, 2));
    let note =
        opening::seal_object(&report, random::object_id(), note, fixture.by(), b"why").unwrap();
    let as_proposal: Sealed<Proposal> = Sealed::parse(note.sealed.into_bytes()).unwrap();
    let id = ProposalId::from_bytes(*note.id.as_bytes());
    let outcome = opening::open_proposal(&report, id, &as_proposal);
    assert_eq!(outcome.unwrap_err(), SealError::WrongKind);
}

#[test]
fn an_export_opens_for_its_recipient_alone() {
    let (authority, other) = (
        Identity::generate(Suite::X25519),
        Identity::generate(Suite::X25519),
    );
    let file = opening::seal_export(&authority.recipient(), b"all of it").unwrap();
    let open =
        |key: &Identity| crate::seal::age_file::decrypt(key, &file).map(|text| text.to_vec());
    assert_eq!(open(&authority), Ok(b"all of it".to_vec()));
    assert_eq!(open(&other), Err(SealError::NotOpened));
}
