"""Commands that leave rows as they are on files, and those that can't be run here, each with its reason."""

from __future__ import annotations

from typing import NoReturn

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import call, column, integer, literal, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import SPL, compiles_command
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.schema import ROW, Column, Schema, public
from rulescope.engines.sql.values import Type, Value, as_number, as_text, auto_value, number_value
from rulescope.errors import Refusal
from rulescope.ir import stages

PASSED_ON: dict[str, str] = {
    "highlight": "marks words for display",
    "iconify": "adds icons for display",
    "localop": "says where Splunk runs what follows",
    "noop": "sets how Splunk runs the search",
    "nokv": "turns off extraction that files don't have",
    "redistribute": "spreads work over Splunk's indexers",
    "rtorder": "orders events of real-time searches",
}
"""Commands that change nothing in the rows, and what they are for in Splunk."""

_SERVER = "needs a Splunk server"
_SUMMARY = "writes the form that only Splunk's summary indexes read"
_LEARNING = "needs Splunk's Machine Learning Toolkit"
_STATISTICS = "is a statistical method whose details Splunk does not publish"
_METRICS = "reads metric indexes, and log files hold no metrics"
_SENDS = "acts on systems outside the search"
_MAPS = "needs Splunk's geographic data"
_APP = "is a program that an app brings to a Splunk server"
_ENTERPRISE = "belongs to Splunk Enterprise Security's context store"

REFUSED: dict[str, str] = {
    "abstract": "cuts events down to lines chosen by a method that Splunk does not publish",
    "analyzefields": _STATISTICS,
    "anomalies": _STATISTICS,
    "anomalousvalue": _STATISTICS,
    "anomalydetection": _STATISTICS,
    "apply": _LEARNING,
    "arules": _STATISTICS,
    "associate": _STATISTICS,
    "audit": "reads Splunk's own audit trail",
    "avlbase64": _APP,
    "awssnsalert": _SENDS,
    "bucketdir": "groups by folders with a method that Splunk does not publish",
    "cluster": _STATISTICS,
    "cofilter": _STATISTICS,
    "collapse": "is internal to Splunk",
    "correlate": _STATISTICS,
    "crawl": "looks for new files on a Splunk server",
    "createrss": _SENDS,
    "cyberchef": _APP,
    "datamodelsimple": _SERVER,
    "dbinspect": "reads the buckets of Splunk's indexes",
    "dbxlookup": "reads a database that only Splunk DB Connect knows",
    "dbxoutput": "writes to a database that only Splunk DB Connect knows",
    "dbxquery": "reads a database that only Splunk DB Connect knows",
    "delete": "deletes events of Splunk's indexes",
    "deletemodel": _LEARNING,
    "dump": "exports events to a Splunk server's disk",
    "entitymerge": "belongs to Splunk Enterprise Security's assets and identities",
    "erex": "learns a pattern from examples, and Splunk does not publish how",
    "findkeywords": _STATISTICS,
    "findtypes": _STATISTICS,
    "fit": _LEARNING,
    "folderize": "groups by folders with a method that Splunk does not publish",
    "gauge": "makes the data of a gauge on a dashboard",
    "geom": _MAPS,
    "geomfilter": _MAPS,
    "geostats": _MAPS,
    "history": "reads the searches that a Splunk server ran",
    "ingestpreview": _SERVER,
    "input": "changes what a Splunk server takes in",
    "inputintelligence": "reads the threat intelligence of Splunk Enterprise Security",
    "kmeans": _STATISTICS,
    "kvform": "needs form files of a Splunk server",
    "listmodels": _LEARNING,
    "loadjob": "reads the results of an earlier search on a Splunk server",
    "mcatalog": _METRICS,
    "mcollect": _METRICS,
    "meventcollect": _METRICS,
    "mpreview": _METRICS,
    "mstats": _METRICS,
    "outputtelemetry": _SENDS,
    "overlap": "checks a summary index of a Splunk server",
    "pivot": "reports on a data model of a Splunk server",
    "predict": _STATISTICS,
    "prjob": _SERVER,
    "relevancy": "scores events by the search terms with a method that Splunk does not publish",
    "rest": _SERVER,
    "runshellscript": "runs a script of a Splunk server",
    "sample": "draws rows at random",
    "savedsearch": "runs a search that is saved on a Splunk server",
    "score": _LEARNING,
    "script": "runs a script of a Splunk server",
    "scrub": "replaces names by a Splunk server's dictionaries",
    "searchtxn": "needs transaction types of a Splunk server",
    "sendalert": _SENDS,
    "sendemail": "sends mail",
    "sichart": _SUMMARY,
    "sirare": _SUMMARY,
    "sistats": _SUMMARY,
    "sitimechart": _SUMMARY,
    "sitop": _SUMMARY,
    "snowevent": _SENDS,
    "snoweventstream": _SENDS,
    "snowincident": _SENDS,
    "snowincidentstream": _SENDS,
    "summary": _LEARNING,
    "timewrap": "lays periods over one another for charts",
    "tscollect": "writes index files of a Splunk server",
    "typeahead": "reads the index files of a Splunk server",
    "typelearner": _STATISTICS,
    "typer": "needs event types of a Splunk server",
    "walklex": "reads the index files of a Splunk server",
    "x11": _STATISTICS,
    "xscreateddcontext": _ENTERPRISE,
    "xsdisplayconcept": _ENTERPRISE,
    "xsdisplaycontext": _ENTERPRISE,
    "xsfindbestconcept": _ENTERPRISE,
    "xslistconcepts": _ENTERPRISE,
    "xslistcontexts": _ENTERPRISE,
    "xsupdateddcontext": _ENTERPRISE,
    "xswhere": _ENTERPRISE,
}
"""Commands that are refused, and why."""

