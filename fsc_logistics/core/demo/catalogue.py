"""The demonstration's region, depots, models and technicians."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.device_models import Model, add_model
from fsc_logistics.core.catalogue.parties import add_party
from fsc_logistics.core.catalogue.places import add_location
from fsc_logistics.core.catalogue.region import load_region, read_region
from fsc_logistics.core.catalogue.technicians import Terms, add_technician
from fsc_logistics.domain.ground import Point
from fsc_logistics.domain.parties import LocationKind, PartyKind

CENTRE = "FSC"
SUPPLIER, SUPPLIER_PLACE = "MEDTEK", "MEDTEK-DK"
SHELVES = ("A1", "A2", "A3", "A4")

DEPOTS = {
    "HORSENS": ("Depot Horsens", Point(55.8617, 9.8530), "8700"),
    "AARHUS": ("Depot Aarhus", Point(56.1567, 10.2108), "8200"),
    "HERNING": ("Depot Herning", Point(56.1364, 8.9766), "7400"),
}
WARDS = {
    "RHH": ("Regionshospitalet Horsens", Point(55.8664, 9.8447), "8700"),
    "AUH": ("Aarhus Universitetshospital", Point(56.1914, 10.1688), "8200"),
    "RHG": ("Regionshospitalet Gødstrup", Point(56.1350, 8.9060), "7400"),
}
TECHNICIANS = {
    "ANNA": ("Anna", "HORSENS", ("SETUP", "TRAINING")),
    "BO": ("Bo", "HORSENS", ("SETUP", "CALIBRATION")),
    "CLARA": ("Clara", "HORSENS", ("SETUP", "TRAINING", "CALIBRATION")),
    "DAVID": ("David", "AARHUS", ("SETUP", "TRAINING")),
    "ELLEN": ("Ellen", "AARHUS", ("SETUP", "TRAINING", "CALIBRATION")),
    "FREJA": ("Freja", "AARHUS", ("SETUP",)),
    "GUSTAV": ("Gustav", "HERNING", ("SETUP", "TRAINING", "CALIBRATION")),
    "HANNE": ("Hanne", "HERNING", ("SETUP", "TRAINING")),
}
MINUTE_S = 60
MODELS = (
    Model(
        model="KIT-HOME",
        maker="FSC",
        name="Kuffert til hjemmemonitorering",
        category="kit",
        setup_s=15 * MINUTE_S,
        training_s=15 * MINUTE_S,
        skill="SETUP",
        volume_ml=45_000,
    ),
    Model(
        model="TAB-A9",
        maker="Samsung",
        name="Galaxy Tab A9 tablet",
        category="tablet",
        setup_s=5 * MINUTE_S,
        volume_ml=2_000,
    ),
    Model(
        model="OXI-3230",
        maker="Nonin",
        name="3230 pulsoximeter",
        category="oximeter",
        setup_s=5 * MINUTE_S,
        volume_ml=500,
    ),
    Model(
        model="BPM-651",
        maker="A&D",
        name="UA-651BLE blodtryksmåler",
        category="blood pressure monitor",
        setup_s=5 * MINUTE_S,
        volume_ml=3_000,
    ),
    Model(
        model="SCA-352",
        maker="A&D",
        name="UC-352BLE vægt",
        category="scale",
        setup_s=5 * MINUTE_S,
        volume_ml=9_000,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What the centre works with."""

    municipalities: int
    depots: tuple[str, ...]
    technicians: tuple[str, ...]


def fill_catalogue(session: Session) -> Catalogue:
    """Register the region, the centre and its depots, wards, models and technicians."""
    region = read_region()
    load_region(session, region)
    add_party(
        session,
        CENTRE,
        PartyKind.PARTNER,
        name="Fælles Servicecenter for Telesundhed",
        phone="70203048",
    )
    add_party(session, "NOBODY", PartyKind.NOBODY, name="Ingen")
    add_location(session, "LOST", LocationKind.LOST, keeper="NOBODY", name="Bortkommet")
    add_location(
        session, "RETIRED", LocationKind.RETIRED, keeper="NOBODY", name="Udgået"
    )
    add_party(session, SUPPLIER, PartyKind.SUPPLIER, name="Medicoteknik A/S")
    add_location(session, SUPPLIER_PLACE, LocationKind.SUPPLIER, keeper=SUPPLIER)
    _fill_depots(session)
    _fill_wards(session)
    for model in MODELS:
        add_model(session, model)
    for code, (name, depot, skills) in TECHNICIANS.items():
        terms = Terms(
            name=name, start=depot, end=depot, vehicle=f"VAN-{code}", skills=skills
        )
        add_technician(session, code, terms, make_vehicle=True)
    return Catalogue(
        municipalities=len(region.municipalities),
        depots=tuple(DEPOTS),
        technicians=tuple(TECHNICIANS),
    )


def _fill_depots(session: Session) -> None:
    for code, (name, point, postcode) in DEPOTS.items():
        add_location(
            session,
            code,
            LocationKind.WAREHOUSE,
            name=name,
            keeper=CENTRE,
            point=point,
            postcode=postcode,
        )
        add_location(
            session, f"{code}-DOCK", LocationKind.ZONE, name="Modtagelse", inside=code
        )
        for shelf in SHELVES:
            add_location(
                session,
                f"{code}-{shelf}",
                LocationKind.SHELF,
                name=f"Reol {shelf}",
                inside=code,
            )


def _fill_wards(session: Session) -> None:
    for code, (name, point, postcode) in WARDS.items():
        add_party(session, code, PartyKind.HOSPITAL, name=name)
        add_location(
            session,
            f"{code}-WARD",
            LocationKind.WARD,
            name=f"{name}, lungeafsnit",
            keeper=code,
            point=point,
            postcode=postcode,
        )
