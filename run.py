"""The command line of zen-lightning: ``python run.py search=zen budget=flops600M``."""

# Hydra's tab completion knows its programs by this word: @hydra.main

from zen_lightning.__main__ import program

if __name__ == "__main__":
    program()
