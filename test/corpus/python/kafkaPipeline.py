from confluent_kafka import Producer
import redis

producer = Producer({"bootstrap.servers": "localhost", "batch.size": 65536, "linger.ms": 5})
settings = {"batch_size": 300, "max_batch_size": 900}
r = redis.Redis()


def drain(batch_size=100):
    return r.lpop("jobs", batch_size)
