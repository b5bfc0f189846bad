"""Rules made to hurt: they cost no more than their length, and raise nothing."""

import time

import pytest

from rulescope import ir
from rulescope.analysis.explanation import explanation
from rulescope.analysis.extract import facts
from rulescope.analysis.signature import condition_signature, query_signature
from rulescope.ir import stages
from rulescope.ir.json_form import stage_json
from rulescope.text import Source

F, C = ir.FieldReference, ir.Constant


def chain(operator: ir.expressions.BinaryOperator, operands: list[ir.Expression]) -> ir.Expression:
    joined = operands[0]
    for operand in operands[1:]:
        joined = ir.Binary(operator, joined, operand)
    return joined


def rule_of(*given: ir.Stage) -> ir.Rule:
    pipeline = ir.Pipeline(given)
    return ir.Rule(ir.RuleInfo("p", "r", "spl", "t"), Source(""), pipeline, pipeline, "full")


@pytest.mark.parametrize("operator", ["or", "and", "xor", ".", "+"])
def test_long_chains(operator: ir.expressions.BinaryOperator) -> None:
    joined = chain(operator, [ir.Binary("=", F("a"), C(f"{number}")) for number in range(5000)])
    rule = rule_of(stages.Where(predicate=ir.Test(joined)), stages.Eval(assignments=(stages.Assignment("b", joined),)))
    found = facts(rule)
    assert len(found.indicators) == (5000 if operator.isalpha() else 0)
    assert query_signature(rule)
    condition_signature(rule, lambda name: name)
    for stage in rule.pipeline.stages:
        assert len(explanation(stage)) < 2000
        stage_json(stage, 1)


def test_flags_made_of_flags_do_not_double() -> None:
    made: list[ir.Stage] = [
        stages.Eval(assignments=(stages.Assignment("x0", ir.Call("if", (ir.Binary("=", F("a"), C("1")), C(1), C(0)))),))
    ]
    for number in range(1, 40):
        before = ir.Binary("=", F(f"x{number - 1}"), C(1))
        condition = ir.Binary("and", before, before)
        made.append(stages.Eval(assignments=(stages.Assignment(f"x{number}", ir.Call("if", (condition, C(1), C(0)))),)))
    made.append(stages.Where(predicate=ir.Test(ir.Binary("=", F("x39"), C(1)))))
    started = time.process_time()
    found = facts(rule_of(*made))
    assert [(row.field, row.value) for row in found.indicators] == [("a", "1")]
    assert time.process_time() - started < 2
