"""The rules of udev for scanners, as text: names that last, and nobody else's AT."""

from collections.abc import Mapping


def rules_text(vendors: Mapping[int, str], *, group: str) -> str:
    """Return the rules for devices of these USB vendors, by their id, for `group`.

    Source: udev(7), and ModemManager's documentation of ID_MM_DEVICE_IGNORE.
    """
    # A rule has a line of its own: a comment may not follow it there.
    known = "\n".join(
        f'# {make}\nATTRS{{idVendor}}=="{vendor_id:04x}", ENV{{FSC_SCANNER}}="1"'
        for vendor_id, make in sorted(vendors.items())
    )
    return f"""\
# Written by: fsc scanner install. Scanners, readers and serial adapters on USB.
# After 60-serial.rules, which finds out the names, and before 77-mm-*.rules.
ACTION=="remove", GOTO="fsc_scanner_end"
SUBSYSTEM!="usb|tty", GOTO="fsc_scanner_end"

{known}
ENV{{FSC_SCANNER}}!="1", GOTO="fsc_scanner_end"

# ModemManager sends AT to what has just been plugged in, and takes it for a modem.
ENV{{ID_MM_DEVICE_IGNORE}}="1"
SUBSYSTEM!="tty", GOTO="fsc_scanner_end"
ENV{{ID_MM_PORT_IGNORE}}="1"
GROUP="{group}", MODE="0660"

# The name that goes with a device, and the one that stays with the socket it is in:
# a spare scanner in the same socket has the same name.
ENV{{ID_SERIAL_SHORT}}=="?*", \\
    SYMLINK+="scanner/$env{{ID_SERIAL}}-if$env{{ID_USB_INTERFACE_NUM}}"
ENV{{ID_PATH_TAG}}=="?*", SYMLINK+="scanner/at-$env{{ID_PATH_TAG}}"

LABEL="fsc_scanner_end"
"""
