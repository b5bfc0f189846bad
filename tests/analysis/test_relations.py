"""Counts over a corpus, and how rules stand to one another."""

from dataclasses import replace

from rulescope import ir
from rulescope.analysis.corpus_index import CorpusIndex
from rulescope.analysis.extract import facts
from rulescope.analysis.facts import Facts
from rulescope.analysis.relations import RuleSummary, bare_title, relate_rules
from rulescope.analysis.signature import condition_signature, query_signature
from rulescope.ir import stages
from rulescope.knowledge import fields
from rulescope.text import Source


def made(
    path: str, *predicates: ir.Predicate, title: str | None = None, language: str = "spl", **about: object
) -> ir.Rule:
    pipeline = ir.Pipeline(tuple(stages.Search(predicate=predicate) for predicate in predicates))
    info = ir.RuleInfo(path=path, repository="r", language=language, title=title or path, **about)  # type: ignore[arg-type]
    return ir.Rule(info, Source(""), pipeline, pipeline, "full")


def eq(field: str, *values: str, ignore_case: bool = True) -> ir.Compare:
    return ir.Compare(field, "in" if len(values) > 1 else "eq", values, ignore_case=ignore_case)


def summary(rule: ir.Rule) -> RuleSummary:
    return RuleSummary(
        rule.info.path, rule.info, facts(rule), query_signature(rule), condition_signature(rule, lambda name: name)
    )


def index(*rules: ir.Rule) -> tuple[CorpusIndex, dict[str, Facts]]:
    known = {rule.info.path: facts(rule) for rule in rules}
    return CorpusIndex((rule.info.path, rule.info.language, known[rule.info.path]) for rule in rules), known


def test_a_rule_does_not_count_itself_and_counts_once() -> None:
    corpus, known = index(
        made("a", eq("x", "One"), eq("x", "one"), eq("y", "2")),
        made("b", eq("x", "ONE", "three")),
        made("c", eq("x", "one"), language="sigma"),
    )
    first, _, other = known["a"].indicators
    assert (corpus.count("a", first).total, dict(corpus.count("a", first).by_language)) == (2, {"spl": 1, "sigma": 1})
    assert corpus.count("a", other).total == 0
    assert dict(corpus.count("c", known["c"].indicators[0]).by_language) == {"spl": 2}
    assert corpus.count("a rule of no corpus", first).total == 3


def test_fields_of_different_vocabularies_meet() -> None:
    corpus, known = index(made("a", eq("Image", "c:\\x.exe")), made("b", eq("process_path", "C:\\x.exe")))
    assert corpus.count("a", known["a"].indicators[0]).total == 1


def test_case_matters_between_rules_that_regard_it() -> None:
    """Who does not regard case looks for what each of the others does; those others look for different things."""
    corpus, known = index(
        made("a", eq("x", "One", ignore_case=False)),
        made("b", eq("x", "one", ignore_case=False)),
        made("c", eq("x", "ONE")),
        made("d", eq("x", "One", ignore_case=False)),
    )
    assert {path: corpus.count(path, facts.indicators[0]).total for path, facts in known.items()} == {
        "a": 2, "b": 1, "c": 3, "d": 2,
    }  # fmt: skip


def test_titles_lose_the_log_source_at_their_end() -> None:
    info = ir.RuleInfo("p", "r", "spl", "Impacket Activity (Sysmon)", variant_label="Sysmon")
    assert bare_title(info) == "impacket activity"
    assert bare_title(replace(info, variant_label="EDR")) == "impacket activity (sysmon)"


def test_variants_by_group_title_and_condition() -> None:
    both = (eq("process", "a"), eq("user", "b"))
    related = relate_rules(
        [
            summary(made("1", eq("q", "1"), title="Tool Use (Sysmon)", variant_label="Sysmon")),
            summary(made("2", eq("q", "2"), title="Tool Use (EDR)", variant_label="EDR")),
            summary(made("3", eq("q", "3"), title="Other", variant_group="g")),
            summary(made("4", eq("q", "4"), title="Another", variant_group="g")),
            summary(made("5", ir.And((eq("EventCode", "4688"), *both)), title="Five")),
            summary(made("6", ir.And((eq("EventCode", "4104"), *both)), title="Six")),
        ]
    )
    title, group, conditions = "the same title", "its repository keeps both as one detection", "the same conditions"
    assert {key: [(row.rule, row.why) for row in one.variants] for key, one in related.items()} == {
        "1": [("2", title)], "2": [("1", title)], "3": [("4", group)], "4": [("3", group)], "5": [("6", conditions)],
        "6": [("5", conditions)],
    }  # fmt: skip


