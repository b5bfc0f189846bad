"""Facts of rules whose trees are built by hand."""

from rulescope import ir
from rulescope.analysis.extract import facts
from rulescope.ir import stages
from rulescope.ir.times import RelativeTime, Shift, WrittenTime
from rulescope.text import Source

F, C = ir.FieldReference, ir.Constant


def rule(*given: ir.Stage, **about: object) -> ir.Rule:
    info = ir.RuleInfo(path="r", repository="x", language="spl", title="t", **about)  # type: ignore[arg-type]
    placed = []
    for number, stage in enumerate(given):
        object.__setattr__(stage, "span", ir_span(number))
        placed.append(stage)
    pipeline = ir.Pipeline(tuple(placed))
    return ir.Rule(info, Source(" " * 1000), pipeline, pipeline, "full")


def ir_span(number: int) -> object:
    from rulescope.text import Span

    return Span(number * 10, number * 10 + 9)


def where(expression: ir.Expression) -> stages.Where:
    return stages.Where(predicate=ir.Test(expression))


def rows(found: tuple[object, ...]) -> list[tuple[str, str, str]]:
    return [(row.field, row.kind, row.value) for row in found]  # type: ignore[attr-defined]


def test_polarity_decides_between_indicators_and_exclusions() -> None:
    predicate = ir.And(
        (
            ir.Compare("a", "eq", ("1",)),
            ir.Not(ir.Or((ir.Compare("b", "eq", ("2",)), ir.Not(ir.Compare("c", "eq", ("3",)))))),
            ir.Not(ir.Term("noise")),
        )
    )
    found = facts(rule(stages.Search(predicate=predicate)))
    assert rows(found.indicators) == [("a", "eq", "1"), ("c", "eq", "3")]
    assert rows(found.exclusions) == [("b", "eq", "2")]
    assert [(term.text, term.excluded) for term in found.search_terms] == [("noise", True)]


def test_a_list_gives_a_row_a_value_typed_by_its_stars() -> None:
    run = ir.Any.RUN
    values = ("a", ir.Glob((run, "b")), ir.Glob(("c", run)), ir.Glob((run, "d", run)), ir.Glob(("e", run, "f")), 7)
    found = facts(rule(stages.Search(predicate=ir.Compare("x", "in", values, ignore_case=True))))
    assert rows(found.indicators) == [
        ("x", "eq", "a"),
        ("x", "ends_with", "b"),
        ("x", "starts_with", "c"),
        ("x", "contains", "d"),
        ("x", "wildcard", "e*f"),
        ("x", "eq", "7"),
    ]
    assert {row.alternatives for row in found.indicators} == {6}


def test_branches_are_arms_of_the_outermost_or() -> None:
    predicate = ir.Or(
        (
            ir.And((ir.Or((ir.Term("a"), ir.Term("b"))), ir.Term("c"))),
            ir.And((ir.Term("d"), ir.Term("e"))),
        )
    )
    found = facts(rule(stages.Search(predicate=predicate)))
    assert [(term.text, term.branch) for term in found.search_terms] == [
        ("a", (1, 2)),
        ("b", (1, 2)),
        ("c", (1, 2)),
        ("d", (2, 2)),
        ("e", (2, 2)),
    ]


def test_a_count_is_a_threshold_and_distinct_values_stay_an_indicator() -> None:
    found = facts(
        rule(
            stages.Stats(
                aggregates=(
                    stages.Aggregate("count", written="count"),
                    stages.Aggregate("dc", F("user"), alias="users", written="dc(user)"),
                    stages.Aggregate("values", F("process"), alias="process", written="values(process)"),
                    stages.Aggregate("values", F("Image"), alias="images", written="values(Image)"),
                ),
                by=(F("host"),),
            ),
            where(
                ir.Binary(
                    "and",
                    ir.Binary(">", F("count"), C(5)),
                    ir.Binary("and", ir.Binary("<=", C(3), F("users")), ir.Binary("=", F("process"), C("x.exe"))),
                )
            ),
            stages.Search(predicate=ir.Compare("images", "eq", ("y.exe",))),
        )
    )
    assert rows(found.thresholds) == [("count", "gt", "5"), ("users", "ge", "3")]
    assert [(row.field, row.value, row.stage) for row in found.indicators] == [
        ("process", "x.exe", 2),
        ("images", "y.exe", 3),
    ]
    # `images` holds values of the raw field Image: the shared name is that of Image.
    process_path = facts(rule(stages.Search(predicate=ir.Compare("Image", "eq", ("y.exe",))))).indicators[0].canonical
    assert found.indicators[1].canonical == process_path


