"""Scores that are means over the layers of each stage: the optimum by a program over stages.

docs/optimum.md explains how it works; :func:`zen_lightning.search.exact.solve.solve` takes this way for such scores.
"""
