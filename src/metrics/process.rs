//! The process as Linux sees it, from `/proc/self`; elsewhere, or where a file cannot be read, without samples.

use std::{fmt, fs};

use prometheus_client::encoding::DescriptorEncoder;

use super::names;

/// Clock ticks a second in `/proc`: `USER_HZ`, 100 on every architecture that driftd is built for.
const TICKS_PER_SECOND: f64 = 100.0;

/// What `/proc` says; reads a few small files.
pub(super) fn write(encoder: &mut DescriptorEncoder) -> fmt::Result {
    let stat = fs::read_to_string("/proc/self/stat").ok();
    let status = fs::read_to_string("/proc/self/status").ok();
    let limits = fs::read_to_string("/proc/self/limits").ok();
    let machine = fs::read_to_string("/proc/stat").ok();

    names::PROCESS_CPU.write_one(encoder, stat.as_deref().and_then(cpu_seconds))?;
    names::PROCESS_MEMORY.write_one(encoder, status.as_deref().and_then(|text| bytes(text, "VmRSS:")))?;
    names::PROCESS_VIRTUAL.write_one(encoder, status.as_deref().and_then(|text| bytes(text, "VmSize:")))?;
    names::PROCESS_FDS.write_one(encoder, open_files())?;
    names::PROCESS_FDS_MAX.write_one(encoder, limits.as_deref().and_then(open_files_max))?;
    names::PROCESS_START
        .write_one(encoder, stat.zip(machine).and_then(|(stat, machine)| start_seconds(&stat, &machine)))
}

/// Field `number` of `/proc/self/stat`, counted from 1 as in proc(5). The second holds the program's name, which may
/// hold blanks and brackets: fields are counted from its last bracket.
fn stat_field(stat: &str, number: usize) -> Option<f64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_ascii_whitespace().nth(number - 3)?.parse().ok()
}

fn cpu_seconds(stat: &str) -> Option<f64> {
    Some((stat_field(stat, 14)? + stat_field(stat, 15)?) / TICKS_PER_SECOND)
}

fn start_seconds(stat: &str, machine: &str) -> Option<f64> {
    let boot: f64 = machine.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    Some(boot + stat_field(stat, 22)? / TICKS_PER_SECOND)
}

/// A line such as `VmRSS:   1234 kB`.
fn bytes(status: &str, key: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? * 1024.0)
}

/// Less the one that counting them opens.
fn open_files() -> Option<u64> {
    Some((fs::read_dir("/proc/self/fd").ok()?.count() as u64).saturating_sub(1))
}

/// The soft limit; none where it is `unlimited`.
fn open_files_max(limits: &str) -> Option<f64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "42 (a ) b) S 1 42 42 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 3 0 1000 9 8 7";

    #[test]
    fn reads_what_proc_writes() {
        assert_eq!(cpu_seconds(STAT), Some(3.0));
        assert_eq!(start_seconds(STAT, "cpu 1 2\nbtime 1700000000\n"), Some(1_700_000_010.0));
        assert_eq!(bytes("VmSize:\t    8 kB\nVmRSS:\t    2 kB\n", "VmRSS:"), Some(2048.0));
        let limit = "Max open files            1024                 524288               files";
        assert_eq!(open_files_max(limit), Some(1024.0));
    }

    #[test]
    fn what_cannot_be_read_has_no_value() {
        assert_eq!(cpu_seconds(""), None);
        assert_eq!(start_seconds(STAT, ""), None);
        assert_eq!(bytes("VmRSS: many\n", "VmRSS:"), None);
        assert_eq!(open_files_max("Max open files  unlimited  unlimited files"), None);
    }
}
