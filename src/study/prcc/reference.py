"""Partial rank correlations by pingouin, for the test of prcc.rs: python reference.py (pip install pingouin).

Writes draws.csv and expected.csv. Factor d has ten levels, so that ranks are tied; factor e has no effect.
"""

import numpy as np
import pandas as pd
import pingouin

random = np.random.default_rng(20)
n = 80
draws = pd.DataFrame({name: random.random(n).round(6) for name in "abc"})
draws["c"] = (0.6 * draws["a"] + 0.4 * draws["c"]).round(6)
draws["d"] = random.integers(0, 10, n).astype(float)
draws["e"] = random.random(n).round(6)
draws["y"] = (np.exp(2 * draws["a"]) - 3 * draws["b"] ** 2 + draws["c"] + 0.1 * draws["d"] + 0.5 * random.standard_normal(n)).round(3)
draws.to_csv("draws.csv", index=False)
rows = []
for name in "abcde":
    others = [other for other in "abcde" if other != name]
    r = pingouin.partial_corr(draws, x=name, y="y", covar=others, method="spearman")["r"].iloc[0]
    # Rounded by pingouin to two digits, so its interval is computed here from its r: Fisher's z with n - k points.
    half = 1.959963984540054 / np.sqrt(n - len(others) - 3)
    rows.append((name, r, np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half)))
pd.DataFrame(rows, columns=["factor", "prcc", "low", "high"]).to_csv("expected.csv", index=False, float_format="%.15g")
