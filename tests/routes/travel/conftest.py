import pytest
from answering import answering

from routes.travel import Point


@pytest.fixture
def service():
    with answering() as server:
        yield server


@pytest.fixture
def some():
    """Points around Horsens, each at another place."""
    return lambda count: [
        Point(55.8 + n % 17 / 100, 9.7 + n / 1000) for n in range(count)
    ]
