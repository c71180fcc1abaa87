from fuzzing import check_any_bytes, check_resync, cuts, fuzzed, streams
from hypothesis import given
from hypothesis import strategies as st

from scanner.protocols.line import LineDecoder
from scanner.protocols.read import Read

FRAMES = (b"]d2010950600013435210ABC\x1d21SN1\r\n", b"OXI-000123\r", b"]C1\t")
READ = Read(raw=b"OXI-000123", text="OXI-000123", symbology="")


@fuzzed
@given(streams(*FRAMES), cuts)
def test_any_bytes_mean_the_same_however_they_are_cut(stream, cuts):
    check_any_bytes(LineDecoder, stream, cuts)


@fuzzed
@given(st.one_of(st.binary(max_size=300), streams(*FRAMES)))
def test_a_code_is_read_after_any_noise_that_has_ended(noise):
    check_resync(LineDecoder, noise + b"\r", FRAMES[1], READ)
