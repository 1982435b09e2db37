"""The pandas contestant: each question as a pandas user would write it."""

import pandas as pd

from questions import MODEL_TOKENS, REALS, TOKENS


def listed(frame):
    return list(frame.columns), list(frame.itertuples(index=False, name=None))


def grouped(frame, key, measures):
    wanted = {alias: (column, "sum" if how == "SUM" else "mean") for how, column, alias in measures}
    result = frame.groupby(key, sort=False).agg(call_count=(key, "size"), **wanted)
    return result.sort_values("call_count", ascending=False).reset_index()


def by_model(sql, db):
    return listed(grouped(pd.read_sql(sql, db), "model_id", MODEL_TOKENS + REALS))


def by_engine(sql, db):
    return listed(grouped(pd.read_sql(sql, db), "engine", TOKENS + REALS))


def summary(sql, db):
    frame = pd.read_sql(sql, db)
    models = grouped(frame, "model_id", MODEL_TOKENS + REALS)
    grouped(frame, "engine", TOKENS + REALS)
    totals = models[["call_count", "total_tokens", "total_energy_joules"]].sum()
    return ["total_calls", "total_tokens", "total_energy_joules"], [tuple(totals)]


def by_batch(sql, db):
    frame = pd.read_sql(sql, db)
    frame["tokens"] = frame.prompt_tokens + frame.completion_tokens
    result = frame.groupby("batch_id", sort=False).agg(
        total_requests=("batch_id", "size"), total_tokens=("tokens", "sum"), total_energy_joules=("energy_joules", "sum")
    )
    return listed(result.sort_values("total_requests", ascending=False).reset_index())


def two_columns(sql, db):
    return listed(grouped(pd.read_sql(sql, db), "model_id", [("SUM", "energy_joules", "total_energy_joules")]))


def join(sql, db):
    models = grouped(pd.read_sql(sql, db), "model_id", [("SUM", "energy_joules", "total_energy_joules")])
    joined = pd.read_sql("SELECT model_id FROM wanted", db).merge(models, on="model_id", how="left")
    return ["figure", "call_count", "total_energy_joules"], [
        (len(joined), joined.call_count.sum(), joined.total_energy_joules.sum())
    ]


def energy(sql, db):
    frame = pd.read_sql(sql, db)
    return ["figure"], [(frame.energy_joules.sum() / frame.completion_tokens.sum(),)]


def itl(sql, db):
    return ["figure"], [(pd.read_sql(sql, db).mean_itl_ms.mean(),)]


def energy_grouped(sql, db):
    sums = pd.read_sql(sql, db).groupby("model_id").sum()
    return listed((sums.energy_joules / sums.completion_tokens).rename("figure").reset_index())


def itl_grouped(sql, db):
    return listed(pd.read_sql(sql, db).groupby("model_id").mean_itl_ms.mean().rename("figure").reset_index())


def energy_window(sql, db):
    sums = pd.read_sql(sql, db, index_col="id").sort_index().rolling(100, min_periods=1).sum()
    return ["figure"], [((sums.energy_joules / sums.completion_tokens).sum(),)]


def itl_window(sql, db):
    means = pd.read_sql(sql, db, index_col="id").sort_index().rolling(100, min_periods=1).mean()
    return ["figure"], [(means.mean_itl_ms.sum(),)]


def export(sql, db):
    lines = pd.read_sql(sql, db).to_json(orient="records", lines=True)
    return ["records"], [(lines.count("\n"),)]
