//! Which features' statistics are served where not all fit: a pure choice, and one that does not flutter.
//!
//! A feature that fires is always in, past the limit if need be: an alert on its statistic must not fall silent.
//! Then come those taken in (or last firing) less than 24 h ago, so that series neither come and go nor tear the
//! graphs; then the others by status, by how near they are to their threshold, by name.

use std::collections::HashMap;
use std::time::Duration;

use super::series::Status;
use crate::domain::Timestamp;

/// How long a feature keeps the place it was given.
pub const STICKY: Duration = Duration::from_secs(24 * 3_600);

/// A feature whose statistics ask to be served.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its labels joined; unique.
    pub name: Box<str>,
    /// How many series it would take.
    pub series: usize,
    pub status: Status,
    /// The largest of its effects over their warning thresholds; 0 where it has none.
    pub ratio: f64,
}

/// Who was in at the last choice, and since when the 24 h run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Membership(HashMap<Box<str>, Timestamp>);

/// Chooses candidates that fit in `room` series; answers in their order, and what to remember.
pub fn choose(
    candidates: &[Candidate],
    previous: &Membership,
    now: Timestamp,
    room: usize,
) -> (Vec<bool>, Membership) {
    let kept_since = |candidate: &Candidate| -> Option<Timestamp> {
        let since = *previous.0.get(&candidate.name)?;
        (now.since(since) < STICKY).then_some(since)
    };
    let since: Vec<_> = candidates.iter().map(kept_since).collect();
    let mut ranked: Vec<usize> = (0..candidates.len()).collect();
    ranked.sort_by(|&a, &b| {
        let (one, other) = (&candidates[a], &candidates[b]);
        let firing = other.status.fires().cmp(&one.status.fires());
        firing
            .then_with(|| since[b].is_some().cmp(&since[a].is_some()))
            .then_with(|| other.status.cmp(&one.status))
            .then_with(|| other.ratio.total_cmp(&one.ratio))
            .then_with(|| one.name.cmp(&other.name))
    });

    let mut chosen = vec![false; candidates.len()];
    let mut next = Membership(HashMap::with_capacity(candidates.len()));
    let mut left = room;
    for index in ranked {
        let candidate = &candidates[index];
        let fires = candidate.status.fires();
        if !fires && candidate.series > left {
            continue;
        }
        left = left.saturating_sub(candidate.series);
        chosen[index] = true;
        let since = since[index].filter(|_| !fires).unwrap_or(now);
        next.0.insert(candidate.name.clone(), since);
    }
    (chosen, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(name: &str, series: usize, status: Status, ratio: f64) -> Candidate {
        Candidate { name: name.into(), series, status, ratio }
    }

    fn quiet(name: &str, ratio: f64) -> Candidate {
        candidate(name, 1, Status::Ok, ratio)
    }

    fn names<'a>(candidates: &'a [Candidate], chosen: &[bool]) -> Vec<&'a str> {
        candidates.iter().zip(chosen).filter(|(_, chosen)| **chosen).map(|(c, _)| &*c.name).collect()
    }

    fn hour(hours: i64) -> Timestamp {
        Timestamp::from_seconds(1_700_000_000 + hours * 3_600)
    }

    #[test]
    fn the_nearest_to_their_thresholds_come_first_then_by_name() {
        let all = [
            quiet("d", 0.1),
            quiet("c", 0.5),
            quiet("b", 0.1),
            candidate("a", 1, Status::InsufficientData, 0.9),
        ];
        let (chosen, _) = choose(&all, &Membership::default(), hour(0), 2);
        assert_eq!(names(&all, &chosen), ["c", "b"]);
        let (chosen, _) = choose(&all, &Membership::default(), hour(0), 3);
        assert_eq!(names(&all, &chosen), ["d", "c", "b"]);
    }

    #[test]
    fn firing_ones_stay_past_the_limit_and_take_its_room() {
        let all = [
            candidate("a", 4, Status::Warning, 1.0),
            quiet("b", 0.9),
            candidate("c", 4, Status::Critical, 2.0),
        ];
        let (chosen, _) = choose(&all, &Membership::default(), hour(0), 5);
        assert_eq!(names(&all, &chosen), ["a", "c"]);
    }

    #[test]
    fn a_place_is_kept_for_a_day_and_no_longer() {
        let before = [quiet("a", 0.9), quiet("b", 0.1)];
        let after = [quiet("a", 0.1), quiet("b", 0.9)];
        let (chosen, first) = choose(&before, &Membership::default(), hour(0), 1);
        assert_eq!(names(&before, &chosen), ["a"]);
        let (chosen, second) = choose(&after, &first, hour(23), 1);
        assert_eq!(names(&after, &chosen), ["a"], "sticky");
        assert_eq!(first, second, "staying does not prolong the stay");
        let (chosen, _) = choose(&after, &second, hour(24), 1);
        assert_eq!(names(&after, &chosen), ["b"], "by merit again");
    }

    #[test]
    fn a_day_counts_from_the_last_firing() {
        let firing = [candidate("a", 1, Status::Critical, 3.0), quiet("b", 0.9)];
        let calm = [quiet("a", 0.1), quiet("b", 0.9)];
        let (_, membership) = choose(&firing, &Membership::default(), hour(0), 1);
        let (_, membership) = choose(&firing, &membership, hour(20), 1);
        let (chosen, membership) = choose(&calm, &membership, hour(43), 1);
        assert_eq!(names(&calm, &chosen), ["a"]);
        let (chosen, _) = choose(&calm, &membership, hour(44), 1);
        assert_eq!(names(&calm, &chosen), ["b"]);
    }

    #[test]
    fn the_order_of_candidates_does_not_matter() {
        let mut all: Vec<_> = (0..40u8)
            .map(|i| candidate(&format!("f{i}"), 1 + usize::from(i % 3), Status::Ok, f64::from(i % 7)))
            .collect();
        let (chosen, membership) = choose(&all, &Membership::default(), hour(0), 31);
        let mut one = names(&all, &chosen).join(" ").split(' ').map(str::to_owned).collect::<Vec<_>>();
        all.reverse();
        let (chosen, reversed) = choose(&all, &Membership::default(), hour(0), 31);
        let mut other = names(&all, &chosen).join(" ").split(' ').map(str::to_owned).collect::<Vec<_>>();
        one.sort();
        other.sort();
        assert_eq!((one, membership), (other, reversed));
    }
}
