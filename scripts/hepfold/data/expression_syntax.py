"""Syntax of expressions: text is parsed into steps, the operands of each before it.

The grammar is that of ROOT's expressions in the package formulate, extended by the
spelling of Python. Spellings whose meaning differs between the two are rejected.
"""

import difflib
import functools
import math
import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from hepfold.data import expression_table, operands

if TYPE_CHECKING:
    import lark

MAX_LENGTH = 5000
GRAMMAR = r"""
start: expression
%import root_grammar (expression, disjunction, conjunction, equality, factor, pow)
%import root_grammar (indexed, matpos, var_name, func_name, trailer, atom)
%import common.WS
%ignore WS
%override expression: disjunction
                    | disjunction "?" expression ":" expression -> ternary
%override disjunction: conjunction
                     | disjunction ("||" | "or") conjunction -> or
%override conjunction: negation
                     | conjunction ("&&" | "and") negation -> and
negation: equality
        | "not" negation -> inv
%override pow: indexed
             | indexed "**" factor -> pow
%override matpos: "[" expression "]"
%extend var_name: QUOTED
QUOTED: /`[^`]+`/
"""
PREFIX = "root_grammar__"
KEYWORDS = ("and", "or", "not")
# Names that need no backquotes.
NAME = re.compile(r"(?!\d)\w+(\.\w+)*")
# Rules with a single child that change its meaning.
UNARY = ("literal", "symbol", "inv", "neg", "pos")
COMPARISONS = {"lt", "lte", "gt", "gte", "eq", "neq"}
LOGIC = "write && or 'and', || or 'or'"
# What to write instead of text that the grammar rejects.
HINTS = {
    "&": LOGIC,
    "|": LOGIC,
    "~": "write ! or 'not'",
    "^": "write a ** b for a power",
    "=": "write == to compare",
    "'": "expressions take numbers, not text",
    '"': "expressions take numbers, not text",
    "`": "a name between backquotes ends with one",
    "if": "write where(condition, a, b)",
    "not": "put 'not ...' into parentheses",
    "!": "put !(...) into parentheses",
}


@dataclass(frozen=True)
class Number:
    """A step that yields a constant."""

    value: float | bool


@dataclass(frozen=True)
class Name:
    """A step that yields a branch or variable."""

    name: str


@dataclass(frozen=True)
class Apply:
    """A step that replaces the last `n_arguments` results by one."""

    key: str
    n_arguments: int


Step = Number | Name | Apply


def steps(text: str) -> list[Step]:
    """Steps of an expression; raises ExpressionError if it cannot be understood."""
    if len(text) > MAX_LENGTH:
        raise operands.ExpressionError(
            f"an expression has at most {MAX_LENGTH} characters, not {len(text)}; "
            "define parts of it as variables"
        )
    # Replaces nodes of the tree by their operands and operations. Without recursion, so
    # that depth is not limited.
    result, stack = [], [syntax_tree(text)]
    while stack:
        node = stack.pop()
        if isinstance(node, Step):
            result.append(node)
        else:
            step, arguments = expanded(node)
            stack.append(step)
            stack += reversed(arguments)
    return result


def syntax_tree(text: str) -> "lark.Tree":
    """Syntax tree of an expression by the rules of the grammar."""
    import lark

    try:
        return parser().parse(text)
    except lark.UnexpectedCharacters as error:
        raise unexpected(error.char, error.pos_in_stream) from None
    except lark.UnexpectedToken as error:
        if error.token.type == "$END":
            message = "ends too early" if text.strip() else "is empty"
            message = f"the expression {message}"
            raise operands.ExpressionError(message) from None
        raise unexpected(str(error.token), error.token.start_pos) from None


@functools.cache
def parser() -> "lark.Lark":
    """Parser of the grammar. Building it takes 0.2 s, and most steps parse nothing."""
    import formulate
    import lark

    folder = resources.files(formulate) / "resources"
    # The basic lexer reads whole words: `or` is not part of `order`.
    return lark.Lark(GRAMMAR, parser="lalr", lexer="basic", import_paths=[str(folder)])


