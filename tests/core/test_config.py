"""Settings: what beats what, and what cannot be set is named with its key."""

from pathlib import Path

import pytest

from fsc_logistics.core.config import load_settings
from fsc_logistics.domain.errors import Misconfigured


@pytest.fixture
def load(tmp_path: Path):
    """Load a settings file that says `text`."""

    def load(text, **variables):
        (tmp_path / "fsc.toml").write_text(text, encoding="utf-8")
        return load_settings(str(tmp_path / "fsc.toml"), None, variables)

    return load


def refusal(load, tmp_path, text):
    with pytest.raises(Misconfigured) as refused:
        load(text)
    return str(refused.value).removeprefix(f"{tmp_path / 'fsc.toml'}: ")


def test_an_option_beats_a_variable_beats_the_file(tmp_path):
    path = tmp_path / "fsc.toml"
    path.write_text('database = "file.db"\nstation = "FILE"\nactor = "EVA"')
    variables = {"FSC_DATABASE": "variable.db", "FSC_STATION": "VARIABLE"}

    found = load_settings(str(path), "option.db", variables)

    assert (found.database, found.station, found.actor) == (
        "option.db",
        "VARIABLE",
        "EVA",
    )


@pytest.mark.parametrize("typed", ["horsens", "Horsens", " HORSENS "])
def test_a_station_is_one_however_it_is_typed(load, typed):
    by_file = load(f'station = "{typed}"')
    by_variable = load("", FSC_STATION=typed)

    assert by_file.station == by_variable.station == "HORSENS"


def test_a_variable_that_is_no_text_is_named(load):
    with pytest.raises(Misconfigured) as refused:
        load("", FSC_ACTOR="S\udcf8ren")

    assert str(refused.value) == "The variable FSC_ACTOR is not text in UTF-8."


def test_the_scanner_service_listens_and_logs_as_it_is_set(load):
    found = load(
        '[scanner]\nlisten = "127.0.0.1:9464"\nlog = "json"\nspool_mb_max = 50'
    )

    assert found.scanner.listen == "127.0.0.1:9464"
    assert (found.scanner.log, found.scanner.spool_mb_max) == ("json", 50)


def test_a_port_is_read_whole(load):
    found = load(
        '[[port]]\nurl = "COM3"\nread_point = "DOCK"\nname = "LEFT"\n'
        'framing = "7E1"\ngap_s = 2\nbaud = 115200'
    )

    (port,) = found.ports
    assert (port.name, port.framing, port.gap_s, port.baud) == (
        "LEFT",
        "7E1",
        2,
        115200,
    )


def test_a_portal_has_two_antennas_and_a_place_on_either_side(load):
    (port,) = load(
        '[[port]]\nurl = "COM3"\nread_point = "GATE"\nprotocol = "a0"\nhold = false\n'
        "presence_s = 5\nreads_min = 3\nrssi_min_dbm = -65.5\n"
        'portal_antennas = [2, 1]\ninside = "H-B"\noutside = "YARD"'
    ).ports

    assert (port.hold, port.presence_s, port.reads_min) == (False, 5, 3)
    assert (port.rssi_min_dbm, port.portal_antennas) == (-65.5, (2, 1))
    assert (port.inside, port.outside) == ("H-B", "YARD")


def test_what_a_port_does_not_say_is_left_to_its_protocol(load):
    (port,) = load(PORT).ports

    assert (port.feedback, port.baud, port.hold, port.reads_min) == (None,) * 4


def test_whose_devices_are_ours_is_a_list(load):
    found = load('[ledger]\nowners = ["KOM-0615", "RHH"]')

    assert found.ledger.owners == ("KOM-0615", "RHH")


PORT = '[[port]]\nurl = "COM3"\nread_point = "DOCK"\n'
BRACKETS = (
    "a port is a table of its own. Write [[port]], with two brackets, above its url and"
    " read_point."
)

