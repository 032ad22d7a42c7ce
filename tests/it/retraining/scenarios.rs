//! Every text in `texts` is played.

use super::script::play;

macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                play(include_str!(concat!("texts/", stringify!($name), ".txt"))).await;
            }
        )*

        #[test]
        fn every_scenario_is_played() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/retraining/texts");
            let files = std::fs::read_dir(folder).unwrap();
            let mut found: Vec<String> =
                files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
            found.sort();
            let mut played = [$(concat!(stringify!($name), ".txt")),*].map(str::to_owned);
            played.sort();
            assert_eq!(found, played);
            assert!(played.len() >= 20);
        }
    };
}

scenarios!(
    weekly_over_the_spring_change,
    weekly_over_the_autumn_change,
    the_week_of_a_years_end,
    missed_while_nobody_looked,
    monthly_and_quarterly,
    nothing_drifted_and_young,
    drift_with_cooldown,
    drift_that_goes_on,
    concept_drift_is_a_major_update,
    too_few_new_labels,
    low_label_coverage,
    labels_that_come_late_are_new,
    labels_that_a_version_could_not_have_are_new,
    labels_are_known_after_a_restart,
    open_data_quality_incident,
    a_run_that_is_open,
    a_target_that_has_it_already,
    a_target_that_refuses,
    a_target_that_is_busy,
    a_target_that_fails,
    a_target_that_fails_and_may_start_twice,
    a_crash_before_the_request,
    a_crash_after_the_request,
    a_crash_after_a_request_that_may_start_twice,
    no_report_back,
    a_pipeline_that_fails,
    a_version_while_a_run_is_open,
    somebody_asks,
    the_target_is_gone,
    the_calendar,
);
