"""Images per second of each encoding, compared with Pillow and TINTOlib.

    python benchmarks/images.py [PYTHON]

Events have 30 features. For text, the share of the encoder in a training step and in
scoring is printed too. PYTHON is an interpreter of an environment with TINTOlib (1.3.1
here), which is then timed as well; its SuperTML writes PNG files.

Times are processor times on one core; the fastest of many calls counts.
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
import msgspec
import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import nn

from hepfold.core import settings_layers
from hepfold.figures import plot_gallery
from hepfold.models import (
    image_encoders,
    image_ensembles,
    image_glyphs,
    image_layouts,
)

N_FEATURES, BATCH, N_DRAWN, SECONDS = 30, 256, 4, 3.0
# That of the first code to print Higgs ML events, github.com/GilesStrong.
FONT_SIZES = {"text_equal": 13}
NETWORK = settings_layers.ImageNetwork()

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
    """Print one line per encoding, and another one for those that print text."""
    torch.set_num_threads(1)
    inputs = events(BATCH)
    peers = tintolib(python, inputs[:64]) if python else {}
    for encoding in image_layouts.ENCODINGS:
        encoder = fitted(encoding, inputs)
        rate, pillow_rate = rates(encoder, inputs)
        size = encoder.settings.size
        line = (
            f"{encoding}, {size} x {size}: {rate:,.0f} images/s, "
            f"Pillow {pillow_rate:,.0f}, ratio {rate / pillow_rate:,.0f}"
        )
        if encoding in peers:
            peer = peers[encoding]
            line += f"; TINTOlib {peer:,.0f}, ratio {rate / peer:,.0f}"
        print(line, flush=True)
        if encoding in image_layouts.TEXTS:
            trained, scored = network_rates(encoder, inputs)
            print(
                f"  training {trained:,.1f} events/s, {trained / rate:.2%} of it the "
                f"encoder; scoring {scored:,.1f} events/s, {scored / rate:.2%}",
                flush=True,
            )


def rates(encoder: image_encoders.Encoder, inputs: np.ndarray) -> tuple[float, float]:
    """Images per second of the encoder and of Pillow, once both agree."""
    batch = torch.from_numpy(inputs)
    if encoder.settings.encoding in image_layouts.TEXTS:
        draw, drawn = with_text, inputs[:N_DRAWN]
    else:
        draw, drawn = with_blocks, encoder.brightness(batch).numpy()[:N_DRAWN]
    encoded = encoder(batch)[:N_DRAWN, 0].numpy()
    np.testing.assert_array_equal(encoded, np.stack(draw(encoder, drawn)))
    with torch.inference_mode():
        rate = best_rate(lambda: encoder(batch), BATCH)
    return rate, best_rate(lambda: draw(encoder, drawn), N_DRAWN)


def network_rates(
    encoder: image_encoders.Encoder, inputs: np.ndarray
) -> tuple[float, float]:
    """Events per second in training and in scoring, encoder included."""
    network = image_ensembles.Members(encoder, NETWORK, n_members=1)
    optimizer = torch.optim.AdamW(network.parameters())
    batch, label = torch.from_numpy(inputs)[None], torch.zeros(1, BATCH)

    def train() -> None:
        """One step of the optimizer."""
        optimizer.zero_grad()
        logit = network(batch)
        nn.functional.binary_cross_entropy_with_logits(logit, label).backward()
        optimizer.step()

    trained = best_rate(train, BATCH)
    network.eval()
    with torch.inference_mode():
        return trained, best_rate(lambda: network(batch), BATCH)


def events(n: int) -> np.ndarray:
    """Features like those of Higgs ML: momenta, angles, missing values, a category."""
    rng = np.random.default_rng(1)
    momenta = rng.lognormal(4, 0.8, (n, 15))
    inputs = np.c_[momenta, rng.normal(0, 1.5, (n, 14)), rng.integers(0, 4, n)]
    inputs[:, :-1][rng.random((n, N_FEATURES - 1)) < 0.2] = np.nan
    return inputs.astype("f4")


def fitted(encoding: str, inputs: np.ndarray) -> image_encoders.Encoder:
    """The fitted encoder; importances vary as much as those of trees."""
    settings = msgspec.structs.replace(
        plot_gallery.gallery_settings(encoding), font_size=FONT_SIZES.get(encoding)
    )
    encoder = image_encoders.build(settings, [4])
    importance = np.random.default_rng(2).exponential(size=N_FEATURES)
    encoder.fit(inputs, importance, np.arange(N_FEATURES) < 13)
    return encoder


def with_text(encoder: image_encoders.Encoder, inputs: np.ndarray) -> list[np.ndarray]:
    """Images of events, printed by Pillow."""
    size = (encoder.settings.size,) * 2
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
    """Images of gray values, drawn by Pillow as rectangles."""
    size, boxes = (encoder.settings.size,) * 2, encoder.boxes.tolist()
    areas = [(left, top, right - 1, bottom - 1) for left, top, right, bottom in boxes]
    drawn = []
    for event in gray.tolist():
        image = Image.new("L", size)
        draw = ImageDraw.Draw(image)
        for value, area in zip(event, areas, strict=True):
            draw.rectangle(area, fill=value)
        drawn.append(np.asarray(image))
    return drawn


def best_rate(function: Callable, n: int) -> float:
    """Images per second of the fastest of the calls that fit in SECONDS."""
    fastest, end = np.inf, time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.process_time()
        function()
        fastest = min(fastest, time.process_time() - start)
    return n / fastest


def tintolib(python: str, inputs: np.ndarray) -> dict[str, float]:
    """Images per second of TINTOlib, timed in a process of its own.

    It cannot print missing values, and loads a font by the name arial.ttf.
    """
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/events.npy", np.nan_to_num(inputs))
        font = Path(matplotlib.get_data_path()) / image_glyphs.FONT
        Path(folder, "arial.ttf").symlink_to(font)
        command = [python, "-c", TINTOLIB, folder]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
    peer_rates = [float(line) for line in run.stdout.split()[-2:]]
    return dict(zip(image_layouts.TEXTS, peer_rates, strict=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
