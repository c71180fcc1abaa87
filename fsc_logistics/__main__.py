"""`python -m fsc_logistics` is `fsc`."""

from fsc_logistics.cli.main import main

if __name__ == "__main__":
    main()
