#!/usr/bin/env python3
"""Writes population.csv: the 1,000 miners of the speed workload, equal in every program that runs it.

Random numbers are a stateless hash, so that a miner is equal in every program that draws it: u(s, i) for seed 1, stream s, miner i, and
z(s, s') = sqrt(-2 ln(1 - u_s)) cos(2 pi u_s') (Box and Muller). Weights w = exp(1.5 z(1, 2)); hashrate 6e8 TH/s w / sum(w);
J/TH 15 (100/15)^(u3^2); USD/kWh 0.055 exp(0.25 z(4, 5)); fixed cost 0.010 u6 USD a day per TH/s; cash 3 u7 USD and coins worth
3 u8 USD per TH/s at 90,000 USD; off below cost (1 - 0.10 u9), on from 0.05 + 0.20 u10 above that margin.

    python3 population.py > population.csv
"""

import math

MINERS, HASHRATE_TH, PRICE = 1000, 6e8, 90_000.0
MASK = (1 << 64) - 1


def uniform(stream, i, seed=1):
    z = (seed * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + (i + 1) * 0x8CB92BA72F3D8DD7) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return ((z ^ (z >> 31)) >> 11) * 2.0**-53


def normal(one, other, i):
    return math.sqrt(-2.0 * math.log(1.0 - uniform(one, i))) * math.cos(math.tau * uniform(other, i))


weights = [math.exp(1.5 * normal(1, 2, i)) for i in range(MINERS)]
total = sum(weights)
print(
    "firm,class,hashrate_th_per_s,efficiency_j_per_th,power_price_usd_per_kwh,cash_usd,coins_btc,debt_usd,"
    "shutdown_margin,restart_margin,fixed_cost_usd_per_day"
)
for i, weight in enumerate(weights):
    th = HASHRATE_TH * weight / total
    j_per_th = 15.0 * (100.0 / 15.0) ** (uniform(3, i) ** 2)
    usd_per_kwh = 0.055 * math.exp(0.25 * normal(4, 5, i))
    off = -0.10 * uniform(9, i)
    on = off + 0.05 + 0.20 * uniform(10, i)
    print(
        f"m{i:03},miners,{th:.6f},{j_per_th:.9g},{usd_per_kwh:.9g},{3.0 * uniform(7, i) * th:.2f},"
        f"{3.0 * uniform(8, i) * th / PRICE:.8f},0,{off:.9g},{on:.9g},{0.010 * uniform(6, i) * th:.6f}"
    )
