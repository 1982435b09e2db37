//! Traps that take more than one row to see: each condition is run as it stands.
//!
//! Source: the writers of OpenJarvis 0.1.1 to 1.0.4; Ollama unloads a model after five minutes.

use super::{Severity, Test, Trap};
use Severity::{Note, Warn};

/// Before this release (3.27.0), SQLite gives other rows than it counts where a query over a view
/// that is a UNION ALL has a window function in its WHERE.
const KEEPS_WINDOWS: i32 = 3_027_000;

pub(super) const TRAPS: &[Trap] = &[
    // Rows that are the same in the four columns are in a pair together, or not at all.
    Trap {
        name: "near_duplicates",
        severity: Warn,
        // Starts within 50 ms are in one tenth of a second, or in two side by side. DISTINCT keeps
        // SQLite from folding the tenths into the join, which then has no index for them.
        condition: "({model_id!}, {completion_tokens!}, {timestamp!}, {latency_seconds!}) IN (\
                    WITH one_of_two AS (SELECT DISTINCT {model_id!}, {completion_tokens!}, \
                    {timestamp!}, {latency_seconds!}, {is_bare} AS is_bare, \
                    CAST({timestamp!} * 10.0 AS INTEGER) AS tenth FROM {rows} \
                    WHERE {completion_tokens!} > 0), step(size) AS (VALUES (-1), (0), (1)) \
                    SELECT a.model_id, a.completion_tokens, a.timestamp, a.latency_seconds \
                    FROM one_of_two AS a CROSS JOIN step CROSS JOIN one_of_two AS b \
                    ON b.model_id = a.model_id AND b.completion_tokens = a.completion_tokens \
                    AND b.tenth = a.tenth + step.size AND b.is_bare <> a.is_bare \
                    AND abs(b.timestamp - a.timestamp) <= 0.05 \
                    AND abs(b.latency_seconds - a.latency_seconds) <= 0.05)",
        test: Test::Query(|scan| scan.bare > 0 && scan.bare < scan.rows.calls),
        why: "two rows of one model, tokens, start and latency within 50 ms, one of them bare: a \
              router writes a served call twice",
        advice: "leave out the bare ones: those with energy_joules = 0 AND ttft = 0 AND \
                 token_counting_version IS NULL",
    },
    Trap {
        name: "methods_mixed",
        severity: Warn,
        condition: "{energy_joules!} > 0 AND {model_id!} IN (SELECT {model_id!} FROM {rows} \
                    WHERE {energy_joules!} > 0 GROUP BY {model_id!} \
                    HAVING min({energy_method!}) < max({energy_method!}) \
                    OR min({energy_vendor!}) < max({energy_vendor!}))",
        test: Test::Query(|_| true),
        why: "models measured by more than one instrument: a GPU's counter, a CPU package and a \
              whole chip are different quantities",
        advice: "never add them: energy_stats keeps them apart",
    },
    Trap {
        name: "energy_overlap",
        severity: Warn,
        condition: "{energy_joules!} > 0 AND {id!} IN (SELECT id FROM {measured_calls} \
                    WHERE energy_share < 1)",
        test: Test::Overlap,
        why: "calls in flight together each book the whole device",
        advice: "energy_stats and the joules of measured_calls split them",
    },
    // Calls that start at the same moment are cold together.
    Trap {
        name: "cold_start",
        severity: Note,
        condition: "{is_local} AND ({model_id!}, {timestamp!}) IN (SELECT model_id, timestamp \
                    FROM (SELECT {model_id!}, {timestamp!}, \
                    max(max({timestamp!} + {latency_seconds!})) OVER (PARTITION BY {model_id!} \
                    ORDER BY {timestamp!} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) \
                    AS last_end FROM {rows} WHERE {is_local} \
                    GROUP BY {model_id!}, {timestamp!}) WHERE timestamp > last_end + 300)",
        test: Test::Query(|scan| scan.is_ordinary || scan.host_version >= KEEPS_WINDOWS),
        why: "the first local call of a model after more than 300 s: loading the model is part of \
              its latency",
        advice: "look at them apart from the others before you compare latencies",
    },
];
