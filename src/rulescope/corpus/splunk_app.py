"""Puts the layers of a Splunk app together: what its `default/` says, and what `local/` says over it.

A setting of a stanza counts before one of `[default]`, and `local/` before `default/`: Admin Manual, "Configuration
file precedence". The settings of correlation searches are those of savedsearches.conf.spec and of Splunk Enterprise
Security's alert_actions.conf.spec (`action.correlationsearch`, `action.risk`, `action.notable`), and, for those that
ESCU ships, `action.escu.*`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rulescope.corpus.definitions import lookup_doubts, macro_signature, parse_match_types, split_list
from rulescope.corpus.frame import RuleFrame, ScheduledRange, alert_condition, with_problems
from rulescope.corpus.model import (
    ConfFile,
    ConfSetting,
    FileContent,
    FileProblem,
    FoundFile,
    LookupDefinition,
    MacroDefinition,
    RuleFile,
)
from rulescope.corpus.parsed import is_true, parse_number
from rulescope.ir import Attack, LogSource, RuleInfo
from rulescope.text import Diagnostic, Source, nearest_name

_LAYERS = ("default", "local")
_LOOKUP_KEYS = ("filename", "match_type", "case_sensitive_match", "min_matches", "max_matches", "default_match")
# savedsearches.conf.spec, `alert.severity`.
_SEVERITIES = {"1": "debug", "2": "informational", "3": "warning", "4": "error", "5": "severe", "6": "fatal"}


@dataclass(frozen=True, slots=True)
class _Placed:
    """A setting with the file it stands in."""

    setting: ConfSetting
    file: FoundFile
    text: str

    def source(self) -> Source:
        return Source(self.setting.value, self.file.catalog_path, self.text, self.setting.offsets)


@dataclass(slots=True)
class AppContent:
    """What the .conf files of all apps give once they are layered."""

    rules: list[RuleFile]
    macros: list[MacroDefinition]
    lookups: list[LookupDefinition]
    problems: list[FileProblem]


class _Stanza:
    """The settings of one stanza that hold after layering: the first layer that has a setting decides."""

    def __init__(self, name: str, layers: list[tuple[FoundFile, ConfFile, str]], file: FoundFile) -> None:
        self.name = name
        self.layers = layers
        self.file = file

    def setting(self, key: str) -> _Placed | None:
        """The setting that holds, or None."""
        for file, conf, stanza in self.layers:
            setting = conf.stanzas.get(stanza, {}).get(key)
            if setting is not None:
                return _Placed(setting, file, conf.text)
        return None

    def text(self, key: str) -> str | None:
        """A setting's value without white space around it, or None if there is none or it is empty."""
        found = self.setting(key)
        return (found.setting.value.strip() or None) if found else None

    def path(self, key: str) -> str:
        """The stanza, in the file that its setting `key` stands in."""
        found = self.setting(key)
        name = "".join(character if character.isprintable() else " " for character in self.name)
        return f"{(found.file if found else self.file).catalog_path}#{name}"


def layer_apps(contents: Iterable[FileContent]) -> AppContent:
    """Rules, macros and lookups of all the .conf files among `contents`, app by app."""
    apps: dict[tuple[str, str, str], dict[str, FileContent]] = {}
    for content in contents:
        if content.conf is not None:
            folder, _, _ = content.file.relative.rpartition("/")
            app, _, layer = folder.rpartition("/")
            if layer not in _LAYERS:
                app, layer = folder, "default"
            apps.setdefault((content.file.repository, app, content.conf.kind), {})[layer] = content
    result = AppContent([], [], [], [])
    for (_, _, kind), layers in sorted(apps.items()):
        for stanza in _stanzas([layers[layer] for layer in _LAYERS if layer in layers]):
            if kind == "savedsearches":
                _add_rule(result, stanza)
            elif kind == "macros":
                _add_macro(result, stanza)
            else:
                _add_lookup(result, stanza)
    return result


def _stanzas(contents: list[FileContent]) -> Iterable[_Stanza]:
    """The stanzas of one app's files of one kind, given with `default/` before `local/`."""
    files = [(content.file, content.conf) for content in contents if content.conf is not None]
    latest_first = files[::-1]
    common = [(file, conf, "default") for file, conf in latest_first]
    for name in dict.fromkeys(name for _, conf in files for name in conf.stanzas if name != "default"):
        own = [(file, conf, name) for file, conf in latest_first if name in conf.stanzas]
        yield _Stanza(name, own + common, own[-1][0])


