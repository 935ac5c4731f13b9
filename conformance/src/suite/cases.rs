//! The list of all cases. It stands once, here.

use moonsocket_core::Backend;

use super::{
    Case, Needs, again, buffers, connect, daemon, datagrams, errors, firsts, forks, limits,
    listeners, lookup, many, memory, options, parked, parts, queues, registration, shortage,
    signals, stopped, streams, unix, urgent, wakes,
};

macro_rules! cases {
    ($($topic:ident { $($needs:ident $name:ident,)* })*) => {
        /// How many there are.
        pub(super) const COUNT: usize = [$($(stringify!($name),)*)*].len();

        pub(super) fn cases<B: Backend>() -> Vec<Case<B>> {
            vec![$($(Case {
                name: concat!(stringify!($topic), "::", stringify!($name)),
                needs: Needs::$needs,
                run: $topic::$name::<B>,
            },)*)*]
        }
    };
}

cases! {
    streams {
        Nothing lines_lose_their_ends,
        Nothing every_rule_for_carriage_returns,
        Nothing a_line_end_split_between_arrivals,
        Nothing counts_and_whatever_comes,
        Nothing nothing_takes_no_time,
        Nothing half_closed_streams_go_on_the_other_way,
        Nothing a_shut_receiver_sees_the_end,
        Nothing a_reset_is_an_error,
        Nothing writing_to_a_closed_peer_is_survived,
        Kernel a_broken_pipe_raises_no_signal,
        Nothing data_and_end_in_one_edge,
        Nothing an_end_in_the_edge_of_another_wait,
        Kernel a_hang_up_after_it_was_drained,
        Kernel a_hundred_megabytes_in,
        Kernel a_hundred_megabytes_out,
        Nothing a_send_into_a_full_peer_tells_how_much,
        Nothing readiness_without_io,
    }
    buffers {
        Nothing an_idle_connection_holds_no_block,
        Nothing a_parked_line_holds_no_block,
        Nothing buffered_bytes_outlive_the_socket,
        Nothing too_long_leaves_the_rest,
        Nothing a_maximum_whatever_the_chunks,
        Nothing a_look_takes_nothing,
        Nothing a_look_without_room_is_no_end,
        Nothing a_call_that_must_not_wait,
        Nothing bytes_that_can_be_read,
        Nothing statistics_count_what_was_handed_over,
        Kernel waiting_for_all_waits_for_no_more,
        Kernel dropped_bytes_are_nobody_elses,
    }
    urgent {
        Kernel an_urgent_byte_passes_the_others,
        Kernel an_urgent_byte_while_others_are_buffered,
        Kernel bytes_behind_the_mark_are_not_slept_over,
        KernelAndTime waiting_for_an_urgent_byte_ends,
        Kernel no_urgent_byte_after_a_reset,
        Kernel an_urgent_reader_holds_nobody_up,
        Kernel an_urgent_byte_is_not_for_a_parked_reader,
    }
    limits {
        Time a_receive_is_never_early,
        Time an_accept_is_never_early,
        Time a_sleep_and_a_select_are_never_early,
        KernelAndTime a_connect_nobody_answers_ends_in_time,
        Time one_wait_and_the_whole_call,
        KernelAndTime a_drip_keeps_one_wait_alive_but_not_the_call,
        Kernel a_flood_ends_with_the_limit,
        Kernel false_alarms_end_with_the_limit,
        Kernel a_wait_for_nothing_has_its_limit,
        KernelAndTime signals_do_not_stretch_a_limit,
        Nothing odd_limits_are_no_limits,
    }
    firsts {
        Nothing what_is_there_needs_no_operation,
        Nothing without_time_what_there_is_needs_no_operation,
        Nothing the_rest_comes_by_the_driver,
        Time the_time_of_the_attempt_counts,
        Nothing an_end_and_a_reset_are_told_once,
        Kernel a_part_is_sent_once,
        Nothing a_message_by_one_attempt,
        Nothing a_message_with_its_sender_by_one_attempt,
        Nothing a_connection_by_one_attempt,
    }
    listeners {
        Nothing connections_come_in_order,
        Nothing an_address_is_taken,
        Nothing accepting_on_what_is_no_listener,
        Kernel an_adopted_listener_does_not_block,
        Kernel a_listener_stays_a_listener,
        Kernel descriptors_are_not_inherited,
    }
    connect {
        Nothing a_refusal_is_an_error,
        Nothing the_next_address_is_tried,
        Nothing a_refused_connect_can_be_repeated,
        Nothing families_are_mixed,
        Nothing only_the_first_where_asked,
        Nothing a_limit_of_zero_goes_on_later,
        Kernel a_name_is_connected_to,
        Kernel a_local_address_comes_first,
        Nothing a_local_name_is_looked_up_within_the_limit,
        Kernel a_race_does_not_spin_at_a_full_listener,
        Kernel the_first_that_answers_wins,
        Kernel a_race_that_nobody_wins,
        Kernel a_parked_race,
        Kernel a_closed_handle_stays_closed,
        Kernel a_race_for_a_closed_handle,
        Kernel no_descriptors_left,
    }
    datagrams {
        Nothing messages_stay_apart,
        Kernel a_long_unix_message_comes_whole,
        Nothing a_connected_mailbox_sends_without_address,
        Time limits_hold_for_messages,
        KernelAndTime a_full_unix_queue_is_waited_for,
        Nothing a_message_too_long_is_an_error,
    }
    unix {
        Nothing abstract_names,
        Kernel paths,
        KernelAndTime a_full_backlog_is_waited_for,
        Kernel a_signal_during_a_full_backlog,
        Kernel credentials_of_the_peer,
        Kernel sequenced_packets,
        Kernel bytes_behind_a_passed_descriptor,
    }
    options {
        Kernel what_is_set_can_be_read,
        Kernel what_cannot_be_set_says_so,
        Kernel a_value_of_another_type_is_an_error,
        Kernel groups_are_joined_and_left,
        Kernel times_are_rounded_up,
        Nothing options_are_remembered,
        Kernel any_option_with_any_value,
    }
    errors {
        Nothing everything_on_a_closed_handle_says_so,
        Kernel odd_descriptors_are_survived,
        Kernel families_and_kinds_that_do_not_exist,
        Kernel an_unconnected_stream,
    }
    lookup {
        Kernel a_name_and_its_addresses,
        Nothing numbers_ask_nobody,
        Nothing ports_past_65535_do_not_wrap,
        Kernel names_that_cannot_be,
        Kernel a_question_can_be_asked_again,
        Kernel a_name_without_threads,
        Kernel no_time_for_a_name,
        Kernel one_wait_for_an_answer_has_its_limit,
    }
    signals {
        Kernel a_signal_ends_nothing,
        Kernel a_large_send_through_signals,
        Kernel a_signal_is_told,
        Kernel a_signal_before_the_wait_is_told,
        Kernel a_signal_is_told_to_one_of_the_parked,
        Kernel a_forked_child_has_signals_of_its_own,
        Kernel a_connect_through_signals,
    }
    memory {
        Nothing bytes_go_where_they_belong,
        Nothing buffered_bytes_come_first,
        Nothing all_of_it_is_sent,
        Nothing cancelled_waits_lose_nothing,
    }
    parts {
        Nothing they_arrive_in_their_order,
        Nothing nothing_to_send_needs_no_socket,
        Nothing what_was_sent_is_told,
        Nothing parked_they_go_on_where_they_were,
        Kernel they_are_one_message,
        Nothing none_waits_that_must_not,
    }
    many {
        Kernel select_over_a_thousand,
        Kernel a_thousand_parked,
        Kernel select_over_odd_descriptors,
        Kernel select_over_more_than_the_limit,
        Kernel a_watch_for_nothing,
    }
    parked {
        Time a_parked_limit_is_never_early,
        Time a_parked_select_over_nothing,
        Nothing a_parked_select_finds_it,
        Nothing parked_sleeps_wake_in_order,
        Nothing an_edge_taken_by_another_wait,
        Kernel a_wake_up_taken_by_another_wait,
        Kernel an_answer_taken_by_another_wait,
        Nothing a_parked_conversation,
        Nothing a_connect_that_changes_its_descriptor,
        Kernel a_parked_flood_ends_with_the_limit,
    }
    queues {
        Nothing first_come_first_served,
        Nothing a_busy_queue_makes_pauses,
    }
    shortage {
        Kernel parked_without_a_reactor,
    }
    stopped {
        Kernel a_receive_gets_what_came_meanwhile,
        Kernel a_select_finds_what_came_meanwhile,
        Kernel a_parked_receive_gets_what_came_meanwhile,
    }
    registration {
        Kernel a_number_used_again,
        Kernel a_duplicate_outlives_the_socket,
        Kernel two_handles_on_one_descriptor,
        Kernel nothing_is_armed_without_a_wait,
        Kernel releasing_clears_what_was_armed,
        Kernel a_duplicate_has_no_limits_of_ours,
        Kernel replacing_does_not_close,
        Kernel non_blocking_by_somebody_else,
        Kernel duplicates_of_a_listener_do_not_block,
        Kernel a_listener_whose_duplicate_is_received_from,
        Kernel closing_takes_the_registration_back,
        Kernel abandoning_does_not_linger,
        Nothing a_new_connection_starts_empty,
        Kernel closing_closes_once,
    }
    forks {
        Kernel a_fork_disturbs_nobody,
        Kernel a_child_that_only_closes,
        Kernel a_child_keeps_no_reactor_of_its_parents,
        Kernel a_child_that_waits,
    }
    again {
        Nothing who_tries_again_is_first,
        Nothing a_call_is_ended,
        Nothing a_call_misses_nothing,
    }
    daemon {
        Kernel everything_is_closed,
        Kernel everything_is_closed_after_a_fork,
        Kernel everything_is_closed_where_signals_are_told,
        Kernel everything_is_closed_during_lookups,
        Kernel a_fork_with_a_parked_task,
        Kernel a_fork_that_closes_what_is_selected,
        Kernel a_fork_with_lookups,
        Kernel standard_numbers_are_left_alone,
    }
    wakes {
        Kernel one_that_nobody_took_is_over_when_it_goes,
        Kernel a_child_takes_none_of_its_parents,
    }
}
