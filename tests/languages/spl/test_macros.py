"""Putting in macros: what they become, what stays a call, where spans point, and that growth ends.

Source: Knowledge Manager Manual, "Use search macros in searches", "Search macro examples"; macros.conf.spec.
"""

from __future__ import annotations

import time

import pytest

from rulescope.ir import MacroCall, walk
from rulescope.ir.stages import Eval, Head, MacroStage, Search, Stats, Where
from rulescope.languages.spl import Macro, MacroLibrary, parse_search
from rulescope.languages.spl.constant_values import constant_text
from rulescope.languages.spl.macro_calls import split_macro
from rulescope.languages.spl.macros import MAXIMUM_LENGTH, Expansion, expand_macros


def library(*macros: Macro) -> MacroLibrary:
    return MacroLibrary(macros)


def expanded(text: str, *macros: Macro) -> Expansion:
    return expand_macros(text, library(*macros), constant_text)


def codes(expansion: Expansion) -> list[str]:
    return [found.code for found in expansion.diagnostics]


@pytest.mark.parametrize(
    ("inside", "name", "arguments"),
    [
        ("m", "m", ()),
        (" m ", "m", ()),
        ("m()", "m", ()),
        ("m(a)", "m", ("a",)),
        ("m(a, b)", "m", ("a", "b")),
        ('m("a, b", c)', "m", ("a, b", "c")),
        (r'm("say \"hi\", C:\\x")', "m", ('say "hi", C:\\x',)),
        ("m(if(a, b), c)", "m", ("if(a, b)", "c")),
        ("m(a,)", "m", ("a", "")),
        ("m(a, , b)", "m", ("a", "", "b")),
        ('m(x="a, b")', "m", ('x="a, b"',)),
        ("no name at all(a)", "no name at all(a)", ()),
    ],
)
def test_calls_are_taken_apart(inside: str, name: str, arguments: tuple[str, ...]) -> None:
    assert split_macro(inside) == (name, arguments)


def test_body_is_put_in_as_text() -> None:
    assert expanded("`a` x", Macro("a", "index=main OR index=web")).text == "index=main OR index=web x"


def test_text_put_in_joins_its_surroundings_as_text_does() -> None:
    # `a OR b` without brackets, beside a blank: OR binds tighter, so the macro reads as in a search typed by hand.
    found = parse_search("`either` c", library(Macro("either", "a OR b")))
    assert found.expanded == parse_search("a OR b c").pipeline


def test_macros_nest() -> None:
    macros = (Macro("a", "`b` x"), Macro("b", "`c(1)` y"), Macro("c", "f=$n$", ("n",)))
    found = expanded("`a` z", *macros)
    assert found.text == "f=1 y x z"
    assert found.used == ("a", "b", "c(1)")


def test_a_call_with_one_stray_quote_or_open_bracket_is_read_without_the_fault() -> None:
    found = expanded('`by("host,1)`', Macro("by", "$f$ $n$", ("f", "n")))
    assert found.text == "host 1"
    assert [one.code for one in found.diagnostics] == ["SPL001"]
    found = expanded("`by(host`", Macro("by", "f=$f$", ("f",)))
    assert found.text == "f=host"
    assert [one.code for one in found.diagnostics] == ["SPL004"]


def test_macros_behind_a_stray_quote_are_put_in() -> None:
    # The quote before the first macro opens a text that swallows the calls; without it all quotes have a partner.
    found = parse_search('"`a` ("x" OR "y")', library(Macro("a", "index=main")))
    assert found.status == "partial"
    assert found.unknown_macros == ()
    assert found.expanded == parse_search('  index=main ("x" OR "y")').pipeline


def test_argument_of_a_macro_goes_on_to_the_next() -> None:
    macros = (Macro("outer", "`inner($x$)`", ("x",)), Macro("inner", 'user="$y$"', ("y",)))
    assert expanded("`outer(bob)`", *macros).text == 'user="bob"'


def test_arguments_are_put_in_everywhere_inside_quotes_too() -> None:
    macro = Macro("m", 'where like(f, "%$a$%") OR $b$=$a$', ("a", "b"))
    assert expanded('`m("x, y", g)`', macro).text == 'where like(f, "%x, y%") OR g=x, y'


def test_arguments_may_be_named() -> None:
    macro = Macro("iis_search", "/$fragment$/ $ending$", ("fragment", "ending"))
    assert expanded("`iis_search(ending=.pdf, fragment=TM)`", macro).text == "/TM/ .pdf"
    assert expanded('`iis_search(fragment="T M", .pdf)`', macro).text == "/T M/ .pdf"


def test_comparison_as_an_argument_is_no_name() -> None:
    assert expanded("`only(user=bob)`", Macro("only", "search $condition$", ("condition",))).text == "search user=bob"