def unexpected(text: str, position: int) -> operands.ExpressionError:
    """Error for a character or word at an invalid position."""
    hint = HINTS.get(text)
    reason = f"unexpected {text!r} at character {position + 1}"
    return operands.ExpressionError(f"{reason}; {hint}" if hint else reason)


def expanded(node: "lark.Tree") -> tuple[Step, list]:
    """The step of a node of the syntax tree and the nodes of its operands."""
    node = innermost(node)
    kind, children = kind_of(node), node.children
    if kind == "literal":
        return Number(number(str(children[0]))), []
    if kind == "symbol":
        return symbol(str(children[0].children[0])), []
    if kind == "func":
        arguments = children[1].children[0]
        arguments = arguments.children if arguments else []
        return call(written_name(children[0]), len(arguments)), arguments
    if kind == "matr":
        return Apply(kind, 2), [indexed(node), children[-1]]
    if kind in COMPARISONS:
        check_comparison(children)
    return Apply(kind, len(children)), children


def indexed(node: "lark.Tree") -> "lark.Tree":
    """What the last index of x[condition][0] applies to: x[condition]."""
    children = node.children[:-1]
    return type(node)(node.data, children) if len(children) > 1 else children[0]


def kind_of(node: "lark.Tree") -> str:
    """Name of the rule of a node."""
    return str(node.data).removeprefix(PREFIX)


def innermost(node: "lark.Tree", *stops: str) -> "lark.Tree":
    """The first node that does more than return its only child, or is a stop."""
    while len(node.children) == 1 and kind_of(node) not in (*UNARY, *stops):
        node = node.children[0]
    return node


def number(text: str) -> float | int:
    """The value of a written number: exact if it is an integer of 64 bits."""
    if text.isdecimal() and len(text) <= 20 and int(text) < 2**64:
        return int(text)
    if math.isinf(float(text)):
        raise operands.ExpressionError("a number is too large for double precision")
    return float(text)


def symbol(text: str) -> Step:
    """A named constant, or a branch or variable, possibly between backquotes."""
    if text in expression_table.CONSTANTS:
        return Number(expression_table.CONSTANTS[text])
    return Name(text.strip("`"))


def written(name: str) -> str:
    """A name as written in an expression: between backquotes where necessary."""
    is_word = name in expression_table.CONSTANTS or name in KEYWORDS
    return name if NAME.fullmatch(name) and not is_word else f"`{name}`"


def written_name(node: "lark.Tree") -> str:
    """Name of a function as the user wrote it, with its namespaces."""
    parts = [str(node.children[0])]
    while len(node.children) > 1:
        node = node.children[1]
        parts.append(str(node.children[0]))
    return "::".join(parts)


def call(name: str, n_arguments: int) -> Apply:
    """The step of a function; checks its name and number of arguments."""
    key = expression_table.canonical(name)
    functions = expression_table.FUNCTIONS
    if key not in functions:
        known = [*functions, *expression_table.ALIASES]
        near = difflib.get_close_matches(key.lower(), known) or functions
        raise operands.ExpressionError(f"no function {name!r}; use {', '.join(near)}")
    fewest, most = functions[key].fewest, functions[key].most
    if not fewest <= n_arguments <= most:
        counts = str(fewest) if fewest == most else f"{fewest} to {most}"
        noun = "argument" if counts == "1" else "arguments"
        raise operands.ExpressionError(
            f"{name} takes {counts} {noun}, not {n_arguments}"
        )
    return Apply(key, n_arguments)


def check_comparison(sides: list["lark.Tree"]) -> None:
    """Reject a < b < c and !a > b, which C and Python read differently."""
    kinds = {kind_of(innermost(side, "atom")) for side in sides}
    if kinds & COMPARISONS:
        raise operands.ExpressionError(
            "comparisons cannot be chained; write a < b && b < c"
        )
    if "inv" in kinds:
        raise operands.ExpressionError(
            "! applies to the side of a comparison here; write !(a > b)"
        )
