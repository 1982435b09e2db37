//! Traps that one row tells: each condition in SQL, and beside it the same over a [`super::row::Row`], where
//! testing all of them takes a fraction of the time.
//!
//! Source: the writers of OpenJarvis 0.1.1 to 1.0.4.

use super::row::TestOfRow;
use super::{Severity, Test, Trap};
use Severity::{Error, Note, Warn};

const fn trap(
    (name, severity): (&'static str, Severity),
    condition: &'static str,
    test: TestOfRow,
    why: &'static str,
    advice: &'static str,
) -> Trap {
    Trap { name, severity, condition, test: Test::Row(test), why, advice }
}

pub(super) const TRAPS: &[Trap] = &[
    trap(
        ("duplicate_rows", Error),
        "{is_bare_twin}",
        |r| r.is_bare_twin == 1.0,
        "the bare second row of a call, by releases up to 1.0.2: calls and tokens count twice",
        "latency_stats, goodput and energy_stats leave them out; elsewhere do so by engine",
    ),
    trap(
        ("energy_negative", Error),
        "{energy_joules} < 0",
        |r| r.energy_joules < 0.0,
        "the energy counter could not be read at the end of the call",
        "leave them out: energy_joules > 0; energy_stats does",
    ),
    trap(
        ("energy_impossible", Error),
        "{energy_joules} > 20000.0 * {latency_seconds} AND {latency_seconds} > 0",
        |r| r.energy_joules > 20_000.0 * r.latency_seconds && r.latency_seconds > 0.0,
        "above 20 kW: the counter could not be read at the start, and its whole life was booked",
        "leave them out; energy_stats does",
    ),
    trap(
        ("time_not_positive", Error),
        "{latency_seconds} <= 0 OR {ttft} < 0 OR {mean_itl_ms} < 0",
        |r| r.latency_seconds <= 0.0 || r.ttft < 0.0 || r.mean_itl_ms < 0.0,
        "the wall clock was set during the call",
        "leave them out; latency_stats does",
    ),
    trap(
        ("ttft_over_latency", Error),
        "{ttft} > 1.001 * {latency_seconds} AND {latency_seconds} > 0",
        |r| r.ttft > 1.001 * r.latency_seconds && r.latency_seconds > 0.0,
        "the first token cannot come after the last",
        "leave them out; latency_stats does",
    ),
    trap(
        ("timestamp_odd", Error),
        "{timestamp} < 1672531200 OR {timestamp} > {latest}",
        |r| r.timestamp < 1_672_531_200.0 || r.timestamp > r.latest,
        "before 2023 or after tomorrow: milliseconds, or another clock; since and until miss it",
        "divide milliseconds by 1000: UPDATE ... SET timestamp = timestamp / 1000.0",
    ),
    trap(
        ("text_in_number", Error),
        "typeof({latency_seconds!}) IN ('text', 'blob') OR typeof({ttft!}) IN ('text', 'blob') \
         OR typeof({energy_joules!}) IN ('text', 'blob') \
         OR typeof({prompt_tokens!}) IN ('text', 'blob') \
         OR typeof({completion_tokens!}) IN ('text', 'blob')",
        |r| r.has_text,
        "text where a number belongs: SUM takes its leading digits, 0 without any, and comparisons \
         take it for greater than every number",
        "write numbers, or NULL",
    ),
    trap(
        ("ttft_is_latency", Warn),
        "{is_streaming} = 0 AND {ttft} >= 0.95 * {latency_seconds} AND {ttft} > 0",
        |r| r.is_streaming == 0.0 && r.ttft >= 0.95 * r.latency_seconds && r.ttft > 0.0,
        "cloud engines write the whole call as TTFT: averages of ttft bend, and the prefill takes \
         all energy",
        "average ttft over streamed calls alone: latency_stats does",
    ),
    trap(
        ("itl_from_leftover", Warn),
        "{is_streaming} = 0 AND {mean_itl_ms} > 0 AND {ttft} >= 0.95 * {latency_seconds}",
        |r| r.is_streaming == 0.0 && r.mean_itl_ms > 0.0 && r.ttft >= 0.95 * r.latency_seconds,
        "the ITL is what was left between two clocks, some microseconds",
        "average mean_itl_ms over streamed calls alone: latency_stats does",
    ),
    trap(
        ("buffered_stream", Warn),
        "{is_streaming} = 1 AND {completion_tokens} > 0 AND {ttft} >= 0.95 * {latency_seconds} \
         AND {latency_seconds} > 0.5",
        |r| {
            r.is_streaming == 1.0
                && r.completion_tokens > 0.0
                && r.ttft >= 0.95 * r.latency_seconds
                && r.latency_seconds > 0.5
        },
        "the answer came in one piece at the end: something between buffers the stream, so TTFT \
         and TPOT are not the model's",
        "switch off buffering in the proxy, or leave them out",
    ),
    trap(
        ("stream_without_prompt", Warn),
        "{is_streaming} = 1 AND {prompt_tokens} = 0 AND {completion_tokens} > 0",
        |r| r.is_streaming == 1.0 && r.prompt_tokens == 0.0 && r.completion_tokens > 0.0,
        "streamed calls store no prompt and no total: joules per total token come out too high, \
         cost too low",
        "divide by output tokens; count total tokens over calls that have a prompt",
    ),
    trap(
        ("total_disagrees", Warn),
        "{total_tokens} <> {prompt_tokens} + {completion_tokens} AND {is_streaming} = 0",
        |r| {
            (r.total_tokens - (r.prompt_tokens + r.completion_tokens)).abs() > 0.0
                && r.is_streaming == 0.0
        },
        "the stored total is not the sum of its parts",
        "add prompt_tokens and completion_tokens",
    ),
    trap(
        ("empty_answer", Warn),
        "{completion_tokens} = 0",
        |r| r.completion_tokens == 0.0,
        "a refusal, a tool call, or no usage reported: tokens per second are drawn towards 0",
        "divide sums of tokens by sums of seconds over calls with an answer",
    ),
    trap(
        ("evaluated_over_prompt", Warn),
        "{prompt_tokens_evaluated} > {prompt_tokens} AND {prompt_tokens} > 0",
        |r| r.prompt_tokens_evaluated > r.prompt_tokens && r.prompt_tokens > 0.0,
        "more tokens were evaluated than the prompt has: cache hits come out negative",
        "leave them out of cache figures",
    ),
    trap(
        ("energy_zero", Warn),
        "{energy_joules} = 0 AND {has_method}",
        |r| r.energy_joules == 0.0 && r.has_method == 1.0,
        "a call shorter than the counter's period of 20 to 100 ms, or a monitor that failed: not \
         free",
        "leave them out: energy_joules > 0; energy_stats does",
    ),
    trap(
        ("energy_modelled", Warn),
        "{has_modelled_energy} AND {energy_joules} > 0",
        |r| r.has_modelled_energy == 1.0 && r.energy_joules > 0.0,
        "a share of the chip's rated power times seconds: latency in disguise",
        "do not compare with measured joules; energy_stats keeps methods apart",
    ),
    trap(
        ("energy_of_remote_call", Warn),
        "{energy_joules} > 0 AND {is_remote}",
        |r| r.energy_joules > 0.0 && r.is_remote == 1.0,
        "the model ran elsewhere: this is your own machine's, waiting",
        "leave them out; energy_stats does",
    ),
    trap(
        ("energy_outlier", Warn),
        "{energy_joules} > 1800.0 * {completion_tokens} AND {completion_tokens} > 0",
        |r| r.energy_joules > 1800.0 * r.completion_tokens && r.completion_tokens > 0.0,
        "over 0.5 Wh for an output token, beyond any model known: the energy or the tokens are \
         wrong, or the calls overlap",
        "look at energy_overlap, then leave them out",
    ),
    trap(
        ("old_counting", Warn),
        "{token_counting_version} IS NOT 2",
        |r| r.token_counting_version != 2.0,
        "written before the current way of counting, which left cached prompt tokens out",
        "model_stats(NULL, NULL, 1) counts the current ones alone; do not compare prompts across",
    ),
    trap(
        ("cost_missing", Warn),
        "{cost_usd} = 0 AND {completion_tokens} > 0 AND {is_remote}",
        |r| r.cost_usd == 0.0 && r.completion_tokens > 0.0 && r.is_remote == 1.0,
        "a cloud call without a price: streamed, an unknown model, or a release before 1.0.4",
        "compute the cost from a price table: sql/prices.sql",
    ),
    trap(
        ("research_runs", Warn),
        "{is_research}",
        |r| r.is_research == 1.0,
        "one row for a whole run of many calls, stamped at its end",
        "leave them out of averages over calls; latency_stats does",
    ),
    trap(
        ("energy_unmeasured", Note),
        "{energy_joules} = 0 AND {has_no_method}",
        |r| r.energy_joules == 0.0 && r.has_no_method == 1.0,
        "AVG takes calls without a measurement for calls without energy",
        "average over energy_joules > 0",
    ),
    trap(
        ("power_disagrees", Note),
        "{power_watts} > 0 AND {energy_joules} > 0 AND {latency_seconds} > 0 \
         AND ({energy_joules} < 0.5 * {power_watts} * {latency_seconds} \
         OR {energy_joules} > 2.0 * {power_watts} * {latency_seconds})",
        |r| {
            let booked = r.energy_joules;
            r.power_watts > 0.0
                && booked > 0.0
                && r.latency_seconds > 0.0
                && (booked < 0.5 * r.power_watts * r.latency_seconds
                    || booked > 2.0 * r.power_watts * r.latency_seconds)
        },
        "energy is not power times time, within a factor of 2: already split among calls, or the \
         samples missed the call",
        "do not trust throughput_per_watt here",
    ),
    trap(
        ("gpu_unmeasured", Note),
        "{energy_joules} > 0 AND {gpu_memory_used_gb} = 0",
        |r| r.energy_joules > 0.0 && r.gpu_memory_used_gb == 0.0,
        "the monitor reads no GPU: utilization 0 is no reading",
        "average gpu_utilization_pct over gpu_memory_used_gb > 0",
    ),
    trap(
        ("phase_energy_modelled", Note),
        "{prefill_energy_joules} > 0 OR {decode_energy_joules} > 0",
        |r| r.prefill_energy_joules > 0.0 || r.decode_energy_joules > 0.0,
        "the call's energy split by time, not measured by phase",
        "do not read them as what prefill or decode took",
    ),
    trap(
        ("ttft_is_prefill", Note),
        "{is_streaming} = 0 AND {ttft} > 0 AND {ttft} < 0.95 * {latency_seconds} \
         AND {times_no_first_token}",
        |r| {
            r.is_streaming == 0.0
                && r.ttft > 0.0
                && r.ttft < 0.95 * r.latency_seconds
                && r.times_no_first_token == 1.0
        },
        "prefill inside the server, without queue, load and network (Ollama's \
         prompt_eval_duration)",
        "do not average with streamed TTFT; latency_stats leaves them out",
    ),
    trap(
        ("itl_not_streamed", Note),
        "{is_streaming} = 0 AND {mean_itl_ms} > 0 AND {ttft} < 0.95 * {latency_seconds}",
        |r| r.is_streaming == 0.0 && r.mean_itl_ms > 0.0 && r.ttft < 0.95 * r.latency_seconds,
        "decode time over tokens, no gaps that anybody saw; its percentiles are 0",
        "average ITL over streamed calls alone: latency_stats does",
    ),
    trap(
        ("chunks_not_tokens", Note),
        "{is_streaming} = 1 AND {completion_tokens} > 0 AND {has_other_agent}",
        |r| r.is_streaming == 1.0 && r.completion_tokens > 0.0 && r.has_other_agent == 1.0,
        "completion_tokens of a stream counts chunks: joules per token and TPOT depend on how the \
         engine cuts them",
        "compare streamed calls of one engine with one another",
    ),
    trap(
        ("engine_hidden", Note),
        "{hides_engine}",
        |r| r.hides_engine == 1.0,
        "the router's name, or none: local and cloud models in one engine",
        "group by model_id",
    ),
];
