"""Records of TensorBoard event files, read by their format alone."""

import struct
from pathlib import Path


def scalars(folder: Path) -> dict[str, dict[tuple[str, int], float]]:
    """Value of each tag and step of the one event file in each folder below."""
    paths = sorted(folder.rglob("*tfevents*"))
    runs = {str(path.parent.relative_to(folder)): values_of(path) for path in paths}
    assert len(runs) == len(paths)
    return runs


def values_of(path: Path) -> dict[tuple[str, int], float]:
    """Value of each tag and step of an event file, each of which must occur once."""
    from tensorboardX.proto import event_pb2

    values = {}
    for record in records(path.read_bytes()):
        event = event_pb2.Event.FromString(record)
        for value in event.summary.value:
            assert (value.tag, event.step) not in values
            values[value.tag, event.step] = value.simple_value
    return values


def records(content: bytes):
    """Records of a TFRecord file: length, its CRC, the bytes, and their CRC."""
    start = 0
    while start < len(content):
        (length,) = struct.unpack_from("<Q", content, start)
        yield content[start + 12 : start + 12 + length]
        start += length + 16