def test_a_renamed_field_is_followed_back() -> None:
    found = facts(
        rule(
            stages.Rename(renamings=(stages.Renaming("DestinationPort", "port"),)),
            stages.Eval(assignments=(stages.Assignment("p", ir.Call("lower", (F("port"),))),)),
            where(ir.Binary("=", F("p"), C("443"))),
        )
    )
    (row,) = found.indicators
    plain = facts(rule(stages.Search(predicate=ir.Compare("DestinationPort", "eq", ("443",))))).indicators[0]
    assert (row.field, row.canonical, row.ignore_case) == ("p", plain.canonical, True)


def test_lengths_are_thresholds_and_fields_compared_with_fields_are_neither() -> None:
    found = facts(
        rule(
            where(ir.Binary(">", ir.Call("len", (F("process"),)), C(100))),
            where(ir.Binary("!=", F("user"), F("src_user"))),
        )
    )
    assert rows(found.thresholds) == [("len(process)", "gt", "100")]
    assert found.indicators == found.exclusions == ()
    assert set(found.fields) == {"process", "user", "src_user"}


def test_a_computed_result_against_another_is_a_threshold() -> None:
    found = facts(
        rule(
            stages.EventStats(aggregates=(stages.Aggregate("avg", F("bytes"), alias="mean"),)),
            where(ir.Binary(">", F("bytes"), ir.Binary("*", F("mean"), C(3)))),
        )
    )
    assert rows(found.thresholds) == [("mean * 3", "lt", "bytes")]


def test_conditions_inside_expressions() -> None:
    match_x = ir.Call("match", (ir.Call("lower", (F("process"),)), C("mimi")))
    found = facts(
        rule(
            where(ir.Unary("not", match_x)),
            where(ir.Call("like", (F("path"), C("%\\temp\\%")))),
            where(ir.Call("in", (F("code"), C("1"), C("2")))),
            where(ir.Call("cidrmatch", (C("10.0.0.0/8"), F("src")))),
            where(ir.Call("isnotnull", (ir.Call("mvfilter", (ir.Call("match", (F("m"), C("z"))),)),))),
            where(ir.Binary("=", ir.Call("if", (ir.Binary("=", F("a"), C("1")), C(1), C(0))), C(1))),
        )
    )
    assert rows(found.exclusions) == [("process", "match", "mimi")]
    assert rows(found.indicators) == [
        ("path", "contains", "\\temp\\"),
        ("code", "eq", "1"),
        ("code", "eq", "2"),
        ("src", "cidr", "10.0.0.0/8"),
        ("m", "match", "z"),
        ("a", "eq", "1"),
    ]


def test_a_flag_counts_once_the_rule_filters_by_it() -> None:
    flag = stages.Assignment(
        "risk",
        ir.Call(
            "case",
            (
                ir.Call("match", (F("process"), C("mimikatz"))),
                C("high"),
                ir.Call("match", (F("process"), C("whoami"))),
                C("low"),
            ),
        ),
    )
    unused = facts(rule(stages.Eval(assignments=(flag,))))
    assert unused.indicators == ()
    used = facts(rule(stages.Eval(assignments=(flag,)), stages.Search(predicate=ir.Compare("risk", "eq", ("high",)))))
    assert [(row.field, row.kind, row.value, row.stage) for row in used.indicators] == [
        ("process", "match", "mimikatz", 1)
    ]
    assert used.thresholds == ()
    either = facts(rule(stages.Eval(assignments=(flag,)), stages.Search(predicate=ir.Compare("risk", "exists"))))
    assert [row.value for row in either.indicators] == ["mimikatz", "whoami"]


