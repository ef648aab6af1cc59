//! What is in force, and what was before it while the process ran.

/// How many earlier ones are remembered. Whoever began on an earlier one finds it gone, and nobody changes a form so often in the hours in
/// which one may be sent.
const EARLIER: usize = 15;

/// See the module.
#[derive(Debug, Clone)]
pub struct Remembered<T> {
    newest: T,
    /// The oldest first.
    earlier: Vec<T>,
}

impl<T> Remembered<T> {
    /// What the process starts with.
    pub const fn new(newest: T) -> Self {
        Self {
            newest,
            earlier: Vec::new(),
        }
    }

    /// What is in force.
    pub const fn newest(&self) -> &T {
        &self.newest
    }

    /// All of them, the newest first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.newest).chain(self.earlier.iter().rev())
    }

    /// From here on this is in force. `kept` is what is remembered of the one before.
    pub fn replace(&mut self, newest: T, kept: impl FnOnce(T) -> T) {
        let before = std::mem::replace(&mut self.newest, newest);
        self.earlier.push(kept(before));
        let forgotten = self.earlier.len().saturating_sub(EARLIER);
        self.earlier.drain(..forgotten);
    }
}
