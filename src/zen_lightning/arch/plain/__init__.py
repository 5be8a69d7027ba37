"""Primitive blocks of the original's language: ``ConvKX``, ``BN``, ``RELU``, ``ResBlock``, ``MultiSumBlock`` and others."""
