//! What the performance statistics need of a prediction (ŷ, score): the join carries it, unread.

/// So many bytes lie in the slot itself.
const INLINE_BYTES: usize = 8;

/// A tag and at most 512 bytes, packed by the task that will read them again.
///
/// The tag is for what few predictions differ in, such as the class: it takes nothing of a slot. Up to 8 bytes lie in
/// the slot, enough for a score or a number; more take an allocation of their own. Their order is some order, the same
/// everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Facts {
    tag: u8,
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Form {
    Inline {
        length: u8,
        bytes: [u8; INLINE_BYTES],
    },
    /// More than 8 bytes.
    Apart(Box<[u8]>),
}

/// What tells how the word of a slot is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Layout {
    tag: u8,
    /// Bytes.
    length: u16,
}

impl Facts {
    /// Most bytes: the scores of 64 classes.
    pub const BYTES_MAX: usize = 512;

    /// None past [`Facts::BYTES_MAX`].
    pub fn new(tag: u8, facts: &[u8]) -> Option<Self> {
        let mut bytes = [0; INLINE_BYTES];
        let form = match bytes.get_mut(..facts.len()) {
            Some(inline) => {
                inline.copy_from_slice(facts);
                Form::Inline { length: facts.len() as u8, bytes }
            }
            None => Form::Apart(facts.into()),
        };
        (facts.len() <= Self::BYTES_MAX).then_some(Self { tag, form })
    }

    pub fn tag(&self) -> u8 {
        self.tag
    }

    pub fn bytes(&self) -> &[u8] {
        match &self.form {
            Form::Inline { length, bytes } => &bytes[..usize::from(*length)],
            Form::Apart(bytes) => bytes,
        }
    }

    pub(super) fn layout(&self) -> Layout {
        Layout { tag: self.tag, length: self.bytes().len() as u16 }
    }
}

impl Layout {
    fn is_inline(self) -> bool {
        usize::from(self.length) <= INLINE_BYTES
    }
}

/// Where facts that do not fit a slot lie: a slot holds a number instead.
#[derive(Debug, Default)]
pub(super) struct Spill {
    apart: Vec<Box<[u8]>>,
    free: Vec<usize>,
}

impl Spill {
    /// The word that stands in the slot.
    pub fn put(&mut self, facts: &Facts) -> u64 {
        match &facts.form {
            Form::Inline { bytes, .. } => u64::from_le_bytes(*bytes),
            Form::Apart(bytes) => {
                let at = self.free.pop().unwrap_or_else(|| {
                    self.apart.push(Box::default());
                    self.apart.len() - 1
                });
                self.apart[at] = bytes.clone();
                at as u64
            }
        }
    }

    pub fn get(&self, layout: Layout, word: u64) -> Facts {
        let form = match layout.is_inline() {
            true => Form::Inline { length: layout.length as u8, bytes: word.to_le_bytes() },
            false => Form::Apart(self.apart[word as usize].clone()),
        };
        Facts { tag: layout.tag, form }
    }

    pub fn release(&mut self, layout: Layout, word: u64) {
        if !layout.is_inline() {
            self.apart[word as usize] = Box::default();
            self.free.push(word as usize);
        }
    }

    pub fn bytes(&self) -> usize {
        let held: usize = self.apart.iter().map(|facts| size_of_val(facts) + facts.len()).sum();
        held + self.free.capacity() * size_of::<usize>()
    }
}
