"""The shape of the code: data flows one way, each outside package has its place, files and functions stay short."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "model"
FILES = sorted(MODEL.rglob("*.py"))

# A module imports only what stands in an earlier group, or in its own; the longest name that fits decides.
FLOW: tuple[tuple[str, ...], ...] = (
    ("model.version", "model.errors", "model.conflict", "model.units", "model"),
    ("model.case", "model.selector"),
    ("model.workbook",),
    ("model.own_unit", "model.describe", "model.address"),
    ("model.scenario", "model.horizon", "model.selection"),
    ("model.network", "model.graph", "model.offers", "model.vintages"),
    ("model.parameters",),
    ("model.formulation",),
    ("model.registry",),
    ("model.solver",),
    ("model.solution",),
    (
        "model.engine",
        "model.magnitude",
        "model.precheck",
        "model.suspicion",
        "model.odd_changes",
        "model.odd_numbers",
        "model.odd_pay",
        "model.odd_peers",
        "model.odd_reach",
        "model.odd_tariffs",
        "model.odd_units",
        "model.odd_uses",
        "model.possible",
    ),
    ("model.solver.diagnosis", "model.giving_way", "model.repairs", "model.conflicts"),
    ("model.audit",),
    ("model.results",),
    ("model.analysis",),
    ("model.report",),
    ("model.api",),
    ("model.cli", "model.commands"),
    ("model.__main__",),
)
PLACES = {
    "openpyxl": ("workbook", "report"),
    "xlsxwriter": ("workbook", "report"),
    "highspy": ("solver",),
    "pyomo": ("formulation",),
    "rich": ("report",),
    "plotly": ("report",),
    "matplotlib": ("report",),
    "pytest": ("commands",),
    "distributed": ("analysis",),
}
SLOW = frozenset({"matplotlib", "pandas", "plotly", "pytest", "rich"})
LONGEST_FILE, LONGEST_BODY = 400, 40
# one declaration a line, no code
DECLARATIONS = frozenset({"workbook/sheets.py"})


def name_of(path: Path) -> str:
    """The module's name: ``model.report.excel``."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def rank(module: str) -> int:
    """Position of a module in the flow of data."""
    fits = [(len(p), i) for i, group in enumerate(FLOW) for p in group if module == p or module.startswith(f"{p}.")]
    return max(fits)[1]


def is_typing_only(node: ast.AST) -> bool:
    """Whether a statement is ``if TYPE_CHECKING``."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imports(tree: ast.AST, *, top_only: bool = False) -> Iterator[str]:
    """Every module that is imported when the code runs; ``top_only`` leaves out what functions import."""
    for node in ast.iter_child_nodes(tree):
        if is_typing_only(node) or (top_only and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            # `from model.commands import solve` names a module, `from model import __version__` does not
            own = node.module or ""
            submodules = [f"{own}.{alias.name}" for alias in node.names]
            files = {name_of(path) for path in FILES}
            yield from [name if name in files else own for name in submodules]
        yield from imports(node, top_only=top_only)


def test_every_module_has_its_place_in_the_flow() -> None:
    modules = {name_of(path) for path in FILES}
    names = modules | {name.rsplit(".", 1)[0] for name in modules}
    stray = [name for name in names if name.count(".") and rank(name) == rank("model") and name not in FLOW[0]]
    assert not stray, f"name these modules in FLOW: {stray}"
    gone = [place for group in FLOW for place in group if place not in names]
    assert not gone, f"these are in FLOW but nowhere else: {gone}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_follow_the_flow_of_data(path: Path) -> None:
    module = name_of(path)
    for other in imports(ast.parse(path.read_text(encoding="utf-8"))):
        # the package itself hands out its public names on demand
        if other.split(".")[0] == "model" and module != "model":
            assert rank(other) <= rank(module), f"{module} imports {other}, which comes after it"


def circles(needs: dict[str, set[str]]) -> set[str]:
    """The modules that need each other in a circle: those that no order of loading frees."""
    left = {name: set(others) for name, others in needs.items()}
    while free := {name for name, others in left.items() if not others & left.keys()}:
        left = {name: others for name, others in left.items() if name not in free}
    while unused := left.keys() - {other for others in left.values() for other in others}:
        left = {name: others for name, others in left.items() if name not in unused}
    return set(left)


def test_no_modules_need_each_other() -> None:
    """Imports for types and those inside functions count: a circle that they hide is a circle."""
    files = {name_of(path) for path in FILES}
    needs: dict[str, set[str]] = {}
    for path in FILES:
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        parts = [(node.module or "", a.name) for node in nodes if isinstance(node, ast.ImportFrom) for a in node.names]
        found = plain | {f"{own}.{name}" if f"{own}.{name}" in files else own for own, name in parts}
        needs[name_of(path)] = found & files - {name_of(path)}
    assert circles(needs) == set()
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}) == {"b", "c"}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_each_outside_package_is_used_in_its_place_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    part = path.relative_to(MODEL).parts[0]
    for other in {one.split(".")[0] for one in imports(tree)} & PLACES.keys():
        assert part in PLACES[other], f"{name_of(path)} imports {other}; its place is {' and '.join(PLACES[other])}"
    slow = {one.split(".")[0] for one in imports(tree, top_only=True)} & SLOW
    assert not slow, f"{name_of(path)} imports {slow} for everyone; import it in the function that needs it"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_and_functions_are_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = len(text.splitlines())
    assert lines <= LONGEST_FILE or path.relative_to(MODEL).as_posix() in DECLARATIONS, f"{lines} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = node.end_lineno - body[0].lineno + 1 if body and node.end_lineno else 0
            assert length <= LONGEST_BODY, f"{node.name} has a body of {length} lines"


def test_a_backward_import_would_be_found() -> None:
    """The rules above must be able to fail."""
    assert rank("model.results.flows") > rank("model.solution")
    assert rank("model.solver.diagnosis") > rank("model.engine") > rank("model.solver.highs")
    found = list(imports(ast.parse("def f():\n    import pandas\nimport highspy"), top_only=True))
    assert found == ["highspy"]
    assert list(imports(ast.parse("if TYPE_CHECKING:\n    import pandas"))) == []


def test_help_needs_no_solver() -> None:
    """`--help` is quick because nothing heavy is imported before a command is chosen."""
    import subprocess

    code = (
        "import sys, model.cli; model.cli.parser(); "
        "print([name for name in ('pandas', 'pyomo', 'highspy', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
