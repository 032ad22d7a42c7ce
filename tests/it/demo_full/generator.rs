//! The same bytes for a seed, and months that come to what is documented.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use driftd::demo::full::{Day, Model, Year};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A month's place: 0 is January.
type ByMonth<T> = [T; 12];

static YEAR: LazyLock<Counted> = LazyLock::new(|| Counted::of(Year { seed: Year::SEED }));

/// What the lines of a year say, read as JSON by serde and added up.
#[derive(Default)]
struct Counted {
    hash: String,
    /// By use case and KPI: sums of `value`, `numerator` and `denominator`, and how many samples.
    samples: BTreeMap<(String, String), ByMonth<[f64; 4]>>,
    /// Answers by use case, KPI and month.
    answers: BTreeMap<(String, String, usize), Vec<f64>>,
    /// Users by use case and month.
    users: BTreeMap<(&'static str, usize), BTreeSet<String>>,
    teams: BTreeMap<(&'static str, usize, String), BTreeSet<String>>,
    /// Rows by model.
    rows: BTreeMap<&'static str, u64>,
    /// Of churn, by the month of the prediction: leavers that were found, leavers.
    leavers: ByMonth<[u64; 2]>,
}

impl Counted {
    fn of(year: Year) -> Self {
        let mut counted = Self::default();
        let mut hash = Sha256::new();
        let (mut predicted, mut month_of) = (BTreeMap::new(), BTreeMap::new());
        for model in Model::ALL {
            hash.update(year.reference(model));
        }
        for sent in year.days() {
            for (model, rows) in &sent.predictions {
                hash.update(rows);
                let mut last = String::new();
                for row in lines(rows) {
                    let at = row["ts"].as_str().unwrap().to_owned();
                    assert!(last < at, "rows are in order: {last}, {at}");
                    last = at;
                    *counted.rows.entry(model.id()).or_default() += 1;
                    counted.take_user(*model, sent.day, &row);
                    if *model == Model::Churn {
                        let id = row["id"].as_str().unwrap().to_owned();
                        month_of.insert(id.clone(), month(&row));
                        assert!(predicted.insert(id, row["prediction"].clone()).is_none(), "ids differ");
                    }
                }
            }
            for (model, labels) in &sent.labels {
                hash.update(labels);
                for label in lines(labels).filter(|_| *model == Model::Churn) {
                    let id = label["id"].as_str().unwrap();
                    let prediction = predicted.remove(id).expect("a label has a prediction before it, once");
                    if let (Some(month), true) = (month_of[id], label["actual"] == "leaves") {
                        counted.leavers[month][0] += u64::from(prediction == "leaves");
                        counted.leavers[month][1] += 1;
                    }
                }
            }
            hash.update(&sent.samples);
            lines(&sent.samples).for_each(|sample| counted.take_sample(&sample));
        }
        counted.hash = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        counted
    }

    fn take_user(&mut self, model: Model, day: Day, row: &Value) {
        let (Some(month), Some(user)) = (day.month(), row["user"].as_str()) else { return };
        let use_case = model.use_case().id();
        self.users.entry((use_case, month)).or_default().insert(user.to_owned());
        let team = row["segments"]["team"].as_str().unwrap().to_owned();
        self.teams.entry((use_case, month, team)).or_default().insert(user.to_owned());
    }

    fn take_sample(&mut self, sample: &Value) {
        let month = month(sample).expect("samples are of 2025");
        let text = |key: &str| sample[key].as_str().unwrap().to_owned();
        let (use_case, kpi) = (text("use_case"), text("kpi"));
        let sums = &mut self.samples.entry((use_case.clone(), kpi.clone())).or_default()[month];
        for (sum, key) in sums.iter_mut().zip(["value", "numerator", "denominator"]) {
            *sum += sample[key].as_f64().unwrap_or_default();
        }
        sums[3] += 1.0;
        if ["nps", "satisfaction"].contains(&kpi.as_str()) {
            self.answers.entry((use_case, kpi, month)).or_default().push(sample["value"].as_f64().unwrap());
        }
    }

    /// Sums of `value`.
    fn sums(&self, use_case: &str, kpi: &str) -> ByMonth<f64> {
        self.samples[&(use_case.to_owned(), kpi.to_owned())].map(|of| of[0])
    }

    /// Numerators over denominators, or the mean, in hundredths.
    fn percent(&self, use_case: &str, kpi: &str) -> ByMonth<f64> {
        self.samples[&(use_case.to_owned(), kpi.to_owned())].map(|of| 100.0 * of[1] / of[2])
    }
}

fn lines(ndjson: &str) -> impl Iterator<Item = Value> {
    ndjson.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
}

/// 0 for January 2025.
fn month(line: &Value) -> Option<usize> {
    let at = line["ts"].as_str().unwrap();
    let month: usize = at[5..7].parse().unwrap();
    at.starts_with("2025").then(|| month - 1)
}

#[test]
fn a_seed_gives_the_same_bytes_and_another_one_others() {
    assert_eq!(
        YEAR.hash, "0e240481e1fe62ce8356f30412a2bc420aaf31529d910d02584de18d0c3022ae",
        "what the default seed makes has changed"
    );
    let (one, same, other) = (Year { seed: Year::SEED }, Year { seed: Year::SEED }, Year { seed: 7 });
    let day = Day::sent().nth(200).unwrap();
    let [one, same, other] = [one, same, other].map(|year| year.day(day));
    assert_eq!((&one.predictions, &one.samples), (&same.predictions, &same.samples));
    for (ours, theirs) in one.predictions.iter().zip(&other.predictions) {
        assert_ne!(ours, theirs);
    }
}

#[test]
fn every_model_has_a_row_in_each_five_minutes_of_the_year_and_a_day() {
    let rows = 288 * 366;
    assert_eq!(YEAR.rows, Model::ALL.map(|model| (model.id(), rows)).into());
}

/// As the documentation of `src/demo/full/story.rs` has it.
#[test]
fn months_sum_to_the_story() {
    assert_eq!(
        YEAR.sums("claims", "time_saved"),
        [60.0, 110.0, 160.0, 210.0, 250.0, 280.0, 300.0, 310.0, 340.0, 360.0, 380.0, 390.0]
    );
    assert_eq!(
        YEAR.sums("claims", "errors_avoided"),
        [5.0, 10.0, 15.0, 20.0, 24.0, 27.0, 30.0, 31.0, 33.0, 35.0, 36.0, 38.0]
    );
    assert_eq!(YEAR.sums("claims", "run_cost"), [1_200.0; 12]);
    assert_eq!(
        YEAR.sums("retention", "added_revenue"),
        [0.0, 0.0, 0.0, 5e3, 9e3, 12e3, 13e3, 10.5e3, 8e3, 9.5e3, 10e3, 10.5e3]
    );
    // April to November: that of December has not come.
    let run_cost = &YEAR.samples[&("retention".to_owned(), "run_cost".to_owned())];
    assert_eq!(run_cost.map(|of| of[3]), [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0]);
    assert_eq!(run_cost[3..11].iter().map(|of| of[0]).sum::<f64>(), 8.0 * 2_500.0);
    assert_eq!(
        YEAR.sums("contracts", "time_saved"),
        [0.0, 80.0, 75.0, 66.0, 60.0, 55.0, 52.0, 50.0, 50.0, 49.0, 50.0, 49.0]
    );
    let dearer = YEAR.sums("contracts", "run_cost");
    assert_eq!((dearer[1], dearer[11]), (1_800.0, 3_900.0));
    assert!(dearer[1..].is_sorted_by(|before, after| before < after), "{dearer:?}");
    let minutes = &YEAR.samples[&("claims".to_owned(), "processing_time".to_owned())];
    let minutes = minutes.map(|of| of[0] / of[3]);
    assert_eq!((minutes[0], minutes[11]), (40.0, 24.0));
    // 180 complaints of 200 cases a day, 31 days.
    let complaints = YEAR.percent("claims", "complaint_rate");
    assert!((complaints[0] - 100.0 * 180.0 / 6_200.0).abs() < 1e-9, "{complaints:?}");
}

/// 45 EUR an hour, 180 an error, 36,000 at the start, 1,200 a month.
///
/// | month | benefits so far | costs so far |
/// |---|---|---|
/// | 4 | 540 h × 45 + 50 × 180 = 33,300 | 40,800 |
/// | 5 | 790 h × 45 + 74 × 180 = 48,870 | 42,000 |
#[test]
fn claims_pay_back_in_month_5() {
    let (hours, errors) = (YEAR.sums("claims", "time_saved"), YEAR.sums("claims", "errors_avoided"));
    let benefits = |months: usize| {
        45.0 * hours[..months].iter().sum::<f64>() + 180.0 * errors[..months].iter().sum::<f64>()
    };
    assert_eq!((benefits(4), benefits(5)), (33_300.0, 48_870.0));
    assert!(benefits(4) < 36_000.0 + 4.0 * 1_200.0 && benefits(5) > 36_000.0 + 5.0 * 1_200.0);
}

#[test]
fn users_are_as_many_as_the_story_says_and_teams_differ() {
    let users = |use_case| -> Vec<usize> {
        (0..12).map(|month| YEAR.users.get(&(use_case, month)).map_or(0, BTreeSet::len)).collect()
    };
    assert_eq!(users("claims"), [30, 38, 46, 54, 60, 66, 70, 72, 78, 84, 88, 92]);
    assert_eq!(users("retention"), [0, 0, 0, 34, 38, 36, 37, 36, 38, 35, 37, 36]);
    assert_eq!(users("contracts"), [0, 40, 36, 31, 27, 24, 21, 19, 17, 15, 14, 13]);
    // Of 30 users numbered from 0, five in ten, three and two.
    let team = |team: &str| YEAR.teams[&("claims", 0, team.to_owned())].len();
    assert_eq!([team("north"), team("south"), team("online")], [15, 9, 6]);
}

#[test]
fn surveys_come_to_the_story_within_an_answer() {
    let of = |use_case: &str, kpi: &str, month: usize| {
        YEAR.answers[&(use_case.to_owned(), kpi.to_owned(), month)].clone()
    };
    let share = |answers: &[f64], fits: fn(f64) -> bool| {
        100.0 * answers.iter().filter(|answer| fits(**answer)).count() as f64 / answers.len() as f64
    };
    for (use_case, month, satisfied, promoters, detractors) in [
        ("claims", 0, 64.0, 30.0, 30.0),
        ("claims", 11, 82.0, 52.0, 14.0),
        ("retention", 3, 66.0, 38.0, 26.0),
        ("retention", 11, 61.0, 30.0, 34.0),
        ("contracts", 1, 56.0, 24.0, 34.0),
        ("contracts", 11, 40.0, 14.0, 50.0),
    ] {
        let (satisfaction, nps) = (of(use_case, "satisfaction", month), of(use_case, "nps", month));
        let near = |found: f64, told: f64| (found - told).abs() <= 100.0 / nps.len() as f64;
        assert!(near(share(&satisfaction, |answer| answer >= 4.0), satisfied), "{use_case} {month}");
        assert!(near(share(&nps, |answer| answer >= 9.0), promoters), "{use_case} {month}");
        assert!(near(share(&nps, |answer| answer <= 6.0), detractors), "{use_case} {month}");
    }
}

/// From the tariff's share of 55 % of the customers on; some 3,000 leavers a month, so ±0.02 is three standard errors.
#[test]
fn recall_of_churn_falls_in_august_and_customers_leave_two_weeks_later() {
    let recall = YEAR.leavers.map(|[found, all]| found as f64 / all as f64);
    assert!(recall[..7].iter().all(|recall| (recall - 0.85).abs() < 0.02), "{recall:?}");
    assert!((0.55..0.8).contains(&recall[7]), "{recall:?}");
    assert!(recall[8..].iter().all(|recall| (recall - 0.44).abs() < 0.03), "{recall:?}");
    // 1,200 calls a month: a standard error of noise is 0.7 points.
    let kept = YEAR.percent("retention", "customers_kept");
    assert!(kept[3..7].iter().all(|kept| (kept - 72.0).abs() < 2.5), "{kept:?}");
    assert!((66.0..72.0).contains(&kept[7]), "August: it begins on the 18th: {kept:?}");
    assert!(kept[9..].iter().all(|kept| (kept - 54.0).abs() < 2.5), "{kept:?}");
}
