//! The module's memory: blocks one after the other, the top moving down again as they are given back.
//!
//! A host holds one input at a time, so this stays at the first few hundred bytes for ever; a host that holds more
//! of them gets separate blocks, and the arena rewinds once the last of them is back.

const ALIGN: usize = 16;

pub struct Arena {
    base: usize,
    top: usize,
    end: usize,
    live: usize,
}

fn round_up(size: usize) -> Option<usize> {
    size.checked_add(ALIGN - 1).map(|size| size & !(ALIGN - 1))
}

impl Arena {
    pub const EMPTY: Arena = Arena { base: 0, top: 0, end: 0, live: 0 };

    /// Addresses `base` to `end` are free.
    pub fn new(base: usize, end: usize) -> Arena {
        let base = round_up(base).unwrap_or(end);
        Arena { base, top: base, end, live: 0 }
    }

    pub fn is_ready(&self) -> bool {
        self.base != 0
    }

    /// The address of a free block. `grow` is asked for at least so many more bytes at `end` and answers how many it added.
    pub fn take(&mut self, size: usize, grow: impl FnOnce(usize) -> usize) -> Option<usize> {
        let next = self.top.checked_add(round_up(size)?)?;
        if next > self.end {
            self.end += grow(next - self.end);
            if next > self.end {
                return None;
            }
        }
        let address = self.top;
        self.top = next;
        self.live += 1;
        Some(address)
    }

    /// Anything but a block of this arena is ignored.
    pub fn give_back(&mut self, address: usize, size: usize) {
        let end = match round_up(size).and_then(|size| address.checked_add(size)) {
            Some(end) => end,
            None => return,
        };
        if self.live == 0 || address < self.base || end > self.top {
            return;
        }
        self.live -= 1;
        if self.live == 0 {
            self.top = self.base;
        } else if end == self.top {
            self.top = address;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Arena;

    #[test]
    fn rewinds_when_the_last_block_is_back() {
        let mut arena = Arena::new(100, 10_000);
        let first = arena.take(100, |_| 0).unwrap();
        let second = arena.take(1, |_| 0).unwrap();
        assert_eq!((first, second), (112, 224));
        arena.give_back(first, 100);
        assert_eq!(arena.take(16, |_| 0), Some(240));
        arena.give_back(second, 1);
        arena.give_back(240, 16);
        assert_eq!(arena.take(100, |_| 0), Some(112));
    }

    #[test]
    fn reuses_the_top_block() {
        let mut arena = Arena::new(16, 10_000);
        let kept = arena.take(64, |_| 0).unwrap();
        for _ in 0..1000 {
            let block = arena.take(640, |_| 0).unwrap();
            assert_eq!(block, kept + 64);
            arena.give_back(block, 640);
        }
    }

    #[test]
    fn grows_by_what_is_missing_and_refuses_when_it_cannot() {
        let mut arena = Arena::new(16, 64);
        assert_eq!(
            arena.take(100, |missing| {
                assert_eq!(missing, 64);
                0
            }),
            None
        );
        assert_eq!(arena.take(usize::MAX, |_| 0), None);
        assert_eq!(arena.take(100, |_| 4096), Some(16));
    }

    #[test]
    fn ignores_foreign_blocks() {
        let mut arena = Arena::new(16, 4096);
        let block = arena.take(16, |_| 0).unwrap();
        arena.give_back(0, 16);
        arena.give_back(4096, 16);
        arena.give_back(usize::MAX, 16);
        arena.give_back(block, 4096);
        assert_eq!(arena.take(16, |_| 0), Some(block + 16));
    }
}
