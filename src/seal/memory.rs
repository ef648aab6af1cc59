//! argon2id, and the memory it works in.
//!
//! Blocks for receipts are kept and used again: fresh ones of 19 MiB took from as long (15 ms) to more than twice as long, depending on whether
//! the allocator had given the pages back. They are wiped after each run, which costs 0.6 ms. See `how_long_a_run_takes`. There are never
//! more of them than runs at once, which the lanes bound. Those for passphrases, of 64 MiB, are seldom used and go at once.

use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, Version};

use super::SealError;
use super::secret::Secret;

/// Bytes above which the system's allocator asks the system for each piece and gives it back when it is freed: the most to which glibc
/// raises that bound by itself. Smaller pieces stay with the process for good. What is not used of a piece takes no memory.
const GIVEN_BACK: usize = 32 << 20;

static RECEIPT: Pool = Pool::new(19 * 1024, 2, true);
static UNLOCK: Pool = Pool::new(64 * 1024, 3, false);

/// argon2id, 19 MiB, two passes.
pub(super) fn receipt(input: &[u8], salt: &[u8; 16]) -> Result<Secret<32>, SealError> {
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, RECEIPT.params()?);
    RECEIPT.run(&argon, input, salt)
}

/// argon2id, 64 MiB, three passes, keyed with the pepper.
pub(super) fn unlock(
    input: &[u8],
    salt: &[u8; 16],
    pepper: &[u8; 32],
) -> Result<Secret<32>, SealError> {
    let params = UNLOCK.params()?;
    let argon = Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params);
    UNLOCK.run(&argon.map_err(|_| SealError::Failed)?, input, salt)
}

/// Gives the memory that is not in use back to the system.
pub(super) fn release() {
    let idle = std::mem::take(&mut *RECEIPT.kept());
    drop(idle);
}

/// The blocks of runs of one size.
struct Pool {
    kib: u32,
    passes: u32,
    keeps: bool,
    kept: Mutex<Vec<Vec<Block>>>,
}

impl Pool {
    const fn new(kib: u32, passes: u32, keeps: bool) -> Self {
        Self {
            kib,
            passes,
            keeps,
            kept: Mutex::new(Vec::new()),
        }
    }

    fn params(&self) -> Result<Params, SealError> {
        Params::new(self.kib, self.passes, 1, Some(32)).map_err(|_| SealError::Failed)
    }

    fn run(
        &self,
        argon: &Argon2<'_>,
        input: &[u8],
        salt: &[u8; 16],
    ) -> Result<Secret<32>, SealError> {
        let kept = self.kept().pop();
        let mut memory = kept.unwrap_or_else(|| blocks(argon.params().block_count()));
        let key = Secret::filled(|key| {
            argon.hash_password_into_with_memory(input, salt, key, memory.as_mut_slice())
        });
        // The blocks would let a reader of the process's memory finish the computation.
        memory.fill(Block::new());
        if self.keeps {
            self.kept().push(memory);
        }
        key.map_err(|_| SealError::Failed)
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn blocks(count: usize) -> Vec<Block> {
    let mut memory = Vec::with_capacity(count.max(GIVEN_BACK / Block::SIZE + 1));
    memory.resize(count, Block::new());
    memory
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
            RECEIPT.params().unwrap(),
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
        let params = RECEIPT.params().unwrap();
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
