//! Which rows are which, as SQL: a call, the second row of one, a whole run of an agent, a warm-up.
//!
//! Source: the writers of OpenJarvis 0.1.1 to 1.0.4 (`instrumented_engine.py`,
//! `telemetry/wrapper.py`, `research_router.py`, `engine/multi.py`).

use super::input::Input;

/// A row for a whole run of the research agent: many calls, stamped at its end.
pub(super) const IS_RESEARCH: Input = Input::Rule(
    "({is_streaming} = 1 AND {ttft} = 0 AND \
    {token_counting_version} IS NULL AND {agent} = 'research')",
);
/// The second row that some releases wrote for a call that they had wrapped twice.
pub(super) const IS_BARE_TWIN: Input = Input::Rule("{engine} = 'instrumented'");
/// A call that prepared the engine.
pub(super) const IS_WARM_UP: Input = Input::Rule("{is_warmup} = 1");
/// The start of a call. A research run is stamped at its end.
pub(super) const START: Input = Input::Rule(
    "CASE WHEN {is_streaming} = 1 AND {ttft} = 0 AND {token_counting_version} IS NULL \
    AND {agent} = 'research' AND {latency_seconds} > 0 \
    THEN {timestamp} - {latency_seconds} ELSE {timestamp} END",
);
/// The model ran elsewhere: the energy is that of a machine that waited.
pub(super) const IS_REMOTE: Input = Input::Rule(
    "({engine} = 'cloud' OR {cost_usd} > 0 OR ({engine} = 'multi' AND (\
    {model_id} GLOB 'gpt-*' AND {model_id} NOT GLOB 'gpt-oss*' \
    OR {model_id} GLOB 'o1-*' OR {model_id} GLOB 'o3-*' OR {model_id} GLOB 'o4-*' \
    OR {model_id} GLOB 'claude-*' OR {model_id} GLOB 'gemini-*' \
    OR {model_id} GLOB 'openrouter/*')))",
);
