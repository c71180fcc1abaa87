"""Every family there is against frames of all of them, whole, broken and bent."""

import pytest
from fuzzing import POUNDED_SEEDS, check_any_bytes, pounded

from scanner.protocols import FAMILIES
from scanner.protocols.ssi_packet import acknowledgement, packed

FRAMES = (
    b"]d2010950600013435210ABC\x1d21SN1\r\n",
    b"OXI-000123\t",
    packed(0xF3, b"\x03OXI-000123", source=0),
    packed(0xF3, b"\x03OXI-000123", source=0, status=1),
    packed(0xF3, b"\x03OXI-", source=0, status=2),
    acknowledgement(),
    b"\x0262E3086CED08\x03",
    bytes.fromhex("BB02220011C83400E20010710000529B0940B402163DD37E"),
    bytes.fromhex("BB01FF000115167E"),
    bytes.fromhex("A0130189743000E2004074850A0103163070E13629"),
    bytes.fromhex("A0040189FFD3"),
    bytes.fromhex("13000103010c0000000000000000000003133f39"),
    bytes.fromhex("0700010101001e4b"),
    bytes.fromhex("043e0000000a00000005"),
)


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_no_bytes_break_a_family_and_no_cut_changes_what_they_mean(name):
    for seed in POUNDED_SEEDS:
        stream, cuts = pounded(seed, *FRAMES)

        check_any_bytes(FAMILIES[name].decoder, stream, cuts)
