"""Draws charts for `Pen`: a line of JSON in, a line of JSON out, null where it fails. It imports nothing of ours."""

import json
import signal
import sys

import vl_convert


def main() -> None:
    """Answer until there are no more questions."""
    # Whoever asks is told of an interrupt as well, and ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # It is started before the first question comes.
    empty = {"data": {"values": []}, "mark": "point"}
    vl_convert.vegalite_to_svg(empty)
    for line in sys.stdin.buffer:
        try:
            answer = vl_convert.vegalite_to_svg(**json.loads(line))
        except Exception:  # noqa: BLE001  # whoever asked draws it again, and learns what is wrong
            answer = None
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
