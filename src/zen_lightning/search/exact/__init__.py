"""The best network of a space under a budget, with a proof, by dynamic programming. NumPy, and imported only when asked for.

docs/optimum.md explains how it works. The entry points are :func:`zen_lightning.search.exact.solve.solve` for one budget and
:func:`zen_lightning.search.exact.front.solve_front` for several budgets up to one.
"""
