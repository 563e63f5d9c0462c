"""Tests of data.expression_syntax: both spellings, precedence, and rejected input."""

import builtins
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepfold.data import expression_syntax, operands
from hepfold.data.expression_syntax import steps

TOKENS = """
x Jet.pt `a sqrt abs( TMath::Max( Sum$( where( import __import__ eval( lambda __class__
1 2.5 1e9 .5 0x10 + - * / // % ** ^ & && | || ! != == = <= < > ( ) [ ] { } , . : :: ; ?
not and or in is true ' " ` $ @ # é π \\ \0
"""
WORDS = ("b-tag", "Jet.pt", "true", "pi", "and", "not", "a/b", "2jets", "if", "π")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a && b || !c", "a and b or not c"),
        ("not a > 5 && b", "(!(a > 5)) and b"),
        ("!a * b", "(!a) * b"),
        ("a ? b : c ? d : e", "a ? b : (c ? d : e)"),
        ("a || b ? c : d", "(a || b) ? c : d"),
        ("-a ** 2", "-(a ** 2)"),
        ("a ** b ** c", "a ** (b ** c)"),
        ("a - b - c", "(a - b) - c"),
        ("a + b * c % d", "a + ((b * c) % d)"),
        ("a || b && c == d + 1", "a || (b && (c == (d + 1)))"),
        ("x[a < 2][0]", "(x[(a < 2)])[0]"),
        ("TMath::Abs(a) + fabs(b)", "np.abs(a) + std::abs(b)"),
        ("Sum$(x) + Max$(x)", "sum(x) + max(x)"),
        ("TMath::ATan2(a, b)", "arctan2(a, b)"),
        ("`a` + `Jet.pt`", "a + Jet.pt"),
        ("pi > True", "(pi) > true"),
    ],
)
def test_spellings_mean_the_same(text, same):
    assert steps(text) == steps(same)


def test_words_are_taken_as_a_whole():
    names = [
        step.name
        for step in steps("order + notes * android / true_pt")
        if hasattr(step, "name")
    ]
    assert names == ["order", "notes", "android", "true_pt"]


def test_names_that_formulate_knows_as_constants_are_branches():
    assert steps("tau") == [expression_syntax.Name("tau")]
    assert steps("hbar") == [expression_syntax.Name("hbar")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("(a", "ends too early"),
        ("a +", "ends too early"),
        ("a ? b", "ends too early"),
        ("a)", r"unexpected '\)' at character 2"),
        ("a b", "unexpected 'b' at character 3"),
        ("0x1F", "unexpected 'x1F' at character 2"),
        ("a & b", "character 3; write &&"),
        ("a | b", r"write && or 'and', \|\| or 'or'"),
        ("a ^ 2", r"\*\*"),
        ("~a", "write !"),
        ("a = 1", "write =="),
        ("a == 'b'", "not text"),
        ("`a", "backquotes"),
        ("a if b else c", "where"),
        ("a == not b", "parentheses"),
        ("a // 2", "unexpected '/'"),
        ("a < b < c", "chained"),
        ("a < b == c", "chained"),
        ("a == b < c", "chained"),
        ("!a > 5", r"!\(a > b\)"),
        ("sqr(a)", "no function 'sqr'; use sqrt"),
        ("zzzz(a)", "no function 'zzzz'; use sqrt, exp"),
        ("os.system(a)", "no function 'os.system'"),
        ("TMath::Gaus(a)", "no function 'TMath::Gaus'"),
        ("a::b::c(1)", "no function 'a::b::c'"),
        ("add(1, 2)", "no function"),
        ("matr(1, 2)", "no function"),
        ("sqrt()", "sqrt takes 1 argument, not 0"),
        ("atan2(a)", "atan2 takes 2 arguments, not 1"),
        ("where(a, b)", "where takes 3 arguments, not 2"),
        ("min()", "min takes 1 to 100 arguments, not 0"),
        ("1e999", "too large"),
        ("9" * 4999, "too large"),
        ("a:b", "unexpected ':'"),
        ("x[0:2]", "unexpected ':'"),
    ],
)
def test_reason_says_what_is_wrong(text, reason):
    with pytest.raises(operands.ExpressionError, match=reason):
        steps(text)


@pytest.mark.slow
@pytest.mark.parametrize("n", [1000, 10_000])
@pytest.mark.parametrize(
    "pattern",
    [
        ("(", "x", ")"),
        ("(", "x", ""),
        ("-", "x", ""),
        ("!", "x", ""),
        ("not ", "x", ""),
        ("", "x", "[0]"),
        ("", "x", "+x"),
        ("x**", "x", ""),
        ("x?x:", "x", ""),
        ("abs(", "x", ")"),
        ("a::", "x(1)", ""),
        ("", "x", "<x"),
    ],
    ids="".join,
)
def test_depth_is_no_fault(pattern, n):
    before, core, after = pattern
    text = before * n + core + after * n
    try:
        result = steps(text)
    except operands.ExpressionError:
        return
    assert len(text) <= expression_syntax.MAX_LENGTH
    assert result


def forbidden(name: str, *arguments, **options) -> None:
    """Stands for a builtin; only the import of the parser is legitimate."""
    assert name == "lark", f"{name!r} was evaluated or imported"
    return mock.DEFAULT


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(TOKENS.split())).map(" ".join))
def test_no_text_is_evaluated_or_fails_otherwise(text):
    expression_syntax.parser()
    refuse = mock.Mock(side_effect=AssertionError)
    imports = mock.Mock(wraps=__import__, side_effect=forbidden)
    with (
        mock.patch.object(builtins, "eval", refuse),
        mock.patch.object(builtins, "exec", refuse),
        mock.patch.object(builtins, "compile", refuse),
        mock.patch.object(builtins, "__import__", imports),
    ):
        try:
            result = steps(text)
        except operands.ExpressionError as error:
            result = str(error)
    assert result


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(WORDS) | st.text(min_size=1).filter(lambda name: "`" not in name)
)
def test_every_name_can_be_written(name):
    assert steps(expression_syntax.written(name)) == [expression_syntax.Name(name)]
