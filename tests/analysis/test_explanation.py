"""Sentences about stages, and the fields that stages read and make."""

import inspect

import pytest

from rulescope import ir
from rulescope.analysis.effects import effect
from rulescope.analysis.explanation import explanation
from rulescope.analysis.stage_fields import stage_fields
from rulescope.ir import stages

F, C = ir.FieldReference, ir.Constant


@pytest.mark.parametrize(
    ("stage", "sentence", "word"),
    [
        (
            stages.Where(
                predicate=ir.And(
                    (ir.Compare("process", "match", ("(?i)cmd",)), ir.Not(ir.Compare("user", "eq", ("SYSTEM",))))
                )
            ),
            "Keeps events whose process matches /(?i)cmd/, and whose user is not SYSTEM.",
            "filter",
        ),
        (
            stages.Search(predicate=ir.Or((ir.Term("a b", quoted=True), ir.Term("c", "TERM")))),
            "Keeps events that contain “a b” or “c” as one token.",
            "filter",
        ),
        (
            stages.Stats(
                aggregates=(stages.Aggregate("values", F("*"), alias="*"),),
                by=(F("_time"), F("host")),
            ),
            "Groups by _time and host and collects the distinct values of every field.",
            "group",
        ),
        (
            stages.Bucket(interval=stages.Interval("1s", 1.0, "s")),
            "Puts _time into steps of 1 second.",
            "shape",
        ),
        (
            stages.Table(fields=(F("_time"), F("host"), F("parent_*"))),
            "Keeps only the fields _time, host and parent_*, in this order.",
            "shape",
        ),
        (
            stages.Where(predicate=ir.Test(ir.Binary(">", ir.Call("len", (F("process"),)), C(100)))),
            "Keeps events whose len(process) is more than 100.",
            "filter",
        ),
        (
            stages.TStats(
                aggregates=(stages.Aggregate("count", written="count"),),
                model="Endpoint",
                node="Processes",
                where=ir.Compare("Processes.process_name", "in", ("a.exe", "b.exe")),
                by=(F("Processes.user"),),
            ),
            "Takes the events of the data model Endpoint.Processes whose Processes.process_name is one of a.exe "
            "or b.exe; groups them by Processes.user and collects the number of events.",
            "generate",
        ),
        (stages.Head(count=1), "Keeps the first row.", "filter"),
        (
            stages.MacroStage(macro=ir.MacroCall("m", ())),
            "Does what the macro m stands for.",
            "unknown",
        ),
    ],
)
def test_sentences(stage: ir.Stage, sentence: str, word: str) -> None:
    assert explanation(stage) == sentence
    assert effect(stage) == word


def test_a_negated_or_is_told_as_neither() -> None:
    predicate = ir.Not(ir.Or((ir.Compare("a", "eq", ("1",)), ir.Compare("b", "exists"))))
    assert explanation(stages.Search(predicate=predicate)) == "Keeps events whose a is not 1, and that have no b."


def test_macros_of_one_condition_are_told_together() -> None:
    both = ir.And((ir.MacroCall("endpoint", ()), ir.Compare("a", "eq", ("1",)), ir.MacroCall("sysmon", ())))
    assert explanation(stages.Search(predicate=both)) == (
        "Keeps events that meet the macros endpoint and sysmon, and whose a is 1."
    )
    either = ir.Or((ir.MacroCall("m", ()), ir.MacroCall("n", ())))
    assert explanation(stages.Search(predicate=either)) == "Keeps events that meet the macro m or n."
    assert explanation(stages.Search(predicate=ir.Not(either))) == "Keeps events that do not meet the macro m or n."
    not_all = ir.Not(ir.And((ir.MacroCall("m", ()), ir.MacroCall("n", ()))))
    assert explanation(stages.Search(predicate=not_all)) == "Keeps events that do not meet all of the macros m and n."


def test_long_values_and_lists_are_cut() -> None:
    values = tuple(str(number) for number in range(1000, 1100))
    text = explanation(stages.Search(predicate=ir.Compare("x", "in", (*values, "y" * 10_000))))
    assert text == "Keeps events whose x is one of 1000, 1001, 1002, 1003 or 97 more."


def test_every_kind_of_stage_has_a_sentence_of_its_own() -> None:
    from rulescope.analysis.explanation import _SENTENCES

    kinds = {
        one
        for _, one in inspect.getmembers(stages, inspect.isclass)
        if issubclass(one, ir.Stage) and one is not ir.Stage
    }
    # The rows of a table take the place of an origin when a rule is bound to logs: no page shows them.
    assert kinds - {stages.TableRows} == set(_SENTENCES)


def test_fields_read_made_and_kept() -> None:
    stats = stage_fields(
        stages.Stats(
            aggregates=(
                stages.Aggregate("dc", F("user"), alias="users"),
                stages.Aggregate("count", ir.Binary("=", F("action"), C("x")), alias="n", computed=True),
            ),
            by=(F("host"),),
        )
    )
    assert (stats.reads, stats.writes, stats.keeps) == (
        ("host", "user", "action"), ("users", "n"), ("host", "users", "n"),
    )  # fmt: skip
    evaluated = stage_fields(
        stages.Eval(
            assignments=(
                stages.Assignment("a", ir.Call("lower", (F("process"),))),
                stages.Assignment("b", ir.Binary(".", F("a"), F("c"))),
            )
        )
    )
    assert (evaluated.reads, evaluated.writes) == (("process", "c"), ("a", "b"))
    inner = ir.Pipeline((stages.Search(predicate=ir.Compare("inner", "eq", ("1",))),))
    search = stage_fields(stages.Search(predicate=ir.And((ir.Compare("x", "eq", ("1",)), ir.Subsearch(inner)))))
    assert search.reads == ("x",)
    assert stage_fields(stages.Rex(pattern="(?P<one>a)(?<two>b)(?<=c)", field="f")).writes == ("one", "two")
