"""Which kind of file this is, told by what is in it and never by its name."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from routes.formats import vroom_plan_reader, vroom_reader
from routes.formats.document import Document
from routes.formats.li_lim import is_li_lim, read_li_lim
from routes.formats.lines import Line, lines_of
from routes.formats.objective import Objective, measured_by
from routes.formats.solomon import is_solomon, read_solomon
from routes.formats.solution import is_solution, read_solution
from routes.formats.vroom_matrices import Travel
from routes.formats.vrplib import read_vrplib
from routes.formats.vrplib_text import is_vrplib
from routes.plan import Plan
from routes.problem import BadProblem

_Reader: TypeAlias = Callable[[str, Objective | None], Document]
HEAD = 20_000
"""So many signs tell the form: megabytes of nothing are not read to be refused."""
FORMS: tuple[tuple[Callable[[Sequence[Line]], bool], _Reader], ...] = (
    (is_solomon, read_solomon),
    (is_vrplib, read_vrplib),
    (is_li_lim, read_li_lim),
)


def read_problem(
    content: str | bytes,
    *,
    objective: Objective | None = None,
    travel: Travel | None = None,
) -> Document:
    """Return the problem in a file: VROOM JSON, Solomon's or Li and Lim's, or VRPLIB.

    `objective` is what plans are measured by; if None, what the file says: costs in
    VROOM JSON, total distance in VRPLIB, fewest routes first in the other two.  VROOM
    JSON without `matrices` is driven by `travel`, the built-in estimate if None.

    Raises:
        BadProblem: it holds none; the text says where and why.
    """
    text = _text(content)
    if _is_json(text):
        document = vroom_reader.read_problem(text, travel=travel)
        try:
            problem = measured_by(objective, document.problem)
        except ValueError as error:
            raise BadProblem(f"{error}.") from error
        return replace(document, problem=problem)
    head = lines_of(text[:HEAD])
    for is_form, read in FORMS:
        if is_form(head):
            return read(text, objective)
    known = "VROOM JSON, Solomon's or Li and Lim's text, or VRPLIB"
    raise BadProblem(f"this is no problem in a form known here: {known}.")


def read_plan(content: str | bytes, document: Document) -> Plan:
    """Return the plan for `document` in a file: VROOM JSON, or VRPLIB's solution form.

    Raises:
        BadProblem: it holds none; the text says where and why.
    """
    text = _text(content)
    if _is_json(text):
        return vroom_plan_reader.read_plan(text, document)
    if is_solution(lines_of(text[:HEAD])):
        return read_solution(text, document)
    known = "VROOM JSON, or VRPLIB's solution form"
    raise BadProblem(f"this is no plan in a form known here: {known}.")


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def _text(content: str | bytes) -> str:
    """Return `content` as text.

    Raises:
        BadProblem: it is empty, or none.
    """
    text = content if isinstance(content, str) else _decoded(content)
    if not text.strip():
        raise BadProblem("the file is empty.")
    if "\0" in text:
        raise BadProblem("the file holds no text.")
    return text


def _decoded(content: bytes) -> str:
    utf_16 = content.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        # The comments of old benchmark files are in the letters of their time.
        text = content.decode("latin-1")
        if utf_16 or _is_json(text):
            sentence = f"byte {error.start + 1} is no {error.encoding.upper()}"
            raise BadProblem(f"the file holds no text: {sentence}.") from error
        return text
