//! argon2id, and the memory it works in.
//!
//! The 19 MiB of a receipt are kept and used again. Fresh ones took from as long (15 ms) to more than twice as long, depending on whether
//! the allocator had given the pages back, and would be left behind unwiped; wiping costs 0.6 ms. See `how_long_a_run_takes`.

use std::sync::Mutex;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroizing;

use super::SealError;

const RECEIPT_KIB: u32 = 19 * 1024;
const UNLOCK_KIB: u32 = 64 * 1024;
/// How many blocks are kept: as many runs as a small machine does at once.
const KEPT: usize = 2;

static RECEIPT_MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// argon2id, 19 MiB, two passes.
pub(super) fn receipt(input: &[u8], salt: &[u8; 16]) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let params = Params::new(RECEIPT_KIB, 2, 1, Some(32)).map_err(|_| SealError::Failed)?;
    let mut memory = take(params.block_count());
    let mut key = Zeroizing::new([0; 32]);
    let outcome = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(input, salt, key.as_mut_slice(), memory.as_mut_slice());
    give_back(memory);
    outcome.map(|()| key).map_err(|_| SealError::Failed)
}

/// argon2id, 64 MiB, three passes, keyed with the pepper.
pub(super) fn unlock(
    input: &[u8],
    salt: &[u8; 16],
    pepper: &[u8; 32],
) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let params = Params::new(UNLOCK_KIB, 3, 1, Some(32)).map_err(|_| SealError::Failed)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params)
        .and_then(|argon| argon.hash_password_into(input, salt, key.as_mut_slice()))
        .map(|()| key)
        .map_err(|_| SealError::Failed)
}

/// Gives the kept memory back to the system.
pub(super) fn release() {
    if let Ok(mut kept) = RECEIPT_MEMORY.lock() {
        kept.clear();
        kept.shrink_to_fit();
    }
}

fn take(blocks: usize) -> Vec<Block> {
    RECEIPT_MEMORY
        .lock()
        .ok()
        .and_then(|mut kept| kept.pop())
        .unwrap_or_else(|| vec![Block::new(); blocks])
}

fn give_back(mut memory: Vec<Block>) {
    // The blocks would let a reader of the process's memory finish the computation.
    memory.fill(Block::new());
    if let Ok(mut kept) = RECEIPT_MEMORY.lock()
        && kept.len() < KEPT
    {
        kept.push(memory);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_is_used_again_without_a_trace() {
        let first = receipt(b"0123456789012345678901", &[1; 16]).unwrap();
        let other = receipt(b"other", &[1; 16]).unwrap();
        assert_ne!(*first, *other);
        assert_eq!(
            *receipt(b"0123456789012345678901", &[1; 16]).unwrap(),
            *first
        );
        let fresh = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(RECEIPT_KIB, 2, 1, Some(32)).unwrap(),
        );
        let mut expected = [0; 32];
        fresh
            .hash_password_into(b"0123456789012345678901", &[1; 16], &mut expected)
            .unwrap();
        assert_eq!(*first, expected);
        release();
        assert_eq!(
            *receipt(b"0123456789012345678901", &[1; 16]).unwrap(),
            expected
        );
    }

    #[test]
    #[ignore = "a measurement: cargo test --release --lib memory -- --ignored --nocapture"]
    fn how_long_a_run_takes() {
        use std::time::Instant;
        let params = Params::new(RECEIPT_KIB, 2, 1, Some(32)).unwrap();
        for round in 0..3 {
            let start = Instant::now();
            for _ in 0..20 {
                receipt(b"0123456789012345678901", &[1; 16]).unwrap();
            }
            let kept = start.elapsed() / 20;
            let start = Instant::now();
            for _ in 0..20 {
                let mut out = [0; 32];
                Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
                    .hash_password_into(b"0123456789012345678901", &[1; 16], &mut out)
                    .unwrap();
            }
            let fresh = start.elapsed() / 20;
            let mut memory = vec![Block::new(); params.block_count()];
            let start = Instant::now();
            for _ in 0..20 {
                memory.fill(Block::new());
                std::hint::black_box(&mut memory);
            }
            println!(
                "round {round}: kept {kept:?}, fresh {fresh:?}, wipe {:?}",
                start.elapsed() / 20
            );
        }
    }
}
