//! From counts to one number, or why there is none.

use super::answers::Answers;
use super::definition::{Empty, Reading, Satisfied};
use super::slots::Slots;
use super::state::State;
use crate::domain::TimeRange;

/// What a KPI comes to over a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value {
    /// Finite.
    pub value: f64,
    /// How many samples it is read from; of a formula the fewest of any of its inputs.
    pub n: i64,
}

/// Why a KPI has no value over a period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotComputable {
    #[error("no data")]
    NoData,
    #[error("division by zero")]
    DivisionByZero,
    #[error("the result is not finite")]
    NotFinite,
    /// The period, or the time that late samples have, is not over.
    #[error("the period is not over")]
    NotOver,
    #[error("nothing is called `{name}`")]
    UnknownInput { name: Box<str> },
    #[error("`{name}` is not computable: {reason}")]
    Input { name: Box<str>, reason: Box<NotComputable> },
    #[error("the answer {answer} lies outside {lowest} to {highest}")]
    OffScale { answer: i16, lowest: i16, highest: i16 },
    /// Counts from before the stream was counted otherwise.
    #[error("what was counted is of another kind")]
    OtherKind,
}

impl NotComputable {
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NoData => "no_data",
            Self::DivisionByZero => "division_by_zero",
            Self::NotFinite => "not_finite",
            Self::NotOver => "not_over",
            Self::UnknownInput { .. } => "unknown_input",
            Self::Input { .. } => "input_not_computable",
            Self::OffScale { .. } => "answer_off_scale",
            Self::OtherKind => "other_kind",
        }
    }
}

/// The answers of a net promoter score.
const NPS_SCALE: (i16, i16) = (0, 10);
const PROMOTERS_FROM: i16 = 9;
const DETRACTORS_TO: i16 = 6;

impl Reading {
    /// What a period without a sample means.
    pub const fn empty(&self) -> Empty {
        match self {
            Self::Sum { empty } | Self::Rate { empty, .. } | Self::Distinct { empty } => *empty,
            _ => Empty::Unknown,
        }
    }

    /// The lowest and highest answer of a survey.
    pub const fn scale(&self) -> Option<(i16, i16)> {
        match self {
            Self::Nps => Some(NPS_SCALE),
            Self::Satisfaction(Satisfied { lowest, highest, .. }) => Some((*lowest, *highest)),
            _ => None,
        }
    }
}

/// Reads the counts of a period, all panes merged; `None` where nothing was ever counted.
///
/// With n samples (those taken back are subtracted; n ≤ 0 is [`NotComputable::NoData`], but 0 where `empty = zero`):
///
/// | reading | value |
/// |---|---|
/// | last | the value of the largest (instant, revision, value) |
/// | mean | Σ value / n |
/// | sum | Σ value |
/// | ratio | Σ numerator / Σ denominator; division by zero where that is 0 |
/// | quantile q | the ⌈q·n⌉-th smallest value, within 1 % ([`super::Histogram`]) |
/// | rate | n · per / length of the period: a day of 23 hours has 23 |
/// | distinct | different users ([`super::Distinct`]) |
/// | frequency | n / different users |
/// | NPS | 100 · (answers 9 and 10 − answers 0 to 6) / n, in [−100, 100] |
/// | satisfaction | answers from the satisfied one on / n, in [0, 1] |
/// | uptime | slots of five minutes with traffic of which at most `errors_max` failed / all slots of the period, in [0, 1] |
pub fn read(reading: &Reading, state: Option<&State>, over: TimeRange) -> Result<Value, NotComputable> {
    let Some(state) = state else { return without_sample(reading) };
    let counted = |n: i64| match n {
        0 => without_sample(reading).map(|_| n),
        n if n < 0 => Err(NotComputable::NoData),
        n => Ok(n),
    };
    let value = match (reading, state) {
        (Reading::Last, State::Last(newest)) => {
            Value { value: newest.value().ok_or(NotComputable::NoData)?, n: 1 }
        }
        (Reading::Mean, State::Sums(sums)) => {
            let n = counted(sums.n())?;
            Value { value: sums.sum(0) / n as f64, n }
        }
        (Reading::Sum { .. }, State::Sums(sums)) => Value { n: counted(sums.n())?, value: sums.sum(0) },
        (Reading::Rate { per, .. }, State::Sums(sums)) => {
            let n = counted(sums.n())?;
            let length = over.end.since(over.start);
            if length.is_zero() {
                return Err(NotComputable::NoData);
            }
            Value { value: n as f64 * (per.as_secs_f64() / length.as_secs_f64()), n }
        }
        (Reading::Ratio, State::Ratio(sums)) => {
            let n = counted(sums.n())?;
            match sums.sum(1) {
                0.0 => return Err(NotComputable::DivisionByZero),
                denominator => Value { value: sums.sum(0) / denominator, n },
            }
        }
        (Reading::Quantile(q), State::Histogram(histogram)) => {
            let n = counted(histogram.n())?;
            Value { value: histogram.quantile(*q).ok_or(NotComputable::NoData)?, n }
        }
        (Reading::Distinct { .. }, State::Distinct(distinct)) => {
            Value { n: counted(distinct.n())?, value: distinct.users() }
        }
        (Reading::Frequency, State::Distinct(distinct)) => {
            let n = counted(distinct.n())?;
            match distinct.users() {
                0.0 => return Err(NotComputable::DivisionByZero),
                users => Value { value: n as f64 / users, n },
            }
        }
        (Reading::Nps, State::Answers(answers)) => {
            let n = counted(answers.n())?;
            let of = |from, to| answered(answers, NPS_SCALE, from, to);
            let net = of(PROMOTERS_FROM, NPS_SCALE.1)? - of(NPS_SCALE.0, DETRACTORS_TO)?;
            Value { value: 100.0 * net as f64 / n as f64, n }
        }
        (Reading::Satisfaction(scale), State::Answers(answers)) => {
            let n = counted(answers.n())?;
            let satisfied = answered(answers, (scale.lowest, scale.highest), scale.from, scale.highest)?;
            Value { value: satisfied as f64 / n as f64, n }
        }
        (Reading::Uptime { errors_max }, State::Slots(slots)) => {
            let n = counted(slots.n())?;
            match Slots::within(over) {
                0 => return Err(NotComputable::NoData),
                all => Value { value: slots.healthy(over, *errors_max) as f64 / all as f64, n },
            }
        }
        _ => return Err(NotComputable::OtherKind),
    };
    if value.value.is_finite() { Ok(value) } else { Err(NotComputable::NotFinite) }
}

fn without_sample(reading: &Reading) -> Result<Value, NotComputable> {
    match reading.empty() {
        Empty::Zero => Ok(Value { value: 0.0, n: 0 }),
        Empty::Unknown => Err(NotComputable::NoData),
    }
}

/// How many answers lie between two; an error where one is off the scale.
fn answered(answers: &Answers, scale: (i16, i16), from: i16, to: i16) -> Result<i64, NotComputable> {
    let (lowest, highest) = scale;
    let mut sum = 0i64;
    for (answer, count) in answers.counts() {
        if answer < lowest || answer > highest {
            return Err(NotComputable::OffScale { answer, lowest, highest });
        }
        if (from..=to).contains(&answer) {
            sum = sum.saturating_add(count);
        }
    }
    Ok(sum)
}
