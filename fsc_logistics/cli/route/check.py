"""Re-read a plan from anyone against its problem."""

import json
from typing import BinaryIO

import click

from fsc_logistics.cli.route.files import read_document, read_plan_of
from fsc_logistics.cli.route.objective import objective_option
from fsc_logistics.cli.travel import Travel, travel_options
from fsc_logistics.domain.errors import VerificationFailed


@click.command()
@click.argument("problem", type=click.File("rb"))
@click.argument("plan", type=click.File("rb"))
@objective_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@travel_options
def check(
    problem: BinaryIO,
    plan: BinaryIO,
    objective: str | None,
    as_json: bool,
    travel: Travel,
) -> None:
    """Check PLAN, from anyone, against PROBLEM.

    PROBLEM is what `fsc route solve` reads; PLAN is VROOM JSON or, for a benchmark
    file, a solution in VRPLIB's form, counted by the same --objective.

    Ends with exit code 6 where the plan breaks a rule or adds up wrongly.
    """
    from routes.check import cost_of, violations
    from routes.formats.solution import distance_of

    document = read_document(problem, travel, objective=objective)
    found_plan = read_plan_of(document, plan)
    found = violations(document.problem, found_plan)
    cost = cost_of(document.problem, found_plan)
    if as_json:
        rows = [
            {
                "kind": str(one.kind),
                "technician": one.technician,
                "stop": one.stop,
                "text": one.text,
            }
            for one in found
        ]
        answer: dict[str, object] = {"violations": rows, "cost": cost}
        if document.stops:
            distance = distance_of(document, found_plan)
            answer |= {"distance": float(distance), "routes": len(found_plan.routes)}
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        for one in found:
            click.echo(f"{one.kind}: {one.text}")
        click.echo(f"Cost: {cost}")
        if document.stops:
            distance = distance_of(document, found_plan)
            count = len(found_plan.routes)
            routes = "1 route" if count == 1 else f"{count} routes"
            click.echo(f"Distance: {distance}, in {routes}")
    if found:
        times = "once" if len(found) == 1 else f"{len(found)} times"
        raise VerificationFailed(f"{plan.name} breaks the rules {times}.")
