"""The colors of the terminal client: contrast, and difference between neighbors."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from chat_grpc_cli import palette
from chat_grpc_cli.palette import NAMES, NameColors

BLACK, WHITE = "#000000", "#ffffff"
BACKGROUNDS = {"dark": [BLACK, "#1e1e1e"], "light": [WHITE, "#fdf6e3"], "unknown": [BLACK, WHITE]}
CUBE = {0, 95, 135, 175, 215, 255}


def channels(color: str) -> tuple[int, int, int]:
    """Return red, green and blue of a color such as `#ff8700`."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def linear(channel: int) -> float:
    """Return the light of a channel of sRGB, from 0 to 1."""
    part = channel / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def luminance(color: str) -> float:
    """Return the relative luminance, as WCAG defines it."""
    red, green, blue = map(linear, channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def lab(color: str) -> tuple[float, float, float]:
    """Return a color in CIELAB, in which distances are like those that people see."""
    red, green, blue = map(linear, channels(color))
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (math.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def colors_in(background: str) -> list[str]:
    """Return all colors of text on a background."""
    words = [word for rule in palette.rules(background).values() for word in rule.split()]
    return [word for word in words if word.startswith("#")]


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_every_color_is_readable(background: str) -> None:
    """Each color has a contrast of at least 4.5 to the backgrounds; no color is left to ANSI."""
    for color in colors_in(background):
        for behind in BACKGROUNDS[background]:
            assert contrast(color, behind) >= 4.5, (color, behind)
    assert not any("ansi" in rule for rule in palette.rules(background).values())


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_names_are_told_apart(background: str) -> None:
    """There are 12 colors; any two differ, and those of neighboring numbers differ very much."""
    names = palette.names_on(background)
    assert len(names) == NAMES >= 12
    for place, one in enumerate(names):
        assert all(math.dist(lab(one), lab(other)) > 30 for other in names[place + 1 :])
    for one, other in pairwise([*names, names[0]]):
        assert math.dist(lab(one), lab(other)) > 75, (one, other)


@pytest.mark.parametrize("background", ["dark", "light"])
def test_names_are_exact_with_256_colors(background: str) -> None:
    """The colors of names are of the cube of 256 colors, so no terminal changes them."""
    for color in palette.names_on(background):
        assert set(channels(color)) <= CUBE


def test_an_unknown_background_with_256_colors() -> None:
    """The nearest of 256 colors has a contrast of at least 3.6 to black and to white."""
    cube = [(red, green, blue) for red in CUBE for green in CUBE for blue in CUBE]
    colors = [*cube, *((8 + 10 * n,) * 3 for n in range(24))]
    for color in colors_in("unknown"):
        wanted = channels(color)
        nearest = min(colors, key=lambda each: math.dist(each, wanted))
        shown = "#{:02x}{:02x}{:02x}".format(*nearest)
        assert min(contrast(shown, BLACK), contrast(shown, WHITE)) >= 3.6, (color, shown)


@pytest.mark.parametrize(
    ("setting", "variable", "background"),
    [
        ("auto", "", "unknown"),
        ("auto", "15;0", "dark"),
        ("auto", "0;default;15", "light"),
        ("auto", "0;7", "light"),
        ("auto", "7;8", "dark"),
        ("auto", "default;default", "unknown"),
        ("light", "15;0", "light"),
        ("dark", "", "dark"),
        ("none", "", "unknown"),
    ],
)
def test_the_background_is_found(setting: str, variable: str, background: str) -> None:
    """The setting decides; `auto` reads COLORFGBG, and without it suits both backgrounds."""
    environment = {"COLORFGBG": variable} if variable else {}
    assert palette.background(setting, environment) == background


def test_a_name_has_the_color_of_its_number() -> None:
    """The number selects the color, so it is the same in every session; a setting precedes it."""
    color = NameColors({"bob": "#ff8700"})
    assert color(5, "ann") == color(5, "other") == color(5 + NAMES, "x") == "class:name-5"
    assert color(5, "BOB") == "#ff8700"
