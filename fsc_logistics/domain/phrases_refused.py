"""What stations say of what cannot be, in each language; as `domain.phrases`."""

from collections.abc import Mapping
from types import MappingProxyType


def _both(en: str, da: str) -> Mapping[str, str]:
    return MappingProxyType({"da": da, "en": en})


REFUSALS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        # Why a scan cannot be recorded so.
        "stays_scrapped": _both(
            "{device} is scrapped; put it aside. If it is fit after all: fsc condition"
            " set ready {device} --why TEXT",
            "{device} er kasseret; læg det til side. Duer det alligevel: fsc condition"
            " set ready {device} --why TEKST",
        ),
        "case_nowhere": _both(
            "Nobody had {kit} yet, so nothing can go where it is. See: fsc history"
            " {kit}",
            "Ingen har haft {kit} endnu, så intet kan komme hen til det. Se: fsc"
            " history {kit}",
        ),
        "on_no_run": _both(
            "{order} is on no run: scan the vehicle's place card instead.",
            "{order} er ikke på nogen rute: scan bilens stedkort i stedet.",
        ),
        "lives_nowhere": _both(
            "{party} has no place: scan the place card instead.",
            "{party} har intet sted: scan stedets kort i stedet.",
        ),
        "lives_anywhere": _both(
            "{party} has more than one place: scan the place card instead.",
            "{party} har mere end ét sted: scan stedets kort i stedet.",
        ),
        "order_cancelled": _both(
            "{order} was cancelled. Nothing goes out or back on it.",
            "{order} er annulleret. Intet går ud eller tilbage på den.",
        ),
        "nothing_to_undo": _both(
            "Nothing was recorded here in the last two minutes.",
            "Intet er registreret her i de sidste to minutter.",
        ),
        "nothing_recorded": _both(
            "The last scan recorded nothing, so there is nothing to undo.",
            "Den sidste scanning registrerede intet, så der er intet at fortryde.",
        ),
        "count_ended": _both(
            "The count has ended. Count the place again.",
            "Optællingen er slut. Tæl stedet igen.",
        ),
        "no_room": _both(
            "{case} would hold {count} of {model}, and template {template} has room for"
            " {room}. See: fsc kit template show {template}",
            "{case} ville rumme {count} {model}, og skabelonen {template} har plads til"
            " {room}. Se: fsc kit template show {template}",
        ),
        "no_part": _both(
            "{model} has no place in a kit of template {template}. See: fsc kit"
            " template show {template}",
            "{model} hører ikke til i et sæt efter skabelonen {template}. Se: fsc kit"
            " template show {template}",
        ),
        "of_another_kit": _both(
            "{device} is a part of {kit}. Take it out first: fsc kit take-apart {kit}"
            " {device}",
            "{device} er en del af {kit}. Tag det ud først: fsc kit take-apart {kit}"
            " {device}",
        ),
        "a_kit_itself": _both(
            "{device} is a kit itself. Take it apart first: fsc kit take-apart"
            " {device}",
            "{device} er selv et sæt. Skil det ad først: fsc kit take-apart {device}",
        ),
        "part_of_itself": _both(
            "{device} cannot be a part of itself.",
            "{device} kan ikke være en del af sig selv.",
        ),
        "a_part_itself": _both(
            "{kit} is a part of another kit and cannot be one itself.",
            "{kit} er en del af et andet sæt og kan ikke selv være et.",
        ),
        "both_at_once": _both(
            "{device} would be a kit and a part of another one at once.",
            "{device} ville være et sæt og en del af et andet på samme tid.",
        ),
        "nobody_before": _both(
            "Nobody had {device} yet at {at} UTC. See: fsc history {device}",
            "Ingen havde {device} endnu {at} UTC. Se: fsc history {device}",
        ),
        "several": _both(
            "That is the serial of several devices: scan our own tag.",
            "Det er serienummeret på flere stykker udstyr: scan vores eget mærke.",
        ),
        # What keeps a kit from being whole.
        "part_away": _both(
            "{device} is not with it: {where}", "{device} er der ikke: {where}"
        ),
        "part_missing": _both(
            "{device} is missing, last known: {where}",
            "{device} mangler, sidst kendt: {where}",
        ),
        "nobody_yet": _both("nobody had it yet", "ingen har haft det endnu"),
        "parts_more": _both("{count} more are missing", "{count} mere mangler"),
        "kit_lacks": _both("it lacks {models}", "der mangler {models}"),
        "kit_surplus": _both("it holds {models} too many", "der er {models} for meget"),
        "so_many": _both("{count} of {model}", "{count} {model}"),
    }
)
"""What is said, by the key of the saying."""
