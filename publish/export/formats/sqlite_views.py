"""The joined views of the SQLite file: what `luminaldb.trial_results` gives, in SQL.

SQLite has no regular expressions, and logarithms only in some builds: two small tables hold what it can't work out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from luminaldb.loaders import views

from ..content import Content

# Tables that the views read; an export that leaves one out has no views.
NEEDED = frozenset(
    ("trials", "arms", "arm_therapies", "populations", "endpoints", "effects", "outcomes", "citations", "second_reads")
)
_TABLES = """
CREATE TABLE luminaldb_effect_scale (
  effect_id TEXT NOT NULL PRIMARY KEY REFERENCES effects (effect_id), log_estimate REAL, standard_error REAL
) STRICT;
CREATE TABLE luminaldb_source_names (
  citation_id TEXT NOT NULL PRIMARY KEY REFERENCES citations (citation_id), source TEXT NOT NULL
) STRICT;
"""
_GIVEN = """(SELECT group_concat(therapy_id, '; ') FROM (
    SELECT therapy_id FROM arm_therapies WHERE arm_id = {arm} ORDER BY optional, therapy_id))"""
_ALL = """
CREATE VIEW trial_results_all AS
WITH results AS (
  SELECT effect_id AS result_id, 'effect' AS result_type, 'effects' AS table_name, trial_id, population_id,
    experimental_arm_id AS arm_id, control_arm_id, randomised, endpoint_id, analysis, assessor, is_primary_endpoint,
    measure, NULL AS at_months, estimate, ci_low, ci_high, ci_level, log_estimate,
    luminaldb_effect_scale.standard_error, p_operator, p_value,
    p_sides, n_experimental, n_control, events_experimental, events_control, NULL AS n, NULL AS events,
    median_follow_up_months, data_cutoff, citation_id, locator, source_level, note
  FROM effects JOIN luminaldb_effect_scale USING (effect_id)
  UNION ALL
  SELECT outcome_id, 'outcome', 'outcomes', trial_id, population_id, arm_id, NULL, NULL, endpoint_id, analysis,
    assessor, NULL, measure, at_months, estimate, ci_low, ci_high, ci_level, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, n, events, NULL, NULL, citation_id, locator, source_level, note
  FROM outcomes
)
SELECT r.result_id, r.result_type, r.trial_id, t.acronym, r.endpoint_id, e.name AS endpoint, r.population_id,
  p.name AS population_name, r.arm_id, a.label AS arm, {given} AS arm_therapies, r.control_arm_id,
  c.label AS control_arm, {control_given} AS control_arm_therapies, r.randomised, r.analysis, r.assessor,
  r.is_primary_endpoint, r.measure, r.at_months, r.estimate, r.ci_low, r.ci_high, r.ci_level, r.log_estimate,
  r.standard_error, r.p_operator, r.p_value, r.p_sides, r.n_experimental, r.n_control, r.events_experimental,
  r.events_control, r.n, r.events, r.median_follow_up_months, r.data_cutoff, r.citation_id, s.source, r.locator,
  r.source_level, r.note,
  t.registry_id AS trial_registry_id, t.phase AS trial_phase, t.design AS trial_design, t.setting AS trial_setting,
  t.line AS trial_line, t.hr_status AS trial_hr_status, t.her2_status AS trial_her2_status,
  t.menopausal_status AS trial_menopausal_status, p.analysis_set AS population_analysis_set,
  p.hr_status AS population_hr_status, p.her2_status AS population_her2_status,
  p.menopausal_status AS population_menopausal_status, p.biomarker AS population_biomarker, p.n AS population_n,
  e.better AS endpoint_better, e.family AS endpoint_family, l.year AS source_year, l.pmid, l.doi, l.url,
  l.publication_status, l.notice, l.superseded_by, coalesce(d.result, 'not_yet') AS second_read
FROM results r
LEFT JOIN trials t USING (trial_id)
LEFT JOIN populations p USING (population_id)
LEFT JOIN endpoints e USING (endpoint_id)
LEFT JOIN arms a ON a.arm_id = r.arm_id
LEFT JOIN arms c ON c.arm_id = r.control_arm_id
LEFT JOIN citations l USING (citation_id)
LEFT JOIN luminaldb_source_names s USING (citation_id)
LEFT JOIN second_reads d
  ON d.table_name = r.table_name AND d.row_key = r.result_id AND d.method = 'independent_read'
ORDER BY r.result_id;
"""
_SAME = (
    "s.citation_id = r.superseded_by AND s.trial_id = r.trial_id AND s.population_id = r.population_id "
    "AND s.endpoint_id = r.endpoint_id AND s.measure = r.measure AND c.publication_status NOT IN ({gone})"
)
_STANDING = """
CREATE VIEW trial_results AS
SELECT * FROM trial_results_all r
WHERE r.publication_status NOT IN ({gone})
  AND NOT EXISTS (SELECT 1 FROM effects s JOIN citations c USING (citation_id) WHERE {same})
  AND NOT EXISTS (SELECT 1 FROM outcomes s JOIN citations c USING (citation_id) WHERE {same})
ORDER BY r.result_id;
"""
_LATEST = """
CREATE VIEW trial_results_latest AS
SELECT {columns} FROM (
  SELECT *, row_number() OVER (
    PARTITION BY {partition}
    ORDER BY {analysis} DESC, source_year DESC, data_cutoff DESC, median_follow_up_months DESC, {level} DESC,
      coalesce(is_primary_endpoint, 0) DESC, result_id DESC
  ) AS place FROM trial_results
) WHERE place = 1 ORDER BY result_id;
"""


def add_views(database: sqlite3.Connection, content: Content) -> None:
    """Add trial_results, trial_results_all (with superseded results) and trial_results_latest.

    Without the tables that they read nothing is added.
    """
    if not {sheet.name for sheet in content.sheets} >= NEEDED:
        return
    frames = {sheet.name: sheet.frame for sheet in content.sheets if sheet.name in ("effects", "citations")}
    scale = views.with_standard_error(frames["effects"]).select("effect_id", "log_estimate", "standard_error")
    names = views.sources(frames["citations"]).select("citation_id", "source")
    statements(database, _TABLES)
    database.executemany("INSERT INTO luminaldb_effect_scale VALUES (?, ?, ?)", scale.iter_rows())
    database.executemany("INSERT INTO luminaldb_source_names VALUES (?, ?)", names.iter_rows())
    gone = ", ".join(map(_quoted, views.NOT_STANDING))
    statements(
        database,
        _ALL.format(given=_GIVEN.format(arm="r.arm_id"), control_given=_GIVEN.format(arm="r.control_arm_id")),
        _STANDING.format(gone=gone, same=_SAME.format(gone=gone)),
    )
    columns = [row[1] for row in database.execute("PRAGMA table_info(trial_results)")]
    statements(
        database,
        _LATEST.format(
            columns=", ".join(columns),
            partition=", ".join(views.LATEST_OF),
            analysis=_ranked("analysis", views.ANALYSIS_ORDER),
            level=_ranked("source_level", views.LEVEL_ORDER),
        ),
    )


def statements(database: sqlite3.Connection, *scripts: str) -> None:
    """Run statements one by one: executescript would commit what is under way."""
    for script in scripts:
        for statement in filter(str.strip, script.split(";\n")):
            database.execute(statement)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _ranked(column: str, order: Mapping[str, int]) -> str:
    cases: Iterable[str] = (f"WHEN {_quoted(value)} THEN {rank}" for value, rank in order.items())
    return f"CASE {column} {' '.join(cases)} END"
