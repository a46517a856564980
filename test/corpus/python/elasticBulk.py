import itertools
from elasticsearch import Elasticsearch, helpers

batch_size = 1000
es = Elasticsearch()


def index(docs):
    for part in itertools.batched(docs, 64):
        helpers.bulk(es, part, chunk_size=batch_size)


helpers.streaming_bulk(es, [], batch_size=250)
