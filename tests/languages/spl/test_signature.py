"""What a command told by a signature makes of its arguments: functions, conditions, options, pipelines, each typed."""

from __future__ import annotations

from rulescope.ir.expressions import Call, Constant, FieldReference, MacroCall, PredicateExpression
from rulescope.ir.predicates import And, Compare, Or
from rulescope.ir.rule import Pipeline
from rulescope.ir.stages import Aggregate, Command, Interval
from rulescope.languages.spl.query import parse_search


def command(text: str) -> Command:
    (stage,) = parse_search(text).pipeline.stages
    assert isinstance(stage, Command)
    return stage


def test_mstats_has_functions_a_condition_and_options() -> None:
    stage = command("| mstats avg(cpu.user) AS u, max(mem) WHERE index=m host=a OR host=b span=30s BY region")
    functions = [item.value for item in stage.arguments if isinstance(item.value, Aggregate)]
    assert [(each.function, each.argument, each.alias) for each in functions] == [
        ("avg", FieldReference("cpu.user"), "u"),
        ("max", FieldReference("mem"), None),
    ]
    condition = next(item.value for item in stage.arguments if isinstance(item.value, PredicateExpression))
    index = Compare("index", "eq", ("m",), True, "false", True)
    hosts = tuple(Compare("host", "eq", (name,), True, "false", True) for name in "ab")
    assert condition.predicate == And((index, Or(hosts)))
    assert stage.option("span") == Interval("30s", 30.0, "s")
    assert stage.arguments[-1].value == FieldReference("region")


def test_options_have_the_type_of_their_kind() -> None:
    stage = command("| dbinspect index=main span=1d corruptonly=t cached=0")
    assert stage.option("span") == Interval("1d", 1.0, "d")
    assert (stage.option("corruptonly"), stage.option("cached")) == (True, False)
    assert command("| kmeans k=2-5 reps=3 t=0.5").option("reps") == 3
    assert command("| kmeans k=2-5 reps=3 t=0.5").option("k") == "2-5"


def test_a_token_in_place_of_a_number_is_kept() -> None:
    parsed = parse_search("| kmeans reps=$count$ bytes")
    assert parsed.diagnostics == ()
    (stage,) = parsed.pipeline.stages
    assert isinstance(stage, Command)
    assert stage.option("reps") == "$count$"


def test_searchtxn_takes_a_condition_behind_its_name() -> None:
    name, eventsonly, condition = command("| searchtxn mail eventsonly=t to=root").arguments
    assert (name.value, eventsonly.value) == ("mail", True)
    assert isinstance(condition.value, PredicateExpression)
    assert condition.value.predicate == Compare("to", "eq", ("root",), True, "false", True)


def test_rank_of_a_series_is_a_call() -> None:
    (_, stage) = parse_search("index=a | sichart count BY host WHERE sum(bytes) in top3").pipeline.stages
    assert isinstance(stage, Command)
    assert stage.arguments[-1].value == Call("in_top", (Call("sum", (FieldReference("bytes"),)), Constant(3)))


def test_macro_and_subsearch_stand_where_arguments_do() -> None:
    stage = command("| rest `path` count=0 [search index=a | return $x]")
    assert isinstance(stage.arguments[0].value, MacroCall)
    assert isinstance(stage.arguments[-1].value, Pipeline)


def test_what_a_command_cannot_take_is_said() -> None:
    codes = {
        "| localop 5": ["SPL024"],
        "| cluster tt=0.5": ["SPL022"],
        "| cluster t=much": ["SPL023"],
        "| cluster match=words": ["SPL023"],
        "| cofilter user": ["SPL045"],
        "| cofilter a b c": ["SPL024"],
        "| findkeywords": ["SPL051"],
        "| geostats BY host": ["SPL040"],
        "| mstats avg(x) WHERE": ["SPL043"],
    }
    assert {text: [found.code for found in parse_search(text).diagnostics] for text in codes} == codes
