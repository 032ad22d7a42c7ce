//! What holds of every state: any order, any split, what is taken back is gone, bytes come back as they were.

use driftd::domain::Timestamp;
use driftd::kpi::{Outcome, Sample, SampleValue, Sign, State, StateDecodeError, StateError, StateKind};
use proptest::prelude::*;

use super::{number, outcome};

const GROUPS: [StateKind; 5] =
    [StateKind::Sums, StateKind::Ratio, StateKind::Histogram, StateKind::Answers, StateKind::Slots];

fn kinds() -> impl Strategy<Value = StateKind> {
    (0..StateKind::ALL.len()).prop_map(|i| StateKind::ALL[i])
}

fn value_of(kind: StateKind) -> BoxedStrategy<SampleValue> {
    let wide = prop_oneof![-1e15..1e15f64, -10.0..10.0f64, Just(0.0), Just(-0.0), Just(1e-10)];
    match kind {
        StateKind::Last | StateKind::Sums | StateKind::Histogram => {
            wide.prop_map(SampleValue::Number).boxed()
        }
        StateKind::Ratio => (wide.clone(), wide)
            .prop_map(|(numerator, denominator)| SampleValue::Parts { numerator, denominator })
            .boxed(),
        StateKind::Distinct => any::<u64>().prop_map(SampleValue::User).boxed(),
        StateKind::Answers => (-100i16..=100).prop_map(|answer| SampleValue::Number(answer.into())).boxed(),
        StateKind::Slots => any::<bool>()
            .prop_map(|failed| if failed { Outcome::Failed } else { Outcome::Succeeded })
            .prop_map(SampleValue::Outcome)
            .boxed(),
    }
}

fn samples_of(kind: StateKind) -> impl Strategy<Value = Vec<Sample>> {
    let time = 0..90_000i64;
    let one = (time, value_of(kind), 0..3u32).prop_map(|(seconds, value, revision)| Sample {
        at: Timestamp::from_seconds(1_775_000_000 + seconds),
        value,
        revision,
        sign: Sign::Counts,
    });
    prop::collection::vec(one, 0..60)
}

fn kind_and_samples() -> impl Strategy<Value = (StateKind, Vec<Sample>)> {
    kinds().prop_flat_map(|kind| (Just(kind), samples_of(kind)))
}

fn of<'a>(kind: StateKind, samples: impl IntoIterator<Item = &'a Sample>) -> State {
    let mut state = State::empty(kind);
    samples.into_iter().for_each(|sample| state.add(sample).unwrap());
    state
}

fn merged(kind: StateKind, states: &[State]) -> State {
    let mut sum = State::empty(kind);
    states.iter().for_each(|state| sum.merge(state).unwrap());
    sum
}

