import pytest

from fsc_logistics.core.catalogue.parties import add_party, list_parties
from fsc_logistics.core.catalogue.places import add_location
from fsc_logistics.core.catalogue.region import load_region, postcode_point, read_region
from fsc_logistics.domain.errors import BadInput, Refused
from fsc_logistics.domain.ground import Point
from fsc_logistics.domain.parties import LocationKind, PartyKind

FILE = """
[region]
code = "9999"
name = "Region Prøve"

[[municipality]]
code = "0615"
name = "Horsens"
population = 90966
population_year = 2020
"""


def test_the_region_has_its_nineteen_municipalities_and_their_people():
    region = read_region()

    assert len(region.municipalities) == 19
    assert sum(m.population for m in region.municipalities) == 1_326_340
    assert {m.population_year for m in region.municipalities} == {2020}


def test_every_postcode_lies_in_a_municipality_of_the_region():
    region = read_region()

    ours = {municipality.code for municipality in region.municipalities}
    assert len({area.code for area in region.postcodes}) == 144
    assert {area.municipality for area in region.postcodes} == ours


def test_the_five_islands_with_a_postcode_of_their_own_take_longer():
    region = read_region()

    longer = {area.name for area in region.postcodes if area.extra_s}
    assert longer == {"Samsø", "Anholt", "Tunø", "Endelave", "Fur"}


def test_loading_a_region_makes_parties_under_it_and_postcodes_with_points(sessions):
    with sessions.begin() as session:
        loaded = load_region(session, read_region())

        horsens = list_parties(session, kind=PartyKind.MUNICIPALITY)[0]
        point = postcode_point(session, "8700")
        nowhere = postcode_point(session, "1000")

    assert (loaded.region, loaded.changed) == ("REG-1082", 164)
    assert (horsens.party, horsens.name, horsens.municipality, horsens.parent) == (
        "KOM-0615",
        "Horsens",
        "0615",
        "REG-1082",
    )
    assert point == Point(55.866, 9.893)
    assert nowhere is None


def test_loading_a_region_again_changes_only_what_is_different(sessions, tmp_path):
    file = tmp_path / "region.toml"
    file.write_text(FILE, "utf-8")
    with sessions.begin() as session:
        load_region(session, read_region(file))
    file.write_text(FILE.replace('"Horsens"', '"Ny Horsens"'), "utf-8")

    with sessions.begin() as session:
        again = load_region(session, read_region(file))
        once_more = load_region(session, read_region(file))

    assert (again.changed, once_more.changed) == (1, 0)


def test_a_dry_run_counts_and_changes_nothing(sessions, tmp_path):
    file = tmp_path / "region.toml"
    file.write_text(FILE, "utf-8")

    with sessions.begin() as session:
        tried = load_region(session, read_region(file), dry_run=True)
        left = list_parties(session)
        done = load_region(session, read_region(file))

    assert (tried, tried.changed, left) == (done, 2, [])


@pytest.mark.parametrize(
    ("taken", "told"),
    [
        (
            lambda session: add_location(session, "kom-0615", LocationKind.WAREHOUSE),
            "KOM-0615 is the code of a warehouse already, and codes are for good. Take"
            " it out of the file to load the rest.",
        ),
        (
            lambda session: add_party(session, "REG-9999", PartyKind.HOSPITAL),
            "REG-9999 is the code of a hospital already, and codes are for good. Take"
            " it out of the file to load the rest.",
        ),
    ],
)
def test_a_region_takes_no_code_of_something_else(sessions, tmp_path, taken, told):
    file = tmp_path / "region.toml"
    file.write_text(FILE, "utf-8")
    with sessions.begin() as session:
        taken(session)

    with sessions.begin() as session, pytest.raises(Refused) as error:
        load_region(session, read_region(file))

    assert str(error.value) == told


POSTCODE = """
[[postcode]]
code = "8700"
name = "Horsens"
lat = 55.86
lon = 9.85
municipality = "0615"
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            FILE + POSTCODE + POSTCODE,
            "postcode 8700 is there more than once. Keep one of them.",
        ),
        (
            FILE + FILE[FILE.index("[[mun") :],
            "municipality 0615 is there more than once. Keep one of them.",
        ),
        (
            FILE + POSTCODE + "extra_s = -1\n",
            "postcode 8700 has an extra_s of -1. It is 0 to 86400 seconds.",
        ),
        (
            FILE + POSTCODE + "extra_s = 99999999999999999999\n",
            "postcode 8700 has an extra_s of 99999999999999999999. It is 0 to 86400"
            " seconds.",
        ),
        (
            FILE + POSTCODE + "extra_s = true\n",
            "postcode number 1 has a missing, unknown or misread field: extra_s. It has"
            " code, name, lat, lon, municipality, extra_s.",
        ),
    ],
)
def test_an_entry_that_cannot_be_is_told_whole(tmp_path, text, told):
    file = tmp_path / "region.toml"
    file.write_text(text, "utf-8")

    with pytest.raises(BadInput) as error:
        read_region(file)

    assert str(error.value) == f"{file}: {told}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "names no region: it needs [region] code and name."),
        (
            FILE.replace("population = 90966\n", ""),
            "municipality number 1 has a missing, unknown or misread field: population."
            " It has code, name, population, population_year.",
        ),
        (
            FILE.replace('"0615"', "615"),
            "municipality number 1 has a missing, unknown or misread field: code."
            " It has code, name, population, population_year.",
        ),
    ],
)
def test_a_wrong_region_file_is_told_by_its_entry(tmp_path, text, told):
    file = tmp_path / "region.toml"
    file.write_text(text, "utf-8")

    with pytest.raises(BadInput) as error:
        read_region(file)

    assert told in str(error.value)