def test_variants_by_what_authors_call_related() -> None:
    related = relate_rules(
        [
            summary(made("1", eq("q", "1"), identifier="aa", related=(("BB", "similar"), ("cc", "obsolete")))),
            summary(made("2", eq("q", "2"), identifier="bb", related=(("dd", "derived"),))),
            summary(made("3", eq("q", "3"), identifier="cc")),
            summary(made("4", eq("q", "4"), identifier="dd")),
        ]
    )
    assert {key: [(row.rule, row.why) for row in one.variants] for key, one in related.items()} == {
        "1": [("2", "called similar by an author")],
        "2": [("1", "called similar by an author"), ("4", "this rule was made from that one")],
        "3": [],
        "4": [("2", "that rule was made from this one")],
    }


def test_the_same_conditions_are_known_however_they_are_written() -> None:
    """An OR over one field is a list; nested ANDs are one; a path's end is its base name; blocks count where named."""
    run = ir.Any.RUN
    block = ir.Compare("Image", "ends_with", ("\\a.exe", "\\B.exe"), ignore_case=True)
    line = ir.Compare("CommandLine", "contains", ("/X",), ignore_case=True)
    sigma = made("sigma", language="sigma")
    found = (stages.Block(name="selection", predicate=block), stages.Where(predicate=ir.And((block, line))))
    sigma = replace(sigma, pipeline=ir.Pipeline(found), expanded=ir.Pipeline(found))
    spl = made(
        "spl",
        ir.Compare("process", "wildcard", (ir.Glob((run, "/x", run)),), ignore_case=True),
        ir.Or((eq("process_name", "A.exe"), eq("process_name", "b.exe"))),
    )
    other = made("other", ir.And((eq("process_name", "a.exe"), line)))
    signatures = [condition_signature(rule, fields().canonical) for rule in (sigma, spl, other)]
    assert signatures[0] == signatures[1] != signatures[2]


def test_a_list_in_one_field_is_too_little_to_be_called_the_same() -> None:
    assert condition_signature(made("a", eq("Image", "a", "b", "c")), fields().canonical) == ""


def test_duplicates_differ_in_spelling_only() -> None:
    one = made("1", ir.And((eq("a", "1"), eq("b", "2"))))
    two = made("2", ir.And((eq("b", "2"), eq("a", "1"))), ir.Term("*"))
    other = made("3", ir.Or((eq("a", "1"), eq("b", "2"))))
    related = relate_rules([summary(one), summary(two), summary(other)])
    assert related["1"].duplicates == ("2",)
    assert related["3"].duplicates == ()


def test_more_demands_are_narrower_and_more_alternatives_broader() -> None:
    base = made("base", ir.And((eq("a", "1"), eq("b", "2"))))
    demands = made("demands", ir.And((eq("a", "1"), eq("b", "2"), eq("c", "3"))))
    allows = made("allows", ir.And((eq("a", "1", "9"), eq("b", "2"))))
    base_list = made("list", ir.And((eq("a", "1", "9", "8"), eq("b", "2"))))
    related = relate_rules([summary(one) for one in (base, demands, allows, base_list)])
    seen = {one.rule: one.relation for one in related["base"].neighbours}
    assert seen["demands"] == "narrower"
    assert {one.rule: one.relation for one in related["demands"].neighbours}["base"] == "broader"
    of_allows = {one.rule: one.relation for one in related["allows"].neighbours}
    assert of_allows["list"] == "broader"
    why = next(one.why for one in related["demands"].neighbours if one.rule == "base")
    assert why == "its every condition is also here, and this rule demands 1 more"


def test_an_exclusion_more_is_narrower() -> None:
    both = (eq("a", "1"), eq("b", "2"))
    related = relate_rules(
        [summary(made("plain", ir.And(both))), summary(made("less", ir.And((*both, ir.Not(eq("user", "x"))))))]
    )
    assert [(one.rule, one.relation) for one in related["plain"].neighbours] == [("less", "narrower")]
    assert [(one.rule, one.relation) for one in related["less"].neighbours] == [("plain", "broader")]


def test_strangers_are_no_neighbours() -> None:
    related = relate_rules([summary(made("1", eq("a", "1"), eq("b", "2"))), summary(made("2", eq("c", "3")))])
    assert related["1"].neighbours == related["2"].neighbours == ()


def seen_from(*rules: ir.Rule) -> dict[tuple[str, str], tuple[str, str]]:
    """Of each pair of neighbours, as seen from the first, the relation and why."""
    related = relate_rules([summary(one) for one in rules])
    return {
        (str(key), str(row.rule)): (row.relation, row.why) for key, one in related.items() for row in one.neighbours
    }


