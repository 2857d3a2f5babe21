"""The library calls in Rust; `python/src/studies.rs` says what each takes."""

from typing import Any, TypedDict

Said = tuple[bool, str]

class NativeColumn:
    name: str
    metadata: dict[str, str]
    empty_cells: int
    validity: bytes | None
    __array_interface__: dict[str, Any]
    def texts(self) -> list[str] | None: ...
    def __len__(self) -> int: ...
    def __arrow_c_schema__(self) -> Any: ...
    def __arrow_c_array__(self, requested_schema: Any = None) -> tuple[Any, Any]: ...

class NativeFrame:
    def columns(self) -> list[NativeColumn]: ...
    def __len__(self) -> int: ...
    def __arrow_c_schema__(self) -> Any: ...
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...

Asked = tuple[dict[str, Any], dict[str, Any]]
Files = list[tuple[str, bytes]]

class FoundRun(TypedDict):
    tables: list[tuple[str, NativeFrame]]
    failed: list[tuple[int, str, bool]]
    summary: dict[str, Any]
    title: str
    scenario: str
    files: Files

class FoundSweep(TypedDict):
    tables: list[tuple[str, NativeFrame]]
    failed: list[tuple[int, int, str, bool]]
    keys: list[str]
    kind: str
    design: str
    points: int
    replicas: int
    files: Files

Epochs = list[tuple[float, float, float, float]]

class FoundPosterior(TypedDict):
    names: list[str]
    episodes: list[str]
    values: list[list[float]]
    weights: list[float]
    distances: list[float]
    predictive: list[list[Epochs]]
    observed: list[Epochs | None]
    report: dict[str, Any]
    files: list[Files]

def run(given: dict[str, Any], wanted: dict[str, Any], manner: dict[str, Any]) -> tuple[FoundRun, list[Said]]: ...
def save_run(
    asked: Asked, tables: list[NativeFrame], failed: list[tuple[int, str, bool]], saving: dict[str, Any], manner: dict[str, Any]
) -> tuple[str, list[Said]]: ...
def sweep(given: dict[str, Any], varied: dict[str, Any], manner: dict[str, Any]) -> tuple[FoundSweep, list[Said]]: ...
def save_sweep(
    asked: Asked, kept: dict[str, Any], saving: dict[str, Any], manner: dict[str, Any]
) -> tuple[str, list[Said]]: ...
def sensitivity(
    kept: dict[str, Any], metrics: list[str]
) -> tuple[list[str], list[str], list[tuple[str, str, list[str], list[tuple[str, list[float | None]]]]]]: ...
def score(given: dict[str, Any], manner: dict[str, Any]) -> tuple[dict[str, Any], list[Said]]: ...
def calibrate(
    given: list[dict[str, Any]], synthetic: str | None, manner: dict[str, Any]
) -> tuple[FoundPosterior, list[Said]]: ...
def save_posterior(
    asked: tuple[list[dict[str, Any]], str | None], saving: dict[str, Any], manner: dict[str, Any]
) -> tuple[str, list[Said]]: ...
def nowcast(
    known: dict[str, str | None], asked: dict[str, Any], manner: dict[str, Any]
) -> tuple[tuple[dict[str, Any], str], list[Said]]: ...
def check(given: dict[str, Any], manner: dict[str, Any]) -> dict[str, Any]: ...
def explain(given: dict[str, Any], key: str | None) -> list[dict[str, Any]]: ...
def tables_described() -> list[dict[str, Any]]: ...
def history(days: bool) -> str: ...
def shipped() -> list[str]: ...
def shipped_text(name: str) -> str | None: ...
def palette() -> dict[str, str]: ...
