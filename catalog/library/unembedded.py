"""Contents that a pipeline could not embed, and why: no later nw index waits for them again."""

from datetime import UTC, datetime

from catalog.library.database import Catalog

_PIPELINE = "(SELECT id FROM pipelines WHERE name = ?)"


def record(catalog: Catalog, pipeline: str, content_hash: str, message: str) -> None:
    """Keep why; an earlier reason is replaced. The pipeline has to be registered."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with catalog.transaction():
        catalog.execute(
            f"INSERT OR REPLACE INTO unembedded VALUES ({_PIPELINE}, ?, ?, ?)",
            (pipeline, content_hash, message, now),
        )


def reasons(catalog: Catalog, pipeline: str) -> dict[str, str]:
    """Why, by content hash."""
    rows = catalog.fetch(
        f"SELECT content_hash, message FROM unembedded WHERE pipeline_id = {_PIPELINE}", (pipeline,)
    )
    return dict(rows)


def forget(catalog: Catalog, pipeline: str) -> None:
    """Have all of them tried again."""
    with catalog.transaction():
        catalog.execute(f"DELETE FROM unembedded WHERE pipeline_id = {_PIPELINE}", (pipeline,))
