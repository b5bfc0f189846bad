"""The JSON beside a rule's page: the contract's shape of a rule, and beside it what else the page says."""

from __future__ import annotations

from typing import Any

from rulescope.api.json_form import rule_json
from rulescope.api.models import RuleLink, RulePage


def rule_document(page: RulePage) -> dict[str, Any]:
    """The rule as `rulescope show --json` gives it, with the keys that only the site has after the contract's."""
    return {
        **rule_json(page),
        "slug": page.slug,
        "query": page.body.query,
        "canonical_query": page.canonical_text,
        "created": page.info.created,
        "modified": page.info.modified,
        "risk_score": page.info.risk_score,
        "kind": page.info.kind,
        "data_categories": page.info.data_categories,
        "log_source": page.info.log_source.parts,
        "tags": page.info.tags,
        "false_positives": page.info.false_positives,
        "implementation": page.info.implementation,
        "tests": page.info.tests,
        "explanations": [stage.explanation for stage in page.stages],
        "fields": [name for name, _ in page.fields],
        "macros": page.macros,
        "lookups": page.lookups,
        "data_models": page.data_models,
        "variant_reasons": [row.why for row in page.variants],
        "duplicates": [_path(link) for link in page.duplicates],
    }


def _path(link: RuleLink) -> str:
    return link.path
