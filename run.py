"""The command line of zen-lightning: ``python run.py search=zen budget=flops600M``."""

from zen_lightning.cli import main

if __name__ == "__main__":
    main()
