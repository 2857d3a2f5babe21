"""Charts with matplotlib, in the colours of the simulator's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._native import palette
from .tables import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .results import Results

__all__ = ["Plots", "colour_of"]


def colour_of(column: str) -> str:
    """The colour of a column, by what it measures."""
    colours = palette()
    fitting = [name for name in colours if name in column]
    # `hashprice_usd_per_ph_day` is a hashprice and no price.
    return colours[max(fitting, key=len)] if fitting else colours["neutral"]


class Plots:
    """The charts of a run: ``r.plot.fan("hashrate_eh_per_s")``."""

    def __init__(self, results: Results) -> None:
        self._results = results

    def fan(self, column: str, *, table: str = "days", ax: Axes | None = None, colour: str | None = None) -> Axes:
        """The median of a column over replicas, day by day, with the bands that hold 50 % and 90 % of them.

        ``table`` is ``days`` or ``epochs``. Draws into ``ax`` if it is given.
        """
        import matplotlib.pyplot as plt

        source: Table = self._results[table]
        time = "time_utc" if "time_utc" in source else "epoch"
        of = source.column(column)
        instants, place = np.unique(source[time], return_inverse=True)
        replicas, row = np.unique(source["replica"], return_inverse=True)
        values = np.full((len(replicas), len(instants)), np.nan)
        values[row, place] = source[column]
        p05, p25, p50, p75, p95 = np.nanquantile(values, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
        if ax is None:
            _, ax = plt.subplots(figsize=(6.7, 3.2), layout="constrained")
        colour = colour or colour_of(column)
        # The shares of the simulator's own charts: 22 % of the colour for the outer band, 50 % for the inner.
        ax.fill_between(instants, p05, p95, color=colour, alpha=0.22, linewidth=0, label="90 % of replicas")
        ax.fill_between(instants, p25, p75, color=colour, alpha=0.36, linewidth=0, label="50 %")
        ax.plot(instants, p50, color=colour, linewidth=1.4, label="median")
        ax.set_title(of.definition, loc="left", fontsize="medium", color=palette()["ink"], wrap=True)
        ax.set_ylabel(of.unit)
        ax.grid(color=palette()["rule"], linewidth=0.6)
        ax.set_axisbelow(True)
        ax.spines[["top", "right"]].set_visible(False)
        ax.legend(frameon=False, fontsize="small")
        if time == "epoch":
            ax.set_xlabel("difficulty epoch")
        else:
            self._dates(ax)
        return ax

    @staticmethod
    def _dates(ax: Any) -> None:
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

        locator = AutoDateLocator(minticks=3, maxticks=8)
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
