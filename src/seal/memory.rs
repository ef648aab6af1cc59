//! argon2id, and the memory it works in.
//!
//! A fresh 19 MiB block for every receipt would cost about a fifth of the run in page faults, so a few are kept and used again.

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
