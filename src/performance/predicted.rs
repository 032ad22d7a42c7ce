//! What is kept of a prediction until its label comes, and what a label says.

/// What the outcome statistics need of one prediction.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicted {
    Binary {
        /// Whether the positive class was predicted.
        positive: bool,
        /// Of the positive class; not NaN.
        score: Option<f64>,
    },
    Multiclass {
        /// The predicted class's place in the model's list of classes.
        class: u8,
        /// By class; empty where one has none.
        scores: Box<[f64]>,
    },
    Regression {
        /// Finite.
        value: f64,
    },
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Actual {
    /// The class's place in the model's list of classes; of a binary model 1 is the positive one and 0 any other.
    Class(usize),
    /// Finite.
    Number(f64),
}

/// Bits of the tag of a multiclass prediction that hold its class; the one above says that scores follow.
const CLASS_BITS: u8 = 5;
const SCORED: u8 = 1 << CLASS_BITS;

impl Predicted {
    /// A small tag and some bytes: none without a score, 8 for each score or value.
    pub fn to_facts(&self) -> (u8, Vec<u8>) {
        match self {
            Self::Binary { positive, score } => {
                let tag = u8::from(*positive) | if score.is_some() { SCORED } else { 0 };
                (tag, score.map_or_else(Vec::new, |score| score.to_le_bytes().to_vec()))
            }
            Self::Multiclass { class, scores } => {
                let tag = class | if scores.is_empty() { 0 } else { SCORED };
                (tag, scores.iter().flat_map(|score| score.to_le_bytes()).collect())
            }
            Self::Regression { value } => (0, value.to_le_bytes().to_vec()),
        }
    }

    /// What [`Predicted::to_facts`] gave of a prediction of this kind; none where it was another's.
    pub fn from_facts(kind: PredictedKind, tag: u8, bytes: &[u8]) -> Option<Self> {
        let (numbers, rest) = bytes.as_chunks::<8>();
        let numbers = || numbers.iter().map(|bytes| f64::from_le_bytes(*bytes));
        let scored = tag & SCORED != 0;
        if !rest.is_empty() {
            return None;
        }
        match kind {
            PredictedKind::Binary => {
                let score = numbers().next();
                (scored == score.is_some() && tag & !SCORED <= 1)
                    .then_some(Self::Binary { positive: tag & 1 == 1, score })
            }
            PredictedKind::Multiclass { classes } => {
                let (class, scores) = (tag & !SCORED, numbers().collect::<Box<[f64]>>());
                let fits = scores.len() == if scored { classes } else { 0 } && usize::from(class) < classes;
                fits.then_some(Self::Multiclass { class, scores })
            }
            PredictedKind::Regression => numbers().next().map(|value| Self::Regression { value }),
        }
    }
}

/// Which [`Predicted`] a model has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PredictedKind {
    Binary,
    Multiclass { classes: usize },
    Regression,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_give_back_the_prediction() {
        let multiclass = PredictedKind::Multiclass { classes: 3 };
        let cases = [
            (PredictedKind::Binary, Predicted::Binary { positive: true, score: Some(0.1) }),
            (PredictedKind::Binary, Predicted::Binary { positive: false, score: None }),
            (multiclass, Predicted::Multiclass { class: 2, scores: [0.1, 0.2, 0.7].into() }),
            (multiclass, Predicted::Multiclass { class: 0, scores: [].into() }),
            (PredictedKind::Regression, Predicted::Regression { value: -1e300 }),
        ];
        for (kind, predicted) in cases {
            let (tag, bytes) = predicted.to_facts();
            assert_eq!(Predicted::from_facts(kind, tag, &bytes), Some(predicted));
            assert_eq!(Predicted::from_facts(kind, tag, &[&bytes[..], &[0]].concat()), None);
        }
        assert_eq!(Predicted::from_facts(multiclass, 3, &[]), None, "there is no such class");
        assert_eq!(Predicted::from_facts(PredictedKind::Regression, 0, &[]), None);
    }
}
