import pyarrow.parquet as pq
import pandas as pd

batch_size = 10_000
epoch = pd.Timestamp("1970-01-01")
for batch in pq.ParquetFile("x.parquet").iter_batches(batch_size=batch_size):
    print(batch.num_rows, (pd.Timestamp.now() - epoch).days)
