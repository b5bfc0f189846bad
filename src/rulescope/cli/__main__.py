"""`python -m rulescope.cli`: the same as `rulescope`."""

from rulescope.cli import main

if __name__ == "__main__":
    main()