NO_NUMBER = (
    "The {0} must not hold a CPR number: every event in the ledger carries it. Set"
    " another {0} in fsc.toml."
).format
HALF_A_PORTAL = (
    "the portal at DOCK is half set. It needs portal_antennas, and the places inside"
    " and outside."
)
ROUND_IN_CIRCLES = (
    "the portal at DOCK has the place H-A inside and outside. Name two places."
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            PORT + 'portal_antennas = [1, 2]\ninside = "H-A"\noutside = "h-a"',
            ROUND_IN_CIRCLES,
        ),
        ("port = 5", BRACKETS),
        ('[port]\nurl = "COM3"\nread_point = "DOCK"', BRACKETS),
        ("port = [5]", BRACKETS),
        ("centre = 5", "centre must be a table."),
        (
            "[planning]\nclosed_days = 5",
            "closed_days = 5 is not a list of days. Write them as"
            ' closed_days = ["2026-12-24"].',
        ),
        (
            '[planning]\nclosed_days = "2026-12-24"',
            "closed_days = '2026-12-24' is not a list of days. Write them as"
            ' closed_days = ["2026-12-24"].',
        ),
        (
            '[ledger]\nowners = "KOM-0615"',
            "owners = 'KOM-0615' is not a list of parties. Write them as"
            ' owners = ["REGION-MIDT"].',
        ),
        ("ledger = 5", "ledger must be a table."),
        ("[scanner]\nlog = 'xml'", "log = 'xml' is not a log; use text or json."),
        ("[scanner]\nspool_mb_max = 0", "spool_mb_max = 0 is not from 1 to 1000000."),
        ("[planning]\nroad_factor = nan", "road_factor = nan is not from 1 to 10."),
        ("[planning]\nroad_factor = -1.3", "road_factor = -1.3 is not from 1 to 10."),
        ("[planning]\nper_km = -4", "per_km = -4 is not from 0 to 1000000."),
        ("[planning]\nper_hour = -1", "per_hour = -1 is not from 0 to 1000000."),
        ("[planning]\ntime_limit_s = 0", "time_limit_s = 0 is not from 1 to 86400."),
        ("[planning]\nopen_from_s = -1", "open_from_s = -1 is not from 0 to 86400."),
        (
            "[planning]\nopen_from_s = 57600",
            "open_from_s must be less than open_to_s.",
        ),
        ("idle_s = -1", "idle_s = -1 is not from 1 to 86400."),
        (f"idle_s = {10**30}", f"idle_s = {10**30} is not from 1 to 86400."),
        ("idle_s = true", "idle_s = True is not a whole number."),
        (PORT + "baud = 0", "baud = 0 is not from 1 to 4000000."),
        (PORT + "gap_s = -1", "gap_s = -1 is not from 0.01 to 60."),
        (PORT + "hold = 1", "hold = 1 is not true or false."),
        (PORT + "presence_s = 0", "presence_s = 0 is not from 0.1 to 3600."),
        (PORT + "presence_s = true", "presence_s = True is not a number."),
        (PORT + "reads_min = 1.5", "reads_min = 1.5 is not a whole number."),
        (PORT + "rssi_min_dbm = 60", "rssi_min_dbm = 60 is not from -120 to 0."),
        (PORT + "portal_apart_s = -1", "portal_apart_s = -1 is not from 0 to 60."),
        (
            PORT + "portal_antennas = 1",
            "portal_antennas = 1 is not a list of whole numbers, such as [1, 2].",
        ),
        (
            PORT + 'portal_antennas = [1, "2"]',
            "portal_antennas = [1, '2'] is not a list of whole numbers, such as"
            " [1, 2].",
        ),
        (
            PORT + "portal_antennas = [1, true]",
            "portal_antennas = [1, True] is not a list of whole numbers, such as"
            " [1, 2].",
        ),
        ('[[port]]\nurl = "COM3"\nread_point = "020160-9995"', NO_NUMBER("read_point")),
        ('station = "0201609995"', NO_NUMBER("station")),
        ('actor = "0201609995"', NO_NUMBER("actor")),
        (PORT + "portal_antennas = [1, 2]", HALF_A_PORTAL),
        (PORT + 'inside = "H-B"', HALF_A_PORTAL),
        (PORT + 'inside = "H-B"\noutside = "H-C"', HALF_A_PORTAL),
        (
            "colour = 5",
            "'colour' is not a setting. Known: database, timezone, language, station,"
            " actor, key_file, spool, idle_s, centre, planning, ledger, scanner,"
            " port.",
        ),
        (
            PORT + "colour = 5",
            "'colour' is not a setting. Known: url, protocol, feedback, read_point,"
            " baud, framing, gap_s, name,"
            " hold, speaker, follows, presence_s, reads_min, rssi_min_dbm,"
            " portal_antennas, portal_apart_s, inside, outside.",
        ),
        (
            "ports = []",
            "'ports' is not a setting. Known: database, timezone, language, station,"
            " actor, key_file, spool, idle_s, centre, planning, ledger, scanner,"
            " port.",
        ),
    ],
)
def test_what_cannot_be_set_is_named(load, tmp_path, text, message):
    assert refusal(load, tmp_path, text) == message


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("estimate", "estimate"),
        ("osrm:http://127.0.0.1:5000", "osrm:http://127.0.0.1:5000"),
        ("valhalla:http://127.0.0.1", "valhalla:http://127.0.0.1"),
        ("roads:denmark.roads", "roads:{folder}/denmark.roads"),
        ("matrix.json", "{folder}/matrix.json"),
    ],
)
def test_roads_and_files_are_looked_for_beside_the_settings(tmp_path, said, meant):
    path = tmp_path / "fsc.toml"
    path.write_text(f'[planning]\ntravel = "{said}"\ntravel_cache = "matrices"\n')

    planning = load_settings(str(path), None, {}).planning

    assert planning.travel == meant.format(folder=tmp_path)
    assert planning.travel_cache == f"{tmp_path}/matrices"


def test_no_matrix_is_kept_unless_a_folder_is_named(tmp_path):
    path = tmp_path / "fsc.toml"
    path.write_text("[planning]\nper_km = 4\n")

    assert load_settings(str(path), None, {}).planning.travel_cache == ""
