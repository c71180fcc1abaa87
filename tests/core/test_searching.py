"""Search, and a slow search that it is held against."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fsc_logistics.core.catalogue.region import load_region, read_region
from fsc_logistics.core.devices.codes import link_code
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.people.access import Look, access_log
from fsc_logistics.core.people.citizens import (
    add_contact,
    erase_citizen,
    register_citizen,
)
from fsc_logistics.core.people.sealing import Vault, make_key
from fsc_logistics.core.search.asking import find_anything
from fsc_logistics.core.tables import Device, DeviceCode, DeviceModel, Location, Party
from fsc_logistics.core.tables.normal import normal_form as sql_normal_form
from fsc_logistics.domain.custody import Signature, Transfer
from fsc_logistics.domain.errors import BadInput, Misconfigured, NotFound
from fsc_logistics.domain.people import Cpr
from fsc_logistics.domain.searching import normal_form

TAGS = ["OXI-1", "OXI-2", "OXI-3", "KIT-1"]


NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)


@pytest.fixture
def look():
    return Look(by="BIRTE", at=NOW, action="find", purpose="ORD-000001")


@pytest.fixture
def vault(tmp_path):
    make_key(tmp_path / "fsc.key")
    return Vault(tmp_path / "fsc.key")


@pytest.fixture
def find(session, vault):
    """Find as a desk would; return kind, code and how it fits of each hit."""

    def find(text, **options):
        found = find_anything(session, text, vault=vault, **options)
        return [(str(hit.kind), hit.code, hit.match) for hit in found.hits]

    return find


@pytest.fixture
def named(session):
    """Give the small centre names, serials and a linked code."""
    device = session.scalar(sa.select(Device).where(Device.tag == "OXI-1"))
    device.serial = "SN 500-123"
    session.scalar(sa.select(DeviceModel)).gtin = "09501101531000"
    link_code(session, "OXI-2", "rfid/00.77ab")
    load_region(session, read_region())
    session.add_all(
        [
            Party(
                code="LAEGE-1",
                kind="practice",
                name="Lægehuset Søndergade",
                phone="+4570203048",
            ),
            Location(
                code="AAR-1", kind="warehouse", name="Århus Lager", postcode="8000"
            ),
        ]
    )
    session.flush()


@pytest.fixture
def einer(session, look, vault):
    # Fictive: a MedCom test person.
    load_region(session, read_region())
    return register_citizen(
        session,
        look,
        vault=vault,
        code="CIT-000001",
        name="Einer Test Lauridsen",
        address="Testgrusgraven 3",
        postcode="8700",
        phone="86282828",
        cpr=Cpr.read("0201609995"),
    )


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("oxi 1", ("device", "OXI-1", "tag exact")),
        ("]C0OXI-1", ("device", "OXI-1", "tag exact")),
        ("sn500.123", ("device", "OXI-1", "serial exact")),
        ("3230 / sn-500-123", ("device", "OXI-1", "serial exact")),
        ("nonin/SN500123", ("device", "OXI-1", "serial exact")),
        ("(01)09501101531000(21)SN500-123", ("device", "OXI-1", "serial exact")),
        ("RFID0077AB", ("device", "OXI-2", "linked code exact")),
        ("3230", ("model", "3230", "code exact")),
        ("9501101531000", ("model", "3230", "gtin exact")),
        ("70 20 30 48", ("party", "LAEGE-1", "phone exact")),
        ("home-cit-1", ("place", "HOME-CIT-1", "code exact")),
        ("CIT 1", ("citizen", "CIT-1", "code exact")),
        ("sn50", ("device", "OXI-1", "serial prefix")),
        ("SN500132", ("device", "OXI-1", "serial typo")),
        ("rfid-0077-a", ("device", "OXI-2", "linked code prefix")),
        ("0077", ("device", "OXI-2", "linked code contains")),
        ("onyx NONIN", ("model", "3230", "name words")),
        ("søndergade laegehus", ("party", "LAEGE-1", "name words")),
        ("aarhus lager", ("place", "AAR-1", "name words")),
        ("horsesn", ("place", "HORSENS", "code typo")),
    ],
)
def test_what_was_typed_is_found(find, named, text, hit):
    assert find(text) == [hit]


def test_a_word_is_a_code_and_a_name(session, find):
    session.add(Party(code="P-1", kind="practice", name="Lægerne i Horsens"))
    session.flush()

    assert find("horsens") == [
        ("place", "HORSENS", "code exact"),
        ("party", "P-1", "name words"),
    ]


def test_a_device_is_told_with_who_has_it_where_and_since_when(session, vault):
    record_transfer(
        session,
        Transfer(uid="out", devices=("OXI-2",), location="VAN-ANNA", event_time=NOW),
        Signature(station="DOCK", actor="TESTER", record_time=NOW),
    )

    (hit,) = find_anything(session, "oxi-2", vault=vault).hits

    assert (hit.what, hit.custodian, hit.location, hit.since) == (
        "3230 Nonin Onyx",
        "ANNA",
        "VAN-ANNA",
        NOW,
    )


def test_what_fits_exactly_keeps_its_neighbours_out(find):
    assert find("OXI-3") == [("device", "OXI-3", "tag exact")]


def test_no_more_is_told_than_was_asked_for(session, vault):
    three = find_anything(session, "oxi-", vault=vault, limit=3)
    two = find_anything(session, "oxi-", vault=vault, limit=2)

    assert [hit.code for hit in three.hits] == ["OXI-1", "OXI-2", "OXI-3"]
    assert [hit.code for hit in two.hits] == ["OXI-1", "OXI-2"]
    assert (three.more, two.more) == (False, True)


def test_what_is_nothing_here_is_said_to_be(session, vault, look):
    told = []
    for text, looking in (
        ("ZZ-9999", None),
        ("Nancy Berggren", None),
        ("Nancy Berggren", look),
    ):
        with pytest.raises(NotFound) as error:
            find_anything(session, text, vault=vault, look=looking)
        told.append(str(error.value))

    left_out = (
        " is no device, model, party or place here. Citizens' names and numbers were"
        " not searched; to search them, which is logged: --purpose WHY"
    )
    assert told == [
        "ZZ-9999" + left_out,
        "That" + left_out,
        "That is no device, model, party, place or citizen here. Look through them"
        " with: fsc device list, fsc location list, fsc citizen list",
    ]


def test_nothing_to_find_is_refused(session, vault):
    with pytest.raises(BadInput) as error:
        find_anything(session, " - ", vault=vault)

    assert str(error.value) == (
        "Say what to find: a tag, serial or other code, or a name or telephone."
    )


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("lauridsen EINER", "name words"),
        ("+45 86 28 28 28", "phone exact"),
        ("70203048", "phone exact"),
        ("020160-9995", "cpr exact"),
        ("cit-000001", "code exact"),
    ],
)
def test_a_person_is_found_for_a_purpose_and_logged(
    session, vault, look, einer, text, match
):
    add_contact(session, look, einer, name="Lonni Test", phone="70203048")
    before = len(access_log(session))

    (hit,) = find_anything(session, text, vault=vault, look=look).hits

    (logged,) = access_log(session)[before:]
    assert (hit.kind, hit.code, hit.match) == ("citizen", einer, match)
    assert hit.what == "Einer Test Lauridsen, devices: 0"
    assert (logged.citizen, logged.action, logged.purpose) == (
        einer,
        "find",
        "ORD-000001",
    )


@pytest.mark.parametrize("text", ["Einer", "86282828", "0201609995"])
def test_nobody_is_looked_at_without_a_purpose(session, vault, einer, text):
    before = len(access_log(session))

    with pytest.raises(NotFound):
        find_anything(session, text, vault=vault)

    assert len(access_log(session)) == before


def test_without_a_purpose_a_citizen_is_a_code(session, vault, einer):
    before = len(access_log(session))

    (hit,) = find_anything(session, einer, vault=vault).hits

    assert (hit.kind, hit.what) == ("citizen", "citizen")
    assert len(access_log(session)) == before


def test_a_look_that_shows_nobody_is_not_logged(session, vault, look, einer):
    before = len(access_log(session))

    find_anything(session, "oxi", vault=vault, look=look)

    assert len(access_log(session)) == before


def test_a_protected_name_is_not_told(session, vault, look):
    load_region(session, read_region())
    # Fictive: a MedCom test person.
    code = register_citizen(
        session,
        look,
        vault=vault,
        name="Åge Test Berggren",
        address="Testgrusgraven 5",
        postcode="8000",
        protected=True,
    )

    (hit,) = find_anything(session, "aage berggren", vault=vault, look=look).hits

    assert (hit.code, hit.what) == (code, "protected, devices: 0")


def test_who_was_erased_is_a_code_that_nobody_looks_at(session, vault, look, einer):
    erase_citizen(session, look, einer)
    before = len(access_log(session))

    (hit,) = find_anything(session, einer, vault=vault, look=look).hits

    assert hit.what == "erased, devices: 0"
    assert len(access_log(session)) == before


def test_a_number_cannot_be_looked_up_without_its_key(session, look, einer, tmp_path):
    with pytest.raises(Misconfigured):
        find_anything(session, "0201609995", vault=Vault(tmp_path / "gone"), look=look)


SIGNS = "ABXabx0123459"
BETWEEN = " -./_"
code = st.builds(
    "".join,
    st.tuples(
        st.text(SIGNS, min_size=3, max_size=4),
        st.sampled_from(("", *BETWEEN)),
        st.text("0123", min_size=2, max_size=4),
    ),
)


@st.composite
def mistyped(draw, right):
    """A code as somebody types it whose finger slips once, somewhere."""
    place = draw(st.integers(0, len(right) - 1))
    before, here, after = right[:place], right[place], right[place + 1 :]
    sign = draw(st.sampled_from("7QZq" + here))
    slips = [before + sign + after, before + after, before + here + sign + after]
    if after:
        slips.append(before + after[0] + here + after[1:])
    return draw(st.sampled_from(slips))


@st.composite
def centre_and_text(draw):
    codes = draw(st.lists(code, min_size=1, max_size=8, unique_by=normal_form))
    return codes, draw(mistyped(draw(st.sampled_from(codes))))


def slips_between(one, other):
    """Return the distance of two codes, neighbours changed round being one slip.

    The plain recurrence of optimal string alignment.
    """
    rows = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one) + 1):
        for j in range(len(other) + 1):
            if not i or not j:
                rows[i][j] = i + j
                continue
            same = one[i - 1] == other[j - 1]
            ways = [rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + 1]
            if same:
                ways.append(rows[i - 1][j - 1])
            if i > 1 and j > 1 and one[i - 2 : i] == other[j - 2 : j][::-1]:
                ways.append(rows[i - 2][j - 2] + 1)
            rows[i][j] = min(ways)
    return rows[-1][-1]


def slow_find(codes, text):
    """Return what should be found, from every code there is: {(code, device)}."""
    typed = normal_form(text)
    forms = {code: normal_form(code) for code in codes}
    exact = {code for code, form in forms.items() if form == typed}
    return exact or {
        code
        for code, form in forms.items()
        if form.startswith(typed) or slips_between(typed, form) <= 1
    }


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(made=centre_and_text())
def test_any_code_with_one_mistyped_sign_is_found(session, vault, made):
    codes, text = made
    taken = session.begin_nested()
    tags = dict(zip(codes, TAGS * 2, strict=False))
    numbers = dict(session.execute(sa.select(Device.tag, Device.id)).all())
    session.execute(
        sa.insert(DeviceCode),
        [{"code": code, "device_id": numbers[tag]} for code, tag in tags.items()],
    )

    found = find_anything(session, text, vault=vault, limit=100)
    taken.rollback()

    # The model of the small centre may be near, too.
    devices = {hit.code for hit in found.hits if hit.kind == "device"}
    assert devices == {tags[code] for code in slow_find(codes, text)}


@given(inside=st.text(st.characters(codec="utf-8", exclude_characters="\x00")))
@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_normal_form_is_the_same_in_the_database(session, inside):
    code = f"x{inside}x"

    form = session.scalar(sa.select(sql_normal_form(sa.literal(code, sa.Text))))

    assert form == normal_form(code)


def test_a_search_uses_the_index_of_the_normal_form(session):
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL reads small tables from end to end")
    query = sa.select(Device.id).where(sql_normal_form(Device.tag) == "OXI1")
    asked = str(query.compile(session.get_bind()))

    plan = session.connection().exec_driver_sql(
        f"EXPLAIN QUERY PLAN {asked}", ("OXI1",)
    )

    assert "USING INDEX ix_device_tag_normal" in plan.one().detail


def test_a_device_is_found_by_a_code_in_another_form_than_it_was_linked(session, find):
    link_code(session, "OXI-1", "3474257BF40000000000162E")

    linked = [("device", "OXI-1", "linked code exact")]
    assert find("800406141415678") == find("(8004)06141415678") == linked
