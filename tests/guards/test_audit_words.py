"""Every deed in the audit trail has words: an auditor doesn't read our codes."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from tests.databases import ROOT
from webapp.core import audit
from webapp.trail.words import ACTIONS, SUBJECTS

TREES = {path: ast.parse(path.read_text()) for path in sorted((ROOT / "webapp").rglob("*.py"))}
PLACES = {name: at for at, name in enumerate(inspect.signature(audit.record).parameters)}


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(TREES[path]) if isinstance(node, ast.FunctionDef))


def calls(node: ast.AST, name: str) -> Iterator[ast.Call]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] == name:
            yield call


def records(node: ast.AST) -> Iterator[ast.Call]:
    return (call for call in calls(node, "record") if ast.unparse(call.func) == "audit.record")


def strings(node: ast.AST) -> set[str]:
    return {leaf.value for leaf in ast.walk(node) if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)}


def deeds() -> set[str]:
    """Every action given to audit.record, also through a function of the same file that hands its own argument on."""
    found: set[str] = set()
    for path in TREES:
        for function in functions(path):
            own = [argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)]
            for call in records(function):
                said = call.args[PLACES["action"]]
                found |= strings(said)
                if isinstance(said, ast.Name):
                    found |= handed_on(path, function, own, said.id)
    return found


def handed_on(path: Path, function: ast.FunctionDef, own: list[str], name: str) -> set[str]:
    """What a name in `function` may stand for: what was assigned to it there, or what the file's calls give."""
    assigned = [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and name in map(ast.unparse, node.targets)
    ]
    found = set().union(*map(strings, assigned)) if assigned else set()
    if name in own:
        for call in calls(TREES[path], function.name):
            given = [keyword.value for keyword in call.keywords if keyword.arg == name] or call.args[
                own.index(name) : own.index(name) + 1
            ]
            found |= set().union(*map(strings, given))
    return found


def subjects() -> set[str]:
    given = [call.args[PLACES["subject"]] for path in TREES for call in records(TREES[path])]
    kinds = [tuple_.elts[0] for tuple_ in given if isinstance(tuple_, ast.Tuple)]
    return set().union(*map(strings, kinds))


def test_every_deed_in_the_audit_trail_has_words() -> None:
    found = {deed for deed in deeds() if "." in deed[:-1]}
    assert len(found) > 90, "the search finds what is written"
    assert sorted(found - set(ACTIONS)) == []


def test_every_kind_of_record_in_the_audit_trail_has_words() -> None:
    assert sorted(subjects() - set(SUBJECTS)) == []
