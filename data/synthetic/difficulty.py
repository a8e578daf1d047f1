"""How much stands between the engraving and whoever draws it: a named scale from clean to ruined."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator


@dataclass(frozen=True)
class Difficulty:
    """What time and sensor did to one mirror.

    Attributes
    ----------
    name : its place on the scale
    groove_share : of the depth that the graver cut, how much is left everywhere
    worn_share : of the object, where wear took the grooves altogether
    crust_share : of the object, where corrosion lies; least and most, drawn for each mirror
    crust_mm : deviation of the crust's lumps; it stands about as high above the bronze
    wart_mm : height of single warts of corrosion beside the crust
    roughness_mm : deviation of the bronze's own grain
    scratches_per_cm2, tool_marks_per_cm2, pits_per_cm2 : marks that nobody drew; a tool mark is a bundle of lines
    patina : deviation of the logarithm of the albedo, by stains
    depth_noise_mm : sensor noise of the depth, over a pixel
    normal_noise : sensor noise of each component of the normals
    legible_below : lines hidden by more than this (0 bare to 1 gone) are not in the drawing
    """

    name: str
    groove_share: float
    worn_share: float
    crust_share: tuple[float, float]
    crust_mm: float
    wart_mm: float
    roughness_mm: float
    scratches_per_cm2: float
    tool_marks_per_cm2: float
    pits_per_cm2: float
    patina: float
    depth_noise_mm: float
    normal_noise: float
    legible_below: float


MIXED = "mixed"  # each mirror draws its own from the scale
SCALE = {
    level.name: level
    for level in (
        Difficulty(
            name="clean",
            groove_share=1.2,
            worn_share=0.0,
            crust_share=(0.0, 0.0),
            crust_mm=0.0,
            wart_mm=0.0,
            roughness_mm=0.008,
            scratches_per_cm2=0.5,
            tool_marks_per_cm2=0.02,
            pits_per_cm2=4.0,
            patina=0.08,
            depth_noise_mm=0.001,
            normal_noise=0.01,
            legible_below=0.5,
        ),
        Difficulty(
            name="light",
            groove_share=1.1,
            worn_share=0.02,
            crust_share=(0.01, 0.05),
            crust_mm=0.05,
            wart_mm=0.01,
            roughness_mm=0.01,
            scratches_per_cm2=2.0,
            tool_marks_per_cm2=0.1,
            pits_per_cm2=15.0,
            patina=0.12,
            depth_noise_mm=0.002,
            normal_noise=0.02,
            legible_below=0.5,
        ),
        Difficulty(
            name="worn",
            groove_share=0.9,
            worn_share=0.12,
            crust_share=(0.05, 0.15),
            crust_mm=0.07,
            wart_mm=0.02,
            roughness_mm=0.013,
            scratches_per_cm2=5.0,
            tool_marks_per_cm2=0.3,
            pits_per_cm2=30.0,
            patina=0.16,
            depth_noise_mm=0.003,
            normal_noise=0.02,
            legible_below=0.5,
        ),
        Difficulty(
            name="corroded",
            groove_share=0.9,
            worn_share=0.1,
            crust_share=(0.3, 0.45),
            crust_mm=0.1,
            wart_mm=0.06,
            roughness_mm=0.014,
            scratches_per_cm2=4.0,
            tool_marks_per_cm2=0.2,
            pits_per_cm2=50.0,
            patina=0.22,
            depth_noise_mm=0.004,
            normal_noise=0.03,
            legible_below=0.5,
        ),
        Difficulty(
            name="ruined",
            groove_share=0.75,
            worn_share=0.2,
            crust_share=(0.5, 0.65),
            crust_mm=0.12,
            wart_mm=0.08,
            roughness_mm=0.018,
            scratches_per_cm2=6.0,
            tool_marks_per_cm2=0.3,
            pits_per_cm2=70.0,
            patina=0.28,
            depth_noise_mm=0.006,
            normal_noise=0.04,
            legible_below=0.5,
        ),
    )
}
CHOICES = (*SCALE, MIXED)
ODDS = {"clean": 0.15, "light": 0.3, "worn": 0.25, "corroded": 0.2, "ruined": 0.1}  # in a mixed set


def difficulty(name: str, rng: Generator) -> Difficulty:
    """Look up a level by its name; `MIXED` draws one by `ODDS`.

    Raises
    ------
    ValueError
        If there is no level of that name.
    """
    if name == MIXED:
        name = str(rng.choice(list(ODDS), p=list(ODDS.values())))
    if name not in SCALE:
        raise ValueError(f"no difficulty is called {name!r}; there are {', '.join(CHOICES)}")
    return SCALE[name]