def test_dollar_texts_that_are_no_argument_stay() -> None:
    assert expanded("`m(1)`", Macro("m", "$a$ $b$ $5", ("a",))).text == "1 $b$ $5"


def test_macros_of_one_name_differ_by_their_number_of_arguments() -> None:
    macros = (Macro("m", "none"), Macro("m", "one $a$", ("a",)))
    assert expanded("`m` `m(x)` `m(x, y)`", *macros).text == "none one x `m(x, y)`"


def test_a_call_with_another_number_of_arguments_is_told() -> None:
    library = MacroLibrary([Macro("m", "x=$a$", ("a",)), Macro("m", "x=$a$ y=$b$ z=$c$", ("a", "b", "c"))])
    (told,) = parse_search("index=a `m(1, 2)` OR `m(1, 2)`", library).diagnostics
    assert (told.code, told.severity) == ("SPL035", "warning")
    assert told.message == "macro 'm' is called with 2 arguments, and defined with 1 or 3"
    assert not parse_search("index=a `other(1)`", library).diagnostics


def test_first_definition_wins() -> None:
    assert expanded("`m`", Macro("m", "first"), Macro("m", "second")).text == "first"


def test_unknown_macro_stays_a_call_in_what_is_put_in_too() -> None:
    found = parse_search("`a` | head 1", library(Macro("a", "`nowhere` x=1")))
    assert found.unknown_macros == ("nowhere",)
    assert found.macros == ("a", "nowhere")
    calls = [node.name for node in walk.walk(found.expanded) if isinstance(node, MacroCall)]
    assert calls == ["nowhere"]


def test_search_as_written_keeps_its_calls() -> None:
    found = parse_search("`a` | head 1", library(Macro("a", "index=main")))
    first = found.pipeline.stages[0]
    assert isinstance(first, MacroStage | Search)
    assert [node.name for node in walk.walk(found.pipeline) if isinstance(node, MacroCall)] == ["a"]
    assert not [node for node in walk.walk(found.expanded) if isinstance(node, MacroCall)]


def test_macro_may_stand_for_several_stages() -> None:
    found = parse_search(
        "`base` | head 1", library(Macro("base", "index=main | stats count BY user | where count > 5"))
    )
    assert [type(stage) for stage in found.expanded.stages] == [Search, Stats, Where, Head]


def test_macro_may_bring_the_pipe_before_it() -> None:
    found = parse_search("index=main `tail_end`", library(Macro("tail_end", "| stats count | head 1")))
    assert found.status == "full"
    assert [type(stage) for stage in found.expanded.stages] == [Search, Stats, Head]


def test_macro_may_stand_for_part_of_an_expression() -> None:
    found = parse_search("| eval x=count * `weight`", library(Macro("weight", "2 + 1")))
    assert isinstance(found.expanded.stages[0], Eval)
    assert found.expanded == parse_search("| eval x=count * 2 + 1").pipeline


def test_spans_of_what_was_put_in_point_at_the_call() -> None:
    text = "index=main `cond(7)` | head 3"
    found = parse_search(text, library(Macro("cond", "user=bob count>$n$", ("n",))))
    search, head = found.expanded.stages
    assert isinstance(search, Search)
    assert text[search.span.start : search.span.end] == "index=main `cond(7)`"
    assert text[head.span.start : head.span.end] == head.text == "head 3"
    operands = getattr(search.predicate, "operands", ())
    assert [text[operand.span.start : operand.span.end] for operand in operands] == [
        "index=main",
        "`cond(7)`",
        "`cond(7)`",
    ]


def test_mistake_in_a_body_is_shown_at_the_call() -> None:
    text = "index=main | `bad`"
    found = parse_search(text, library(Macro("bad", "where count >")))
    assert found.status == "partial"
    places = {text[item.span.start : item.span.end] for item in found.diagnostics if item.severity == "error"}
    assert places == {"`bad`"}


def test_recursion_is_caught() -> None:
    found = expanded("`a`", Macro("a", "x `b`"), Macro("b", "y `a`"))
    assert codes(found) == ["SPL031"]
    assert "a → b → a" in found.diagnostics[0].message
    assert found.text == "x y `a`"


def test_macro_that_calls_itself_is_caught() -> None:
    assert codes(expanded("`a`", Macro("a", "`a` OR `a`"))) == ["SPL031"]


def test_search_with_recursive_macros_is_still_read() -> None:
    found = parse_search("index=main `a` | head 1", library(Macro("a", "x=1 `a`")))
    assert found.status == "partial"
    assert [item.code for item in found.diagnostics] == ["SPL031"]


