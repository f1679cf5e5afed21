"""The same questions on a cluster: each worker asks them of whole profiles, the driver adds the small answers up.

`spark.ask_spark` takes a Spark DataFrame, `dask.ask_dask` a client of dask.distributed, `executors.ask_with` anything
that is an executor of concurrent.futures. Scheduling, shuffle and storage are theirs; what a worker does is what the
laptop does: the store's total order, then `partials_of`. Partials are whole numbers that add up, so the answers are
the laptop's, row for row, whatever the number of parts. Workers need this package installed, in one version with one
version of polars. Spark and dask come with the extras `spark` and `dask`; only their own modules import them.
"""
