//! A secret in its versions: the newest is used, earlier ones go on opening what was made with them.

use std::collections::BTreeMap;

use crate::domain::clock::Day;

/// A version of a secret.
#[derive(Clone)]
pub(super) struct Version<T> {
    /// The UTC day it was made; `None` in files from before that was written down.
    pub(super) made: Option<Day>,
    pub(super) secret: T,
}

/// At least one version, by number.
#[derive(Clone)]
pub(super) struct Versions<T> {
    number: u32,
    newest: Version<T>,
    earlier: BTreeMap<u32, Version<T>>,
}

/// What may be told of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionInfo {
    /// Its number, from 1.
    pub number: u32,
    /// The UTC day it was made, if it is known.
    pub made: Option<Day>,
    /// The UTC day the next version took its place; `None` for the newest.
    pub replaced: Option<Day>,
    /// Whether it is the newest.
    pub is_newest: bool,
}

impl VersionInfo {
    /// Whether it is the newest, or was until `days` before `today`. A day more than asked for, because days are all that is known.
    pub fn is_live(&self, today: Day, days: i64) -> bool {
        self.is_newest
            || self
                .replaced
                .is_some_and(|day| day.plus(days.saturating_add(1)) >= today)
    }
}

impl<T> Versions<T> {
    pub(super) fn first(secret: T, made: Option<Day>) -> Self {
        Self {
            number: 1,
            newest: Version { made, secret },
            earlier: BTreeMap::new(),
        }
    }

    /// `None` if there is none.
    pub(super) fn of(mut earlier: BTreeMap<u32, Version<T>>) -> Option<Self> {
        let (number, newest) = earlier.pop_last()?;
        Some(Self {
            number,
            newest,
            earlier,
        })
    }

    pub(super) const fn newest(&self) -> (u32, &T) {
        (self.number, &self.newest.secret)
    }

    pub(super) fn get(&self, number: u32) -> Option<&T> {
        if number == self.number {
            return Some(&self.newest.secret);
        }
        self.earlier.get(&number).map(|version| &version.secret)
    }

    /// By number, the oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, &Version<T>)> {
        self.earlier
            .iter()
            .map(|(number, version)| (*number, version))
            .chain(std::iter::once((self.number, &self.newest)))
    }

    /// The same version numbers and days with something made of each secret.
    pub(super) fn map<U>(self, mut with: impl FnMut(u32, T) -> U) -> Versions<U> {
        let mut with = |number, version: Version<T>| Version {
            made: version.made,
            secret: with(number, version.secret),
        };
        let earlier = self.earlier.into_iter();
        Versions {
            earlier: earlier
                .map(|(number, version)| (number, with(number, version)))
                .collect(),
            newest: with(self.number, self.newest),
            number: self.number,
        }
    }

    /// Puts a new version above the newest. Says its number.
    pub(super) fn push(&mut self, made: Day, secret: impl FnOnce(u32) -> T) -> u32 {
        let number = self.number.saturating_add(1);
        let version = Version {
            made: Some(made),
            secret: secret(number),
        };
        let last = std::mem::replace(&mut self.newest, version);
        self.earlier.insert(self.number, last);
        self.number = number;
        number
    }

    /// Takes a version away. `false` if it is the newest, or is not there.
    pub(super) fn forget(&mut self, number: u32) -> bool {
        self.earlier.remove(&number).is_some()
    }

    pub(super) fn infos(&self) -> Vec<VersionInfo> {
        let mut infos: Vec<VersionInfo> = self
            .iter()
            .map(|(number, version)| VersionInfo {
                number,
                made: version.made,
                replaced: None,
                is_newest: true,
            })
            .collect();
        let made: Vec<Option<Day>> = infos.iter().map(|info| info.made).collect();
        for (info, next) in infos.iter_mut().zip(made.into_iter().skip(1)) {
            info.replaced = next;
            info.is_newest = false;
        }
        infos
    }

    /// Secrets that are live, the newest first. See [`VersionInfo::is_live`].
    pub(super) fn live(&self, today: Day, days: i64) -> impl Iterator<Item = &T> {
        let infos = self.infos();
        infos
            .into_iter()
            .rev()
            .filter(move |info| info.is_live(today, days))
            .filter_map(|info| self.get(info.number))
    }
}
