"""What the shape of a search means: pipes, brackets, macros (section 1 of the SPL semantics that the project follows).

Sources: Search Reference ("search", "where", "eval", "Evaluation functions") and Search Manual ("Boolean expressions",
"Use CASE() and TERM()", "Use time modifiers", "Use search macros", "About subsearches").
"""

from __future__ import annotations

import pytest
from spl_trees import a, equal, evaluated, parsed, searched, stages, term, where

from rulescope.ir import (
    And,
    Binary,
    Compare,
    FieldReference,
    MacroCall,
    Not,
    Or,
    Pipeline,
    Subsearch,
)
from rulescope.ir import (
    Test as Condition,
)
from rulescope.ir.stages import Append, Head, MacroStage, MakeResults, Search, Stats, Table
from rulescope.languages.spl import parse_search


def test_search_without_pipe_begins_with_the_search_command() -> None:
    pipeline = parsed("error | head 5").pipeline
    assert not pipeline.generating
    assert [type(stage) for stage in pipeline.stages] == [Search, Head]
    assert searched("error") == searched("search error") == term("error")


def test_leading_pipe_makes_the_first_command_generate() -> None:
    pipeline = parsed("| makeresults | head 1").pipeline
    assert pipeline.generating
    assert isinstance(pipeline.stages[0], MakeResults)


def test_subsearch_in_search_is_a_condition_with_an_implicit_search() -> None:
    predicate = searched("index=main [user=bob | fields user]")
    assert isinstance(predicate, And)
    subsearch = predicate.operands[1]
    assert isinstance(subsearch, Subsearch)
    assert subsearch.pipeline.stages[0] == Search(equal("user", "bob"))
    assert not subsearch.pipeline.generating


def test_subsearch_with_a_leading_pipe_generates() -> None:
    predicate = searched("index=main NOT [| inputlookup known.csv | fields user]")
    assert isinstance(predicate, And)
    negation = predicate.operands[1]
    assert isinstance(negation, Not)
    assert isinstance(negation.operand, Subsearch)
    assert negation.operand.pipeline.generating


def test_subsearch_in_where() -> None:
    predicate = where("user=[search index=hr | return $user]")
    assert isinstance(predicate, Condition)
    assert isinstance(predicate.expression, Binary)
    assert isinstance(predicate.expression.right, Subsearch)


def test_subsearch_as_the_value_of_a_field() -> None:
    predicate = searched("earliest=-1d user=[search admin | return $user]")
    assert isinstance(predicate, And)
    assert isinstance(predicate.operands[1], Condition)


@pytest.mark.parametrize(
    "text",
    [
        "a | append [search b]",
        "a | appendcols [search b]",
        "a | appendpipe [stats count]",
        "a | join host [search b]",
        "a | union [search b]",
        "| multisearch [search a] [search b]",
        "a | map [search user=$user$]",
        "a | foreach x* [eval <<FIELD>>=1]",
        "| set diff [search a] [search b]",
    ],
)
def test_commands_take_pipelines_in_brackets(text: str) -> None:
    last = stages(text)[-1]
    held = [getattr(last, "pipeline", None), *getattr(last, "pipelines", ())]
    assert any(isinstance(pipeline, Pipeline) and pipeline.stages for pipeline in held)


def test_subsearches_nest() -> None:
    (stage,) = stages("| append [search a [search b [search c]]]")
    assert isinstance(stage, Append)
    outer = stage.pipeline.stages[0]
    assert isinstance(outer, Search)
    assert isinstance(outer.predicate, And)
    inner = outer.predicate.operands[1]
    assert isinstance(inner, Subsearch)
    innermost = inner.pipeline.stages[0]
    assert isinstance(innermost, Search)
    assert isinstance(innermost.predicate, And)


def test_comments_stand_wherever_blanks_may() -> None:
    plain = parsed("index=main user=bob | where count > 5 | table a, b").pipeline
    commented = parsed(
        '```what``` index=main ```a | pipe``` user=bob ```and [ ( " brackets``` | ```next``` where ```here``` count > 5'
        " | table a, ```between``` b ```end```"
    ).pipeline
    assert commented == plain


def test_macro_stands_for_a_condition() -> None:
    assert searched("`sysmon` EventCode=1") == And((MacroCall("sysmon", (), "sysmon"), equal("EventCode", "1")))


def test_macro_takes_arguments_and_quotes_keep_commas() -> None:
    call = MacroCall("near", ("host", "a, b", ""), 'near(host, "a, b",)')
    assert searched('`near(host, "a, b",)`') == searched('`near(host, "a, b",)` ')
    (stage,) = stages('| `near(host, "a, b",)`')
    assert isinstance(stage, MacroStage)
    assert stage.macro == call


def test_macro_stands_for_a_stage() -> None:
    assert [type(stage) for stage in stages("index=main | `clean` | head 5")] == [Search, MacroStage, Head]


def test_macro_stands_for_an_expression_and_for_part_of_one() -> None:
    assert evaluated("`score`") == MacroCall("score", (), "score")
    assert evaluated("count * `weight(2)`") == Binary("*", a("count"), MacroCall("weight", ("2",), "weight(2)"))
    assert where("`is_admin(user)` OR count > 5") == Or(
        (
            MacroCall("is_admin", ("user",), "is_admin(user)"),
            Compare("count", "gt", (5,), missing="unknown", numeric=True),
        )
    )


def test_macro_stands_in_a_list_of_fields() -> None:
    assert stages("| table _time, `common`") == (Table((FieldReference("_time"), MacroCall("common", (), "common"))),)


def test_macro_without_a_body_is_no_error() -> None:
    found = parse_search("`nowhere` | `also(1)`")
    assert found.status == "full"
    assert found.unknown_macros == ("nowhere", "also(1)")
    assert not [diagnostic for diagnostic in found.diagnostics if diagnostic.severity == "error"]


@pytest.mark.parametrize("text", ["a | STATS Count bY Host", "a | Stats COUNT By Host", "a | stats count BY Host"])
def test_commands_and_their_words_have_no_case_but_fields_have(text: str) -> None:
    stage = stages(text)[1]
    assert isinstance(stage, Stats)
    assert stage.by == (FieldReference("Host"),)


def test_lower_case_or_is_a_word_in_search_and_an_operator_in_where() -> None:
    assert searched("bob or ann") == And((term("bob"), term("or"), term("ann")))
    assert searched("bob and not ann") == And((term("bob"), term("and"), term("not"), term("ann")))
    assert isinstance(where('x="a" or y="b"'), Or)
    assert isinstance(where('x="a" aNd y="b"'), And)
