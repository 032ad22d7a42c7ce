//! The null test in full: months of quiet traffic against the budget, and how soon shifts are found.
//!
//! `cargo bench --bench null_months -- [months] [delays]`: how many model-months of each kind (200) and how many
//! shifts of each size (100) to simulate. Prints tables; seeds are fixed, so figures repeat.
//!
//! Measured (one build, opt-level 1; the figures do not depend on it): incidents a month at 1,000 rows a day, 200
//! months each: independent rows 0.035 ± 0.026, AR(1) 0.175 ± 0.063. Median delays of 31 shifts, 0.1, 0.2, 0.5 σ: at
//! 1,000 rows a day 277 h (10 of 31 not found in 20 days), 20 h, 9 h; at 10,000 rows a day 29 h, 14 h, 6 h.

#[path = "../tests/it/support/traffic.rs"]
mod traffic;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use traffic::{Kin, Shift, Told, World};

const MONTH: i64 = 31 * 24;

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<u64>().ok());
    let (months, delays) = (numbers.next().unwrap_or(200), numbers.next().unwrap_or(100));
    println!(
        "{months} model-months of each kind, 20 features, one 24 h window in panes of 1 h, budget 1 in 30 days\n"
    );
    println!(
        "| traffic | rows a day | incidents a month ± 2 SE | significant panes | status changes | closed | s |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (kin, rows) in [
        (Kin::Independent, 1_000),
        (Kin::Wandering, 1_000),
        (Kin::Clustered, 1_000),
        (Kin::Independent, 10_000),
    ] {
        let began = Instant::now();
        let told =
            in_parallel(months, |seed| World::new(kin, rows, seed).run(kin, 1_000_000 + seed, MONTH, None));
        let mean =
            |of: fn(&Told) -> u32| told.iter().map(|t| f64::from(of(t))).sum::<f64>() / told.len() as f64;
        let incidents = mean(|t| t.opened);
        let squares = told.iter().map(|t| (f64::from(t.opened) - incidents).powi(2)).sum::<f64>();
        let error = (squares / (told.len() as f64 - 1.0).max(1.0) / told.len() as f64).sqrt();
        println!(
            "| {kin:?} | {rows} | {incidents:.3} ± {:.3} | {:.2} of 721 | {:.2} | {:.3} | {:.0} |",
            2.0 * error,
            mean(|t| t.significant),
            mean(|t| t.flaps),
            mean(|t| t.closed),
            began.elapsed().as_secs_f64()
        );
    }
    println!("\n{delays} shifts of one of 20 columns, independent rows\n");
    println!("| rows a day | shift | found | median delay | guide |");
    println!("|---|---|---|---|---|");
    for (rows, guide) in [(1_000, ["81 h", "20 h", "8 h"]), (10_000, ["28 h", "13 h", "5 h"])] {
        let world = World::new(Kin::Independent, rows, 7);
        for (sigma, guide) in [0.1, 0.2, 0.5].into_iter().zip(guide) {
            let shift = Shift { from_hour: 48, sigma };
            let told = in_parallel(delays, |seed| {
                world.run(Kin::Independent, 2_000_000 + seed, 48 + 20 * 24, Some(shift))
            });
            let mut found: Vec<i64> = told.iter().map(|t| t.delay_hours.unwrap_or(i64::MAX)).collect();
            found.sort_unstable();
            let median = match found[found.len() / 2] {
                i64::MAX => "over 480 h".to_owned(),
                hours => format!("{hours} h"),
            };
            let share = found.iter().filter(|&&hours| hours < i64::MAX).count();
            println!("| {rows} | {sigma} σ | {share} of {delays} | {median} | {guide} |");
        }
    }
}

/// Runs seeds 0 to `runs` on all cores; results in order of the seeds.
fn in_parallel(runs: u64, run: impl Fn(u64) -> Told + Sync) -> Vec<Told> {
    let next = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut told: Vec<(u64, Told)> = std::thread::scope(|scope| {
        let work = || {
            let mut done = Vec::new();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= runs {
                    return done;
                }
                done.push((seed, run(seed)));
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a run does not panic")).collect()
    });
    told.sort_by_key(|(seed, _)| *seed);
    told.into_iter().map(|(_, told)| told).collect()
}
