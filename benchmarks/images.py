"""Images of events a second, beside drawing each with Pillow, and beside TINTOlib.

    python benchmarks/images.py [PYTHON]
        Every encoding of events of 30 features. PYTHON is an interpreter whose
        environment has TINTOlib (1.3.1 here), which is timed too; its SuperTML writes
        PNG files.

All on one core, in processor time; the fastest of many short calls counts.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

import matplotlib
import numpy as np
import torch
from PIL import Image, ImageDraw

from hepfold.figures import plot_gallery
from hepfold.models import image_encoders, image_glyphs, image_layouts

N_FEATURES, BATCH, N_DRAWN, SECONDS = 30, 256, 4, 3.0
# Of the first recipe to print Higgs ML events, github.com/GilesStrong.
FONT_SIZES = {"text_equal": 13}

TINTOLIB = """
import os, sys, time
import numpy as np, pandas as pd
from TINTOlib.supertml import SuperTML
os.chdir(sys.argv[1])
inputs = np.load("events.npy")
table = pd.DataFrame(inputs).assign(label=np.arange(len(inputs)) % 2)
for by_importance in (False, True):
    model = SuperTML(problem="supervised", transformer=None, pixels=224,
                     feature_importance=by_importance, font_size=13)
    model.fit(table)
    start = time.process_time()
    model.transform(table, f"images_{by_importance}")
    print(len(inputs) / (time.process_time() - start))
"""


def main(python: str | None = None) -> None:
    """Print a line for each encoding and each way to it."""
    torch.set_num_threads(1)
    inputs = events(BATCH)
    peers = tintolib(python, inputs[:64]) if python else {}
    for encoding in image_layouts.ENCODINGS:
        encoder = fitted(encoding, inputs)
        draw = with_text if encoding in image_layouts.TEXTS else with_blocks
        batch, some = torch.from_numpy(inputs), inputs[:N_DRAWN]
        gray = encoder.brightness(batch).numpy() if draw is with_blocks else inputs
        assert_equal(encoder(batch)[:N_DRAWN, 0], draw(encoder, gray[:N_DRAWN]))
        rate = best_rate(lambda e=encoder, b=batch: e(b), BATCH)
        slow = best_rate(lambda d=draw, e=encoder, g=gray: d(e, g[:N_DRAWN]), len(some))
        size = encoder.settings["size"]
        line = (
            f"{encoding}, {size} x {size}: {rate:,.0f} images/s, "
            f"Pillow {slow:,.0f}, ratio {rate / slow:,.0f}"
        )
        if encoding in peers:
            peer = peers[encoding]
            line += f"; TINTOlib {peer:,.0f}, ratio {rate / peer:,.0f}"
        print(line)


def events(n: int) -> np.ndarray:
    """Features as those of Higgs ML: momenta, angles, missing values, a category."""
    rng = np.random.default_rng(1)
    momenta = rng.lognormal(4, 0.8, (n, 15))
    inputs = np.c_[momenta, rng.normal(0, 1.5, (n, 14)), rng.integers(0, 4, n)]
    inputs[:, :-1][rng.random((n, N_FEATURES - 1)) < 0.2] = np.nan
    return inputs.astype("f4")


def fitted(encoding: str, inputs: np.ndarray) -> image_encoders.Encoder:
    """The encoder of one encoding, importances spread as those of trees are."""
    font_size = {"font_size": FONT_SIZES.get(encoding)}
    encoder = image_encoders.build(
        plot_gallery.gallery_settings(encoding) | font_size, [4]
    )
    importance = np.random.default_rng(2).exponential(size=N_FEATURES)
    encoder.fit(inputs, importance, np.arange(N_FEATURES) < 13)
    return encoder


def with_text(encoder: image_encoders.Encoder, inputs: np.ndarray) -> list[np.ndarray]:
    """Images of events as Pillow prints them."""
    size = (encoder.settings["size"],) * 2
    boxes, font_sizes = encoder.boxes.tolist(), encoder.font_sizes.tolist()
    places = [
        (left, top - image_glyphs.ink(s)[0], image_glyphs.font(s))
        for (left, top, *_), s in zip(boxes, font_sizes, strict=True)
    ]
    drawn = []
    for event in inputs.tolist():
        image = Image.new("L", size)
        draw = ImageDraw.Draw(image)
        for value, (left, top, font) in zip(event, places, strict=True):
            text = f"{value:.3f}" if value == value else "?"
            draw.text((left, top), text, fill=255, font=font)
        drawn.append(np.asarray(image))
    return drawn


def with_blocks(encoder: image_encoders.Encoder, gray: np.ndarray) -> list[np.ndarray]:
    """Images of gray values as Pillow draws their rectangles."""
    size, boxes = (encoder.settings["size"],) * 2, encoder.boxes.tolist()
    areas = [(left, top, right - 1, bottom - 1) for left, top, right, bottom in boxes]
    drawn = []
    for event in gray.tolist():
        image = Image.new("L", size)
        draw = ImageDraw.Draw(image)
        for value, area in zip(event, areas, strict=True):
            draw.rectangle(area, fill=value)
        drawn.append(np.asarray(image))
    return drawn


def assert_equal(found: torch.Tensor, expected: list[np.ndarray]) -> None:
    """Both ways give the same pixels."""
    np.testing.assert_array_equal(found.numpy(), np.stack(expected))


def best_rate(encode: Callable, n: int) -> float:
    """Images a second of the fastest call within some seconds."""
    best, end = np.inf, time.perf_counter() + SECONDS
    with torch.inference_mode():
        while time.perf_counter() < end:
            start = time.process_time()
            encode()
            best = min(best, time.process_time() - start)
    return n / best


def tintolib(python: str, inputs: np.ndarray) -> dict[str, float]:
    """Images a second of TINTOlib, in a process of its own.

    It cannot print what is missing, and asks for a font by the name arial.ttf.
    """
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/events.npy", np.nan_to_num(inputs))
        font = Path(matplotlib.get_data_path()) / image_glyphs.FONT
        Path(folder, "arial.ttf").symlink_to(font)
        command = [python, "-c", TINTOLIB, folder]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
    rates = [float(line) for line in run.stdout.split()[-2:]]
    return dict(zip(image_layouts.TEXTS, rates, strict=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
