"""Events out of a warehouse: the SQL that takes only what journeys need, and its result as events.

A warehouse does one thing: it turns the nested rows of GA4's export into flat ones (`ga4_query`). The result leaves it
as Parquet or Arrow files: BigQuery by `EXPORT DATA OPTIONS (format = 'PARQUET', …) AS <the query>`, Snowflake by
`COPY INTO @stage FROM (<the query>) FILE_FORMAT = (TYPE = PARQUET)`, Spark by `spark.sql(query).write.parquet(…)`, and
each of them by an ADBC driver (`pl.from_arrow(cursor.fetch_arrow_table()).write_parquet(…)`). `read_result` makes of
the files what the kit's reader of the export makes of the export itself: the same events, identities and copies. From
there on it is the same engine as for any other source, on a laptop or a cluster.

No warehouse bills or sees more than the query says: it reads the columns that are named in the SQL files of this
folder, of the days asked for. Exports from before July 2024 lack `session_traffic_source_last_click`, and those from
before the batch fields lack these: put NULL in their place in the SQL; `read_result` takes missing columns as null.
"""

from cjtools.journeys.warehouse.queries import DIALECTS, ga4_query
from cjtools.journeys.warehouse.results import read_result

__all__ = ["DIALECTS", "ga4_query", "read_result"]
