"""`fsc route` with the files that route planners are measured by."""

import json

import pytest
from click.testing import CliRunner

from fsc_logistics.cli.route.group import route
from fsc_logistics.domain.errors import BadInput, VerificationFailed

SOLOMON = """TINY
VEHICLE
NUMBER CAPACITY
3 10
CUSTOMER
CUST NO. XCOORD. YCOORD. DEMAND READY DUE SERVICE
0 0 0 0 0 100 0
1 1 1 4 5 20 10
2 3 4 6 0 90 10
3 0 4 {demand} 0 90 10
"""


def fsc_route(*arguments):
    """Run a command; what it raises is raised here."""
    words = [str(one) for one in arguments]
    return CliRunner().invoke(route, words, catch_exceptions=False)


@pytest.fixture
def problem(tmp_path):
    path = tmp_path / "no name tells the form.json"
    path.write_text(SOLOMON.format(demand=5))
    return path


def test_a_benchmark_file_is_solved_and_its_plan_written_in_both_forms(
    problem, tmp_path
):
    plan, solution = tmp_path / "plan.json", tmp_path / "plan.sol"

    fsc_route("solve", problem, "-o", plan, "--solution", solution,
              "--objective", "distance", "--time-limit", "1")  # fmt: skip

    answer = json.loads(plan.read_text())
    assert answer["fsc_scale"] == 10
    cost = answer["summary"]["cost"] / 10
    lines = solution.read_text().splitlines()
    assert lines[-1] == f"Cost {cost:.1f}"
    assert sorted(" ".join(line.split(": ")[1] for line in lines[:-1]).split()) == [
        "1",
        "2",
        "3",
    ]
    for path in (plan, solution):
        done = fsc_route("check", problem, path, "--objective", "distance")
        assert done.stdout == (
            f"Cost: {answer['summary']['cost']}\n"
            f"Distance: {cost:.1f}, in {len(lines) - 1} routes\n"
        )


def test_routes_count_first_unless_told_otherwise(problem, tmp_path):
    solution = tmp_path / "plan.sol"

    fsc_route("solve", problem, "--solution", solution, "--time-limit", "1")

    assert len(solution.read_text().splitlines()) == 2 + 1
    done = fsc_route("check", problem, solution, "--json")
    answer = json.loads(done.stdout)
    assert (answer["violations"], answer["routes"]) == ([], 2)
    assert f"Cost {answer['distance']:.2f}" in solution.read_text()


def test_a_solution_that_breaks_a_rule_is_told(problem, tmp_path):
    solution = tmp_path / "plan.sol"
    solution.write_text("Route #1: 1 2 3\n")

    with pytest.raises(VerificationFailed) as failed:
        fsc_route("check", problem, solution, "--objective", "distance")

    # Over by five at the start and still by one after the first.
    assert str(failed.value) == f"{solution} breaks the rules 2 times."


def test_a_plan_that_leaves_something_out_is_written_as_json_only(tmp_path):
    problem, solution = tmp_path / "problem.txt", tmp_path / "plan.sol"
    problem.write_text(SOLOMON.format(demand=11))

    with pytest.raises(BadInput) as refused:
        fsc_route("solve", problem, "--solution", solution, "--time-limit", "1")

    assert str(refused.value) == (
        f"{solution} was not written: "
        "a solution cannot say what is left out, here 1 tasks."
    )
    assert not solution.exists()


def test_json_is_measured_by_distance_too_but_has_no_such_solution(tmp_path):
    path = tmp_path / "problem.json"
    table = [[0, 7], [8, 0]]
    vehicle = {"id": 1, "start_index": 0, "end_index": 0, "costs": {"fixed": 99}}
    path.write_text(
        json.dumps(
            {
                "vehicles": [vehicle],
                "jobs": [{"id": 1, "location_index": 1}],
                "matrices": {"car": {"durations": table, "distances": table}},
            }
        )
    )

    done = fsc_route("solve", path, "--objective", "distance", "--time-limit", "1")

    assert json.loads(done.stdout)["summary"]["cost"] == 7 + 8
    with pytest.raises(BadInput) as refused:
        fsc_route("solve", path, "--solution", tmp_path / "plan.sol")
    assert str(refused.value) == (
        f"{path} is no benchmark file: leave --solution out, "
        "its plan cannot be said in that form."
    )


def test_distance_cannot_be_counted_where_it_is_not_known(tmp_path):
    path = tmp_path / "problem.json"
    path.write_text('{"vehicles": [], "matrices": {"car": {"durations": []}}}')

    with pytest.raises(BadInput) as refused:
        fsc_route("solve", path, "--objective", "distance")

    assert str(refused.value) == (f"{path}: car has no distances to measure plans by.")
