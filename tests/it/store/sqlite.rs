//! The contract, on SQLite.

use super::support::SqlitePlace;
use super::{contract, contract_state};

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
    contract_state::an_evaluation_needs_the_state_it_was_computed_from,
    contract_state::a_window_keeps_its_first_verdict_and_its_last_revision,
    contract_state::the_first_to_freeze_wins,
    contract_state::control_is_audited_and_can_forget_the_reference,
);