_RANK = "_rs_rank"


@compiles_command(*PASSED_ON)
def compile_passed_on(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """The rows as they are."""
    return frame.then(frame.passed())


def _refuse(stage: stages.Command, frame: Frame, context: Context) -> NoReturn:
    raise Refusal(
        f"the command '{stage.name}' can't be run on files: it {REFUSED[stage.name]}",
        span=stage.span,
        stage=stage.name,
        code="RUN010",
    )


for _name in REFUSED:
    SPL.commands.setdefault(_name, _refuse)


@compiles_command("require")
def compile_require(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """The rows as they are; where there are none, the search fails (Search Reference, "require")."""
    context.need_data(stage, "it fails where there are no rows")
    stored = context.materialize(frame).at(frame.stage)
    if _is_empty(stored, context):
        raise Refusal("require: there are no rows", span=stage.span, code="RUN040")
    return stored


def _is_empty(frame: Frame, context: Context) -> bool:
    assert context.executor is not None
    query = frame.source().select(exp.Count(this=exp.Star()))
    return not context.executor.fetch(frame.program.assemble(query))[0][0]


@compiles_command("diff")
def compile_diff(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """What differs between the same field of two rows, line by line, as `_raw` of one row."""
    name = str(stage.option("attribute") or "_raw")
    value = frame.value(name)
    text = as_text(value) if value is not None else exp.cast(exp.Null(), "VARCHAR")
    rank = exp.Window(this=exp.RowNumber(), order=exp.Order(expressions=[exp.Ordered(this=column(ROW))]))
    ranked = frame.then(
        {**frame.passed(), _RANK: rank, "_rs_text": text},
        Schema({}, {_RANK: Column(_RANK, Type.NUMBER), "_rs_text": Column("_rs_text", Type.TEXT)}),
    )

    def picked(option: str, default: int) -> exp.Expression:
        position = stage.option(option)
        number = position if isinstance(position, int) else default
        return sql("max(:t) FILTER (WHERE :r = :n)", t=column("_rs_text"), r=column(_RANK), n=integer(number))

    style = int(stage.option("context") is True) + 2 * int(stage.option("diffheader") is True)
    node = call("spl_diff", picked("position1", 1), picked("position2", 2), integer(style))
    return ranked.then(
        {ROW: integer(0), "_raw": node}, Schema({"_raw": Column("_raw", Type.TEXT)}, {}), ranked.source(), events=False
    )


@compiles_command("outlier")
def compile_outlier(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """Numbers far outside the middle half of their field cut down to its bounds, or (`action=rm`) removed.

    Search Reference, "outlier": bounds are `param` (2.5) times the range between the quartiles away from these;
    `mark=true` puts 000 before a value that was cut down.
    """
    named = [part.value.name for part in stage.arguments if isinstance(part.value, ir.FieldReference)]
    names = [name for name in named or public(frame.schema.names()) if name in frame.schema.fields]
    removing = str(stage.option("action") or "tf").lower() in {"rm", "remove"}
    given = stage.option("param")
    factor = float(given) if isinstance(given, int | float | str) and str(given) else 2.5
    upper_only = stage.option("uselower") is not True
    assigned: dict[str, Value] = {}
    for name in names:
        value = frame.schema.fields[name].value()
        if value.type is Type.MULTI:
            continue
        number = as_number(value)
        low, high = (sql(f"quantile_cont(:n, {share}) OVER ()", n=number) for share in ("0.25", "0.75"))
        above = sql("(:h + :f * (:h - :l))", h=high, l=low, f=factor)
        below = sql("(:l - :f * (:h - :l))", h=high, l=low, f=factor)
        mark = "000" if stage.option("mark") is True else ""
        result = _bounded(as_text(value), sql("(:n > :a)", n=number, a=above), _cut(above, removing, mark))
        if not upper_only:
            result = _bounded(result, sql("(:n < :b)", n=number, b=below), _cut(below, removing, mark))
        if value.type is Type.NUMBER and not mark:
            assigned[name] = number_value(sql("spl_number(:r)", r=result))
        else:
            assigned[name] = auto_value(result)
    return frame.assign(assigned)


def _bounded(text: exp.Expression, outside: exp.Expression, cut: exp.Expression) -> exp.Expression:
    return sql("CASE WHEN :o THEN :c ELSE :t END", o=outside, c=cut, t=text)


def _cut(bound: exp.Expression, removing: bool, mark: str) -> exp.Expression:
    if removing:
        return exp.cast(exp.Null(), "VARCHAR")
    return sql(":m || spl_text(:b)", m=literal(mark), b=bound)
