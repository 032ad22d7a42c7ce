//! The null test in full: months of quiet traffic against the budget, and how soon shifts are found.
//!
//! `cargo bench --bench null_months -- [months] [delays]`: how many model-months of each kind (200) and how many
//! shifts of each size (100) to simulate. Prints tables; seeds are fixed, so figures repeat.
//!
//! Measured, incidents a month at 1,000 rows a day ± 2 standard errors, and changes of the verdict: independent rows
//! 0.070 ± 0.036, 0.18; AR(1) 0.270 ± 0.076, 0.62; rows in tens 0.030 ± 0.024, 0.08; independent rows at 10,000 a day 0.
//! Median delays of 0.1, 0.2, 0.5 σ: at 1,000 rows a day 116, 19, 9 h, at 10,000 24, 13, 5 h.
//!
//! The guide's figures are those of two tests a column (X² and Kolmogorov's); here the third, of values out of range,
//! costs the smallest shift a quarter more time. A shift of 0.1 σ at 1,000 rows a day is the knife's edge: each shift
//! has a reference of its own, since the error of 50,000 rows alone moves its median between 80 and 210 h.

#[path = "../tests/it/support/traffic.rs"]
mod traffic;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use driftd::domain::PaneLength;
use driftd::verdict::WindowPlan;
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
    println!("\n{delays} shifts of one of 20 columns, independent rows, a reference of its own for each\n");
    println!("| windows | rows a day | shift | found in 20 days | median delay | guide |");
    println!("|---|---|---|---|---|---|");
    let (day, day_and_week) = ([WindowPlan::default()], [WindowPlan::default(), week()]);
    for (windows, name, rows, guide) in [
        (&day[..], "24 h", 1_000, ["81 h", "20 h", "8 h"]),
        (&day[..], "24 h", 10_000, ["28 h", "13 h", "5 h"]),
        (&day_and_week[..], "24 h and 7 d", 1_000, ["99 h", "", ""]),
    ] {
        for (sigma, guide) in [0.1, 0.2, 0.5].into_iter().zip(guide) {
            let from_hour = 24 + windows.iter().map(hours).max().unwrap_or(0);
            let shift = Shift { from_hour, sigma };
            let told = in_parallel(delays, |seed| {
                let mut world = World::new(Kin::Independent, rows, 3_000_000 + seed);
                world.plan.windows = windows.to_vec();
                world.run(Kin::Independent, 2_000_000 + seed, from_hour + 20 * 24, Some(shift))
            });
            let mut found: Vec<i64> = told.iter().map(|t| t.delay_hours.unwrap_or(i64::MAX)).collect();
            found.sort_unstable();
            let median = match found[found.len() / 2] {
                i64::MAX => "over 480 h".to_owned(),
                hours => format!("{hours} h"),
            };
            let share = found.iter().filter(|&&hours| hours < i64::MAX).count();
            println!("| {name} | {rows} | {sigma} σ | {share} of {delays} | {median} | {guide} |");
        }
    }
}

/// A second window: 7 days in panes of 6 hours.
fn week() -> WindowPlan {
    let length = Duration::from_secs(7 * 86_400);
    WindowPlan { length, pane: PaneLength::SixHours, ..WindowPlan::default() }
}

fn hours(window: &WindowPlan) -> i64 {
    window.length.as_secs() as i64 / 3_600
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
