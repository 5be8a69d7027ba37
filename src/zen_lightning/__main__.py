"""``python -m zen_lightning`` is the command line."""

from zen_lightning.cli import main

if __name__ == "__main__":
    main()
