//! Detectors on panes of the size that a day's traffic makes: false alarms while nothing changes, and how soon they see
//! a change.
//!
//! `cargo bench --bench detectors -- [streams]`: how many streams of each kind (100). Prints a table; seeds are fixed, so
//! figures repeat. A stream's error rate is 0.1; quiet ones have 10⁶ rows, the others change after 50,000.
//!
//! Measured, 100 streams, panes of 1, 42, 417 and 4,170 rows. ADWIN, the one that confirms concept drift: 0.07, 0.08,
//! 0.04, 0.00 false alarms in 10⁶ rows; to 0.15 after 848, 840, 1,251, 4,170 rows, to 0.2 after 304, 294, 417, 4,170: a
//! pane costs no more than its own length. Page-Hinkley alarms 32, 30, 24, 13 times in 10⁶ quiet rows at this rate, DDM
//! misses up to 28 changes of 100 to 0.12: they are advice only.

use driftd::detector::{Adwin, Ddm, HddmA, PageHinkley, PaneErrors, Signal};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand_distr::{Binomial, Distribution};

const RATE: f64 = 0.1;
const QUIET_ROWS: u64 = 1_000_000;
const CHANGE_AT: u64 = 50_000;
/// A change that is not seen within so many rows is missed.
const PATIENCE: u64 = 500_000;

/// A detector's step.
type Step = Box<dyn FnMut(&PaneErrors) -> Signal>;

/// Its name, and how a new one begins.
type Detector = (&'static str, fn() -> Step);

const DETECTORS: [Detector; 4] = [
    ("ADWIN", || {
        let mut of = Adwin::default();
        Box::new(move |pane| of.step(pane))
    }),
    ("Page-Hinkley", || {
        let mut of = PageHinkley::default();
        Box::new(move |pane| of.step(pane))
    }),
    ("DDM", || {
        let mut of = Ddm::default();
        Box::new(move |pane| of.step(pane))
    }),
    ("HDDM_A", || {
        let mut of = HddmA::default();
        Box::new(move |pane| of.step(pane))
    }),
];

fn main() {
    let streams = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(100);
    println!(
        "{streams} streams each; error rate {RATE}, then 0.12, 0.15, 0.2; delays in rows, median (missed)\n"
    );
    println!("detector      pane  false alarms/10⁶ rows      to 0.12            to 0.15            to 0.2");
    for (name, begin) in DETECTORS {
        for pane in [1, 42, 417, 4_170] {
            let alarms: u64 = (0..streams).map(|seed| quiet(begin(), pane, seed)).sum();
            let delays = [0.12, 0.15, 0.2].map(|rate| told(begin, pane, rate, streams));
            println!(
                "{name:<12} {pane:>5}  {:>21.3}  {}",
                alarms as f64 / streams as f64,
                delays.map(|delay| format!("{delay:>17}")).join("  ")
            );
        }
    }
}

/// Errors of one pane.
fn errors(rows: u64, rate: f64, random: &mut StdRng) -> PaneErrors {
    let wrong = Binomial::new(rows, rate).expect("a rate").sample(random) as f64;
    PaneErrors::new(rows, wrong, wrong).expect("a pane with rows")
}

fn sees(step: &mut Step, pane: &PaneErrors) -> bool {
    matches!(step(pane), Signal::Change { .. })
}

/// Changes that are told of a stream without one.
fn quiet(mut step: Step, pane: u64, seed: u64) -> u64 {
    let mut random = StdRng::seed_from_u64(seed);
    (0..QUIET_ROWS / pane).filter(|_| sees(&mut step, &errors(pane, RATE, &mut random))).count() as u64
}

/// The median delay, and how many of the changes were missed. A false alarm before the change is passed over.
fn told(begin: fn() -> Step, pane: u64, rate: f64, streams: u64) -> String {
    let delay = |seed: u64| {
        let (mut step, mut random) = (begin(), StdRng::seed_from_u64(1_000_000 + seed));
        for _ in 0..CHANGE_AT / pane {
            step(&errors(pane, RATE, &mut random));
        }
        (1..=PATIENCE / pane)
            .find(|_| sees(&mut step, &errors(pane, rate, &mut random)))
            .map(|panes| panes * pane)
    };
    let mut delays: Vec<u64> = (0..streams).filter_map(delay).collect();
    let missed = streams as usize - delays.len();
    delays.sort_unstable();
    match delays.get(delays.len() / 2) {
        Some(median) => format!("{median} ({missed})"),
        None => format!("- ({missed})"),
    }
}
