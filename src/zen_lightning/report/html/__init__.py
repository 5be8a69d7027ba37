"""``report.html``: one self-contained file for each run. Nothing here needs a package beyond Python's own library."""
