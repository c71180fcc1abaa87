"""`fsc scanner sounds`: what each sound means, to be read and heard."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import Form, echo, output_option
from fsc_logistics.core.config import LANGUAGES
from fsc_logistics.domain.errors import BadInput, FscError
from scanner.scan import Outcome

ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What an outcome means, and how it is told."""

    feedback: str
    """The profile of the scanner."""
    outcome: str
    meaning: str
    scanner: str
    """Its sound and light."""
    loudspeaker: str
    screen: str


@click.command()
@click.option(
    "--feedback",
    metavar="NAME",
    help="Of this profile.  [default: those of fsc.toml, else every one]",
)
@click.option(
    "--play",
    multiple=True,
    type=click.Choice([*(outcome.value for outcome in Outcome), ALL]),
    help="Play it through the loudspeaker; may be given again.",
)
@click.option(
    "--language", type=click.Choice(LANGUAGES), help="[default: the settings']"
)
@output_option
@pass_desk
def sounds(
    desk: Desk,
    feedback: str | None,
    play: tuple[str, ...],
    language: str | None,
    form: Form,
) -> None:
    """Show what each sound means: at a scanner, the loudspeaker and the screen."""
    from scanner.protocols.feedback import PROFILES

    if feedback is not None and feedback not in PROFILES:
        raise BadInput(
            f"'{feedback}' is not a feedback. Choose from: {', '.join(PROFILES)}."
        )
    profiles = [feedback] if feedback else _set_profiles(desk) or list(PROFILES)
    echo(_sounds(profiles, language or desk.settings.language), form)
    chosen = [it for it in Outcome if it.value in play or ALL in play]
    if chosen:
        _play(chosen)


def _set_profiles(desk: Desk) -> list[str]:
    """Return the profiles of the ports in the settings, each once."""
    from fsc_logistics.cli.scanner.live import port_settings

    if not desk.settings.ports:
        return []
    chosen = [
        port.feedback or port.family.feedback for port in port_settings(desk.settings)
    ]
    return list(dict.fromkeys(chosen))


def _sounds(profiles: Sequence[str], language: str) -> list[Sound]:
    from scanner.protocols.feedback import describe

    return [
        Sound(
            feedback=profile,
            outcome=outcome.value,
            meaning=MEANINGS[language][outcome],
            scanner=describe(profile, outcome, language),
            loudspeaker=TONES[language][outcome],
            screen=SCREENS[language][outcome],
        )
        for profile in profiles
        for outcome in Outcome
    ]


def _play(outcomes: Sequence[Outcome]) -> None:
    from scanner.sound.speaker import NoSound, open_loudspeaker, play_whole

    try:
        with closing(open_loudspeaker()) as device:
            for outcome in outcomes:
                click.echo(outcome.value, err=True)
                play_whole(device, outcome)
    except NoSound as error:
        raise FscError(f"Nothing can be played. {error}") from error


MEANINGS: Mapping[str, Mapping[Outcome, str]] = {
    "da": {
        Outcome.OK: "registreret",
        Outcome.ALREADY: "det var allerede sådan",
        Outcome.SET: "valgt for det, der nu scannes",
        Outcome.LOOKED: "slået op, intet er ændret",
        Outcome.UNKNOWN: "koden er ikke kendt",
        Outcome.REFUSED: "stop, og se på skærmen",
        Outcome.STORED: "gemt her, ikke kontrolleret endnu",
        Outcome.NOT_SAVED: "IKKE GEMT, scan igen",
    },
    "en": {
        Outcome.OK: "recorded",
        Outcome.ALREADY: "it was so already",
        Outcome.SET: "set for what is scanned now",
        Outcome.LOOKED: "looked up, nothing is changed",
        Outcome.UNKNOWN: "the code is not known",
        Outcome.REFUSED: "stop, and look at the screen",
        Outcome.STORED: "saved here, not checked yet",
        Outcome.NOT_SAVED: "NOT SAVED, scan again",
    },
}
TONES: Mapping[str, Mapping[Outcome, str]] = {
    "da": {
        Outcome.OK: "en høj tone",
        Outcome.ALREADY: "to mellemtoner",
        Outcome.SET: "lavt, så højere",
        Outcome.LOOKED: "en blød mellemtone",
        Outcome.UNKNOWN: "brummer to gange",
        Outcome.REFUSED: "brummer, så langt og lavt",
        Outcome.STORED: "en lang, lav tone",
        Outcome.NOT_SAVED: "brummer fire gange",
    },
    "en": {
        Outcome.OK: "one high tone",
        Outcome.ALREADY: "two middle tones",
        Outcome.SET: "low, then higher",
        Outcome.LOOKED: "one soft middle tone",
        Outcome.UNKNOWN: "buzz, twice",
        Outcome.REFUSED: "buzz, then long and low",
        Outcome.STORED: "one long low tone",
        Outcome.NOT_SAVED: "buzz, four times",
    },
}
"""What `scanner.sound.tones` renders, in words."""
SCREENS: Mapping[str, Mapping[Outcome, str]] = {
    "da": {
        Outcome.OK: "grøn",
        Outcome.ALREADY: "blå",
        Outcome.SET: "hvid",
        Outcome.LOOKED: "grå",
        Outcome.UNKNOWN: "rød",
        Outcome.REFUSED: "rød, indtil OK er scannet",
        Outcome.STORED: "gul",
        Outcome.NOT_SAVED: "sort på rødt",
    },
    "en": {
        Outcome.OK: "green",
        Outcome.ALREADY: "blue",
        Outcome.SET: "white",
        Outcome.LOOKED: "grey",
        Outcome.UNKNOWN: "red",
        Outcome.REFUSED: "red, until OK is scanned",
        Outcome.STORED: "amber",
        Outcome.NOT_SAVED: "black on red",
    },
}
"""The colours of the station screen."""
