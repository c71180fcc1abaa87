import json

import pytest
from click.testing import CliRunner

from fsc_logistics.cli.route.group import route
from fsc_logistics.domain.errors import BadInput, VerificationFailed

PROBLEM = {
    "vehicles": [{"id": 1, "start_index": 0, "end_index": 0}],
    "jobs": [
        {"id": 1, "location_index": 1, "service": 60},
        {"id": 2, "location_index": 2, "description": "Ærø"},
        {"id": 3, "location_index": 2, "skills": [9]},
    ],
    "matrices": {"car": {"durations": [[0, 10, 20], [10, 0, 10], [20, 10, 0]]}},
}


def fsc_route(*arguments, stdin=None):
    """Run a command; what it raises is raised here."""
    runner = CliRunner()
    return runner.invoke(
        route, [str(one) for one in arguments], input=stdin, catch_exceptions=False
    )


@pytest.fixture
def problem(tmp_path):
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(PROBLEM), encoding="utf-8")
    return path


def test_solve_prints_the_plan_and_nothing_else_on_stdout(problem):
    done = fsc_route("solve", problem, "--time-limit", "1")

    plan = json.loads(done.stdout)
    assert plan["summary"]["cost"] == 40
    assert [one["id"] for one in plan["unassigned"]] == [3]
    assert "Ærø" in done.stdout
    assert done.stderr == ""


def test_solve_reads_standard_input_and_writes_a_whole_file(problem, tmp_path):
    output = tmp_path / "plan.json"

    done = fsc_route("solve", "-", "-o", output, stdin=problem.read_text())

    assert done.stdout == ""
    assert json.loads(output.read_text(encoding="utf-8"))["code"] == 0
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "plan.json",
        "problem.json",
    ]


def test_solve_looks_for_no_bound_where_nobody_watches(problem, monkeypatch):
    asked = []
    monkeypatch.setattr("routes.search.orders.least_cost", asked.append)

    fsc_route("solve", problem, "--time-limit", "1")

    assert asked == []


def test_solve_with_threads_keeps_the_best_plan(problem):
    done = fsc_route("solve", problem, "--threads", "2", "--time-limit", "1")

    assert json.loads(done.stdout)["summary"]["cost"] == 40


def test_solve_refuses_a_file_that_holds_no_problem(tmp_path):
    path = tmp_path / "bad.json"
    path.write_text('{"vehicles": [{"id": 1.5}]}')

    with pytest.raises(BadInput) as refused:
        fsc_route("solve", path)

    assert str(refused.value) == (
        f"{path}: vehicles[0].id: should be a whole number or text."
    )


def test_solve_says_where_it_cannot_write(problem, tmp_path):
    output = tmp_path / "missing" / "plan.json"

    with pytest.raises(BadInput) as refused:
        fsc_route("solve", problem, "-o", output)

    assert str(refused.value) == (
        f"{output} cannot be written: No such file or directory."
    )


@pytest.mark.parametrize(
    ("time_limit", "told"),
    [
        ("nan", "'nan' is no number of seconds."),
        ("inf", "inf is not in the range 0<x<=86400."),
        ("1e300", "1e+300 is not in the range 0<x<=86400."),
    ],
)
def test_a_search_takes_a_day_at_most(problem, time_limit, told):
    done = fsc_route("solve", problem, "--time-limit", time_limit)

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.endswith(f"Error: Invalid value for '--time-limit': {told}\n")


def test_wrong_usage_ends_with_2(problem):
    assert fsc_route("solve", problem, "--time-limit", "0").exit_code == 2
    assert fsc_route("solve", problem, "--threads", "0").exit_code == 2
    assert fsc_route("solve", "no such file").exit_code == 2


@pytest.fixture
def plan(problem, tmp_path):
    path = tmp_path / "plan.json"
    fsc_route("solve", problem, "-o", path, "--time-limit", "1")
    return path


def test_check_has_nothing_to_say_of_a_right_plan_but_its_cost(problem, plan):
    done = fsc_route("check", problem, plan)

    assert (done.stdout, done.exit_code) == ("Cost: 40\n", 0)


def test_check_prints_json(problem, plan):
    done = fsc_route("check", problem, "-", "--json", stdin=plan.read_text())

    assert json.loads(done.stdout) == {"violations": [], "cost": 40}


def spoil(plan):
    content = json.loads(plan.read_text(encoding="utf-8"))
    content["unassigned"] = []
    plan.write_text(json.dumps(content), encoding="utf-8")


def test_check_fails_where_a_rule_is_broken(problem, plan):
    spoil(plan)

    with pytest.raises(VerificationFailed) as failed:
        fsc_route("check", problem, plan)

    assert str(failed.value) == f"{plan} breaks the rules once."
    assert failed.value.exit_code == 6


def test_check_prints_each_broken_rule_before_it_fails(problem, plan):
    spoil(plan)

    lines = CliRunner().invoke(route, ["check", str(problem), str(plan)])
    as_json = CliRunner().invoke(route, ["check", str(problem), str(plan), "--json"])

    assert lines.stdout.splitlines() == [
        "forgotten: Visit 3 is neither done nor left out.",
        "Cost: 40",
    ]
    assert json.loads(as_json.stdout)["violations"] == [
        {
            "kind": "forgotten",
            "technician": None,
            "stop": "3",
            "text": "Visit 3 is neither done nor left out.",
        }
    ]


def test_check_refuses_a_file_that_holds_no_plan(problem):
    with pytest.raises(BadInput) as refused:
        fsc_route("check", problem, problem)

    assert str(refused.value) == f"{problem}: the document: routes is missing."
