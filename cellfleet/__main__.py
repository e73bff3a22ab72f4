"""`python -m cellfleet`."""

import sys

from cellfleet.cli import main

sys.exit(main())
