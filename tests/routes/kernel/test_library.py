"""The compiled search is the one this program calls."""

import ctypes

import pytest

from routes.kernel import library


def test_a_search_of_another_time_is_refused(monkeypatch):
    library.check_made_for(library.LIBRARY)

    for other in (ctypes.CDLL(None), library.LIBRARY):
        monkeypatch.setattr(library, "MADE_FOR", library.MADE_FOR + 1)
        with pytest.raises(ImportError, match="compiled for another fsc"):
            library.check_made_for(other)