def _add_rule(result: AppContent, stanza: _Stanza) -> None:
    search = stanza.setting("search")
    if search is None or not search.setting.value.strip():
        message = f"the saved search '{stanza.name[:80]}' has no query"
        path = stanza.path("search")
        result.problems.append(FileProblem(path, Diagnostic("RUL004", message, severity="warning"), Source("", path)))
        return
    annotations = _json_object(stanza.text("action.correlationsearch.annotations"))
    mappings = annotations or _json_object(stanza.text("action.escu.mappings"))
    stories = _texts(annotations.get("analytic_story")) or _json_list(stanza.text("action.escu.analytic_story"))
    risk = stanza.text("action.risk.param._risk_score")
    info = RuleInfo(
        path=stanza.path("search"),
        repository=search.file.repository,
        language="spl",
        title=stanza.text("action.correlationsearch.label") or stanza.name,
        identifier=stanza.text("action.escu.id"),
        description=stanza.text("description"),
        created=stanza.text("action.escu.creation_date"),
        modified=stanza.text("action.escu.modification_date"),
        severity=stanza.text("action.notable.param.severity") or _SEVERITIES.get(stanza.text("alert.severity") or ""),
        risk_score=parse_number(risk),
        status="disabled" if is_true(stanza.text("disabled")) else None,
        kind=stanza.text("action.escu.search_type"),
        license=search.file.license,
        attack=tuple(Attack(technique) for technique in _texts(mappings.get("mitre_attack"))),
        log_source=LogSource(names=_json_list(stanza.text("action.escu.providing_technologies"))),
        data_categories=_json_list(stanza.text("action.escu.data_models")),
        tags=stories,
        false_positives=stanza.text("action.escu.known_false_positives"),
        implementation=stanza.text("action.escu.how_to_implement"),
    )
    scheduled = _range(stanza)
    problems = (*search.setting.problems, *_trigger(stanza), *([scheduled.left_out()] if scheduled else ()))
    frame = RuleFrame(scheduled=scheduled) if scheduled else None
    result.rules.append(RuleFile(info, search.source(), with_problems(frame, problems)))


def _trigger(stanza: _Stanza) -> tuple[Diagnostic, ...]:
    """The condition of the alert, where it is not that there are results.

    Source: savedsearches.conf.spec, `counttype`, `relation`, `quantity`, `alert_condition`.
    """
    own = stanza.text("alert_condition")
    if own is not None:
        return (alert_condition(f"the condition '{own}'"),)
    counted = stanza.text("counttype")
    if counted is None or counted.lower() in ("always", "custom"):
        return ()
    relation, quantity = stanza.text("relation") or "", stanza.text("quantity") or ""
    if counted.lower() == "number of events" and relation in ("greater than", "not equal to") and quantity == "0":
        return ()
    return (alert_condition(" ".join(f"{counted} {relation} {quantity}".split())),)


def _range(stanza: _Stanza) -> ScheduledRange | None:
    """The time range of the search's runs, where it has one that leaves events out.

    Source: savedsearches.conf.spec, `dispatch.earliest_time`, `dispatch.latest_time`.
    """
    earliest = (stanza.text("dispatch.earliest_time") or "0").strip()
    latest = (stanza.text("dispatch.latest_time") or "now").strip()
    if earliest == "0" and latest in ("now", "now()", ""):
        return None
    return ScheduledRange(earliest or "0", latest or "now")


def _add_macro(result: AppContent, stanza: _Stanza) -> None:
    definition = stanza.setting("definition")
    if definition is None:
        message = f"the macro '{stanza.name[:80]}' has no definition"
        near = nearest_name(
            "definition", (key for _, conf, name in stanza.layers for key in conf.stanzas.get(name, {}))
        )
        if near is not None:
            message += f": it has '{near[:80]}', but no 'definition'"
        path = stanza.path("definition")
        result.problems.append(FileProblem(path, Diagnostic("RUL012", message, severity="warning"), Source("", path)))
        return
    name, arguments = macro_signature(stanza.name, stanza.text("args"))
    result.macros.append(
        MacroDefinition(
            name=name,
            definition=definition.setting.value,
            path=stanza.path("definition"),
            repository=definition.file.repository,
            arguments=arguments,
            is_eval=is_true(stanza.text("iseval")),
            validation=stanza.text("validation"),
            error_message=stanza.text("errormsg"),
            description=stanza.text("description"),
            source=definition.source(),
        )
    )


def _add_lookup(result: AppContent, stanza: _Stanza) -> None:
    if not any(stanza.setting(key) for key in ("filename", "collection", "external_cmd", "external_type")):
        return  # transforms.conf also holds field extractions, which no search names
    case_sensitive = stanza.text("case_sensitive_match")
    settings = [found.setting for key in _LOOKUP_KEYS if (found := stanza.setting(key)) is not None]
    misplaced = dict.fromkeys(problem.message for setting in settings for problem in setting.problems)
    result.lookups.append(
        LookupDefinition(
            name=stanza.name,
            path=stanza.path("filename"),
            repository=stanza.file.repository,
            filename=stanza.text("filename"),
            collection=stanza.text("collection"),
            external=stanza.text("external_cmd"),
            fields=split_list(stanza.text("fields_list")),
            match_types=parse_match_types(stanza.text("match_type")),
            case_sensitive=case_sensitive is None or is_true(case_sensitive),
            minimum_matches=parse_number(stanza.text("min_matches")),
            maximum_matches=parse_number(stanza.text("max_matches")),
            default_match=stanza.text("default_match"),
            doubts=(*misplaced, *lookup_doubts({key: stanza.text(key) for key in _LOOKUP_KEYS})),
        )
    )


def _json(text: str | None) -> Any:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None


def _json_object(text: str | None) -> dict[str, Any]:
    value = _json(text)
    return value if isinstance(value, dict) else {}


def _json_list(text: str | None) -> tuple[str, ...]:
    value = _json(text)
    return _texts(value) if isinstance(value, list) else split_list(text)


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
