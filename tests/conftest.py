"""One torch thread for each process of the tests: they share the cores, and tiny networks are slower on several."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