@pytest.mark.parametrize("leaf", ["x", "", "x" * 50_000])
def test_macros_that_double_themselves_end(leaf: str) -> None:
    macros = [Macro(f"m{n}", f"`m{n + 1}` `m{n + 1}`") for n in range(19)] + [Macro("m19", leaf)]
    begun = time.process_time()
    found = parse_search("`m0`", library(*macros))
    assert time.process_time() - begun < 5
    assert "SPL032" in {item.code for item in found.diagnostics}


def test_arguments_that_double_themselves_end() -> None:
    macros = [Macro(f"m{n}", f'`m{n + 1}("$a$$a$$a$$a$")`', ("a",)) for n in range(18)] + [Macro("m18", "$a$", ("a",))]
    begun = time.process_time()
    found = expanded("`m0(xxxxxxxx)`", *macros)
    assert time.process_time() - begun < 5
    assert "SPL032" in codes(found)
    assert len(found.text) <= MAXIMUM_LENGTH


def test_deep_chains_end() -> None:
    macros = [Macro(f"m{n}", f"`m{n + 1}`") for n in range(60)]
    assert codes(expanded("`m0`", *macros)) == ["SPL032"]


def test_many_calls_that_are_long_end() -> None:
    found = expanded(" ".join(["`m`"] * 20_000), Macro("m", "x" * 1000))
    assert codes(found) == ["SPL032"]
    assert len(found.text) <= 2 * MAXIMUM_LENGTH


def test_macro_inside_quotes_is_text() -> None:
    assert expanded('"foo`bar`baz" `bar`', Macro("bar", "x")).text == '"foo`bar`baz" x'


def test_macro_inside_a_comment_is_no_macro() -> None:
    found = parse_search("index=main ```not `this` one``` x", library(Macro("this", "y")))
    assert found.macros == ()


def test_comment_in_a_body_is_left_out() -> None:
    found = parse_search("`a` y", library(Macro("a", "x ```said | so``` OR z")))
    assert found.expanded == parse_search("x OR z y").pipeline


def test_text_in_quotes_as_an_argument_may_hold_backticks() -> None:
    found = parse_search('index=main `comment("| `other(1)` ")`')
    assert found.status == "full"
    assert found.macros == ("comment(1)",)


@pytest.mark.parametrize(
    ("definition", "text"),
    [
        ('"index=main"', "index=main"),
        (r'"user=\"bob\""', 'user="bob"'),
        ('"index=" . "$i$"', "index=web"),
        ('if("$i$"=="*", "", "index=$i$")', "index=web"),
        ('if(i=="web", "a", "b")', "a"),
        ('case("$i$"=="x", "a", i IN ("y", "web") AND NOT 1>2, "b", true(), "c")', "b"),
        ('if("$i$"!="web" OR "10"<9, "a", lower("B") + upper("c"))', "bC"),
        ('replace("a,b", ",", " OR ")', "a OR b"),
        ('if(match("$i$", "eb"), 2+3, 4)', "5"),
        ('if(isnull(null()), coalesce(null(), "x"), "y")', "x"),
        ('if(null()="a", "a", "b")', "b"),
        ('tostring(2*3-1) . "d"', "5d"),
        ("0", "0"),
    ],
)
def test_eval_macro_without_rows(definition: str, text: str) -> None:
    assert expanded("`m(web)`", Macro("m", definition, ("i",), is_eval=True)).text == text


@pytest.mark.parametrize(
    "definition",
    [
        'relative_time(now(), "-1d")',
        'replace("$n$", "(\\\\S+)", "x")',
        'if(other>3, "a", "b")',
        'if($n$, "a", "b")',
        '"1" + "2"',
        'case("$n$"=="6", "a")',
        "1=1",
        "2/4",
        '"a", b="c"',
        "lower()",
        "| eval eventid=substr($n$,4)",
    ],
)
def test_eval_macro_that_computes_more_stays_a_call_with_a_warning(definition: str) -> None:
    found = expanded("`m(5)`", Macro("m", definition, ("n",), is_eval=True))
    assert found.text == "`m(5)`"
    assert [(item.code, item.severity) for item in found.diagnostics] == [("SPL033", "warning")]


def test_search_without_known_macros_is_not_read_twice() -> None:
    found = parse_search("`nowhere` x", library(Macro("other", "y")))
    assert found.expanded is found.pipeline


def test_a_call_with_an_open_quote_stays_a_call() -> None:
    library = MacroLibrary([Macro("per", "| stats count by $a$ $b$", ("a", "b"))])
    parsed = parse_search('index=a `per("host", "user)` | table host', library)
    assert parsed.status == "partial"
    assert parsed.unknown_macros == ("per(2)",)
    assert [found.code for found in parsed.diagnostics] == ["SPL001"]
