"""What a stage does to rows, in one word."""

from __future__ import annotations

from typing import Literal

from rulescope import ir
from rulescope.ir import stages

Effect = Literal["filter", "group", "shape", "order", "combine", "generate", "write", "unknown"]


def effect(stage: ir.Stage) -> Effect:
    """What a stage does to rows, in one word.

    `filter` keeps some, `group` puts them into groups or tables, `shape` chooses, names, adds or changes fields,
    `order` orders, `combine` puts them together with others, `generate` begins, `write` writes them elsewhere;
    `unknown` stands for a macro without a body and for what could not be read.
    """
    if isinstance(stage, stages.Command):
        return _COMMAND_EFFECTS.get(stage.name, "unknown")
    found = _EFFECTS.get(stage.kind, "shape")
    # A table read into the rows so far is put together with them.
    return "combine" if found == "generate" and getattr(stage, "append", False) else found


_EFFECTS: dict[str, Effect] = {
    "search": "filter", "where": "filter", "regex": "filter", "head": "filter", "tail": "filter", "dedup": "filter",
    "uniq": "filter", "sort": "order", "reverse": "order", "append": "combine", "appendcols": "combine",
    "appendpipe": "combine", "join": "combine", "selfjoin": "combine", "union": "combine", "multisearch": "combine",
    "set": "combine", "map": "combine", "format": "group", "return": "shape", "tstats": "generate",
    "inputlookup": "generate", "inputcsv": "generate", "makeresults": "generate", "from": "generate",
    "datamodel": "generate", "metadata": "generate", "metasearch": "generate", "gentimes": "generate",
    "eventcount": "generate", "outputlookup": "write", "outputcsv": "write", "collect": "write", "stats": "group",
    "eventstats": "shape", "streamstats": "shape", "chart": "group", "timechart": "group", "top": "group",
    "xyseries": "group", "untable": "group", "transpose": "group", "contingency": "group", "addcoltotals": "combine",
    "source": "generate", "sequence": "group", "threshold": "group", "new_terms": "filter", "threat_match": "filter",
    "machine_learning": "generate", "suppress": "filter",
    "fieldsummary": "group", "transaction": "group", "macro": "unknown", "opaque": "unknown",
}  # fmt: skip
_COMMAND_EFFECTS: dict[str, Effect] = {
    "rest": "generate", "loadjob": "generate", "savedsearch": "generate", "mstats": "generate", "mcatalog": "generate",
    "dbinspect": "generate", "pivot": "generate", "history": "generate", "audit": "generate", "dbxquery": "generate",
    "sendemail": "write", "sendalert": "write", "script": "unknown", "localop": "shape", "meventcollect": "write",
    "mcollect": "write", "tscollect": "write", "outputtext": "shape", "anomalies": "shape", "cluster": "group",
    "kmeans": "group", "geostats": "group", "sistats": "group", "sichart": "group", "sitimechart": "group",
    "grok": "shape", "dissect": "shape", "completion": "shape", "fork": "combine", "row": "generate",
    "exceptions": "filter", "limit": "filter", "lookup join": "combine", "unique_count": "group",
    "sitop": "group", "sirare": "group", "fit": "shape", "apply": "shape", "predict": "shape",
    "anomalydetection": "filter", "outlier": "shape", "localize": "group", "searchtxn": "group", "rare": "group",
    "typeahead": "generate", "walklex": "generate", "findtypes": "group", "correlate": "group", "associate": "group",
}  # fmt: skip
