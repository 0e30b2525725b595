"""``python -m ocpplog`` is the command ``ocpplog``."""

from .cli import main

if __name__ == "__main__":
    main()
