"""Scores that are means over the layers of each stage: the optimum by a program over stages.

docs/optimum.md explains how it works; :func:`zen_lightning.search.exact.means.solve.solve_means` is the entry point.
"""
