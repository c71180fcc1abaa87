"""Re-read a plan from anyone against its problem."""

import json
from typing import BinaryIO

import click

from fsc_logistics.cli.route.files import read_document, read_plan_of
from fsc_logistics.cli.travel import Travel, travel_options
from fsc_logistics.domain.errors import VerificationFailed


@click.command()
@click.argument("problem", type=click.File("rb"))
@click.argument("plan", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@travel_options
def check(problem: BinaryIO, plan: BinaryIO, as_json: bool, travel: Travel) -> None:
    """Check PLAN, from anyone, against PROBLEM, both VROOM JSON.

    Ends with exit code 6 where the plan breaks a rule or adds up wrongly.
    """
    from routes.check import cost_of, violations

    document = read_document(problem, travel)
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
        text = json.dumps({"violations": rows, "cost": cost}, ensure_ascii=False)
        click.echo(text)
    else:
        for one in found:
            click.echo(f"{one.kind}: {one.text}")
        click.echo(f"Cost: {cost}")
    if found:
        times = "once" if len(found) == 1 else f"{len(found)} times"
        raise VerificationFailed(f"{plan.name} breaks the rules {times}.")
