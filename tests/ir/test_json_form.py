from rulescope import ir
from rulescope.ir import stages
from rulescope.ir.json_form import expression_text, predicate_json, stage_json, value_text
from rulescope.ir.times import RelativeTime, Shift, WrittenTime
from rulescope.ir.walk import children, transform, walk
from rulescope.text import Source, Span


def test_every_leaf_has_the_promised_keys_only() -> None:
    predicate = ir.And(
        (
            ir.MacroCall("get_data", ()),
            ir.MacroCall("group", ("host", "1")),
            ir.Or((ir.Term("EventCode=1", "TERM"), ir.Term("<EventID>1<", quoted=True))),
            ir.Not(ir.Compare("user", "eq", ("SYSTEM",), ignore_case=True)),
            ir.Compare("process", "match", ("(?i)cmd",)),
            ir.Compare("port", "in", (80, ir.Glob(("44", ir.Any.RUN)))),
            ir.TimeBound("earliest", WrittenTime("-24h", RelativeTime((Shift(-24, "h"),)))),
            ir.Subsearch(ir.Pipeline((stages.InputLookup(name="x", text="inputlookup x"),), True)),
            ir.Test(ir.Binary(">", ir.Call("len", (ir.FieldReference("process"),)), ir.Constant(100))),
        )
    )
    assert predicate_json(predicate) == {
        "and": [
            {"macro": "get_data"},
            {"macro": "group", "arguments": ["host", "1"]},
            {"or": [{"term": "EventCode=1", "directive": "TERM"}, {"term": "<EventID>1<"}]},
            {"not": {"field": "user", "kind": "eq", "values": ["SYSTEM"]}},
            {"field": "process", "kind": "match", "values": ["(?i)cmd"]},
            {"field": "port", "kind": "in", "values": ["80", "44*"]},
            {"field": "earliest", "kind": "eq", "values": ["-24h"]},
            {"subsearch": {"stages": [{"number": 1, "kind": "inputlookup", "text": "inputlookup x"}]}},
            {"test": "len(process) > 100"},
        ]
    }


def test_a_test_is_verbatim_where_the_source_is_at_hand() -> None:
    source = Source("where   len(process)>100")
    test = ir.Test(ir.Binary(">", ir.Call("len", (ir.FieldReference("process"),)), ir.Constant(100)), span=Span(8, 24))
    assert predicate_json(test, source) == {"test": "len(process)>100"}
    stage = stages.Where(predicate=test, text=source.text)
    assert stage_json(stage, 2, source) == {
        "number": 2,
        "kind": "where",
        "text": source.text,
        "predicate": {"test": "len(process)>100"},
    }


def test_expressions_get_brackets_only_where_precedence_needs_them() -> None:
    a, b, c = (ir.FieldReference(name) for name in "abc")
    assert expression_text(ir.Binary("*", ir.Binary("+", a, b), c)) == "(a + b) * c"
    assert expression_text(ir.Binary("+", a, ir.Binary("*", b, c))) == "a + b * c"
    assert expression_text(ir.Binary("-", a, ir.Binary("-", b, c))) == "a - (b - c)"
    assert expression_text(ir.Binary("and", ir.Binary("or", a, b), c)) == "(a OR b) AND c"
    assert expression_text(ir.Unary("not", ir.Binary("=", a, ir.Constant("x")))) == 'NOT a = "x"'
    assert expression_text(ir.FieldReference("Processes.user")) == "'Processes.user'"
    assert expression_text(ir.InList(a, (ir.Constant("x"), ir.Constant(1)))) == 'a IN ("x", 1)'
    assert expression_text(ir.Constant(None)) == "null()"


def test_values_as_text() -> None:
    assert value_text(5.0) == "5"
    assert value_text(0.5) == "0.5"
    assert value_text(True) == "true"
    assert value_text(ir.Glob((ir.Any.RUN, "a", ir.Any.ONE, "b"))) == "*a?b"


def test_walk_goes_through_subsearches_and_pairs_in_order() -> None:
    inner = ir.Pipeline((stages.Search(predicate=ir.Term("x")), stages.Uniq()))
    stage = stages.Append(pipeline=inner, options=(("maxtime", "5"),))
    kinds = [type(node).__name__ for node in walk(stage)]
    assert kinds == ["Append", "Pipeline", "Search", "Term", "Uniq"]
    assert list(children(stages.Uniq())) == []


def test_transform_changes_leaves_and_keeps_what_stays_the_same() -> None:
    kept = ir.Term("kept")
    tree = ir.And((kept, ir.Or((ir.Term("old"), kept))))

    def rename(node: object) -> object:
        return ir.Term("new") if node == ir.Term("old") else node

    changed = transform(tree, rename)
    assert changed == ir.And((kept, ir.Or((ir.Term("new"), kept))))
    assert changed.operands[0] is kept
    assert transform(tree, lambda node: node) is tree


def test_walk_of_a_very_deep_tree() -> None:
    tree: ir.Predicate = ir.Term("x")
    for _ in range(20_000):
        tree = ir.Not(tree)
    assert sum(1 for _ in walk(tree)) == 20_001