def test_why_one_rule_holds_another() -> None:
    found = seen_from(
        made("base", ir.And((eq("a", "1"), eq("b", "2")))),
        made("demands", ir.And((eq("a", "1"), eq("b", "2"), eq("c", "3")))),
        made("allows", ir.And((eq("a", "1", "9"), eq("b", "2")))),
        made("both", ir.And((eq("a", "1", "9"), eq("b", "2"), eq("c", "3")))),
    )
    assert found["base", "demands"] == ("narrower", "looks for all 2 values of this rule, and demands 1 more")
    assert found["base", "allows"] == ("broader", "looks for all 2 values of this rule, or any of 1 more")
    assert found["base", "both"] == ("similar", "looks for all 2 values of this rule, and 2 more")
    assert found["demands", "base"] == ("broader", "its every condition is also here, and this rule demands 1 more")
    assert found["allows", "base"] == ("narrower", "looks for 2 of the 3 alternative values of this rule only")
    assert found["both", "base"] == ("similar", "looks for 2 of the 4 values of this rule, and no others")


def test_arms_of_an_or_let_more_through_and_values_within_an_arm_less() -> None:
    both = (eq("a", "1"), eq("b", "2"))
    found = seen_from(
        made("base", ir.And(both)),
        made("arm", ir.Or((ir.And(both), ir.And((eq("c", "3"), eq("d", "4")))))),
        made("mixed", ir.Or((ir.And((*both, eq("e", "5"))), eq("f", "6")))),
    )
    assert found["base", "arm"] == ("broader", "looks for all 2 values of this rule, or any of 2 more")
    assert found["base", "mixed"] == ("similar", "looks for all 2 values of this rule, and 2 more")


def test_exclusions_of_rules_with_the_same_values() -> None:
    both = (eq("a", "1"), eq("b", "2"))
    found = seen_from(
        made("plain", ir.And(both)),
        made("less", ir.And((*both, ir.Not(eq("user", "x"))))),
        made("other", ir.And((*both, ir.Not(eq("user", "y"))))),
    )
    assert found["plain", "less"] == ("narrower", "looks for the same 2 values and rules out 1 more")
    assert found["less", "plain"] == ("broader", "looks for the same 2 values and rules out 1 fewer")
    assert found["less", "other"] == ("similar", "looks for the same 2 values")


def test_limits_on_either_side_make_rules_similar() -> None:
    both = (eq("a", "1"), eq("b", "2"))
    found = seen_from(
        made("base", ir.And((*both, ir.Not(eq("user", "x"))))), made("demands", ir.And((*both, eq("c", "3"))))
    )
    limits = "; but each has limits that the other lacks"
    assert found == {
        ("base", "demands"): ("similar", f"looks for all 2 values of this rule, and demands 1 more{limits}"),
        ("demands", "base"): (
            "similar", f"its every condition is also here, and this rule demands 1 more{limits}",
        ),
    }  # fmt: skip


def test_what_similar_rules_have_in_common() -> None:
    both = (eq("a", "1"), eq("b", "2"))
    three = (*both, eq("f", "6"))
    found = seen_from(
        made("1", ir.And((*three, eq("c", "3")))), made("2", ir.And((*three, eq("d", "4"), eq("e", "5"))))
    )
    assert found == {
        ("1", "2"): ("similar", "looks for 3 of the 4 values of this rule too"),
        ("2", "1"): ("similar", "looks for 3 of the 5 values of this rule too"),
    }
    term = ir.Term("mimikatz")
    found = seen_from(made("1", ir.And((*both, term, eq("c", "3")))), made("2", ir.And((*both, term, eq("d", "4")))))
    assert found["1", "2"] == ("similar", "looks for 2 of the 3 values of this rule and 1 search term too")


def test_one_value_in_common_must_weigh_enough() -> None:
    """One of two values is 0.39 of the weight, one of three on two sides 0.24: below 0.3 rules aren't similar."""
    found = seen_from(made("1", eq("a", "1")), made("2", ir.And((eq("a", "1"), eq("c", "3")))))
    assert found == {
        ("1", "2"): ("similar", "looks for 1 of the 1 value of this rule too"),
        ("2", "1"): ("similar", "looks for 1 of the 2 values of this rule too"),
    }
    assert (
        seen_from(made("1", ir.And((eq("a", "1"), eq("c", "3")))), made("2", ir.And((eq("a", "1"), eq("d", "4")))))
        == {}
    )


def test_one_value_of_many_rules_is_too_little() -> None:
    """Up to eight rules with the one value are similar; where nine have it, it tells too little by itself."""
    few = [made(str(number), eq("a", "1"), eq("EventCode", str(number))) for number in range(8)]
    assert seen_from(*few)["0", "1"] == ("similar", "looks for 1 of the 1 value of this rule too")
    assert seen_from(*few, made("8", eq("a", "1"), eq("EventCode", "8"))) == {}