def test_a_conditional_count_is_a_threshold_and_names_its_condition() -> None:
    condition = ir.Binary("=", F("action"), C("failure"))
    found = facts(
        rule(
            stages.Stats(
                aggregates=(stages.Aggregate("count", condition, alias="failed", computed=True),), by=(F("user"),)
            ),
            where(ir.Binary(">", F("failed"), C(10))),
        )
    )
    assert rows(found.thresholds) == [("failed", "gt", "10")]
    assert [(row.field, row.value, row.stage) for row in found.indicators] == [("action", "failure", 1)]


def test_logs_are_chosen_and_not_looked_for() -> None:
    predicate = ir.And(
        (
            ir.Compare("index", "eq", ("main",)),
            ir.Compare("sourcetype", "eq", ("XmlWinEventLog:Microsoft-Windows-Sysmon/Operational",)),
            ir.TimeBound("earliest", WrittenTime("-1h", RelativeTime((Shift(-1, "h"),)))),
            ir.Compare("EventCode", "eq", (3,)),
            ir.Term("*"),
        )
    )
    found = facts(rule(stages.Search(predicate=predicate)))
    assert rows(found.indicators) == [("EventCode", "eq", "3")]
    assert [row.field for row in found.scopes] == ["index", "sourcetype"]
    assert found.search_terms == ()
    (event,) = found.events
    assert (event.provider, event.event_id, event.title) == ("Sysmon", "3", "Network connection")


def test_data_model_nodes_come_off_field_names() -> None:
    found = facts(
        rule(
            stages.TStats(
                aggregates=(stages.Aggregate("count", written="count"),),
                model="Endpoint",
                node="Processes",
                where=ir.Compare("Processes.process_name", "eq", ("cmd.exe",), ignore_case=True),
                by=(F("Processes.user"),),
            )
        )
    )
    assert rows(found.indicators) == [("process_name", "eq", "cmd.exe")]
    assert found.data_models == ("Endpoint.Processes",)
    assert "user" in found.fields


def test_raw_xml_pieces_and_terms_tell_the_event() -> None:
    for term in (
        ir.Term("EventCode=4104", "TERM"),
        ir.Term("<EventID>4104<", quoted=True),
        ir.Term("<EventID>4104</EventID>", quoted=True),
        ir.Term("EventCode=4104", quoted=True),
    ):
        (event,) = facts(rule(stages.Search(predicate=term))).events
        assert (event.provider, event.event_id) == ("PowerShell", "4104")
    assert facts(rule(stages.Search(predicate=ir.Not(ir.Term("EventCode=4104", "TERM"))))).events == ()


def test_a_windows_event_that_another_product_passes_on_stays_windows_own() -> None:
    # CrowdStrike names its events (ProcessRollup2); 4688 is the number of Windows' process creation.
    source = ir.Compare("sourcetype", "eq", ("crowdstrike:events:sensor",))
    found = facts(rule(stages.Search(predicate=ir.And((source, ir.Term("EventCode=4688", "TERM")))))).events
    assert [(event.provider, event.event_id) for event in found] == [("Windows Security", "4688")]


def test_subsearches_count_with_their_stage_and_sign() -> None:
    inner = ir.Pipeline((stages.Search(predicate=ir.Compare("z", "eq", ("1",))),))
    found = facts(
        rule(
            stages.Search(predicate=ir.Term("x")),
            stages.Search(predicate=ir.Not(ir.Subsearch(inner))),
            stages.Append(pipeline=ir.Pipeline((stages.Search(predicate=ir.Compare("y", "eq", ("2",))),))),
        )
    )
    assert [(row.field, row.stage) for row in found.exclusions] == [("z", 2)]
    assert [(row.field, row.stage) for row in found.indicators] == [("y", 3)]


def test_tactics_of_the_author_are_kept_and_others_marked() -> None:
    found = facts(
        rule(
            attack=(
                ir.Attack("T1021.002", "lateral-movement"),
                ir.Attack("T1210", None),
            )
        )
    )
    assert [(row.tactic, row.technique_id, row.technique, row.derived_tactic) for row in found.attack] == [
        ("Lateral Movement", "T1021.002", "Remote Services: SMB/Windows Admin Shares", False),
        ("Lateral Movement", "T1210", "Exploitation of Remote Services", True),
    ]
