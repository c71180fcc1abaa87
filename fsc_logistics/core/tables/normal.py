"""The normal form of codes as SQL, for the indexes that codes are searched by.

It must give what `domain.searching.normal_form` gives, or what is there is not found.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from fsc_logistics.domain.searching import SEPARATORS


class normal_form(FunctionElement[str]):  # noqa: N801 - it is a function of SQL
    """A column's text in capitals, without what stands between groups of signs.

    An engine uses an index of an expression only where the query has the very same
    one, so nothing in it is bound.
    """

    type = sa.Text()
    name = "normal_form"
    inherit_cache = True


@compiles(normal_form)
def _on_sqlite(element: normal_form, compiler: Any, **options: Any) -> str:
    text = str(compiler.process(element.clauses, **options))
    for sign in SEPARATORS:
        text = f"replace({text}, '{sign}', '')"
    return f"upper({text})"


@compiles(normal_form, "postgresql")
def _on_postgresql(element: normal_form, compiler: Any, **options: Any) -> str:
    # "C": capitals of A to Z alone, as on SQLite, and an order that prefixes follow.
    text = compiler.process(element.clauses, **options)
    return f"translate(upper({text} COLLATE \"C\"), '{SEPARATORS}', '')"
