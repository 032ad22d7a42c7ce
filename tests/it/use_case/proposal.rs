//! The decision table, row by row and then in full.

use driftd::use_case::{Criterion, Finding, Grid, Phase, Proposal, Reason, Standing, Trend, propose};

use super::{after, assessed, month, revenue_only, revenues};

const PHASES: [Phase; 2] = [Phase::BeforeMonthSix, Phase::FromMonthSix];
const TRENDS: [Trend; 4] = [Trend::Grows, Trend::Stagnates, Trend::Falls, Trend::NotEnough];

/// `m` met, `w` on its way, `u` unknown, `x` missed: of technique, roi, adoption, register.
fn grid(standings: [char; 4]) -> Grid {
    let [technique, roi, adoption, register] = standings.map(|letter| Finding {
        standing: match letter {
            'm' => Standing::Met,
            'w' => Standing::OnItsWay,
            'u' => Standing::Unknown(Reason::NoUsage),
            _ => Standing::Missed,
        },
        words: "as measured".to_owned(),
    });
    Grid { technique, roi, adoption, register }
}

fn proposed(standings: &str, usage: Trend, phase: Phase) -> Proposal {
    let letters: Vec<char> = standings.chars().collect();
    propose(&grid([letters[0], letters[1], letters[2], letters[3]]), usage, phase).proposal
}

#[test]
fn the_rows_that_people_ask_about() {
    use Phase::{BeforeMonthSix as Early, FromMonthSix as Late};
    use Proposal::{Continue, Iterate, Scale, Stop};
    use Trend::{Falls, Grows, Stagnates};
    for (standings, usage, phase, expected) in [
        // All four are met.
        ("mmmm", Stagnates, Late, Scale),
        ("mmmm", Grows, Early, Scale),
        ("mmmm", Falls, Late, Iterate),
        // Money and users are both missed; before month 6 that is no verdict.
        ("mxxm", Stagnates, Late, Stop),
        ("mxxm", Stagnates, Early, Iterate),
        // Money is missed, people still use it, but less and less.
        ("mxmm", Falls, Late, Stop),
        ("mxmm", Falls, Early, Iterate),
        ("mxum", Falls, Late, Stop),
        // Money alone, or users alone, is to be worked on.
        ("mxmm", Grows, Late, Iterate),
        ("mxwm", Grows, Late, Iterate),
        ("mmxm", Falls, Late, Iterate),
        // Technique and register can be repaired.
        ("xmmm", Stagnates, Late, Iterate),
        ("mmmx", Stagnates, Late, Iterate),
        ("xmmx", Grows, Late, Iterate),
        // Nothing is missed, something is not there yet.
        ("mwmm", Grows, Late, Continue),
        ("mwwm", Grows, Early, Continue),
        ("uuuu", Trend::NotEnough, Late, Continue),
        ("mmmu", Stagnates, Late, Continue),
        ("mwmm", Falls, Late, Iterate),
    ] {
        assert_eq!(proposed(standings, usage, phase), expected, "{standings} {usage:?} {phase:?}");
    }
}

/// All 4⁴ grids × 4 trends × 2 phases, against the table read the other way round: from the proposal to what it
/// asks.
#[test]
fn every_combination_is_in_the_table() {
    let letters = ['m', 'w', 'u', 'x'];
    let mut counts = [0_usize; 4];
    for code in 0..4_usize.pow(4) {
        let standings = [code / 64, code / 16 % 4, code / 4 % 4, code % 4].map(|digit| letters[digit]);
        let [_, roi, adoption, _] = standings;
        for usage in TRENDS {
            for phase in PHASES {
                let found = propose(&grid(standings), usage, phase);
                let case = format!("{standings:?} {usage:?} {phase:?}: {found:?}");
                let (falls, late) = (usage == Trend::Falls, phase == Phase::FromMonthSix);
                let missed = standings.contains(&'x');
                let stops = late && roi == 'x' && (adoption == 'x' || falls);
                let asks = match found.proposal {
                    Proposal::Scale => standings == ['m'; 4] && !falls,
                    Proposal::Stop => stops,
                    Proposal::Iterate => (missed || falls) && !stops,
                    Proposal::Continue => !missed && !falls && standings != ['m'; 4],
                };
                assert!(asks, "{case}");
                counts[Proposal::ALL.iter().position(|one| *one == found.proposal).unwrap()] += 1;
                assert!(!found.reasons.is_empty(), "{case}");
                let said = found.reasons.iter().any(|because| because.words == "usage falls");
                assert_eq!(said, falls, "{case}");
                for because in &found.reasons {
                    let finding = grid(standings).of(because.criterion).standing.clone();
                    let right = match found.proposal {
                        Proposal::Scale => finding == Standing::Met,
                        Proposal::Continue => finding != Standing::Met && finding != Standing::Missed,
                        Proposal::Stop | Proposal::Iterate => {
                            finding == Standing::Missed || because.words == "usage falls"
                        }
                    };
                    assert!(right, "{case}");
                }
            }
        }
    }
    // Scale: 1 grid × 3 trends × 2 phases = 6. Stop: 16 grids with roi and adoption missed × 4 trends + 48 with roi
    // missed and adoption not × 1 = 112. Continue: (3⁴ − 1) × 3 × 2 = 480. Iterate: the rest of 2,048.
    assert_eq!(counts, [480, 2_048 - 480 - 6 - 112, 6, 112]);
}

#[test]
fn reasons_say_the_figures() {
    // 2,500 at the start, 200 a month: after month 6 −1,300, by month 12 −100. Nobody measured usage.
    let mut months = revenues(&[(250.0, 50.0); 6]);
    let found = assessed(&revenue_only(2_500.0), months.clone(), after(6)).proposed;
    assert_eq!(found.proposal, Proposal::Iterate);
    assert_eq!(found.reasons.len(), 1);
    assert_eq!(found.reasons[0].criterion, Criterion::Roi);
    assert!(found.reasons[0].words.starts_with("missed: ROI −46.4 % after month 6"), "{found:?}");
    // Usage falls from 50 % to 20 %: stop.
    for (figures, usage) in months.iter_mut().zip([0.5, 0.45, 0.4, 0.3, 0.25, 0.2]) {
        (figures.usage, figures.satisfaction) = (Some(usage), Some(0.8));
    }
    let found = assessed(&revenue_only(2_500.0), months.clone(), after(6)).proposed;
    let criteria: Vec<Criterion> = found.reasons.iter().map(|because| because.criterion).collect();
    assert_eq!(
        (found.proposal, criteria),
        (Proposal::Stop, vec![Criterion::Roi, Criterion::Adoption, Criterion::Adoption])
    );
    // A day earlier, month 6 is not over.
    let earlier = month(6).last_day();
    assert_eq!(assessed(&revenue_only(2_500.0), months, earlier).proposed.proposal, Proposal::Iterate);
}
