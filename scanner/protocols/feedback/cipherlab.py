"""CipherLab: one beep a command.

Source: CipherLab 1663 User Guide, "Serial commands".
"""

from scanner.protocols.feedback.profile import counted

CIPHERLAB = counted(b"#@////\r")
