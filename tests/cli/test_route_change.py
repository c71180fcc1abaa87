import json

import pytest
from click.testing import CliRunner

from fsc_logistics.cli.route.group import route
from fsc_logistics.domain.errors import BadInput, NotFound, Refused

MINUTE_S = 60
DAY = [8 * 3600, 16 * 3600]


def road(count):
    legs = [[abs(a - b) * MINUTE_S for b in range(count)] for a in range(count)]
    return {"car": {"durations": legs}}


PROBLEM = {
    "vehicles": [
        {"id": 7, "start_index": 0, "end_index": 0, "time_window": DAY, "skills": [1]},
        {"id": 8, "start_index": 0, "end_index": 0, "time_window": DAY},
    ],
    "jobs": [
        {"id": 1, "location_index": 10, "service": 600},
        {"id": 2, "location_index": 20, "service": 600},
        {"id": 3, "location_index": 30, "service": 600, "skills": [1]},
        {
            "id": 4,
            "location_index": 15,
            "service": 300,
            "time_windows": [[9 * 3600, 10 * 3600], [13 * 3600, 14 * 3600]],
        },
    ],
    "matrices": road(31),
}


def fsc_route(*arguments):
    """Run a command; what it raises is raised here."""
    return CliRunner().invoke(
        route, [str(one) for one in arguments], catch_exceptions=False
    )


def write(path, content):
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def rows(path):
    return {
        one["vehicle"]: [step["id"] for step in one["steps"] if "id" in step]
        for one in read(path)["routes"]
    }


@pytest.fixture
def problem(tmp_path):
    return write(tmp_path / "problem.json", PROBLEM)


@pytest.fixture
def plan(tmp_path):
    """Jobs 1 to 3 are planned; 4 is not."""
    known = {**PROBLEM, "jobs": PROBLEM["jobs"][:3]}
    path = tmp_path / "plan.json"
    before = write(tmp_path / "before.json", known)
    fsc_route("solve", before, "-o", path, "--time-limit", "1")
    return path


def check(problem, plan):
    assert fsc_route("check", problem, plan).exit_code == 0


def test_a_visit_is_inserted_and_what_is_later_is_said(problem, plan, tmp_path):
    output = tmp_path / "new.json"

    done = fsc_route("insert", problem, plan, "--visit", "4", "-o", output)

    *_, cost = done.stdout.splitlines()
    assert cost == "Cost: 3600 (+0)"
    assert "job 4: 7 09:00" in done.stdout
    assert 4 in rows(output)[7]
    check(problem, output)


def test_without_an_output_a_change_is_only_told(problem, plan, tmp_path):
    before = sorted(tmp_path.iterdir())

    told = fsc_route("insert", problem, plan, "--visit", "4", "--json").stdout

    answer = json.loads(told)
    assert (answer["cost"], answer["extra"]) == (3600, 0)
    assert [one["vehicle"] for one in answer["changes"] if one["id"] == 4] == [7]
    assert sorted(tmp_path.iterdir()) == before


def test_slots_are_offered_cheapest_first(problem, plan):
    told = fsc_route("slots", problem, plan, "--visit", "4", "--json").stdout

    offers = json.loads(told)
    assert len(offers) == 2
    assert [one["extra"] for one in offers] == sorted(one["extra"] for one in offers)
    assert all(one["window"][0] <= one["begin"] <= one["window"][1] for one in offers)


def test_slots_may_be_cut_and_counted(problem, plan):
    done = fsc_route(
        "slots", problem, plan, "--visit", "4", "--minutes", "30", "--count", "3"
    )

    lines = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert len(lines) == 3
    assert lines[0].startswith("09:00-09:29  7 09:00  +0")


def test_a_visit_is_moved_and_moved_back(problem, plan, tmp_path):
    there, back = tmp_path / "there.json", tmp_path / "back.json"
    known = tmp_path / "before.json"

    done = fsc_route("move", known, plan, "--visit", "1", "--to", "8", "-o", there)
    fsc_route(
        "move", known, there, "--visit", "1", "--to", "7", "--place", "1", "-o", back
    )

    assert done.stdout.splitlines()[-1] == "Cost: 4800 (+1200)"
    assert rows(there)[8] == [1]
    assert rows(back)[7] == [1, *[one for one in rows(plan)[7] if one != 1]]
    check(known, there)


def test_a_move_against_a_rule_is_refused(plan, tmp_path):
    with pytest.raises(Refused) as refused:
        fsc_route("move", tmp_path / "before.json", plan, "--visit", "3", "--to", "8")

    assert str(refused.value) == (
        "That is not possible: 8, who would do 3, has not the skill 1."
    )


