//! What a run cost: processor time of both sides, memory, the disk's sync.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Ticks of `/proc/PID/stat` in a second: 100 on every Linux that driftd runs on.
const TICKS: f64 = 100.0;

/// Processor time, user and system, in seconds.
pub fn cpu_seconds(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process lives");
    // The name, in brackets, may hold anything.
    let after_name = stat.rsplit_once(')').expect("a name in brackets").1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    [11, 12].into_iter().map(|at| fields[at].parse::<f64>().expect("ticks") / TICKS).sum()
}

/// Median time of a synced write of 4 KiB.
pub fn sync_median(dir: &Path) -> Duration {
    let mut file = File::create(dir.join("sync")).expect("a file");
    let times = (0..300).map(|_| {
        let start = Instant::now();
        file.write_all(&[0; 4096]).expect("a write");
        file.sync_data().expect("a sync");
        start.elapsed()
    });
    let mut times: Vec<Duration> = times.collect();
    quantile(&mut times, 0.5)
}

/// The value below which a share of all lies.
pub fn quantile(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    let at = (times.len() as f64 * share) as usize;
    times.get(at.min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}
