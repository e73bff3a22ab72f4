"""What the fields of cells.yaml are, as the docstrings below them say.

pydantic can take these itself (`use_attribute_docstrings`), but reads the source once a class whenever the model is
imported: a twelfth of the time that a run takes which finds nothing wrong, and so has nothing to describe.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from inspect import cleandoc, getsource
from itertools import pairwise

from cellfleet.inventory import model
from cellfleet.inventory.model import Declared


def description(declared: type[Declared], field: str) -> str:
    """What a field is; empty where nothing says it, as for one whose name does."""
    said = declared.model_fields[field].description
    texts = _docstrings()
    return said or next(
        (texts[each.__name__, field] for each in declared.__mro__ if (each.__name__, field) in texts), ""
    )


@cache
def _docstrings() -> Mapping[tuple[str, str], str]:
    """By class and field."""
    return dict(_read(ast.parse(getsource(model))))


def _read(module: ast.Module) -> Iterator[tuple[tuple[str, str], str]]:
    for declared in module.body:
        if not isinstance(declared, ast.ClassDef):
            continue
        for field, below in pairwise(declared.body):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    yield (declared.name, name), cleandoc(text)
