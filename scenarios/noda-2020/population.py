#!/usr/bin/env python3
"""Writes population.csv: N equal miners whose break-even hashprices follow the supply curve of Noda, Okumura and Hashimoto.

Their curve gives the hashrate that runs at an expected revenue of R USD per EH (10^18 hashes):

    H = 55 / (1 + exp(-3 (R - 1.5))) EH/s,   so the share p of the 55 EH/s runs from R = 1.5 + ln(p / (1 - p)) / 3 on.

Miner i of N has the share p = (i + 1/2) / N. A PH/s makes 86.4 EH a day, so its break-even hashprice is k = 86.4 R USD/PH/day. Every
machine needs 100 J/TH, so k = 24 * 100 * c sets its power price c. Where R is negative (1.1 % of hashrate) power is free.

N = 2000, or 27.5 PH/s a miner: the step function differs from the curve by at most half a miner, 0.05 % of the running hashrate, in both directions equally often.
Cash pays for two years of power: no miner fails, as none does in theirs.

    python3 population.py > population.csv
"""

import math

MINERS = 2000
TOTAL_EH = 55.0
EFFICIENCY_J_PER_TH = 100.0

print("firm,class,hashrate_th_per_s,efficiency_j_per_th,power_price_usd_per_kwh,cash_usd,coins_btc,debt_usd")
for i in range(MINERS):
    share = (i + 0.5) / MINERS
    usd_per_eh = max(0.0, 1.5 + math.log(share / (1.0 - share)) / 3.0)
    power_price = 86.4 * usd_per_eh / (24.0 * EFFICIENCY_J_PER_TH)
    print(f"m{i:04},miners,{TOTAL_EH * 1e6 / MINERS:g},{EFFICIENCY_J_PER_TH:g},{power_price:.7f},1e7,0,0")
