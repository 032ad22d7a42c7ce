//! Detectors against River's: with panes of one row they fire at the same rows. And what they owe on their own: a
//! replay through stored bytes is the same, memory stays small, larger panes find a change within a few.

use std::fs;

use driftd::detector::{Adwin, Ddm, DecodeError, HddmA, PageHinkley, PaneErrors, Signal};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    streams: Vec<Stream>,
}

#[derive(Deserialize)]
struct Stream {
    name: String,
    kind: Kind,
    seed: u64,
    parts: Vec<(usize, f64)>,
    sum: f64,
    adwin: Vec<usize>,
    page_hinkley: Vec<usize>,
    ddm: Option<Vec<usize>>,
    ddm_warnings: Option<usize>,
    hddm_a: Option<Vec<usize>>,
    hddm_a_warnings: Option<usize>,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Bernoulli,
    Number,
}

/// The streams of `tests/golden/make_detectors.py`.
fn streams() -> Vec<Stream> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/detectors.json");
    let text = fs::read_to_string(path).expect("the golden file");
    serde_json::from_str::<Golden>(&text).expect("what the script wrote").streams
}

fn splitmix64(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

fn draw(kind: Kind, mut seed: u64, parts: &[(usize, f64)]) -> Vec<f64> {
    let levels = parts.iter().flat_map(|&(rows, level)| std::iter::repeat_n(level, rows));
    levels
        .map(|level| match (kind, splitmix64(&mut seed)) {
            (Kind::Bernoulli, u) => f64::from(u8::from(u < level)),
            (Kind::Number, u) => level + u,
        })
        .collect()
}

impl Stream {
    fn values(&self) -> Vec<f64> {
        let values = draw(self.kind, self.seed, &self.parts);
        assert_eq!(values.iter().sum::<f64>(), self.sum, "{}: not the oracle's stream", self.name);
        values
    }
}

fn panes(values: &[f64], rows: usize) -> impl Iterator<Item = PaneErrors> {
    values.chunks(rows).map(|pane| {
        let squares = pane.iter().map(|x| x * x).sum();
        PaneErrors::new(pane.len() as u64, pane.iter().sum(), squares).expect("finite rows")
    })
}

/// Where `step` says that there was a change, and how many warnings it gave.
fn changes(values: &[f64], rows: usize, mut step: impl FnMut(&PaneErrors) -> Signal) -> (Vec<usize>, usize) {
    let (mut at, mut warnings) = (Vec::new(), 0);
    for (i, pane) in panes(values, rows).enumerate() {
        match step(&pane) {
            Signal::Change { .. } => at.push(i),
            Signal::Warning => warnings += 1,
            Signal::Quiet => {}
        }
    }
    (at, warnings)
}

#[test]
fn panes_of_one_row_fire_where_river_does() {
    let streams = streams();
    let quiet = streams.iter().filter(|stream| stream.parts[0].0 >= 100_000).count();
    assert!(streams.len() >= 8 && quiet >= 1, "{} streams, {quiet} long and quiet", streams.len());
    for stream in &streams {
        let values = stream.values();
        let (mut adwin, mut page_hinkley) = (Adwin::default(), PageHinkley::default());
        assert_eq!(changes(&values, 1, |pane| adwin.step(pane)).0, stream.adwin, "ADWIN, {}", stream.name);
        let found = changes(&values, 1, |pane| page_hinkley.step(pane)).0;
        assert_eq!(found, stream.page_hinkley, "Page-Hinkley, {}", stream.name);
        let (mut ddm, mut hddm_a) = (Ddm::default(), HddmA::default());
        if let (Some(at), Some(warnings)) = (&stream.ddm, stream.ddm_warnings) {
            let found = changes(&values, 1, |pane| ddm.step(pane));
            assert_eq!(found, (at.clone(), warnings), "DDM, {}", stream.name);
        }
        if let (Some(at), Some(warnings)) = (&stream.hddm_a, stream.hddm_a_warnings) {
            let found = changes(&values, 1, |pane| hddm_a.step(pane));
            assert_eq!(found, (at.clone(), warnings), "HDDM_A, {}", stream.name);
        }
    }
    let fired = |of: fn(&Stream) -> usize| streams.iter().map(of).sum::<usize>();
    assert!(fired(|stream| stream.adwin.len()) >= 8, "the oracle has something to say of ADWIN");
    assert!(fired(|stream| stream.page_hinkley.len()) >= 3, "and of Page-Hinkley");
    assert!(fired(|stream| stream.ddm.as_ref().map_or(0, Vec::len)) >= 3, "and of DDM");
    assert!(fired(|stream| stream.hddm_a.as_ref().map_or(0, Vec::len)) >= 3, "and of HDDM_A");
}

/// .06 → .10 after 30 panes: found within 21, 3 and 1 panes of 42, 417 and 4,170 rows, in the median.
#[test]
fn a_change_is_found_within_a_few_panes() {
    for (rows, delay_max) in [(42, 30), (417, 5), (4_170, 2)] {
        let before = 8_340 / rows * rows;
        let mut delays: Vec<usize> = (0..21)
            .map(|seed| {
                let values = draw(Kind::Bernoulli, seed, &[(before.max(3 * rows), 0.06), (60 * rows, 0.10)]);
                let mut adwin = Adwin::default();
                let changed = before.max(3 * rows) / rows;
                let found = changes(&values, rows, |pane| adwin.step(pane)).0;
                found.into_iter().find(|&at| at >= changed).map_or(usize::MAX, |at| at - changed + 1)
            })
            .collect();
        delays.sort_unstable();
        assert!(delays[10] <= delay_max, "{rows} rows a pane: {delays:?}");
    }
}

#[test]
fn adwin_says_what_the_level_was_and_is() {
    let values = draw(Kind::Bernoulli, 7, &[(40_000, 0.06), (4_000, 0.5)]);
    let mut adwin = Adwin::default();
    let last = panes(&values, 400).map(|pane| adwin.step(&pane)).find(|signal| *signal != Signal::Quiet);
    let Some(Signal::Change { before, after }) = last else { panic!("no change: {last:?}") };
    assert!((before - 0.06).abs() < 0.01 && after > 0.1, "{before} → {after}");
}

#[test]
fn memory_stays_small_however_long_the_stream() {
    let mut adwin = Adwin::default();
    for pane in panes(&vec![0.0; 200_000], 1) {
        adwin.step(&pane);
    }
    assert_eq!(adwin.window_rows(), 200_000);
    let bytes = adwin.encode().len();
    assert!(bytes < 3_000, "{bytes} bytes");
}

#[test]
fn nothing_to_step_over_is_no_pane() {
    assert_eq!(PaneErrors::new(0, 0.0, 0.0), None);
    assert_eq!(PaneErrors::new(3, f64::NAN, 0.0), None);
    assert_eq!(PaneErrors::new(u64::MAX, 1.0, 1.0), None);
}

#[test]
fn bytes_of_another_kind_are_refused() {
    let bytes = Adwin::default().encode();
    assert_eq!(Ddm::decode(&bytes), Err(DecodeError::Detector { found: 1, expected: 3 }));
    assert_eq!(Adwin::decode(&[9, 1]), Err(DecodeError::Version { found: 9 }));
    assert_eq!(Adwin::decode(&bytes[..bytes.len() - 1]), Err(DecodeError::Corrupt));
    assert_eq!(HddmA::decode(&[]), Err(DecodeError::Corrupt));
}

fn errors() -> impl Strategy<Value = Vec<(u16, f64)>> {
    vec((1..300u16, prop_oneof![3 => 0.0..0.2f64, 1 => 0.0..1.0f64]), 1..200)
}

proptest! {
    /// Stopped and read back at any pane, a detector goes on as if nothing had been.
    #[test]
    fn a_replay_through_bytes_is_the_same(panes in errors(), stopped in any::<prop::sample::Index>()) {
        let stopped = stopped.index(panes.len());
        let (mut adwin, mut page_hinkley) = (Adwin::default(), PageHinkley::default());
        let (mut ddm, mut hddm_a) = (Ddm::default(), HddmA::default());
        let (mut adwin2, mut page_hinkley2) = (adwin.clone(), page_hinkley.clone());
        let (mut ddm2, mut hddm_a2) = (ddm.clone(), hddm_a.clone());
        for (i, &(rows, rate)) in panes.iter().enumerate() {
            let wrong = (f64::from(rows) * rate).round();
            let pane = PaneErrors::new(rows.into(), wrong, wrong).unwrap();
            if i == stopped {
                adwin2 = Adwin::decode(&adwin2.encode()).unwrap();
                page_hinkley2 = PageHinkley::decode(&page_hinkley2.encode()).unwrap();
                ddm2 = Ddm::decode(&ddm2.encode()).unwrap();
                hddm_a2 = HddmA::decode(&hddm_a2.encode()).unwrap();
            }
            prop_assert_eq!(adwin.step(&pane), adwin2.step(&pane));
            prop_assert_eq!(page_hinkley.step(&pane), page_hinkley2.step(&pane));
            prop_assert_eq!(ddm.step(&pane), ddm2.step(&pane));
            prop_assert_eq!(hddm_a.step(&pane), hddm_a2.step(&pane));
        }
        prop_assert_eq!(adwin, adwin2);
        prop_assert_eq!(page_hinkley, page_hinkley2);
        prop_assert_eq!(ddm, ddm2);
        prop_assert_eq!(hddm_a, hddm_a2);
    }

    /// Stored bytes that were damaged are refused or are some state; stepping on is safe.
    #[test]
    fn damaged_bytes_do_no_harm(panes in errors(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut adwin = Adwin::default();
        let pane = |&(rows, rate): &(u16, f64)| PaneErrors::new(rows.into(), rate, rate).unwrap();
        panes.iter().for_each(|errors| { adwin.step(&pane(errors)); });
        let mut bytes = adwin.encode();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(mut adwin) = Adwin::decode(&bytes) {
            panes.iter().for_each(|errors| { adwin.step(&pane(errors)); });
        }
    }
}
