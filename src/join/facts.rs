//! What the performance statistics need of a prediction (ŷ, quantised score, p): the join carries it, unread.

/// So many bytes lie in the slot itself.
const INLINE_BYTES: usize = 8;

/// At most 255 bytes, packed by the task that will read them again.
///
/// Up to 8 lie in the slot: enough for a class, a score's bin and a probability in units of 2^-40, or for a number.
/// More take an allocation of their own. Their order is some order, the same everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Facts(Form);

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Form {
    Inline {
        length: u8,
        bytes: [u8; INLINE_BYTES],
    },
    /// More than 8 bytes.
    Apart(Box<[u8]>),
}

impl Facts {
    /// Most bytes: the scores and probabilities of 32 classes.
    pub const BYTES_MAX: usize = 255;

    /// None past [`Facts::BYTES_MAX`].
    pub fn new(facts: &[u8]) -> Option<Self> {
        let length = u8::try_from(facts.len()).ok()?;
        let mut bytes = [0; INLINE_BYTES];
        let form = match bytes.get_mut(..facts.len()) {
            Some(inline) => {
                inline.copy_from_slice(facts);
                Form::Inline { length, bytes }
            }
            None => Form::Apart(facts.into()),
        };
        Some(Self(form))
    }

    pub fn bytes(&self) -> &[u8] {
        match &self.0 {
            Form::Inline { length, bytes } => &bytes[..usize::from(*length)],
            Form::Apart(bytes) => bytes,
        }
    }

    /// How many bytes, which tells where they lie.
    pub(super) fn length(&self) -> u8 {
        match &self.0 {
            Form::Inline { length, .. } => *length,
            Form::Apart(bytes) => bytes.len() as u8,
        }
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
        match &facts.0 {
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

    pub fn get(&self, length: u8, word: u64) -> Facts {
        Facts(match usize::from(length) <= INLINE_BYTES {
            true => Form::Inline { length, bytes: word.to_le_bytes() },
            false => Form::Apart(self.apart[word as usize].clone()),
        })
    }

    pub fn release(&mut self, length: u8, word: u64) {
        if usize::from(length) > INLINE_BYTES {
            self.apart[word as usize] = Box::default();
            self.free.push(word as usize);
        }
    }

    pub fn bytes(&self) -> usize {
        let held: usize = self.apart.iter().map(|facts| size_of_val(facts) + facts.len()).sum();
        held + self.free.capacity() * size_of::<usize>()
    }
}
