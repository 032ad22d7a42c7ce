//! The samples of a use case on a day, so that each month comes to what the story says.

use std::fmt::{Display, Write};

use super::calendar::Day;
use super::random::Chance;
use super::rows::team;
use super::story::{Figures, Handling, UseCase, customers_kept, share};

/// Answers to surveys a day, of each sort.
const ANSWERS: u64 = 4;
/// Half of the cases of a day take so many minutes longer than the mean, half of them so many less.
const MINUTES_APART: u64 = 4;
const NOON: u64 = 12 * 3_600;

/// The samples of one day, as they grow.
struct Lines {
    use_case: UseCase,
    day: Day,
    text: String,
}

impl Lines {
    /// `said`: the sample's own members.
    fn push(&mut self, kpi: &str, second: u64, said: impl Display) {
        let (use_case, at) = (self.use_case.id(), self.day.at(second));
        // Writing into a text cannot fail.
        let _infallible =
            writeln!(self.text, r#"{{"use_case":"{use_case}","kpi":"{kpi}","ts":"{at}",{said}}}"#);
    }

    fn value(&mut self, kpi: &str, value: u64) {
        self.push(kpi, NOON, format_args!(r#""value":{value}"#));
    }

    fn ratio(&mut self, kpi: &str, numerator: u64, denominator: u64) {
        self.push(kpi, NOON, format_args!(r#""numerator":{numerator},"denominator":{denominator}"#));
    }
}

/// Empty before the use case has started and after 2025.
pub fn samples(seed: u64, use_case: UseCase, day: Day) -> String {
    let mut lines = Lines { use_case, day, text: String::new() };
    let Some(month) = use_case.month(day) else { return lines.text };
    let mut chance = Chance::of(seed, 100 + use_case as u64, day.number());
    let figures = use_case.figures();
    let (at, days) = day.in_month();
    for (kpi, months) in figures.sums {
        lines.value(kpi, share(months[month], at, days));
    }
    if let Some(cost) = figures.run_cost[month].filter(|_| at + 1 == days) {
        lines.value("run_cost", cost);
    }
    let cases = figures.cases_a_day;
    lines.ratio("complaint_rate", share(figures.complaints[month], at, days), cases);
    if let Some(Handling { automated, minutes }) = &figures.handling {
        lines.ratio("automation_rate", share(automated[month] * cases * days / 100, at, days), cases);
        for minutes in [minutes[month] - MINUTES_APART, minutes[month] + MINUTES_APART] {
            lines.value("processing_time", minutes);
        }
    }
    if use_case == UseCase::Retention {
        let kept = (customers_kept(day) * cases as f64 / 100.0 + 1.5 * chance.normal()).round();
        lines.ratio("customers_kept", (kept.max(0.0) as u64).min(cases), cases);
    }
    surveys(&mut lines, figures, month, &mut chance);
    if use_case == UseCase::Claims {
        by_team(&mut lines, figures, month, &mut chance);
    }
    lines.text
}

/// Of all answers of a month so many are satisfied, promoters and detractors as the story says.
fn surveys(lines: &mut Lines, figures: &Figures, month: usize, chance: &mut Chance) {
    let (at, days) = lines.day.in_month();
    let all = ANSWERS * days;
    let (promoters, detractors) = figures.nps[month];
    let [promoters, detractors, satisfied] =
        [promoters, detractors, figures.satisfied[month]].map(|of_100| of_100 * all / 100);
    for answer in 0..ANSWERS {
        let (nth, second) = (at * ANSWERS + answer, 9 * 3_600 + answer * 1_800);
        let team = team(lines.use_case, chance.below(10));
        let value = match share(satisfied, nth, all) {
            0 => 1 + chance.below(3),
            _ => 4 + chance.below(2),
        };
        lines.push("satisfaction", second, format_args!(r#""value":{value},"segments":{{"team":"{team}"}}"#));
        let promoters_before = nth * promoters / all;
        let value = match share(promoters, nth, all) {
            0 => match share(detractors, nth - promoters_before, all - promoters) {
                0 => 7 + chance.below(2),
                _ => chance.below(7),
            },
            _ => 9 + chance.below(2),
        };
        lines.push("nps", second, format_args!(r#""value":{value}"#));
    }
}

/// The first team is ahead of the month's figures, the last behind.
fn by_team(lines: &mut Lines, figures: &Figures, month: usize, chance: &mut Chance) {
    let cases = figures.cases_a_day;
    for (behind, (team, tenths)) in (0..).zip(figures.teams) {
        let segments = format!(r#""segments":{{"team":"{team}"}}"#);
        let mut push = |kpi: &str, said: String| lines.push(kpi, NOON, format_args!("{said},{segments}"));
        let minutes = figures.handling.as_ref().map_or(0, |of| of.minutes[month]) + 3 * behind;
        push("team_processing_time", format!(r#""value":{minutes}"#));
        let cases = cases * tenths / 10;
        let complaints = chance.below(2 + 2 * behind).min(cases);
        push("team_complaint_rate", format!(r#""numerator":{complaints},"denominator":{cases}"#));
        let answer = (10_u64.saturating_sub(2 * behind)).saturating_sub(chance.below(4));
        push("team_nps", format!(r#""value":{answer}"#));
    }
}
