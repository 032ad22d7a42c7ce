//! The contract, on SQLite.

use super::support::SqlitePlace;
use super::{
    contract, contract_incidents, contract_join, contract_kpis, contract_outbox, contract_retraining,
    contract_state,
};

macro_rules! kept_by_sqlite {
    ($($part:ident::$check:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $check() {
            $part::$check(&SqlitePlace::new()).await;
        }
    )*};
}

kept_by_sqlite!(
    contract::a_commit_is_read_back_summed_by_key,
    contract::a_range_holds_whole_panes_in_order,
    contract::a_key_counts_once,
    contract::of_equal_keys_in_one_commit_the_first_given_counts,
    contract::a_key_has_its_scope_and_its_time,
    contract::a_source_moves_from_where_it_stands,
    contract::rulers_and_learning_stay_apart,
    contract::the_newest_event_times_come_back,
    contract::a_fold_replaces_exactly_the_rows_it_read,
    contract::what_can_be_folded_is_known_after_a_start,
    contract::what_retention_passed_is_gone_and_nothing_else,
    contract::rows_are_known_by_key_whatever_becomes_of_their_counts,
    contract::stored_counts_keep_their_sections,
    contract_join::halves_of_units_that_held_are_read_in_order,
    contract_join::a_join_moves_on_from_where_it_stands,
    contract_join::a_join_and_its_outcomes_are_one_transaction,
    contract_join::joined_halves_expire_from_the_beginning,
    contract_kpis::samples_of_kpis_are_durable_once_and_fold_to_the_same_sums,
    contract_kpis::days_of_kpis_come_back_as_dates,
    contract_kpis::a_judgement_of_kpis_needs_the_state_it_was_computed_from,
    contract_kpis::what_a_verdict_says_of_kpis_is_stored_with_it_or_not_at_all,
    contract_state::an_evaluation_needs_the_state_it_was_computed_from,
    contract_state::a_window_keeps_its_first_verdict_and_its_last_revision,
    contract_state::the_first_to_freeze_wins,
    contract_state::control_is_audited_and_can_forget_the_reference,
    contract_incidents::an_incident_is_read_back_with_its_timeline,
    contract_incidents::a_change_goes_on_from_the_timeline_that_is_stored,
    contract_incidents::a_key_has_one_incident_that_is_not_resolved,
    contract_incidents::verdicts_and_incidents_are_one_transaction,
    contract_incidents::incidents_are_paged_and_filtered,
    contract_incidents::silences_are_changed_and_end,
    contract_incidents::a_start_goes_on_from_what_is_current,
    contract_incidents::what_is_resolved_expires_with_its_timeline,
    contract_outbox::what_is_claimed_is_what_was_committed,
    contract_outbox::an_id_is_given_out_once_and_in_order,
    contract_outbox::an_incident_is_told_in_order,
    contract_outbox::messages_that_are_asked_for_again_do_not_wait_for_each_other,
    contract_outbox::a_group_goes_out_as_one_message_and_stays_one,
    contract_outbox::a_claim_lasts_as_long_as_its_lease,
    contract_outbox::claims_of_a_process_that_died_are_released,
    contract_outbox::marking_twice_is_marking_once,
    contract_outbox::a_dead_message_is_sent_again_when_asked_for,
    contract_outbox::a_claim_has_room_for_every_receiver,
    contract_outbox::what_is_critical_goes_first,
    contract_outbox::a_message_has_room_for_what_is_critical,
    contract_outbox::a_message_has_room_for_some,
    contract_outbox::notifications_are_paged_filtered_and_counted,
    contract_outbox::a_receiver_is_disabled_at_its_target,
    contract_retraining::an_occasion_is_decided_once_and_a_key_is_run_once,
    contract_retraining::a_run_moves_on_from_where_it_stands,
    contract_retraining::what_a_pipeline_reports_is_one_transaction,
    contract_retraining::as_many_versions_are_kept_as_there_may_be,
    contract_retraining::decisions_are_paged_filtered_and_expire,
);