def test_two_visits_are_swapped(plan, tmp_path):
    output, known = tmp_path / "new.json", tmp_path / "before.json"

    fsc_route("swap", known, plan, "--visit", "1", "--with", "3", "-o", output)

    places = {1: 3, 3: 1}
    assert rows(output)[7] == [places.get(one, one) for one in rows(plan)[7]]
    check(known, output)


def test_what_is_locked_stays_where_it_is(plan, tmp_path):
    known, locked = tmp_path / "before.json", tmp_path / "locked.json"

    fsc_route("lock", known, plan, "--visit", "1", "--moment", "-o", locked)

    job = next(one for one in read(locked)["jobs"] if one["id"] == 1)
    assert job["fsc_allowed"] == [7]
    check(locked, plan)
    with pytest.raises(Refused, match="8, who would do 1, is not among those allowed"):
        fsc_route("move", locked, plan, "--visit", "1", "--to", "8")


def test_the_rest_of_a_day_is_planned_again(problem, plan, tmp_path):
    output, rest = tmp_path / "new.json", tmp_path / "rest.json"
    first = read(plan)["routes"][0]["steps"][1]
    at = first["arrival"] + first["service"]

    done = fsc_route("replan", problem, plan, "--at", at, "-o", output, "--rest", rest)

    assert done.exit_code == 0
    assert first["id"] not in [one["id"] for one in read(rest)["jobs"]]
    left = [id_ for row in rows(output).values() for id_ in row]
    assert sorted(left) == sorted({1, 2, 3, 4} - {first["id"]})
    check(rest, output)


def test_what_only_somebody_gone_could_do_is_told(problem, plan, tmp_path):
    done = fsc_route("replan", problem, plan, "--at", "07:00", "--without", "7")

    assert "job 3 is left out. Nobody has the skill 1." in done.stdout.splitlines()


def test_why_a_visit_is_left_out_is_told_with_what_would_help(problem, plan, tmp_path):
    content = {**PROBLEM, "jobs": [*PROBLEM["jobs"][:3]]}
    content["jobs"].append({"id": 5, "location_index": 1, "skills": [2]})
    asked = write(tmp_path / "asked.json", content)

    done = fsc_route("explain", asked, plan)
    (row,) = json.loads(fsc_route("explain", asked, plan, "--json").stdout)

    assert done.stdout.splitlines() == [
        "job 5: Nobody has the skill 2.",
        "    7 has not the skill 2.",
        "    8 has not the skill 2.",
        "    It fits 7 with the skill 2.",
    ]
    assert (row["id"], row["kind"]) == (5, "skills")
    assert row["ways_out"] == [
        {"rule": "skills", "text": "It fits 7 with the skill 2."}
    ]


def test_a_visit_in_the_plan_needs_no_reason(problem, plan, tmp_path):
    with pytest.raises(BadInput, match=r"Visit 1 is in the plan\."):
        fsc_route("explain", problem, plan, "--visit", "1")

    known = fsc_route("explain", tmp_path / "before.json", plan)
    assert known.stdout == "Nothing is left out.\n"


def test_what_is_not_in_the_problem_is_said(problem, plan):
    with pytest.raises(NotFound) as refused:
        fsc_route("insert", problem, plan, "--visit", "99")

    assert str(refused.value) == "There is no job 99 in the problem."


def test_a_moment_is_hours_and_minutes_or_seconds(problem, plan):
    wrong = fsc_route("replan", problem, plan, "--at", "noon")

    assert wrong.exit_code == 2
    assert wrong.stderr.endswith(
        "'noon' is not a moment. Try 14:30, or seconds as in the file.\n"
    )


def test_what_cannot_hold_together_is_told_in_a_sentence(tmp_path):
    jobs = [
        {
            "id": n,
            "location_index": n,
            "service": 3600,
            "skills": [1],
            "time_windows": [[9 * 3600, 9 * 3600 + 60]],
        }
        for n in (1, 2)
    ]
    asked = write(tmp_path / "asked.json", {**PROBLEM, "jobs": jobs})

    told = fsc_route("conflict", asked).stdout
    answer = json.loads(fsc_route("conflict", asked, "--json").stdout)

    assert told.startswith("Visits 1 and 2 cannot all be done with ")
    assert (answer["jobs"], answer["text"]) == ([1, 2], told.strip())
    assert fsc_route("conflict", asked, "--must", "1").stdout == (
        "All of it can be done.\n"
    )


def test_what_a_visit_leaves_open_is_told(plan, tmp_path):
    known = tmp_path / "before.json"

    (row,) = json.loads(
        fsc_route("slack", known, plan, "--visit", "3", "--json").stdout
    )

    assert row["elsewhere"] == [{"vehicle": 8, "extra": None}]
    assert (row["id"], row["saved"]) == (3, 1200)
    assert row["later"] > 0
    assert len(fsc_route("slack", known, plan).stdout.splitlines()) == 3