proptest! {
    /// Shuffled, split into parts, each part stored and read: the same state, and the same bytes.
    #[test]
    fn any_order_and_split(
        (kind, samples) in kind_and_samples(),
        keys in prop::collection::vec((any::<u32>(), 0..4usize), 60),
    ) {
        let whole = of(kind, &samples);
        let mut shuffled: Vec<(u32, usize, &Sample)> =
            samples.iter().zip(&keys).map(|(sample, (key, part))| (*key, *part, sample)).collect();
        shuffled.sort_by_key(|(key, ..)| *key);
        let parts: Vec<State> = (0..4)
            .map(|part| of(kind, shuffled.iter().filter(|(_, p, _)| *p == part).map(|(.., sample)| *sample)))
            .map(|state| State::decode(&state.encode()).unwrap())
            .collect();
        let sum = merged(kind, &parts);
        prop_assert_eq!(&sum, &whole);
        prop_assert_eq!(sum.encode(), whole.encode());
        let pairs = [merged(kind, &parts[..2]), merged(kind, &parts[2..])];
        prop_assert_eq!(merged(kind, &[pairs[1].clone(), pairs[0].clone()]), whole);
    }

    /// Samples and the same taken back, in any order and in states apart: as if they had never been.
    #[test]
    fn what_is_taken_back_is_gone(
        (kind, kept, gone) in (0..GROUPS.len())
            .prop_flat_map(|i| (Just(GROUPS[i]), samples_of(GROUPS[i]), samples_of(GROUPS[i]))),
    ) {
        let back: Vec<Sample> = gone.iter().map(|s| Sample { sign: Sign::Retracts, ..*s }).collect();
        let mut state = of(kind, &back);
        state = State::decode(&state.encode()).unwrap();
        gone.iter().chain(&kept).for_each(|sample| state.add(sample).unwrap());
        let kept = of(kind, &kept);
        prop_assert_eq!(&state, &kept);
        prop_assert_eq!(state.encode(), kept.encode());
        let apart = [of(kind, &back), of(kind, &gone)];
        prop_assert_eq!(merged(kind, &apart), State::empty(kind));
    }

    /// Bytes cut short, changed or made up are errors, or a state that stores as they do.
    #[test]
    fn bad_bytes_are_errors(
        (kind, samples) in kind_and_samples(),
        cut in any::<prop::sample::Index>(),
        flip in (any::<prop::sample::Index>(), 1..=255u8),
        made_up in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let bytes = of(kind, &samples).encode();
        prop_assert!(State::decode(&[&bytes[..], &[0]].concat()).is_err());
        let short = State::decode(&bytes[..cut.index(bytes.len())]);
        // The newest value alone may be absent.
        prop_assert!(short.is_err() || short == Ok(State::empty(StateKind::Last)));
        let mut flipped = bytes.clone();
        flipped[flip.0.index(bytes.len())] ^= flip.1;
        let coded = (0..StateKind::ALL.len() as u8).map(|code| [&[1, code], &made_up[..]].concat());
        for bytes in coded.chain([flipped, made_up.clone()]) {
            if let Ok(mut state) = State::decode(&bytes) {
                let again = State::decode(&state.encode()).unwrap();
                prop_assert_eq!(&again, &state);
                prop_assert!(state.bytes() < 100_000);
                let _ = state.merge(&again);
            }
        }
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    assert_eq!(State::decode(&[]), Err(StateDecodeError::Corrupt));
    assert_eq!(State::decode(&[2, 0]), Err(StateDecodeError::Version { found: 2 }));
    assert_eq!(State::decode(&[1, 9]), Err(StateDecodeError::Kind { found: 9 }));
    // A number of entries that the bytes cannot hold is refused before room is made for it.
    assert_eq!(State::decode(&[1, 3, 0xff, 0xff, 0xff, 0xff, 0x7f]), Err(StateDecodeError::Corrupt));
}

#[test]
fn full_states_refuse_and_stay_as_they_are() {
    let mut sums = State::of(StateKind::Sums, &number(1e15)).unwrap();
    // Each doubling of 1e15 · 2^40 ≈ 2^89.8 units: past 2^126 the next is refused.
    let mut doublings = 0;
    let error = loop {
        let (before, same) = (sums.clone(), sums.clone());
        match sums.merge(&same) {
            Ok(()) => doublings += 1,
            Err(error) => {
                assert_eq!(sums, before);
                break error;
            }
        }
    };
    assert_eq!((error, doublings), (StateError::SumsFull, 36));

    let slots = |from: i64| {
        let mut state = State::empty(StateKind::Slots);
        for slot in from..from + 120_000 {
            state.add(&outcome(Timestamp::from_seconds(300 * slot), Outcome::Succeeded)).unwrap();
        }
        state
    };
    let mut full = slots(0);
    let more = outcome(Timestamp::from_seconds(-1), Outcome::Failed);
    let before = full.clone();
    assert!(full.add(&more).is_err());
    assert_eq!(full.merge(&State::of(StateKind::Slots, &more).unwrap()), Err(StateError::SlotsFull));
    assert_eq!(full, before);
    assert_eq!(full.merge(&before), Ok(()));
}
